// Calendar days in any time zone of the IANA's list, as schedules have them: days of 23 and 25 hours included. No React here.

/** A calendar day; `month` counts from 1. */
export interface Day {
  readonly year: number
  readonly month: number
  readonly day: number
}

export interface ZonedTime extends Day {
  readonly hour: number
  readonly minute: number
}

const minuteMs = 60_000
const dayMs = 86_400_000
const formats = new Map<string, Intl.DateTimeFormat>()

/** `Europe/Berlin`; undefined is the zone of this device. */
export type TimeZone = string | undefined

function formatOf(timeZone: TimeZone): Intl.DateTimeFormat {
  const key = timeZone ?? ''
  let format = formats.get(key)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      ...(timeZone === undefined ? {} : { timeZone }),
      ...{ hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' },
    })
    formats.set(key, format)
  }
  return format
}

export function timeIn(atMs: number, timeZone: TimeZone): ZonedTime {
  const parts = { year: 0, month: 0, day: 0, hour: 0, minute: 0 }
  for (const { type, value } of formatOf(timeZone).formatToParts(atMs))
    if (type in parts) parts[type as keyof typeof parts] = Number(value)
  return parts
}

/** What the zone is ahead of UTC at a moment, ms. */
function offsetMs(atMs: number, timeZone: TimeZone): number {
  const { year, month, day, hour, minute } = timeIn(atMs, timeZone)
  return Date.UTC(year, month - 1, day, hour, minute) - Math.floor(atMs / minuteMs) * minuteMs
}

/**
 * The moment of a local time. One that does not exist (clocks go forward) is as much later as is left out; of two (clocks go
 * back) it is the first.
 */
export function momentIn({ year, month, day, hour, minute }: ZonedTime, timeZone: TimeZone): number {
  const asUtc = Date.UTC(year, month - 1, day, hour, minute)
  const before = asUtc - offsetMs(asUtc - dayMs, timeZone)
  if (offsetMs(before, timeZone) === asUtc - before) return before
  const after = asUtc - offsetMs(asUtc + dayMs, timeZone)
  return offsetMs(after, timeZone) === asUtc - after ? after : before
}

/** The day so many days later, earlier below 0. */
export function addDays({ year, month, day }: Day, days: number): Day {
  const date = new Date(Date.UTC(year, month - 1, day + days))
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() }
}

/** 0 is Monday. */
export const weekdayOf = ({ year, month, day }: Day): number =>
  (new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7

/** When a day begins. */
export const startOf = (day: Day, timeZone: TimeZone): number => momentIn({ ...day, hour: 0, minute: 0 }, timeZone)

export const sameDay = (a: Day, b: Day): boolean => a.year === b.year && a.month === b.month && a.day === b.day

const weekdayNames = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const
export const monthNames = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November'],
  'December',
] as const

/** `Mon` */
const weekdayName = (day: Day): string => weekdayNames[weekdayOf(day)] ?? ''

/** `Mon 23 Nov` */
export const dayName = (day: Day): string => `${weekdayName(day)} ${day.day} ${monthNames[day.month - 1]?.slice(0, 3)}`

const two = (value: number): string => String(value).padStart(2, '0')

/** `09:00` */
const clockName = ({ hour, minute }: ZonedTime): string => `${two(hour)}:${two(minute)}`

/** `Mon 23 Nov, 09:00` */
export function momentName(atMs: number, timeZone: TimeZone): string {
  const time = timeIn(atMs, timeZone)
  return `${dayName(time)}, ${clockName(time)}`
}

/** `Mon 23 Nov, 09:00 to 17:00`; the end's day only where it is another. */
export function spanName({ startMs, endMs }: { startMs: number; endMs: number }, timeZone: TimeZone): string {
  const [start, end] = [timeIn(startMs, timeZone), timeIn(endMs, timeZone)]
  return `${dayName(start)}, ${clockName(start)} to ${sameDay(start, end) ? clockName(end) : `${dayName(end)}, ${clockName(end)}`}`
}

/** `2026-11-23T09:00`, as an input for a local time wants it. */
export function inputText(atMs: number, timeZone: TimeZone): string {
  const time = timeIn(atMs, timeZone)
  return `${String(time.year).padStart(4, '0')}-${two(time.month)}-${two(time.day)}T${clockName(time)}`
}

/** The moment that such an input holds; undefined where it holds none. */
export function inputMoment(text: string, timeZone: TimeZone): number | undefined {
  const match = /^(\d{4,6})-(\d\d)-(\d\d)T(\d\d):(\d\d)/.exec(text)
  if (match === null) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = match.slice(1).map(Number)
  return momentIn({ year, month, day, hour, minute }, timeZone)
}
