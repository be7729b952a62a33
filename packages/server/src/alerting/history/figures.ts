// How often rules fired, how soon people answered, and how long it lasted. Pure.
import { type Severity, severities } from '@tidewatch/core/severity.ts'
import type { ResponseTarget, ResponseTargets } from '../port.ts'
import { type BusinessHours, isWithinBusinessHours } from './business-hours.ts'
import type { Episode } from './read.ts'

export interface Figures {
  readonly fired: number
  readonly notifications: number
  readonly acknowledged: number
  /** Mean from firing to acknowledgement, of those that were acknowledged. */
  readonly mttaMs?: number
  /** Mean from firing to the end, of those that have ended. */
  readonly mttrMs?: number
}

export interface RuleFigures extends Figures {
  readonly rule: string
  readonly severity: Severity
  readonly alerts: number
  readonly shortLived: number
  readonly medianMs?: number
  readonly episodes: readonly Episode[]
}

/** What ends sooner is over before anybody has looked. */
export const shortMs = 5 * 60_000

export function figuresOf(episodes: readonly Episode[]): Figures {
  const answered = episodes.flatMap(({ firedAtMs, acknowledgedAtMs }) =>
    acknowledgedAtMs === undefined ? [] : [acknowledgedAtMs - firedAtMs],
  )
  const mttaMs = mean(answered)
  const mttrMs = mean(lengthsOf(episodes))
  return {
    ...{ fired: episodes.length, acknowledged: answered.length },
    notifications: episodes.reduce((sum, { notifications }) => sum + notifications, 0),
    ...(mttaMs === undefined ? {} : { mttaMs }),
    ...(mttrMs === undefined ? {} : { mttrMs }),
  }
}

export const lengthsOf = (episodes: readonly Episode[]): number[] =>
  episodes.flatMap(({ firedAtMs, endedAtMs }) => (endedAtMs === undefined ? [] : [Math.max(0, endedAtMs - firedAtMs)]))

function mean(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined
  return Math.round(values.reduce((sum, value) => sum + value, 0) / values.length)
}

export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}

/** The worst first; those that did not fire are left out. */
export function bySeverity(episodes: readonly Episode[], targets: ResponseTargets, hours: BusinessHours) {
  return severities.flatMap((severity) => {
    const own = episodes.filter((one) => one.severity === severity)
    if (own.length === 0) return []
    const target = targets[severity]
    const { withinMs } = target
    return [
      {
        ...{ severity, ...figuresOf(own) },
        ...(withinMs === undefined
          ? {}
          : { targetMs: withinMs, withinTarget: own.filter((one) => isWithin(one, target, hours)).length }),
      },
    ]
  })
}

function isWithin(
  { firedAtMs, acknowledgedAtMs, endedAtMs }: Episode,
  { withinMs = 0, onlyBusinessHours }: ResponseTarget,
  hours: BusinessHours,
): boolean {
  const answeredMs = Math.min(acknowledgedAtMs ?? Number.POSITIVE_INFINITY, endedAtMs ?? Number.POSITIVE_INFINITY)
  if (!onlyBusinessHours) return answeredMs - firedAtMs <= withinMs
  return isWithinBusinessHours(hours, { fromMs: firedAtMs, toMs: answeredMs, withinMs })
}

/** By name and severity, the noisiest first: those of which people heard most. */
export function byRule(episodes: readonly Episode[]): RuleFigures[] {
  const groups = Map.groupBy(episodes, ({ name, severity }) => `${severity}\n${name}`)
  const rules = [...groups.values()].flatMap((own): RuleFigures[] => {
    const [first] = own
    if (first === undefined) return []
    const lengths = lengthsOf(own)
    const medianMs = median(lengths)
    return [
      {
        ...{ rule: first.name, severity: first.severity, ...figuresOf(own), episodes: own },
        alerts: new Set(own.map(({ fingerprint }) => fingerprint)).size,
        shortLived: lengths.filter((length) => length < shortMs).length,
        ...(medianMs === undefined ? {} : { medianMs }),
      },
    ]
  })
  return rules.sort((a, b) => b.notifications - a.notifications || b.fired - a.fired || (a.rule < b.rule ? -1 : 1))
}
