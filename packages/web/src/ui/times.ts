// How moments read, in the zone that the person chose.

export type Zone = 'local' | 'utc'

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const
const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const

/** The calendar parts of a moment; `month` counts from 0. */
export interface Parts {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly weekday: number
  readonly hour: number
  readonly minute: number
  readonly second: number
}

export function partsOf(atMs: number, zone: Zone): Parts {
  const date = new Date(zone === 'utc' ? atMs : atMs - new Date(atMs).getTimezoneOffset() * 60_000)
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth(),
    day: date.getUTCDate(),
    weekday: date.getUTCDay(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
  }
}

/** The moment of a calendar time; parts beyond their range carry over, so `day: 0` is the last day of the month before. */
export function momentOf(parts: Omit<Parts, 'weekday'>, zone: Zone): number {
  const { year, month, day, hour, minute, second } = parts
  if (zone === 'utc') return Date.UTC(year, month, day, hour, minute, second)
  return new Date(year, month, day, hour, minute, second).getTime()
}

const two = (value: number): string => String(value).padStart(2, '0')

/** `03:14` */
export const formatMinute = (atMs: number, zone: Zone): string => {
  const { hour, minute } = partsOf(atMs, zone)
  return `${two(hour)}:${two(minute)}`
}

/** `03:14:20` */
export const formatSecond = (atMs: number, zone: Zone): string =>
  `${formatMinute(atMs, zone)}:${two(partsOf(atMs, zone).second)}`

/** `21 Nov` */
export const formatDay = (atMs: number, zone: Zone): string => {
  const { day, month } = partsOf(atMs, zone)
  return `${day} ${months[month]}`
}

/** `Sat 21 Nov 2026, 03:14 UTC`, with the zone, for details and heads. */
export function formatMoment(atMs: number, zone: Zone): string {
  const parts = partsOf(atMs, zone)
  return `${weekdays[parts.weekday]} ${formatDay(atMs, zone)} ${parts.year}, ${formatSecond(atMs, zone)} ${zoneName(atMs, zone)}`
}

/** `UTC`, or the distance of the local zone from it: `UTC+2`, `UTC+5:30`. */
export function zoneName(atMs: number, zone: Zone): string {
  const minutes = zone === 'utc' ? 0 : -new Date(atMs).getTimezoneOffset()
  if (minutes === 0) return 'UTC'
  const size = Math.abs(minutes)
  const rest = size % 60 === 0 ? '' : `:${two(size % 60)}`
  return `UTC${minutes < 0 ? '−' : '+'}${Math.floor(size / 60)}${rest}`
}
