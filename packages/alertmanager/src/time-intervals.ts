// Whether a moment lies in named intervals of time, in the time zone of each.
import { LocalTime } from './local-time.ts'
import type { InclusiveRange, NamedTimeIntervals, TimeInterval } from './port.ts'

interface WallTime {
  readonly year: number
  /** 1 to 12. */
  readonly month: number
  readonly day: number
  /** 0 is Sunday. */
  readonly weekday: number
  /** Since midnight, by the clock on the wall. */
  readonly minute: number
}

/** Whether a moment is inside of every part of an interval. */
function containsTime(interval: TimeInterval, wall: WallTime): boolean {
  const { times, weekdays, daysOfMonth, months, years } = interval
  if (times !== undefined && !times.some((time) => wall.minute >= time.startMinute && wall.minute < time.endMinute))
    return false
  if (daysOfMonth !== undefined) {
    const lastDay = new Date(Date.UTC(wall.year, wall.month, 0)).getUTCDate()
    if (!daysOfMonth.some((range) => containsDay(range, wall.day, lastDay))) return false
  }
  return isInside(months, wall.month) && isInside(weekdays, wall.weekday) && isInside(years, wall.year)
}

const isInside = (ranges: readonly InclusiveRange[] | undefined, value: number): boolean =>
  ranges === undefined || ranges.some(({ begin, end }) => value >= begin && value <= end)

/** Negative days count from the end of the month. A range that begins after a short month's last day is not in it; one that ends there is cut. */
function containsDay({ begin, end }: InclusiveRange, day: number, lastDay: number): boolean {
  const first = begin < 0 ? lastDay + begin + 1 : begin
  const last = end < 0 ? lastDay + end + 1 : end
  return first <= lastDay && day >= first && day <= Math.min(last, lastDay)
}

/** The named intervals of a configuration. */
export class TimeIntervals {
  readonly #intervals: NamedTimeIntervals
  readonly #zones = new Map<string, LocalTime>()

  constructor(intervals: NamedTimeIntervals) {
    this.#intervals = intervals
  }

  /** Those of the names whose intervals the moment lies in. A name that is not defined has none. */
  mutes(names: readonly string[], atMs: number): string[] {
    return names.filter((name) => this.#intervals.get(name)?.some((interval) => this.#contains(interval, atMs)))
  }

  #contains(interval: TimeInterval, atMs: number): boolean {
    const location = interval.location ?? 'UTC'
    const zone = this.#zones.get(location) ?? new LocalTime(location)
    this.#zones.set(location, zone)
    return containsTime(interval, zone.at(atMs))
  }
}
