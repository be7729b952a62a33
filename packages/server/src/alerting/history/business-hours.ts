// Time as it counts where people answer in working hours alone. Pure.
import { fromLocalMs, toLocalMs } from '@tidewatch/core/time-zone.ts'

/** When people work: on these days of the week, 0 is Sunday, between two local times of the same day. */
export interface BusinessHours {
  readonly timeZone: string
  readonly days: readonly number[]
  /** Since midnight. */
  readonly fromMinute: number
  readonly toMinute: number
}

const minuteMs = 60_000
const dayMs = 86_400_000

/** Whether no more than `withinMs` of working time lies between two moments. Looks at no more days than it needs. */
export function isWithinBusinessHours(
  hours: BusinessHours,
  { fromMs, toMs, withinMs }: { readonly fromMs: number; readonly toMs: number; readonly withinMs: number },
): boolean {
  const { timeZone, days, fromMinute, toMinute } = hours
  let spentMs = 0
  const firstDayMs = Math.floor(toLocalMs(timeZone, fromMs) / dayMs) * dayMs
  for (let dayLocalMs = firstDayMs; spentMs <= withinMs; dayLocalMs += dayMs) {
    const opensMs = fromLocalMs(timeZone, dayLocalMs + fromMinute * minuteMs)
    if (opensMs >= toMs) return true
    if (!days.includes(new Date(dayLocalMs).getUTCDay())) continue
    const closesMs = fromLocalMs(timeZone, dayLocalMs + toMinute * minuteMs)
    spentMs += Math.max(0, Math.min(closesMs, toMs) - Math.max(opensMs, fromMs))
  }
  return false
}
