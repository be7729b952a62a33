import { AppError } from '@tidewatch/core/error.ts'
import { Labels } from '@tidewatch/core/labels.ts'
import type { FloatHistogram, NativeHistogram } from '@tidewatch/core/native-histogram.ts'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { expect, test } from 'vitest'
import type { ResolvedSamples, SeriesRef } from '../../head/port.ts'
import type { SampleAcceptor } from '../../ingest/port.ts'
import type { InstantRequest, QueryService, VectorSample } from '../../query/port.ts'
import type { Alert } from '../port.ts'
import { GroupRunner, type RuleEnvironment } from './group-runner.ts'
import type { AlertsByKey } from './lifecycle.ts'
import type { Rule, RuleGroup } from './rule-file.ts'
import { EvaluationSlots } from './rule-order.ts'

const startMs = Date.UTC(2026, 0, 1)
const alerting = (more: object = {}): Rule => ({
  kind: 'alerting',
  name: 'Down',
  expr: 'up == 0',
  forMs: 60_000,
  keepFiringForMs: 0,
  labels: { severity: 'critical' },
  annotations: { summary: '{{ $labels.job }} is down' },
  ...more,
})
const recording: Rule = { kind: 'recording', name: 'job:up', expr: 'sum by (job) (up)', labels: {} }
const group = (rules: readonly Rule[], more: Partial<RuleGroup> = {}): RuleGroup => ({
  name: 'shop',
  file: 'rules.yml',
  intervalMs: 30_000,
  queryOffsetMs: undefined,
  limit: 0,
  rules,
  ...more,
})

interface Written {
  readonly labels: string
  readonly atMs: number
  readonly value: number | NativeHistogram
}

/** What the groups live in, kept in memory; `answer` is what every query finds. */
class World {
  readonly clock = new FakeClock(startMs)
  readonly slots = new EvaluationSlots(4)
  readonly failures: string[] = []
  /** Queries wait for it, where it is set. */
  gate: Promise<void> | undefined
  readonly asked: InstantRequest[] = []
  readonly written: Written[] = []
  readonly delivered: (readonly Alert[])[] = []
  readonly states = new Map<string, { alerts: AlertsByKey; evaluatedAtMs: number }>()
  answer: readonly string[] | Error = []
  /** In the place of each value. */
  histogram: FloatHistogram | undefined
  badHistogram: AppError | undefined
  readonly #labels: Labels[] = []

