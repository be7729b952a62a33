// Times in Loki's templates: reading them by Go's layouts, printing them, and seconds since 1970.
import { formatTime } from '@tidewatch/template/go-time.ts'
import { functionError } from '@tidewatch/template/template-error.ts'
import { findZone, utcZone, type Zone } from '@tidewatch/template/time-zone.ts'
import { type FunctionTable, integerOf, type TemplateFunction, Time, type Value } from '@tidewatch/template/value.ts'
import { toInteger } from './template-math.ts'

/** January 1 of year 1, what Go has for no time. */
const zeroTime = new Time(-62_135_596_800_000_000_000n)

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

interface Fields {
  year: number
  month: number
  day: number
  hour: number
  minute: number
  second: number
  nanos: number
  isAfternoon: boolean | undefined
  offsetSeconds: number | undefined
}

type Reader = readonly [element: string, pattern: RegExp, set: (fields: Fields, found: string) => void]

const offsetOf = (text: string): number => {
  if (text === 'Z') return 0
  const digits = text.slice(1).replaceAll(':', '')
  const size = Number(digits.slice(0, 2)) * 3600 + Number(digits.slice(2, 4)) * 60 + Number(digits.slice(4, 6))
  return text.startsWith('-') ? -size : size
}

const setMonth = (fields: Fields, found: string): void => {
  fields.month = months.indexOf(found.slice(0, 3).toLowerCase()) + 1
}
const setNumber =
  (field: 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second') =>
  (fields: Fields, found: string): void => {
    fields[field] = Number(found)
  }
const setShortYear = (fields: Fields, found: string): void => {
  fields.year = Number(found) + (Number(found) >= 69 ? 1900 : 2000)
}
const setAfternoon = (fields: Fields, found: string): void => {
  fields.isAfternoon = found.toLowerCase() === 'pm'
}
const ignore = (): void => {}
const setOffset = (fields: Fields, found: string): void => {
  fields.offsetSeconds = offsetOf(found)
}

/** Elements of a layout, longer ones first where one begins like another. */
const readers: readonly Reader[] = [
  ['January', /^[A-Za-z]{3,9}/, setMonth],
  ['Jan', /^[A-Za-z]{3}/, setMonth],
  ['Monday', /^[A-Za-z]{6,9}/, ignore],
  ['Mon', /^[A-Za-z]{3}/, ignore],
  ['MST', /^[A-Z]{3,5}/, ignore],
  ['2006', /^\d{4}/, setNumber('year')],
  ['-07:00', /^[+-]\d\d:\d\d/, setOffset],
  ['-0700', /^[+-]\d{4}/, setOffset],
  ['-07', /^[+-]\d\d/, setOffset],
  ['Z07:00', /^(?:Z|[+-]\d\d:\d\d)/, setOffset],
  ['Z0700', /^(?:Z|[+-]\d{4})/, setOffset],
  ['Z07', /^(?:Z|[+-]\d\d)/, setOffset],
  ['01', /^\d\d/, setNumber('month')],
  ['02', /^\d\d/, setNumber('day')],
  ['03', /^\d\d/, setNumber('hour')],
  ['04', /^\d\d/, setNumber('minute')],
  ['05', /^\d\d/, setNumber('second')],
  ['06', /^\d\d/, setShortYear],
  ['15', /^\d\d/, setNumber('hour')],
  ['PM', /^[AP]M/, setAfternoon],
  ['pm', /^[ap]m/, setAfternoon],
  ['_2', /^ ?\d{1,2}/, setNumber('day')],
  ['1', /^\d{1,2}/, setNumber('month')],
  ['2', /^\d{1,2}/, setNumber('day')],
  ['3', /^\d{1,2}/, setNumber('hour')],
  ['4', /^\d{1,2}/, setNumber('minute')],
  ['5', /^\d{1,2}/, setNumber('second')],
]

const maxLayout = 200

/** The time of a text in a layout of Go; undefined where the text is not in it. */
export function parseInLayout(layout: string, text: string, zone: Zone): Time | undefined {
  if (layout.length > maxLayout) throw functionError(`a layout is longer than ${maxLayout} characters`)
  const fields: Fields = {
    year: 0,
    month: 1,
    day: 1,
    hour: 0,
    minute: 0,
    second: 0,
    nanos: 0,
    isAfternoon: undefined,
    offsetSeconds: undefined,
  }
  let rest = text
  let format = layout
  while (format !== '') {
    const reader = readers.find(([element]) => format.startsWith(element))
    const fraction = /^[.,](?:0+|9+)(?!\d)/.exec(format)
    const found = fraction === null ? reader?.[1].exec(rest)?.[0] : (/^[.,]\d{1,9}/.exec(rest)?.[0] ?? '')
    if (fraction !== null) {
      fields.nanos = Number((found ?? '').slice(1).padEnd(9, '0'))
      format = format.slice(fraction[0].length)
    } else if (reader !== undefined) {
      if (found === undefined) return undefined
      reader[2](fields, found)
      format = format.slice(reader[0].length)
      if (reader[0] === '05' && !/^[.,][09]/.test(format)) rest = takeFraction(rest, found.length, fields)
    } else if (rest[0] === format[0]) {
      format = format.slice(1)
    } else return undefined
    rest = rest.slice(fraction === null && reader === undefined ? 1 : (found ?? '').length)
  }
  return rest === '' ? timeOf(fields, zone) : undefined
}

/** Go takes a fraction behind the seconds even where the layout has none. */
function takeFraction(rest: string, secondsLength: number, fields: Fields): string {
  const fraction = /^[.,](\d{1,9})\d*/.exec(rest.slice(secondsLength))
  if (fraction === null) return rest
  fields.nanos = Number(fraction[1].padEnd(9, '0'))
  return rest.slice(0, secondsLength) + rest.slice(secondsLength + fraction[0].length)
}

function timeOf(fields: Fields, zone: Zone): Time | undefined {
  const { year, month, day, minute, second, nanos, isAfternoon, offsetSeconds } = fields
  const hour = isAfternoon === undefined ? fields.hour : (fields.hour % 12) + (isAfternoon ? 12 : 0)
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) return undefined
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  if (date.getUTCDate() !== day) return undefined
  const wallMs = date.getTime() + ((hour * 60 + minute) * 60 + second) * 1000
  // the zone's offset at that wall time: tried twice, for moments near a change
  let offset = offsetSeconds ?? zone.offsetAt(wallMs).seconds
  if (offsetSeconds === undefined) offset = zone.offsetAt(wallMs - offset * 1000).seconds
  return new Time(BigInt(wallMs - offset * 1000) * 1_000_000n + BigInt(nanos), zone)
}

