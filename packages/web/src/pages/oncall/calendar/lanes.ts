// A calendar as lanes: a week has one for each day, a month one for each week. Shifts are cut to them. No React here.
import type { ShiftItem } from '@tidewatch/api/oncall.ts'
import { addDays, type Day, dayName, monthNames, sameDay, startOf, type TimeZone, timeIn, weekdayOf } from './zoned.ts'

export type CalendarView = 'week' | 'month'

export interface Lane {
  readonly key: string
  readonly title: string
  readonly startMs: number
  readonly endMs: number
  /** Whether the present lies in it. */
  readonly isNow: boolean
  /** Lines at midnight, or every six hours, with what stands at them; `at` is 0 to 1. */
  readonly ticks: readonly { readonly at: number; readonly text: string }[]
}

/** A shift, or the part of it that a lane shows; `left` and `width` are 0 to 1. */
export interface Piece {
  readonly shift: ShiftItem
  readonly left: number
  readonly width: number
}

/** The Monday on or before a day. */
const mondayOf = (day: Day): Day => addDays(day, -weekdayOf(day))

export interface CalendarSpan {
  readonly title: string
  readonly startMs: number
  readonly endMs: number
  readonly lanes: readonly Lane[]
}

/** The week or month that is so many weeks or months from the present one. */
export function calendarSpan({
  view,
  offset,
  nowMs,
  timeZone,
}: {
  readonly view: CalendarView
  readonly offset: number
  readonly nowMs: number
  readonly timeZone: TimeZone
}): CalendarSpan {
  const today = timeIn(nowMs, timeZone)
  const days: Day[] = []
  let title: string
  if (view === 'week') {
    const monday = addDays(mondayOf(today), 7 * offset)
    for (let i = 0; i <= 7; i++) days.push(addDays(monday, i))
    const sunday = addDays(monday, 6)
    title = `${dayName(monday).slice(4)} to ${dayName(sunday).slice(4)} ${sunday.year}`
  } else {
    const months = today.year * 12 + today.month - 1 + offset
    const first: Day = { year: Math.floor(months / 12), month: (months % 12) + 1, day: 1 }
    let monday = mondayOf(first)
    title = `${monthNames[first.month - 1]} ${first.year}`
    while (days.length === 0 || isBefore(monday, first.year * 12 + first.month)) {
      days.push(monday)
      monday = addDays(monday, 7)
    }
    days.push(monday)
  }
  const starts = days.map((day) => startOf(day, timeZone))
  const lanes = days.slice(0, -1).map((day, i): Lane => {
    const [startMs = 0, endMs = 0] = [starts[i], starts[i + 1]]
    const isNow = nowMs >= startMs && nowMs < endMs
    const ticks =
      view === 'week' ? hourTicks(day, { startMs, endMs, timeZone }) : dayTicks(day, { startMs, endMs, timeZone })
    return { key: `${day.year}-${day.month}-${day.day}`, title: dayName(day), startMs, endMs, isNow, ticks }
  })
  return { title, startMs: starts[0] ?? 0, endMs: starts.at(-1) ?? 0, lanes }
}

const isBefore = (day: Day, afterMonths: number): boolean => day.year * 12 + day.month <= afterMonths

interface Bounds {
  readonly startMs: number
  readonly endMs: number
  readonly timeZone: TimeZone
}

function hourTicks(day: Day, { startMs, endMs, timeZone }: Bounds): Lane['ticks'] {
  return [0, 6, 12, 18].map((hour) => {
    const atMs = hour === 0 ? startMs : startOf(day, timeZone) + hourDistanceMs(day, hour, timeZone)
    return { at: (atMs - startMs) / (endMs - startMs), text: `${String(hour).padStart(2, '0')}:00` }
  })
}

/** From midnight to an hour of the clock: an hour more or less on days when clocks change. */
function hourDistanceMs(day: Day, hour: number, timeZone: TimeZone): number {
  const startMs = startOf(day, timeZone)
  const plainMs = hour * 3_600_000
  return plainMs + (hour - timeIn(startMs + plainMs, timeZone).hour) * 3_600_000
}

function dayTicks(monday: Day, { startMs, endMs, timeZone }: Bounds): Lane['ticks'] {
  return Array.from({ length: 7 }, (_, i) => {
    const day = addDays(monday, i)
    const text = i === 0 || day.day === 1 ? dayName(day).slice(4) : String(day.day)
    return { at: (startOf(day, timeZone) - startMs) / (endMs - startMs), text }
  })
}

/** The shifts of a lane, cut to it. */
export function piecesOf({ startMs, endMs }: Pick<Lane, 'startMs' | 'endMs'>, shifts: readonly ShiftItem[]): Piece[] {
  const lengthMs = endMs - startMs
  return shifts
    .filter((shift) => shift.startMs < endMs && shift.endMs > startMs)
    .map((shift) => {
      const left = (Math.max(shift.startMs, startMs) - startMs) / lengthMs
      const right = (Math.min(shift.endMs, endMs) - startMs) / lengthMs
      return { shift, left, width: right - left }
    })
}

/** What choosing a shift in a lane means: the shift, or of one that is longer than the lane the part that lies in it. */
export function chosenSpan(shift: ShiftItem, lane: Pick<Lane, 'startMs' | 'endMs'>): Pick<Lane, 'startMs' | 'endMs'> {
  const { startMs, endMs } = shift
  if (endMs - startMs <= lane.endMs - lane.startMs) return { startMs, endMs }
  return { startMs: Math.max(startMs, lane.startMs), endMs: Math.min(endMs, lane.endMs) }
}

/** A picked span starts and ends on these. */
const snapMs: Record<CalendarView, number> = { week: 1_800_000, month: 6 * 3_600_000 }

/** The moment at a share of a lane, on the nearest half hour of a day or quarter of one. */
export function pickedMs(lane: Pick<Lane, 'startMs' | 'endMs'>, share: number, view: CalendarView): number {
  const stepMs = snapMs[view]
  const inside = Math.max(0, Math.min(1, share)) * (lane.endMs - lane.startMs)
  return Math.min(lane.endMs, lane.startMs + Math.round(inside / stepMs) * stepMs)
}

/** Hours that nobody has, and hours of each person, of a span. */
export function hoursOf(shifts: readonly ShiftItem[], { startMs, endMs }: { startMs: number; endMs: number }) {
  const hours = new Map<string | null, number>()
  for (const shift of shifts) {
    const ms = Math.min(shift.endMs, endMs) - Math.max(shift.startMs, startMs)
    if (ms > 0) hours.set(shift.person, (hours.get(shift.person) ?? 0) + ms)
  }
  return hours
}

/** Spans that people mean by their names, from now on. */
export function namedSpans(nowMs: number, timeZone: TimeZone) {
  const today = timeIn(nowMs, timeZone)
  const at = (day: Day, hour: number): number => momentOf(day, hour, timeZone)
  const friday = addDays(today, (4 - weekdayOf(today) + 7) % 7)
  const saturday = addDays(friday, 1)
  return [
    { title: 'Tonight', startMs: at(today, 18), endMs: at(addDays(today, 1), 8) },
    ...(sameDay(friday, today) ? [] : [{ title: 'Friday night', startMs: at(friday, 18), endMs: at(saturday, 8) }]),
    { title: 'The weekend', startMs: at(saturday, 0), endMs: at(addDays(saturday, 2), 0) },
  ]
}

const momentOf = (day: Day, hour: number, timeZone: TimeZone): number =>
  startOf(day, timeZone) + hourDistanceMs(day, hour, timeZone)
