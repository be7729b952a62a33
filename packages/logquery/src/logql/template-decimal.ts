// Sums and products of numbers as people write them: 0.1 and 0.2 are 0.3 here, as sprig's functions on numbers with a point count (by decimal fractions).
import { functionError, limitError } from '@tidewatch/template/template-error.ts'

/** `units` times ten to the power of `-places`. */
export interface Decimal {
  readonly units: bigint
  readonly places: number
}

/** Decimals that a quotient is rounded to, the half away from zero. */
const quotientPlaces = 16
/** A product of many factors has no more. */
const maxPlaces = 1000
const maxUnits = 2n ** 4096n

const ten = (power: number): bigint => 10n ** BigInt(power)

export function decimalOf(value: number): Decimal {
  const parts = /^(-?\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value))
  if (parts === null) throw functionError(`cannot create a decimal from ${value}`)
  const [, whole = '', fraction = '', exponent = '0'] = parts
  const units = BigInt(whole + fraction)
  const places = fraction.length - Number(exponent)
  return places >= 0 ? { units, places } : { units: units * ten(-places), places: 0 }
}

export const numberOf = ({ units, places }: Decimal): number => Number(`${units}e-${places}`)

export function addDecimals(a: Decimal, b: Decimal): Decimal {
  const places = Math.max(a.places, b.places)
  return { units: a.units * ten(places - a.places) + b.units * ten(places - b.places), places }
}

export const subtractDecimals = (a: Decimal, b: Decimal): Decimal => addDecimals(a, { ...b, units: -b.units })

export const multiplyDecimals = (a: Decimal, b: Decimal): Decimal =>
  bounded({ units: a.units * b.units, places: a.places + b.places })

export function divideDecimals(a: Decimal, b: Decimal): Decimal {
  if (b.units === 0n) throw functionError('decimal division by 0')
  const shift = quotientPlaces + b.places - a.places
  const dividend = shift > 0 ? a.units * ten(shift) : a.units
  const divisor = shift < 0 ? b.units * ten(-shift) : b.units
  const quotient = dividend / divisor
  const rest = dividend % divisor
  if (sizeOf(rest) * 2n < sizeOf(divisor)) return bounded({ units: quotient, places: quotientPlaces })
  const away = dividend < 0n === divisor < 0n ? 1n : -1n
  return bounded({ units: quotient + away, places: quotientPlaces })
}

const sizeOf = (value: bigint): bigint => (value < 0n ? -value : value)

function bounded(value: Decimal): Decimal {
  if (value.places > maxPlaces || sizeOf(value.units) > maxUnits) throw limitError('a number has too many digits')
  return value
}
