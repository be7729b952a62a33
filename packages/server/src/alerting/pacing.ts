// How often people hear of one alert: cool-down and throttle. A notification that is held back is late, never lost: it is told when its time has come
// if the alert fires still.
import { formatDurationMs } from '@tidewatch/core/time.ts'
import type { AlertPacing } from './port.ts'

/** When people were told that an alert fires, oldest first. */
export type ToldTimes = readonly number[]

export interface Hold {
  readonly untilMs: number
  /** For the journal. */
  readonly why: string
}

/** What holds back that an alert fires; undefined: it is told now. Ends are never held back. */
export function holdOf(told: ToldTimes, pacing: AlertPacing | undefined, nowMs: number): Hold | undefined {
  const { cooldownMs, throttle } = pacing ?? {}
  const last = told.at(-1)
  const holds: Hold[] = []
  if (cooldownMs !== undefined && last !== undefined && nowMs < last + cooldownMs)
    holds.push({ untilMs: last + cooldownMs, why: `told less than ${formatDurationMs(cooldownMs)} ago` })
  if (throttle !== undefined) {
    const { count, windowMs } = throttle
    const recent = told.filter((at) => at > nowMs - windowMs)
    const first = recent.at(-count)
    if (recent.length >= count && first !== undefined)
      holds.push({ untilMs: first + windowMs, why: `told ${recent.length} times in ${formatDurationMs(windowMs)}` })
  }
  return holds.sort((a, b) => b.untilMs - a.untilMs)[0]
}

/** With one more; what no limit looks back to is forgotten. */
export function withTold(told: ToldTimes, atMs: number, pacing: AlertPacing | undefined): ToldTimes {
  const { cooldownMs = 0, throttle } = pacing ?? {}
  const keepMs = Math.max(cooldownMs, throttle?.windowMs ?? 0)
  return [...told.filter((at) => at > atMs - keepMs), atMs].slice(-Math.max(1, throttle?.count ?? 1))
}

/** A rule's own word goes before that of tidewatch.yml, each for itself. */
export function pacingOf(own: AlertPacing | undefined, general: AlertPacing | undefined): AlertPacing | undefined {
  if (own === undefined || general === undefined) return own ?? general
  return { cooldownMs: own.cooldownMs ?? general.cooldownMs, throttle: own.throttle ?? general.throttle }
}
