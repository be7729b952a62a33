// A query over rollups, samples, or both gives what it gives over all samples, for the functions and times for which we say that it does.
import { Labels } from '@tidewatch/core/labels.ts'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import { staleHigh, staleLow } from '@tidewatch/core/stale.ts'
import { evaluate } from '@tidewatch/promql/evaluate/evaluate.ts'
import type { EvaluateResult } from '@tidewatch/promql/evaluate/result.ts'
import { parse } from '@tidewatch/promql/parse.ts'
import fc from 'fast-check'
import { afterAll, describe, expect, it, test } from 'vitest'
import { headForTest } from '../head/head-for-test.ts'
import { createHeadReader } from '../head/reader.ts'
import type { KeptRollup, MetricStoreReader, StoredBuckets } from '../store/port.ts'
import { type PlainBucket, type PlainSample, plainBuckets } from '../store/testing-buckets.ts'
import { RollupNotes } from './rollups.ts'
import { createMixedSource } from './source.ts'

const minute = 60_000
const width = 5 * minute
const spanMs = 120 * minute
const beginMs = Date.UTC(2026, 10, 1)
const { signal } = new AbortController()

const head = headForTest()
const reader = createHeadReader(head.descriptor)
reader.acquire()
afterAll(() => {
  reader.release()
  head[Symbol.dispose]()
})

const stale = (() => {
  const value = new Float64Array(1)
  new Uint32Array(value.buffer).set([staleLow, staleHigh])
  return value
})()

type Sent = { readonly timeMs: number; readonly value: number | 'stale' }

/** A store whose samples begin at a moment, and that has buckets of what was before. */
function storeOf(all: readonly (readonly Sent[])[], rawFromMs: number, level: KeptRollup): MetricStoreReader {
  const plain = all.map((samples) =>
    samples.map(({ timeMs, value }) => ({ timeMs, value: value === 'stale' ? (stale[0] as number) : value })),
  )
  const wanted = (ids: Uint32Array): number[] => [...ids].filter((_, i) => i % 2 === 0)
  return {
    series: async (project) =>
      all.map((_, i) => ({
        project,
        idLow: i,
        idHigh: 0,
        labels: Labels.from({ __name__: 'm', i: String(i) }),
        seenMs: 0,
      })),
    async *samples(_project, ids, from, to) {
      for (const id of wanted(ids)) {
        const rows = (all[id] as readonly Sent[]).filter(
          ({ timeMs }) => timeMs >= from && timeMs <= to && timeMs > rawFromMs,
        )
        if (rows.length === 0) continue
        const values = new Float64Array(rows.length)
        for (const [i, { value }] of rows.entries()) {
          if (value === 'stale') new Uint32Array(values.buffer).set([staleLow, staleHigh], i * 2)
          else values[i] = value
        }
        yield {
          length: rows.length,
          ids: Uint32Array.from(rows.flatMap(() => [id, 0])),
          timesMs: Float64Array.from(rows, ({ timeMs }) => timeMs),
          values,
        }
      }
    },
    async *histograms() {},
    metadata: async () => [],
    rollups: {
      kept: async () => ({ rawFromMs, levels: [level] }),
      async *buckets(_name, ids, { startMs, endMs }) {
        for (const id of wanted(ids)) {
          const buckets = plainBuckets(plain[id] as PlainSample[], level.widthMs)
          const rows = buckets.filter((one) => one.startMs >= startMs - level.widthMs && one.startMs < endMs)
          if (rows.length > 0) yield columnsOf(id, rows)
        }
      },
    },
  }
}

function columnsOf(id: number, rows: readonly PlainBucket[]): StoredBuckets {
  const column = (of: (bucket: PlainBucket) => number): Float64Array => Float64Array.from(rows, of)
  return {
    length: rows.length,
    ids: Uint32Array.from(rows.flatMap(() => [id, 0])),
    startsMs: column((one) => one.startMs),
    firstMs: column((one) => one.firstMs),
    lastMs: column((one) => one.lastMs),
    staleBeforeMs: column((one) => one.staleBeforeMs),
    staleAfterMs: column((one) => one.staleAfterMs),
    counts: column((one) => one.count),
    first: column((one) => one.first),
    last: column((one) => one.last),
    lowest: column((one) => one.lowest),
    highest: column((one) => one.highest),
    sums: column((one) => one.sum),
    resets: column((one) => one.resets),
  }
}

