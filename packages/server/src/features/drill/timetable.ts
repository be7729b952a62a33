// When a drill comes. Pure.
import { fromLocalMs, toLocalMs } from '@tidewatch/core/time-zone.ts'
import type { Drill } from './port.ts'

const dayMs = 86_400_000
const minuteMs = 60_000

/** The first time after the given one. */
export function nextDrillMs({ weekdays, atMinute, timeZone }: Drill, afterMs: number): number {
  const today = Math.floor(toLocalMs(timeZone, afterMs) / dayMs) * dayMs
  for (let day = today - dayMs; day <= today + 9 * dayMs; day += dayMs) {
    if (!weekdays.includes(new Date(day).getUTCDay())) continue
    const atMs = fromLocalMs(timeZone, day + atMinute * minuteMs)
    if (atMs > afterMs) return atMs
  }
  return Number.POSITIVE_INFINITY
}