  start(rules: readonly Rule[], more: Partial<RuleGroup> = {}): { runner: GroupRunner; stop: () => Promise<void> } {
    const runner = new GroupRunner(group(rules, more), this.#environment())
    const stopping = new AbortController()
    const done = runner.run(stopping.signal).catch((error: unknown) => {
      if (error !== stopping.signal.reason) throw error
    })
    return {
      runner,
      stop: () => {
        stopping.abort(new Error('stopped'))
        return done
      },
    }
  }

  #environment(): RuleEnvironment {
    const vector = async (request: InstantRequest): Promise<VectorSample[]> => {
      this.asked.push(request)
      await this.gate
      if (this.answer instanceof Error) throw this.answer
      const { histogram } = this
      return this.answer.map((job) => ({ labels: Labels.from({ job }), atMs: request.atMs, value: 0, histogram }))
    }
    const acceptor = {
      resolve: (_project: number, labels: Labels) => (this.#labels.push(labels) - 1) as SeriesRef,
      accept: async ({ length, refs, timesMs, values, histograms = [] }: ResolvedSamples) => {
        for (const { ref, timeMs, histogram } of histograms)
          this.written.push({ labels: String(this.#labels[ref]), atMs: timeMs, value: histogram })
        if (this.badHistogram !== undefined) return { firstBadHistogram: this.badHistogram }
        for (let i = 0; i < length; i++) {
          const labels = String(this.#labels[refs[i] as number])
          this.written.push({ labels, atMs: timesMs[i] as number, value: values[i] as number })
        }
        return { firstBadHistogram: undefined }
      },
    }
    return {
      queries: { vector } as unknown as QueryService,
      acceptor: acceptor as unknown as SampleAcceptor,
      sink: { deliver: async (alerts) => void this.delivered.push(alerts) },
      states: {
        load: async (key) => this.states.get(key),
        save: async (key, alerts, evaluatedAtMs) => void this.states.set(key, { alerts, evaluatedAtMs }),
      },
      clock: this.clock,
      externalLabels: { region: 'eu' },
      externalUrl: 'https://watch.example.org',
      defaultIntervalMs: 60_000,
      defaultQueryOffsetMs: 0,
      slots: this.slots,
      onRuleFailure: (_group, rule, { message }) => void this.failures.push(`${rule.name}: ${message}`),
    }
  }
}

const stateOf = (runner: GroupRunner): string[] =>
  [...(runner.status.rules[0]?.alerts.values() ?? [])].map(({ state }) => state)

test('an alert is pending for as long as it says, fires, is told and told again, and ends', async () => {
  const world = new World()
  world.answer = ['api']
  const { runner, stop } = world.start([alerting()])
  await world.clock.advance(31_000)
  expect(stateOf(runner)).toEqual(['pending'])
  expect(world.delivered).toEqual([])
  await world.clock.advance(60_000)
  expect(stateOf(runner)).toEqual(['firing'])
  expect(world.delivered).toHaveLength(1)
  const [alert] = world.delivered[0] ?? []
  expect(alert?.labels.toObject()).toEqual({ alertname: 'Down', job: 'api', region: 'eu', severity: 'critical' })
  expect(alert).toMatchObject({ annotations: { summary: 'api is down' }, endsAtMs: undefined })
  expect(alert?.generatorUrl).toBe('https://watch.example.org/graph?g0.expr=up+%3D%3D+0&g0.tab=1')
  await world.clock.advance(60_000)
  expect(world.delivered).toHaveLength(2)
  world.answer = []
  await world.clock.advance(30_000)
  expect(world.delivered.at(-1)?.[0]?.endsAtMs).toBe(runner.status.lastEvaluationMs)
  await stop()
})

test('a recorded series that is gone gets a stale marker, once', async () => {
  const world = new World()
  world.answer = ['api', 'web']
  const { stop } = world.start([recording])
  await world.clock.advance(30_000)
  world.answer = ['web']
  await world.clock.advance(60_000)
  const api = world.written.filter(({ labels }) => labels.includes('api'))
  expect(api.map(({ value }) => Number.isNaN(Number(value)))).toEqual([false, true])
  expect(world.written.filter(({ labels }) => labels.includes('web'))).toHaveLength(3)
  await stop()
})

const observed: FloatHistogram = {
  schema: 0,
  counterResetHint: 'gauge',
  count: 3.5,
  sum: 4,
  zeroThreshold: 0,
  zeroCount: 0,
  positiveSpans: [{ offset: 1, length: 1 }],
  positiveBuckets: Float64Array.of(3.5),
  negativeSpans: [],
  negativeBuckets: new Float64Array(0),
  customValues: [],
}

test('a rule records native histograms, and ends them as floats are ended', async () => {
  const world = new World()
  world.answer = ['api']
  world.histogram = observed
  const { runner, stop } = world.start([recording])
  await world.clock.advance(30_000)
  expect(world.written.map(({ value }) => value)).toEqual([{ ...observed, isInteger: false }])
  world.answer = []
  await world.clock.advance(30_000)
  expect(world.written.at(-1)?.value).toBeNaN()
  world.answer = ['api']
  world.badHistogram = new AppError('ingest.bad_histogram', 'bucket 1 has the count -1')
  await world.clock.advance(30_000)
  expect(runner.status.rules[0]).toMatchObject({ health: 'err', lastError: 'bucket 1 has the count -1' })
  await stop()
})

test("an alert's $value is the histogram as Prometheus prints it", async () => {
  const world = new World()
  world.answer = ['api']
  world.histogram = observed
  const { stop } = world.start([alerting({ forMs: 0, annotations: { summary: 'saw {{ $value }}' } })])
  await world.clock.advance(30_000)
  expect(world.delivered[0]?.[0]?.annotations).toEqual({ summary: 'saw {count:3.5, sum:4, (1,2]:3.5}' })
  await stop()
})

test('evaluations keep to their slots, whatever the clock does', async () => {
  const world = new World()
  const { runner, stop } = world.start([recording], { queryOffsetMs: 10_000 })
  await world.clock.advance(90_000)
  const slots = world.asked.map(({ atMs }) => atMs)
  expect(slots).toHaveLength(3)
  expect(new Set(slots.slice(1).map((atMs, i) => atMs - (slots[i] as number)))).toEqual(new Set([30_000]))
  expect(runner.status.lastEvaluationMs).toBe((slots.at(-1) as number) + 10_000)
  // an hour back: the next evaluation comes within two intervals, not after an hour
  world.clock.jump(-3_600_000)
  await world.clock.advance(60_000)
  expect(world.asked.length).toBeGreaterThanOrEqual(4)
  expect(world.asked.at(-1)?.atMs).toBeLessThan(slots[0] as number)
  // a day ahead: one evaluation for all that was missed, and the count of it
  const before = world.asked.length
  world.clock.jump(86_400_000)
  await world.clock.advance(60_000)
  expect(world.asked.length - before).toBeLessThanOrEqual(4)
  expect(runner.status.counts.missed).toBeGreaterThan(2800)
  await stop()
})

test('a query that fails is said, changes no alert, and is asked again', async () => {
  const world = new World()
  world.answer = ['api']
  const { runner, stop } = world.start([alerting({ forMs: 0 })])
  await world.clock.advance(30_000)
  world.answer = new AppError('store.unavailable', 'the engine is away.')
  await world.clock.advance(30_000)
  expect(runner.status.rules[0]).toMatchObject({ health: 'err', lastError: 'the engine is away.' })
  expect(stateOf(runner)).toEqual(['firing'])
  world.answer = ['api']
  await world.clock.advance(30_000)
  expect(runner.status.rules[0]).toMatchObject({ health: 'ok', lastError: '' })
  await stop()
})

test('over a restart the time without evaluations does not count towards `for`', async () => {
  const world = new World()
  world.answer = ['api']
  const first = world.start([alerting({ forMs: 120_000 })])
  await world.clock.advance(61_000)
  await first.stop()
  await world.clock.advance(600_000)
  const second = world.start([alerting({ forMs: 120_000 })])
  await world.clock.advance(30_000)
  expect(stateOf(second.runner)).toEqual(['pending'])
  await world.clock.advance(60_000)
  expect(stateOf(second.runner)).toEqual(['firing'])
  await second.stop()
  await world.clock.advance(7_200_000)
  const third = world.start([alerting({ forMs: 120_000 })])
  await world.clock.advance(30_000)
  expect(stateOf(third.runner), 'what fired goes on firing').toEqual(['firing'])
  await third.stop()
})

test('after a stop of hours a pending alert begins anew', async () => {
  const world = new World()
  world.answer = ['api']
  const first = world.start([alerting({ forMs: 120_000 })])
  await world.clock.advance(91_000)
  await first.stop()
  await world.clock.advance(7_200_000)
  const second = world.start([alerting({ forMs: 120_000 })])
  await world.clock.advance(121_000)
  expect(stateOf(second.runner)).toEqual(['pending'])
  await world.clock.advance(30_000)
  expect(stateOf(second.runner)).toEqual(['firing'])
  await second.stop()
})

test('a rule that goes ends its series and its alerts; one that stays keeps what it knows', async () => {
  const world = new World()
  world.answer = ['api']
  const first = world.start([alerting({ forMs: 0 }), recording])
  await world.clock.advance(30_000)
  await first.stop()
  const second = world.start([recording])
  second.runner.adopt(first.runner)
  await first.runner.retire(second.runner)
  expect(world.delivered.at(-1)?.[0]?.endsAtMs).toBe(world.clock.nowMs())
  expect(world.written.filter(({ value }) => Number.isNaN(value)).map(({ labels }) => labels)).toEqual([
    expect.stringContaining('ALERTS{'),
    expect.stringContaining('ALERTS_FOR_STATE{'),
  ])
  world.answer = []
  await world.clock.advance(30_000)
  expect(world.written.at(-1)).toMatchObject({ labels: 'job:up{job="api"}', value: Number.NaN })
  await second.stop()
})

test('rules that do not read one another are asked side by side, and one that reads another comes after it', async () => {
  const world = new World()
  const { promise, resolve } = Promise.withResolvers<void>()
  world.gate = promise
  const sum: Rule = { ...recording, name: 'sum:up', expr: 'sum(job:up)' }
  const other: Rule = { ...recording, name: 'job:errors', expr: 'sum by (job) (errors)' }
  const { runner, stop } = world.start([recording, other, sum])
  await world.clock.advance(30_000)
  expect(world.asked.map(({ query }) => query)).toEqual(['sum by (job) (up)', 'sum by (job) (errors)'])
  resolve()
  await world.clock.advance(0)
  expect(world.asked.at(-1)?.query).toBe('sum(job:up)')
  expect(runner.status.counts).toEqual({ iterations: 1, missed: 0, evaluations: 3, failures: 0 })
  await stop()
})

test('without a free slot rules go one after the other', async () => {
  const world = new World()
  const { promise, resolve } = Promise.withResolvers<void>()
  world.gate = promise
  while (world.slots.take());
  const { stop } = world.start([recording, { ...recording, name: 'other' }])
  await world.clock.advance(30_000)
  expect(world.asked).toHaveLength(1)
  resolve()
  await world.clock.advance(0)
  expect(world.asked).toHaveLength(2)
  await stop()
})

test('with more alerts than the limit the rule fails, its alerts end, and nothing is written', async () => {
  const world = new World()
  world.answer = ['api']
  const { runner, stop } = world.start([alerting({ forMs: 0 })], { limit: 1 })
  await world.clock.advance(30_000)
  expect(world.delivered.at(-1)).toMatchObject([{ endsAtMs: undefined }])
  const before = world.written.length
  world.answer = ['api', 'web']
  await world.clock.advance(30_000)
  expect(runner.status.rules[0]).toMatchObject({ health: 'err', lastError: 'exceeded limit of 1 with 2 alerts' })
  expect(stateOf(runner)).toEqual([])
  expect(world.delivered.at(-1)).toMatchObject([{ endsAtMs: runner.status.lastEvaluationMs }])
  expect(world.written).toHaveLength(before)
  await world.clock.advance(30_000)
  expect(world.failures, 'told once').toEqual(['Down: exceeded limit of 1 with 2 alerts'])
  expect(runner.status.counts.failures).toBe(2)
  await stop()
})

test('a recording rule with more series than the limit writes none, and no stale markers', async () => {
  const world = new World()
  world.answer = ['api']
  const { runner, stop } = world.start([recording], { limit: 1 })
  await world.clock.advance(30_000)
  world.answer = ['web', 'db']
  await world.clock.advance(30_000)
  expect(world.written).toHaveLength(1)
  expect(runner.status.rules[0]?.lastError).toBe('exceeded limit of 1 with 2 series')
  expect(runner.status.lastSamples).toBe(1)
  await stop()
})

test('samples are written as of the time that was asked for: the slot less the offset', async () => {
  const world = new World()
  world.answer = ['api']
  const { runner, stop } = world.start([recording, alerting({ forMs: 0 })], { queryOffsetMs: 20_000 })
  await world.clock.advance(30_000)
  const slotMs = runner.status.lastEvaluationMs as number
  expect(new Set([...world.asked, ...world.written].map(({ atMs }) => atMs))).toEqual(new Set([slotMs - 20_000]))
  expect(world.written.map(({ labels }) => labels.split('{')[0])).toEqual(['job:up', 'ALERTS', 'ALERTS_FOR_STATE'])
  await stop()
})

test('keep_firing_for holds an alert over a restart', async () => {
  const world = new World()
  world.answer = ['api']
  const rule = alerting({ forMs: 0, keepFiringForMs: 90_000 })
  const first = world.start([rule])
  await world.clock.advance(30_000)
  world.answer = []
  await world.clock.advance(30_000)
  await first.stop()
  const second = world.start([rule])
  await world.clock.advance(30_000)
  expect(stateOf(second.runner)).toEqual(['firing'])
  await world.clock.advance(90_000)
  expect(stateOf(second.runner)).toEqual(['inactive'])
  await second.stop()
})
