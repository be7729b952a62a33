// Numbers for people to read, as Prometheus's templates print them.
import { formatGeneral } from './float.ts'
import { printTime } from './go-time.ts'
import { quote } from './quote.ts'
import { functionError } from './template-error.ts'
import { integerOf, Time, typeName, type Value } from './value.ts'

const number = /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$/
const infinity = /^([-+]?)inf(?:inity)?$/i

/** A number, or the number that a text says. */
export function toFloat(value: Value): number {
  if (typeof value === 'number') return value
  const integer = integerOf(value)
  if (integer !== undefined) return Number(integer)
  if (typeof value !== 'string') throw functionError(`can't convert ${typeName(value)} to float`)
  if (/^nan$/i.test(value)) return Number.NaN
  const infinite = infinity.exec(value)
  if (infinite !== null) return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  const parsed = number.test(value) ? Number(value) : Number.NaN
  if (Number.isFinite(parsed)) return parsed
  const why = Number.isNaN(parsed) ? 'invalid syntax' : 'value out of range'
  throw functionError(`strconv.ParseFloat: parsing ${quote(value)}: ${why}`)
}

const short = (value: number): string => formatGeneral(value, 4)

interface Scaled {
  readonly value: number
  readonly prefix: string
}

/** Divided by the base as often as it is too large, and the prefix that says how often. */
function scaleDown(value: number, base: number, prefixes: readonly string[]): Scaled {
  let scaled = value
  let prefix = ''
  for (const next of prefixes) {
    if (Math.abs(scaled) < base) break
    prefix = next
    scaled /= base
  }
  return { value: scaled, prefix }
}

function scaleUp(value: number): Scaled {
  let scaled = value
  let prefix = ''
  for (const next of ['m', 'u', 'n', 'p', 'f', 'a', 'z', 'y']) {
    if (Math.abs(scaled) >= 1) break
    prefix = next
    scaled *= 1000
  }
  return { value: scaled, prefix }
}

const isScalable = (value: number): boolean => value !== 0 && Number.isFinite(value)

/** `1.235M`, `120m`: powers of 1000. */
export function humanize(value: number): string {
  if (!isScalable(value)) return short(value)
  const large = Math.abs(value) >= 1
  const scaled = large ? scaleDown(value, 1000, ['k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y']) : scaleUp(value)
  return short(scaled.value) + scaled.prefix
}

/** `1.177Mi`: powers of 1024. */
export function humanize1024(value: number): string {
  if (Math.abs(value) <= 1 || !Number.isFinite(value)) return short(value)
  const scaled = scaleDown(value, 1024, ['ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei', 'Zi', 'Yi'])
  return short(scaled.value) + scaled.prefix
}

/** `1d 2h 3m 4s` of seconds; `1.234s` and `12ms` for less than a minute. */
export function humanizeDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return short(seconds)
  if (seconds === 0) return `${short(seconds)}s`
  if (Math.abs(seconds) < 1) {
    const scaled = scaleUp(seconds)
    return `${short(scaled.value)}${scaled.prefix}s`
  }
  const sign = seconds < 0 ? '-' : ''
  const whole = Math.floor(Math.abs(seconds))
  const [s, m, h, d] = [
    whole % 60,
    Math.floor(whole / 60) % 60,
    Math.floor(whole / 3600) % 24,
    Math.floor(whole / 86_400),
  ]
  if (d > 0) return `${sign}${d}d ${h}h ${m}m ${s}s`
  if (h > 0) return `${sign}${h}h ${m}m ${s}s`
  if (m > 0) return `${sign}${m}m ${s}s`
  return `${sign}${short(Math.abs(seconds))}s`
}

/** `12.35%` of 0.1235. */
export function humanizePercentage(value: number): string {
  return `${short(value * 100)}%`
}

/** The moment that many seconds after 1970, to the millisecond. Throws where Go's nanoseconds do not reach. */
export function secondsToTime(seconds: number): Time {
  const nanos = seconds * 1e9
  if (!(nanos < 2 ** 63 && nanos >= -(2 ** 63))) {
    throw functionError(
      `${formatGeneral(seconds)} cannot be represented as a nanoseconds timestamp since it overflows int64`,
    )
  }
  return new Time((BigInt(Math.trunc(nanos)) / 1_000_000n) * 1_000_000n)
}

/** `2015-06-23 13:19:44.128 +0000 UTC` of seconds since 1970. */
export function humanizeTimestamp(seconds: number): string {
  return Number.isFinite(seconds) ? printTime(secondsToTime(seconds)) : short(seconds)
}
