// Go's time.Duration: nanoseconds that print as `1h30m0s`.
import { integerOf, type MethodTable, NamedInt, type Parameter, type Value } from './value.ts'

export const durationParameter: Parameter = { type: 'time.Duration', isInt: true }

const second = 1_000_000_000n
const maxInt64 = 2n ** 63n - 1n

const nanosOf = (value: Value): bigint => integerOf(value) ?? 0n

/** A duration of that many nanoseconds; beyond the range of 64 bits it stays at the range's end, as Go's Sub does. */
export function createDuration(nanos: bigint): NamedInt {
  const bounded = nanos > maxInt64 ? maxInt64 : nanos < -maxInt64 - 1n ? -maxInt64 - 1n : nanos
  return new NamedInt('time.Duration', bounded, durationMethods)
}

/** Without the zeros that end a fraction, and without its point where nothing is left. */
function withFraction(whole: bigint, rest: bigint, places: number): string {
  const digits = rest.toString().padStart(places, '0').replace(/0+$/, '')
  return digits === '' ? whole.toString() : `${whole}.${digits}`
}

export function printDuration(nanos: bigint): string {
  if (nanos === 0n) return '0s'
  const sign = nanos < 0n ? '-' : ''
  const size = nanos < 0n ? -nanos : nanos
  if (size < 1000n) return `${sign}${size}ns`
  if (size < 1_000_000n) return `${sign}${withFraction(size / 1000n, size % 1000n, 3)}µs`
  if (size < second) return `${sign}${withFraction(size / 1_000_000n, size % 1_000_000n, 6)}ms`
  const seconds = size / second
  const text = `${withFraction(seconds % 60n, size % second, 9)}s`
  if (seconds < 60n) return sign + text
  const minutes = seconds / 60n
  return minutes < 60n ? `${sign}${minutes}m${text}` : `${sign}${minutes / 60n}h${minutes % 60n}m${text}`
}

const truncate = (nanos: bigint, unit: bigint): bigint => (unit <= 0n ? nanos : nanos - (nanos % unit))

/** To the nearest multiple of the unit, halves away from zero. */
function round(nanos: bigint, unit: bigint): bigint {
  if (unit <= 0n) return nanos
  const rest = nanos % unit
  const size = rest < 0n ? -rest : rest
  if (size + size < unit) return nanos - rest
  return nanos - rest + (nanos < 0n ? -unit : unit)
}

const int = (divisor: bigint): MethodTable[string] => ({ params: [], call: (self) => nanosOf(self) / divisor })
const float = (divisor: number): MethodTable[string] => ({
  params: [],
  call: (self) => Number(nanosOf(self)) / divisor,
})

const durationMethods: MethodTable = {
  String: { params: [], call: (self) => printDuration(nanosOf(self)) },
  Hours: float(3.6e12),
  Minutes: float(6e10),
  Seconds: float(1e9),
  Milliseconds: int(1_000_000n),
  Microseconds: int(1000n),
  Nanoseconds: int(1n),
  Abs: {
    params: [],
    call: (self) => createDuration(nanosOf(self) < 0n ? -nanosOf(self) : nanosOf(self)),
  },
  Truncate: {
    params: [durationParameter],
    call: (self, unit) => createDuration(truncate(nanosOf(self), nanosOf(unit))),
  },
  Round: { params: [durationParameter], call: (self, unit) => createDuration(round(nanosOf(self), nanosOf(unit))) },
}
