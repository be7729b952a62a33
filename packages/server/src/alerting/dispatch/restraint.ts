// What keeps alerts from telling too much, beside what alertmanager.yml says: flapping, cool-down, throttle, and what depends on what. What is
// remembered of an alert for that goes with the alert's row while it is held, and stays in memory for a while after.
import { severityOf, unstatedSeverity } from '@tidewatch/core/severity.ts'
import { formatDurationMs } from '@tidewatch/core/time.ts'
import { type Dependencies, type Folding, foldDependents } from '../dependencies.ts'
import { afterChange, type FlapLimits, type FlapMemory, heldUntilMs, settled, steady } from '../flapping.ts'
import { type Hold, holdOf, pacingOf, type ToldTimes, withTold } from '../pacing.ts'
import type { AlertPacing, JournalEntry } from '../port.ts'
import { type HeldAlert, isResolved } from './held-alert.ts'

/** As the configuration says. */
export interface Restraint {
  readonly flapping: FlapLimits | undefined
  readonly pacing: AlertPacing | undefined
  readonly dependencies: Dependencies
}

/** Of one alert. */
export interface AlertMemory {
  readonly flaps: FlapMemory
  readonly told: ToldTimes
  /** What was last heard of it, whatever is told. */
  readonly fires: boolean
  readonly usedAtMs: number
}

/** What fires and ends within the longest limits; beyond that the oldest are forgotten. */
const maxRemembered = 50_000
const nothing: AlertMemory = { flaps: steady, told: [], fires: false, usedAtMs: 0 }

export class RestraintBook {
  readonly #memories = new Map<string, AlertMemory>()
  #restraint: Restraint | undefined

  configure(restraint: Restraint | undefined): void {
    this.#restraint = restraint
  }

  restore({ fingerprint, memory }: HeldAlert): void {
    if (memory !== undefined) this.#memories.set(fingerprint, memory)
  }

  /**
   * What news of an alert means: the news, or that it is held firing though it has ended. The second is no end that anybody may be told of.
   */
  heard(
    known: HeldAlert | undefined,
    news: HeldAlert,
    nowMs: number,
  ): { readonly alert: HeldAlert; readonly isHeld: boolean } {
    const limits = this.#restraint?.flapping
    if (limits === undefined) return { alert: this.#remembered(news), isHeld: false }
    const { fingerprint } = news
    const former = this.#memories.get(fingerprint) ?? {
      ...nothing,
      fires: known !== undefined && !isResolved(known, nowMs),
    }
    const fires = !isResolved(news, nowMs)
    const before = settled(former.flaps, nowMs, limits)
    const flaps = former.fires === fires ? before : afterChange(before, nowMs, limits)
    const isNew = former.fires !== fires
    if (isNew || flaps !== former.flaps) this.#put(fingerprint, { ...former, flaps, fires, usedAtMs: nowMs })
    const untilMs = heldUntilMs(flaps, limits)
    if (untilMs === undefined) return { alert: this.#remembered(news), isHeld: false }
    const said = `changed ${flaps.changedAtMs.length} times in ${formatDurationMs(limits.windowMs)}`
    const shown = { ...news, flappingSinceMs: flaps.sinceMs, annotations: { ...news.annotations, flapping: said } }
    if (fires || known === undefined) return { alert: this.#remembered(shown), isHeld: false }
    const held = { ...shown, startsAtMs: known.startsAtMs, endsAtMs: untilMs, isTimeout: false }
    return { alert: this.#remembered({ ...held, annotations: { ...known.annotations, flapping: said } }), isHeld: true }
  }

  /** What holds back that it fires. */
  holdOf({ fingerprint, pacing }: HeldAlert, nowMs: number): Hold | undefined {
    const limits = pacingOf(pacing, this.#restraint?.pacing)
    return limits === undefined ? undefined : holdOf(this.#memories.get(fingerprint)?.told ?? [], limits, nowMs)
  }

  /** People are told that it fires. Answers the alert with what is remembered of it, where that matters. */
  noteTold(alert: HeldAlert, nowMs: number): HeldAlert | undefined {
    const limits = pacingOf(alert.pacing, this.#restraint?.pacing)
    if (limits === undefined) return undefined
    const former = this.#memories.get(alert.fingerprint) ?? { ...nothing, fires: true }
    if (former.told.at(-1) === nowMs) return undefined
    this.#put(alert.fingerprint, { ...former, told: withTold(former.told, nowMs, limits), usedAtMs: nowMs })
    return this.#remembered(alert)
  }

  /** Why an alert is no news of its own, by fingerprint. */
  foldings(alerts: Iterable<HeldAlert>, nowMs: number): ReadonlyMap<string, Folding> {
    const dependencies = this.#restraint?.dependencies
    if (dependencies === undefined || dependencies.nodes.length === 0) return new Map()
    const firing = [...alerts].filter((alert) => !isResolved(alert, nowMs))
    const foldable = firing.map(({ fingerprint, labels, startsAtMs }) => {
      const severity = severityOf(labels.get('severity')) ?? unstatedSeverity
      return { fingerprint, labels, startsAtMs, severity }
    })
    return foldDependents(foldable, dependencies)
  }

  #remembered(alert: HeldAlert): HeldAlert {
    const memory = this.#memories.get(alert.fingerprint)
    return memory === undefined ? alert : { ...alert, memory }
  }

  /** The last used stand last. */
  #put(fingerprint: string, memory: AlertMemory): void {
    this.#memories.delete(fingerprint)
    this.#memories.set(fingerprint, memory)
    if (this.#memories.size <= maxRemembered) return
    const [oldest] = this.#memories.keys()
    if (oldest !== undefined) this.#memories.delete(oldest)
  }
}

/** For the journal, where an alert begins to be held as flapping. */
export function flappingStep(known: HeldAlert | undefined, alert: HeldAlert, atMs: number): JournalEntry | undefined {
  if (alert.flappingSinceMs === undefined || known?.flappingSinceMs === alert.flappingSinceMs) return undefined
  const text = `${alert.annotations.flapping ?? ''}: held firing until it is quiet, and told once`
  return { atMs, fingerprint: alert.fingerprint, stage: 'flapping', text, detail: { sinceMs: alert.flappingSinceMs } }
}
