// Times as Go prints and formats them (time.Time.String, Format), and the methods that it has for them.
import { createDuration, durationParameter } from './go-duration.ts'
import { functionError, limitError } from './template-error.ts'
import type { ZoneOffset } from './time-zone.ts'
import { integerOf, type MethodTable, NamedInt, type Parameter, Time, typeName, type Value } from './value.ts'

const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

interface Parts {
  /** What clocks of the time's zone show, read by the methods for UTC. */
  readonly date: Date
  /** 0 to 999,999,999. */
  readonly nanos: number
  readonly offset: ZoneOffset
}

/** JavaScript's dates end 8.64e15 ms from 1970; templates may add to a time as often as they like. */
const maxNs = 8_600_000_000_000_000n * 1_000_000n

function partsOf({ atNs, zone }: Time): Parts {
  const nanos = ((atNs % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n
  const atMs = Number((atNs - nanos) / 1_000_000n)
  const offset = zone.offsetAt(atMs)
  return { date: new Date(atMs + offset.seconds * 1000), nanos: Number(nanos), offset }
}

function createTime(atNs: bigint, { zone }: Time): Time {
  if (atNs > maxNs || atNs < -maxNs) throw functionError('the time is out of range')
  return new Time(atNs, zone)
}

const pad = (value: number, width: number): string =>
  value < 0 ? `-${String(-value).padStart(width, '0')}` : String(value).padStart(width, '0')
const hour12 = (date: Date): number => date.getUTCHours() % 12 || 12

function dayOfYear(date: Date): number {
  const start = new Date(date)
  start.setUTCMonth(0, 1)
  start.setUTCHours(0, 0, 0, 0)
  return Math.floor((date.getTime() - start.getTime()) / 86_400_000) + 1
}

/** `+01:00`: hours, minutes and seconds as far as wanted; `Z` for none where the layout says so. */
function zoneText({ offset }: Parts, parts: 1 | 2 | 3, colon: string, hasZ: boolean): string {
  if (hasZ && offset.seconds === 0) return 'Z'
  const size = Math.abs(offset.seconds)
  const values = [Math.floor(size / 3600), Math.floor(size / 60) % 60, size % 60].slice(0, parts)
  return (offset.seconds < 0 ? '-' : '+') + values.map((value) => pad(value, 2)).join(colon)
}

/** Elements of a layout (Go's reference time), longest first where one begins like another. */
const elements: readonly (readonly [string, (parts: Parts) => string])[] = [
  ['January', ({ date }) => months[date.getUTCMonth()] ?? ''],
  ['Jan', ({ date }) => (months[date.getUTCMonth()] ?? '').slice(0, 3)],
  ['Monday', ({ date }) => days[date.getUTCDay()] ?? ''],
  ['Mon', ({ date }) => (days[date.getUTCDay()] ?? '').slice(0, 3)],
  ['MST', ({ offset }) => offset.abbreviation],
  ['2006', ({ date }) => pad(date.getUTCFullYear(), 4)],
  ['002', ({ date }) => pad(dayOfYear(date), 3)],
  ['__2', ({ date }) => String(dayOfYear(date)).padStart(3)],
  ['01', ({ date }) => pad(date.getUTCMonth() + 1, 2)],
  ['02', ({ date }) => pad(date.getUTCDate(), 2)],
  ['03', ({ date }) => pad(hour12(date), 2)],
  ['04', ({ date }) => pad(date.getUTCMinutes(), 2)],
  ['05', ({ date }) => pad(date.getUTCSeconds(), 2)],
  ['06', ({ date }) => pad(Math.abs(date.getUTCFullYear()) % 100, 2)],
  ['15', ({ date }) => pad(date.getUTCHours(), 2)],
  ['_2006', ({ date }) => `_${pad(date.getUTCFullYear(), 4)}`],
  ['_2', ({ date }) => String(date.getUTCDate()).padStart(2)],
  ['PM', ({ date }) => (date.getUTCHours() < 12 ? 'AM' : 'PM')],
  ['pm', ({ date }) => (date.getUTCHours() < 12 ? 'am' : 'pm')],
  ['-07:00:00', (parts) => zoneText(parts, 3, ':', false)],
  ['-07:00', (parts) => zoneText(parts, 2, ':', false)],
  ['-070000', (parts) => zoneText(parts, 3, '', false)],
  ['-0700', (parts) => zoneText(parts, 2, '', false)],
  ['-07', (parts) => zoneText(parts, 1, '', false)],
  ['Z07:00:00', (parts) => zoneText(parts, 3, ':', true)],
  ['Z07:00', (parts) => zoneText(parts, 2, ':', true)],
  ['Z070000', (parts) => zoneText(parts, 3, '', true)],
  ['Z0700', (parts) => zoneText(parts, 2, '', true)],
  ['Z07', (parts) => zoneText(parts, 1, '', true)],
  ['1', ({ date }) => String(date.getUTCMonth() + 1)],
  ['2', ({ date }) => String(date.getUTCDate())],
  ['3', ({ date }) => String(hour12(date))],
  ['4', ({ date }) => String(date.getUTCMinutes())],
  ['5', ({ date }) => String(date.getUTCSeconds())],
]

/** Seconds' fraction: `.000` and `,000` with all places, `.999` without trailing zeros. */
const fraction = /^[.,](0+|9+)(?!\d)/

/** Characters of a layout: each is compared with all the elements. */
const maxLayout = 1000

/** The time in a layout of Go, such as `2006-01-02 15:04:05`. */
export function formatTime(time: Time, layout: string): string {
  if (layout.length > maxLayout) throw limitError(`a layout is longer than ${maxLayout} characters`)
  const parts = partsOf(time)
  let text = ''
  let rest = layout
  while (rest !== '') {
    const places = fraction.exec(rest)
    const element = elements.find(([name]) => rest.startsWith(name))
    // `Jan` and `Mon` are no elements where a word goes on, as in `Janet`
    const isWord = element !== undefined && /^(?:Jan|Mon)$/.test(element[0]) && /^[a-z]/.test(rest.slice(3))
    if (places !== null) {
      text += fractionText(places[0], parts.nanos)
      rest = rest.slice(places[0].length)
    } else if (element === undefined || isWord) {
      text += rest[0]
      rest = rest.slice(1)
    } else {
      text += element[1](parts)
      rest = rest.slice(element[0].length)
    }
  }
  return text
}

function fractionText(places: string, nanos: number): string {
  const digits = pad(nanos, 9).slice(0, places.length - 1)
  if (places[1] === '0') return places[0] + digits
  const trimmed = digits.replace(/0+$/, '')
  return trimmed === '' ? '' : places[0] + trimmed
}

/** As Go prints a time: `2015-06-23 13:19:44.128 +0000 UTC`. */
export function printTime(time: Time): string {
  return formatTime(time, '2006-01-02 15:04:05.999999999 -0700 MST')
}

/** As JSON has a time: RFC 3339 with as many places as are needed. */
export function jsonTime(time: Time): string {
  return formatTime(time, '2006-01-02T15:04:05.999999999Z07:00')
}

/** Year 1, which Go has for a time that was not set. */
export const zeroTimeNs = -62_135_596_800_000_000_000n

const namedNames = (names: readonly string[], first: number): MethodTable => ({
  String: { params: [], call: (self) => names[Number(integerOf(self) ?? 0n) - first] ?? '' },
})
const monthMethods = namedNames(months, 1)
const dayMethods = namedNames(days, 0)

const timeParameter: Parameter = { type: 'time.Time' }

function timeOf(value: Value): Time {
  if (!(value instanceof Time)) throw functionError(`wrong type for value; expected time.Time; got ${typeName(value)}`)
  return value
}

const method = (call: (time: Time) => Value): MethodTable[string] => ({
  params: [],
  call: (self) => call(timeOf(self)),
})
const int = (call: (parts: Parts) => number): MethodTable[string] => method((time) => BigInt(call(partsOf(time))))
const comparison = (call: (a: bigint, b: bigint) => Value): MethodTable[string] => ({
  params: [timeParameter],
  call: (self, other) => call(timeOf(self).atNs, timeOf(other).atNs),
})
/** To a multiple of a duration since year 1. */
const rounded = (places: (rest: bigint, unit: bigint) => bigint): MethodTable[string] => ({
  params: [durationParameter],
  call: (self, duration) => {
    const time = timeOf(self)
    const unit = integerOf(duration) ?? 0n
    if (unit <= 0n) return time
    const rest = (((time.atNs - zeroTimeNs) % unit) + unit) % unit
    return createTime(time.atNs + places(rest, unit), time)
  },
})

function addDate(time: Time, change: readonly Value[]): Time {
  const [years = 0, months = 0, days = 0] = change.map((value) => Number(integerOf(value) ?? 0n))
  const { date, nanos } = partsOf(time)
  const moved = new Date(date)
  moved.setUTCFullYear(date.getUTCFullYear() + years, date.getUTCMonth() + months, date.getUTCDate() + days)
  if (Number.isNaN(moved.getTime())) throw functionError('the time is out of range')
  // what clocks show is kept, also over a change to summer time
  const guess = moved.getTime() - time.zone.offsetAt(moved.getTime()).seconds * 1000
  const atMs = moved.getTime() - time.zone.offsetAt(guess).seconds * 1000
  return createTime(BigInt(atMs) * 1_000_000n + BigInt(nanos), time)
}

function isSummerTime({ atNs, zone }: Time): boolean {
  const year = new Date(Number(atNs / 1_000_000n)).getUTCFullYear()
  const winter = zone.offsetAt(Date.UTC(year, 0, 1)).seconds
  const summer = zone.offsetAt(Date.UTC(year, 6, 1)).seconds
  return zone.offsetAt(Number(atNs / 1_000_000n)).seconds > Math.min(winter, summer)
}

const divide = (atNs: bigint, unit: bigint): bigint => (atNs - (((atNs % unit) + unit) % unit)) / unit

/** The methods that templates call on times. */
export const timeMethods: MethodTable = {
  Format: { params: ['string'], call: (self, layout) => formatTime(timeOf(self), String(layout)) },
  String: method(printTime),
  UTC: method((time) => new Time(time.atNs)),
  Local: method((time) => new Time(time.atNs)),
  Location: method((time) => time.zone.name),
  IsZero: method((time) => time.atNs === zeroTimeNs),
  IsDST: method(isSummerTime),
  Unix: method((time) => divide(time.atNs, 1_000_000_000n)),
  UnixMilli: method((time) => divide(time.atNs, 1_000_000n)),
  UnixMicro: method((time) => divide(time.atNs, 1000n)),
  UnixNano: method((time) => time.atNs),
  Year: int(({ date }) => date.getUTCFullYear()),
  Month: method((time) => new NamedInt('time.Month', BigInt(partsOf(time).date.getUTCMonth() + 1), monthMethods)),
  Day: int(({ date }) => date.getUTCDate()),
  Weekday: method((time) => new NamedInt('time.Weekday', BigInt(partsOf(time).date.getUTCDay()), dayMethods)),
  YearDay: int(({ date }) => dayOfYear(date)),
  Hour: int(({ date }) => date.getUTCHours()),
  Minute: int(({ date }) => date.getUTCMinutes()),
  Second: int(({ date }) => date.getUTCSeconds()),
  Nanosecond: int(({ nanos }) => nanos),
  After: comparison((a, b) => a > b),
  Before: comparison((a, b) => a < b),
  Equal: comparison((a, b) => a === b),
  Compare: comparison((a, b) => (a < b ? -1n : a > b ? 1n : 0n)),
  Sub: comparison((a, b) => createDuration(a - b)),
  Add: {
    params: [durationParameter],
    call: (self, duration) => createTime(timeOf(self).atNs + (integerOf(duration) ?? 0n), timeOf(self)),
  },
  AddDate: { params: ['int', 'int', 'int'], call: (self, ...change) => addDate(timeOf(self), change) },
  Truncate: rounded((rest) => -rest),
  Round: rounded((rest, unit) => (rest + rest < unit ? -rest : unit - rest)),
}

const rfc3339 = /^(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?(?:[Zz]|([+-]\d\d:\d\d))$/

/** The time that an RFC 3339 text names, or undefined. Nanoseconds are kept. */
export function parseTime(text: string): Time | undefined {
  const parts = rfc3339.exec(text)
  if (parts === null) return undefined
  const [, date, clock, fraction = '', offset] = parts
  const atMs = Date.parse(`${date}T${clock}${offset ?? 'Z'}`)
  if (Number.isNaN(atMs)) return undefined
  return new Time(BigInt(atMs) * 1_000_000n + BigInt(fraction.padEnd(9, '0')))
}