function timeFrom(value: Value): Time {
  if (value instanceof Time) return value
  const seconds = integerOf(value)
  if (seconds !== undefined) return new Time(seconds * 1_000_000_000n)
  throw functionError('expected a time')
}

const inUnit = (unitNs: bigint): TemplateFunction => ({
  params: ['any'],
  call: (time) => String(floorDivide(timeFrom(time).atNs, unitNs)),
})

const floorDivide = (value: bigint, by: bigint): bigint => (value >= 0n ? value / by : -((-value + by - 1n) / by))

/** By the count of digits, as Loki guesses: days, seconds, milliseconds, microseconds or nanoseconds. */
function unixToTime(value: Value): Time {
  const text = typeof value === 'string' ? value : String(toInteger(value))
  const unit = unixUnits[text.length]
  if (unit === undefined || !/^\d+$/.test(text)) {
    throw functionError(`unable to parse time '${text.slice(0, 40)}'`)
  }
  return new Time(BigInt(text) * unit)
}

const unixUnits: Readonly<Record<number, bigint>> = {
  5: 86_400_000_000_000n,
  10: 1_000_000_000n,
  13: 1_000_000n,
  16: 1_000n,
  19: 1n,
}

export const timeFunctions: FunctionTable = {
  date: { params: ['string', 'any'], call: (layout, time) => formatTime(timeFrom(time), String(layout)) },
  toDate: {
    params: ['string', 'string'],
    call: (layout, text) => parseInLayout(String(layout), String(text), utcZone) ?? zeroTime,
  },
  toDateInZone: {
    params: ['string', 'string', 'string'],
    call: (layout, zone, text) =>
      parseInLayout(String(layout), String(text), findZone(String(zone)) ?? utcZone) ?? zeroTime,
  },
  unixEpoch: inUnit(1_000_000_000n),
  unixEpochMillis: inUnit(1_000_000n),
  unixEpochNanos: inUnit(1n),
  unixToTime: { params: ['any'], call: unixToTime },
}