interface Asked {
  readonly query: string
  readonly startMs: number
  readonly endMs: number
  readonly stepMs: number
}

async function answer(
  all: readonly (readonly Sent[])[],
  rawFromMs: number,
  asked: Asked,
): Promise<{ result: EvaluateResult; infos: readonly string[] }> {
  const notes = new RollupNotes()
  const level = {
    name: '5m',
    widthMs: width,
    fromMs: beginMs,
    untilMs: Math.max(beginMs, rawFromMs),
    freshUntilMs: rawFromMs,
  } as const
  const none = { refs: new Uint32Array(), idLow: new Uint32Array(), idHigh: new Uint32Array() }
  const source = createMixedSource({
    ...{
      head: reader,
      beginMs: Number.POSITIVE_INFINITY,
      store: storeOf(all, rawFromMs, level),
      projects: [defaultProject],
    },
    ...{ maxSamples: 10_000_000, lookbackMs: 5 * minute, notes, ask: async (windows) => windows.map(() => none) },
  })
  const { query, ...times } = asked
  const options = { ...times, lookbackMs: 5 * minute, kind: 'range' as const, signal }
  const result = await evaluate(parse(query), source, options)
  return { result, infos: notes.infos }
}

/** Series by label, each with its values by step. */
function valuesOf(result: EvaluateResult): Record<string, Record<string, number>> {
  if (result.type !== 'matrix') throw new Error('a matrix was asked for')
  return Object.fromEntries(
    result.series.map(({ labels, timesMs, values, present }) => [
      labels.get('i'),
      Object.fromEntries(
        [...present].flatMap((one, k) => (one === 0 ? [] : [[String(timesMs[k]), values[k] as number]])),
      ),
    ]),
  )
}

function expectAlike(mine: ReturnType<typeof valuesOf>, theirs: ReturnType<typeof valuesOf>): void {
  const shape = (all: typeof mine) => Object.entries(all).map(([i, steps]) => [i, Object.keys(steps)])
  expect(shape(mine)).toEqual(shape(theirs))
  for (const [i, steps] of Object.entries(theirs)) {
    for (const [atMs, value] of Object.entries(steps)) {
      const own = mine[i]?.[atMs] as number
      if (Number.isNaN(value)) expect(own).toBeNaN()
      else
        expect(Math.abs(own - value), `${i} at ${atMs}: ${own} for ${value}`).toBeLessThanOrEqual(
          1e-9 * (1 + Math.abs(value)),
        )
    }
  }
}

/** Samples anywhere: late, early, with holes, resets and stale markers. */
const wild = fc
  .uniqueArray(
    fc.record({
      timeMs: fc.integer({ min: 1, max: spanMs / 5000 }).map((k) => beginMs + k * 5000),
      value: fc.oneof(
        { weight: 9, arbitrary: fc.integer({ min: 0, max: 60 }) },
        { weight: 1, arbitrary: fc.constant('stale' as const) },
      ),
    }),
    { selector: ({ timeMs }) => timeMs, minLength: 1, maxLength: 200 },
  )
  .map((samples) => samples.toSorted((a, b) => a.timeMs - b.timeMs))

/** A counter scraped each 15 s that is reset now and then. */
const scraped = fc
  .record({
    offsetMs: fc.integer({ min: 1, max: 14_999 }),
    steps: fc.array(fc.integer({ min: -3, max: 9 }), { minLength: spanMs / 15_000, maxLength: spanMs / 15_000 }),
  })
  .map(({ offsetMs, steps }) => {
    let value = 5
    return steps.map((step, k) => {
      value = step < -2 ? 0 : value + Math.max(0, step)
      return { timeMs: beginMs + k * 15_000 + offsetMs, value }
    })
  })

const asked = (queries: readonly string[]) =>
  fc
    .record({
      query: fc.constantFrom(...queries),
      from: fc.integer({ min: 0, max: 20 }),
      steps: fc.integer({ min: 0, max: 20 }),
      stepMs: fc.constantFrom(width, 2 * width, 3 * width),
    })
    .map(({ query, from, steps, stepMs }): Asked => {
      const startMs = beginMs + from * width
      return { query, startMs, endMs: startMs + steps * stepMs, stepMs }
    })

