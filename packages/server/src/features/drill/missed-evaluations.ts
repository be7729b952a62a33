// After an outage it is told that rules were not evaluated, from when to when; no past evaluation is made up.
import type { Clock } from '@tidewatch/core/clock.ts'
import { Labels } from '@tidewatch/core/labels.ts'
import { formatDurationMs } from '@tidewatch/core/time.ts'
import type { AlertSink } from '../../alerting/port.ts'
import type { EvaluatedGroup } from './port.ts'
import type { DrillRows } from './state.ts'

export const missedEvaluationsName = 'EvaluationsMissed'
const markName = 'evaluated'
/** Kept so often: an outage is known that exactly. */
export const markEveryMs = 15_000
/** A restart takes a moment: that is no outage. */
const toleratedMs = 60_000
/** A notice, not a state: nobody can end it. */
const lastsMs = 900_000

export interface MissedEvaluationsOptions {
  readonly rows: Pick<DrillRows, 'mark' | 'setMark'>
  readonly groups: () => readonly EvaluatedGroup[]
  readonly sink: AlertSink
  readonly externalUrl: () => string
  readonly clock: Clock
  readonly onMissed: (count: number) => void
}

interface Outage {
  readonly fromMs: number
  readonly toMs: number
  readonly count: number
  readonly groups: number
}

export class MissedEvaluations {
  readonly #options: MissedEvaluationsOptions
  #markMs: number | undefined
  #hasLooked = false
  #missed = new Map<string, number>()

  constructor(options: MissedEvaluationsOptions) {
    this.#options = options
  }

  /** Looks every so often, until stopped: for who evaluates rules. */
  async run(signal: AbortSignal): Promise<void> {
    this.#hasLooked = false
    while (!signal.aborted) {
      await this.step()
      await this.#options.clock.sleep(markEveryMs, { signal }).catch(() => undefined)
    }
  }

  async step(): Promise<void> {
    const { clock, groups, rows } = this.#options
    const now = groups()
    // without rules nothing can be missed
    if (now.length === 0) return
    const nowMs = clock.nowMs()
    const outage = this.#hasLooked ? this.#slipped(now, nowMs) : await this.#stopped(now, nowMs)
    this.#hasLooked = true
    this.#missed = new Map(now.map(({ name, missed }) => [name, missed]))
    if (outage !== undefined) await this.#tell(outage)
    this.#markMs = nowMs
    await rows.setMark(markName, nowMs)
  }

  /** The server did not run, or somebody else has stopped evaluating. */
  async #stopped(groups: readonly EvaluatedGroup[], nowMs: number): Promise<Outage | undefined> {
    const fromMs = await this.#options.rows.mark(markName)
    const longest = Math.max(...groups.map(({ intervalMs }) => intervalMs))
    if (fromMs === undefined || nowMs - fromMs < Math.max(toleratedMs, 2 * longest)) return undefined
    const counts = groups.map(({ intervalMs }) => Math.floor((nowMs - fromMs) / intervalMs))
    const count = counts.reduce((sum, one) => sum + one, 0)
    return { fromMs, toMs: nowMs, count, groups: groups.length }
  }

  /** The server ran, and its groups counted slots that went by. */
  #slipped(groups: readonly EvaluatedGroup[], nowMs: number): Outage | undefined {
    const late = groups
      .map(({ name, missed, intervalMs }) => ({ count: missed - (this.#missed.get(name) ?? missed), intervalMs }))
      .filter(({ count }) => count > 0)
    const longestMs = Math.max(0, ...late.map(({ count, intervalMs }) => count * intervalMs))
    if (longestMs < toleratedMs) return undefined
    const count = late.reduce((sum, one) => sum + one.count, 0)
    return { fromMs: Math.min(this.#markMs ?? nowMs, nowMs - longestMs), toMs: nowMs, count, groups: late.length }
  }

  async #tell({ fromMs, toMs, count, groups }: Outage): Promise<void> {
    const { sink, externalUrl, onMissed } = this.#options
    const time = (atMs: number): string => `${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`
    const lasted = formatDurationMs(Math.round((toMs - fromMs) / 1000) * 1000)
    await sink.deliver([
      {
        labels: Labels.from({ alertname: missedEvaluationsName, severity: 'high' }),
        annotations: {
          summary: `Rules were not evaluated from ${time(fromMs)} to ${time(toMs)} (${lasted}).`,
          description: `${count} evaluations of ${groups} rule groups are missing. What happened meanwhile raised no alert, and pending alerts may have waited longer.`,
        },
        startsAtMs: toMs,
        endsAtMs: undefined,
        generatorUrl: `${externalUrl()}/alerts`,
        validForMs: lastsMs,
      },
    ])
    onMissed(count)
  }
}
