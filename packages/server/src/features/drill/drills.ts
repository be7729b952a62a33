// Fire drills: a sample is written, a rule fires by it, the alert goes the whole way, and somebody has to take it.
import { randomUUID } from 'node:crypto'
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { Labels } from '@tidewatch/core/labels.ts'
import type { Acknowledgements, AlertSink } from '../../alerting/port.ts'
import type { Drill, SeenDelivery } from './port.ts'
import { beginRun, type DrillRun, drillAlertName, judged, runLabel, withDelivery } from './run.ts'
import type { DrillRows } from './state.ts'
import { nextDrillMs } from './timetable.ts'

/** The series by which a drill's rule fires. */
export const drillMetric = 'tidewatch_fire_drill'
export const missedDrillName = 'FireDrillMissed'
const evaluatedEvery = '5s'
/** While a run lasts the sample is written anew, and what has become of it is looked at. */
const lookEveryMs = 2000
const writeEveryMs = 30_000
const idleMs = 30_000
/** Nobody has to end it: a missed drill is history after that. */
const missedLastsMs = 3_600_000

export interface DrillsOptions {
  readonly rows: DrillRows
  readonly acknowledgements: Pick<Acknowledgements, 'of'>
  readonly sink: AlertSink
  /** Writes one sample of the drill's series, as it would come from outside. */
  readonly write: (labels: Labels, value: number) => Promise<void>
  /** Names of all channels that could hear of a missed drill. */
  readonly channels: () => readonly string[]
  readonly externalUrl: () => string
  readonly clock: Clock
  readonly onEnd: (run: DrillRun) => void
}

export class Drills {
  readonly #options: DrillsOptions
  #drills: readonly Drill[] = []
  #wake: () => void = () => {}
  #turn: Promise<unknown> = Promise.resolve()
  /** Of this process: how far the timetable was worked off. */
  #lookedAtMs: number
  #wroteAtMs = 0
  #hasRunning = false

  constructor(options: DrillsOptions) {
    this.#options = options
    this.#lookedAtMs = options.clock.nowMs()
  }

  get all(): readonly Drill[] {
    return this.#drills
  }

  follow(drills: readonly Drill[]): void {
    this.#drills = drills
    this.#wake()
  }