const border = fc.oneof(
  fc.constant(Number.POSITIVE_INFINITY),
  fc.integer({ min: 0, max: 24 }).map((k) => beginMs + k * width),
)

describe('is the same over rollups', () => {
  const check = async (all: readonly (readonly Sent[])[], rawFromMs: number, query: Asked) => {
    const mixed = await answer(all, rawFromMs, query)
    const plain = await answer(all, Number.NEGATIVE_INFINITY, query)
    expectAlike(valuesOf(mixed.result), valuesOf(plain.result))
    expect(mixed.infos.join()).not.toContain('estimated')
    expect(plain.infos).toEqual([])
  }

  it('for what looks at whole buckets, whatever the samples', async () => {
    const queries = [
      ...['m', 'm offset 10m', 'last_over_time(m[10m])', 'first_over_time(m[15m])', 'present_over_time(m[5m])'],
      ...['min_over_time(m[10m])', 'max_over_time(m[5m])', 'sum_over_time(m[15m])', 'count_over_time(m[10m])'],
      ...['avg_over_time(m[10m])', 'rate(m[5m])', 'increase(m[5m])', 'delta(m[5m] offset 5m)'],
      ...['max_over_time(sum by (i) (rate(m[5m]))[20m:5m])', 'timestamp(m)'],
    ]
    await fc.assert(fc.asyncProperty(fc.array(wild, { minLength: 1, maxLength: 3 }), border, asked(queries), check), {
      numRuns: 300,
    })
  })

  it('for rates over several buckets of what is scraped regularly', async () => {
    const queries = ['rate(m[10m])', 'increase(m[30m])', 'delta(m[20m])', 'rate(m[1h] offset 5m)']
    await fc.assert(
      fc.asyncProperty(fc.array(scraped, { minLength: 1, maxLength: 2 }), border, asked(queries), check),
      { numRuns: 150 },
    )
  })
})

describe('is near over rollups', () => {
  /** A counter of `perSecond`, reset each 50 minutes. */
  const steady = (perSecond: number): Sent[] =>
    Array.from({ length: spanMs / 15_000 }, (_, k) => ({
      timeMs: beginMs + k * 15_000 + 7000,
      value: ((k % 200) + 1) * 15 * perSecond,
    }))

  test('for rates between the borders of buckets, resets included', async () => {
    for (const query of ['rate(m[5m])', 'rate(m[7m])', 'rate(m[2m])', 'irate(m[5m])', 'rate(m[30m])']) {
      const times = { query, startMs: beginMs + 41 * minute, endMs: beginMs + 110 * minute, stepMs: 61_000 }
      const { result, infos } = await answer([steady(2)], Number.POSITIVE_INFINITY, times)
      const rates = Object.values(valuesOf(result)[0] ?? {})
      expect(rates.length).toBe(68)
      for (const rate of rates) expect(rate, query).toBeGreaterThan(1.5)
      for (const rate of rates) expect(rate, query).toBeLessThan(2.5)
      expect(infos).toEqual([
        'PromQL info: from 5-minute rollups, between whose borders values are estimated, up to 2026-11-01T01:50:00Z',
      ])
    }
  })

  test('a series without holes is there at each step, at one with holes where it was', async () => {
    const times = { query: 'm', startMs: beginMs + minute, endMs: beginMs + spanMs, stepMs: 17_000 }
    const whole = valuesOf((await answer([steady(1)], Number.POSITIVE_INFINITY, times)).result)
    expect(Object.keys(whole[0] ?? {})).toHaveLength(Math.floor((spanMs - minute) / 17_000) + 1)
    const holes = steady(1).filter((_, k) => k % 80 < 30)
    const mine = valuesOf((await answer([holes], Number.POSITIVE_INFINITY, times)).result)
    const theirs = valuesOf((await answer([holes], Number.NEGATIVE_INFINITY, times)).result)
    expect(Object.keys(mine[0] ?? {})).toEqual(Object.keys(theirs[0] ?? {}))
  })
})
