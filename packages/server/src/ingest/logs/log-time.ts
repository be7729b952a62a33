// Times as lines have them. Once a line, from its bytes (bench/src/ingest-logs.ts).

/** A time that was read: whole milliseconds since 1970, and the nanoseconds beyond them. Used again by its reader. */
export class LogTimeReader {
  ms = 0
  /** Below 1,000,000. */
  ns = 0
  /** The day that was read last, by its ten bytes: lines of one request are mostly of one day. */
  readonly #day = new Uint8Array(10)
  #dayMs = Number.NaN

  /** ISO 8601 with `T` or a blank, a fraction after `.` or `,`, `Z`, an offset or nothing (UTC); or a number as `fromNumber` takes it. */
  read(bytes: Uint8Array, from: number, to: number): boolean {
    if (to - from < 19 || bytes[from + 4] !== 0x2d) return this.#readNumber(bytes, from, to)
    const dayMs = this.#readDay(bytes, from)
    const separator = bytes[from + 10]
    if (Number.isNaN(dayMs) || (separator !== 0x54 && separator !== 0x20 && separator !== 0x74)) return false
    if (bytes[from + 13] !== 0x3a || bytes[from + 16] !== 0x3a) return false
    const hour = twoDigits(bytes, from + 11)
    const minute = twoDigits(bytes, from + 14)
    const second = twoDigits(bytes, from + 17)
    // 60 is a leap second: the moment after it
    if (!(hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second <= 60)) return false
    let at = from + 19
    let ns = 0
    if (at < to && (bytes[at] === 0x2e || bytes[at] === 0x2c)) {
      const first = ++at
      for (; at < to && isDigit(bytes[at]); at++) if (at < first + 9) ns = ns * 10 + (bytes[at] - 0x30)
      if (at === first) return false
      ns *= nanosOf[Math.min(at - first, 9)]
    }
    const offsetMinutes = readOffset(bytes, at, to)
    if (offsetMinutes === undefined) return false
    const ms = Math.floor(ns / 1_000_000)
    this.ms = dayMs + ((hour * 60 + minute - offsetMinutes) * 60 + second) * 1000 + ms
    this.ns = ns - ms * 1_000_000
    return this.ms >= 0
  }

  /** Seconds, milliseconds, microseconds or nanoseconds since 1970, by their size: each reaches from 1973 to 5138. */
  fromNumber(text: string): boolean {
    if (!/^\d{1,20}(\.\d{1,12})?$/.test(text)) return false
    const dot = text.indexOf('.')
    const whole = dot < 0 ? text : text.slice(0, dot)
    const fraction = dot < 0 ? '' : text.slice(dot + 1)
    const digits = whole.length
    // a time in ns does not fit a number: by its digits
    const power = digits <= 11 ? 9 : digits <= 14 ? 6 : digits <= 17 ? 3 : 0
    const all = whole + fraction.slice(0, power).padEnd(power, '0')
    this.ms = Number(all.slice(0, -6))
    this.ns = Number(all.slice(-6))
    return this.ms <= maxMs
  }

  /** One text, for paths that are not hot. */
  readText(text: string): boolean {
    const bytes = Buffer.from(text, 'latin1')
    return this.read(bytes, 0, bytes.length)
  }

  #readNumber(bytes: Uint8Array, from: number, to: number): boolean {
    if (to - from > 40) return false
    return this.fromNumber(Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1'))
  }

  #readDay(bytes: Uint8Array, from: number): number {
    const day = this.#day
    let i = 0
    while (i < 10 && bytes[from + i] === day[i]) i++
    if (i === 10) return this.#dayMs
    const year = twoDigits(bytes, from) * 100 + twoDigits(bytes, from + 2)
    const month = twoDigits(bytes, from + 5)
    const dayOfMonth = twoDigits(bytes, from + 8)
    const ms = Date.UTC(year, month - 1, dayOfMonth)
    const isDay =
      bytes[from + 7] === 0x2d && year >= 1970 && month >= 1 && month <= 12 && new Date(ms).getUTCDate() === dayOfMonth
    this.#dayMs = isDay ? ms : Number.NaN
    for (i = 0; i < 10; i++) day[i] = bytes[from + i]
    return this.#dayMs
  }
}

/** Of a unit of the last digit of a fraction with so many digits. */
const nanosOf = Int32Array.from({ length: 10 }, (_, digits) => 10 ** (9 - digits))

/** The end of what a Date can hold. */
const maxMs = 8.64e15

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39

/** NaN where they are no digits. */
function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = bytes[at] - 0x30
  const ones = bytes[at + 1] - 0x30
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN
}

/** Minutes east of UTC of what ends the text: `Z`, `+02:00`, `+0200`, `+02`, ` UTC`, or nothing. Undefined where it is none of these. */
function readOffset(bytes: Uint8Array, at: number, to: number): number | undefined {
  const left = to - at
  if (left === 0) return 0
  const sign = bytes[at]
  if (left === 1) return (sign | 0x20) === 0x7a ? 0 : undefined
  if (sign === 0x20)
    return left === 4 && bytes[at + 1] === 0x55 && bytes[at + 2] === 0x54 ? 0 : readOffset(bytes, at + 1, to)
  if (sign !== 0x2b && sign !== 0x2d) return undefined
  const hours = twoDigits(bytes, at + 1)
  const colon = bytes[at + 3] === 0x3a ? 1 : 0
  const minutes = left === 3 ? 0 : twoDigits(bytes, at + 3 + colon)
  if ((left !== 3 && left !== 5 + colon) || !(hours < 24 && minutes < 60)) return undefined
  return (sign === 0x2b ? 1 : -1) * (hours * 60 + minutes)
}