  nextMs(drill: Drill): number {
    return nextDrillMs(drill, this.#options.clock.nowMs())
  }

  /** Begins a run now. Throws where there is no such drill, or where one runs. */
  start(name: string, by: string): Promise<DrillRun> {
    return this.#inTurn(async () => {
      if (!this.#drills.some((one) => one.name === name))
        throw new AppError('state.not_found', `there is no drill ${JSON.stringify(name)}.`, {
          where: { key: 'name' },
          fix: `There are: ${this.#drills.map((one) => one.name).join(', ') || 'none; add one under drills in tidewatch.yml'}.`,
        })
      const running = await this.#options.rows.running()
      if (running.some(({ drill }) => drill === name))
        throw new AppError('state.conflict', `the drill ${name} is running.`, { fix: 'Acknowledge its alert.' })
      const run = beginRun(randomUUID(), name, by, this.#options.clock.nowMs())
      await this.#options.rows.save(run)
      await this.#write(run, 1)
      this.#hasRunning = true
      this.#wake()
      return run
    })
  }

  /** Told of each attempt to tell people of anything. */
  async seen(delivery: SeenDelivery): Promise<void> {
    // nearly all are none of a drill's
    if (!delivery.alerts.some(({ labels }) => labels.alertname === drillAlertName)) return
    await this.#inTurn(async () => {
      for (const run of await this.#options.rows.running()) {
        const next = withDelivery(run, delivery)
        if (next !== run) await this.#options.rows.save(next)
      }
    })
  }

  /** Begins drills at their times and ends them, until stopped. One process of an installation at a time. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options
    this.#lookedAtMs = clock.nowMs()
    while (!signal.aborted) {
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      await this.step()
      const nextMs = Math.min(...this.#drills.map((drill) => this.nextMs(drill)))
      const longestMs = this.#hasRunning ? lookEveryMs : idleMs
      const waitMs = Math.max(0, Math.min(longestMs, nextMs - clock.nowMs()))
      const over = new AbortController()
      const sleep = clock.sleep(waitMs, { signal: AbortSignal.any([signal, over.signal]) }).catch(() => undefined)
      await Promise.race([woken, sleep])
      over.abort()
    }
  }

  /** All that is due now. */
  async step(): Promise<void> {
    const { clock, rows } = this.#options
    const nowMs = clock.nowMs()
    const due = this.#drills.filter((drill) => nextDrillMs(drill, this.#lookedAtMs) <= nowMs)
    this.#lookedAtMs = nowMs
    for (const { name } of due)
      await this.start(name, 'timetable').catch((error: unknown) => {
        // the one before still waits for somebody: that it does is told by itself
        if (!(error instanceof AppError && error.code === 'state.conflict')) throw error
      })
    await this.#inTurn(async () => {
      const running = await rows.running()
      this.#hasRunning = running.length > 0
      for (const run of running) await this.#look(run, nowMs)
    })
  }

  async #look(run: DrillRun, nowMs: number): Promise<void> {
    const { acknowledgements, rows, onEnd } = this.#options
    const drill = this.#drills.find(({ name }) => name === run.drill)
    const taken = run.fingerprint === undefined ? undefined : acknowledgements.of(run.fingerprint)
    const next = judged(run, drill ?? { acknowledgeWithinMs: 0 }, { nowMs, taken })
    if (next.status === 'running') {
      if (nowMs - this.#wroteAtMs >= writeEveryMs) await this.#write(run, 1)
      return
    }
    // told before it is kept as over: after a kill in between it is told again, as the same alert
    if (next.status === 'missed') await this.#tellMissed(next, drill)
    await this.#write(run, 0)
    await rows.save(next)
    onEnd(next)
  }

  async #write(run: DrillRun, value: number): Promise<void> {
    const { clock, write } = this.#options
    await write(Labels.from({ __name__: drillMetric, drill: run.drill, run: runLabel(run) }), value)
    if (value === 1) this.#wroteAtMs = clock.nowMs()
  }

  /** By the other channels: those of the drill may be what is broken. */
  async #tellMissed(run: DrillRun, drill: Drill | undefined): Promise<void> {
    const { sink, channels, externalUrl } = this.#options
    const used = new Set(run.deliveries.map(({ receiver }) => receiver))
    const others = channels().filter((name) => !used.has(name))
    const named = drill?.otherwise ?? (others.length > 0 ? others : channels())
    await sink.deliver([
      {
        labels: Labels.from({ alertname: missedDrillName, severity: 'critical', drill: run.drill }),
        annotations: {
          summary: `The fire drill ${run.drill} was missed: ${run.reason}`,
          description: 'An alert of the same kind would have been missed too.',
        },
        startsAtMs: run.startedAtMs,
        endsAtMs: undefined,
        generatorUrl: `${externalUrl()}/alerts`,
        validForMs: missedLastsMs,
        ...(named.length > 0 ? { channels: named } : {}),
      },
    ])
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work)
    this.#turn = turn.catch(() => undefined)
    return turn
  }
}

/** The rules of all drills as a rule file: they run as every other rule does. */
export function drillRuleFile(drills: readonly Drill[]): string {
  if (drills.length === 0) return ''
  const rules = drills.map(({ name, labels }) => ({
    alert: drillAlertName,
    expr: `${drillMetric}{drill=${JSON.stringify(name)}} == 1`,
    labels,
    annotations: {
      summary: `Fire drill ${name}: please acknowledge.`,
      description: 'Nothing is wrong. This tests that an alert reaches somebody; acknowledging it ends it.',
    },
  }))
  // JSON is YAML
  return JSON.stringify({ groups: [{ name: 'fire drills', interval: evaluatedEvery, rules }] })
}
