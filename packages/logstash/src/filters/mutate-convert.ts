// What mutate's convert makes of values: the numbers of Ruby's `to_i` and `Float()`, with hexadecimal and scientific notation.
import { floatOf, type Scalar, Timestamp, textOf, type Value, WholeFloat } from '../values.ts'

export type Conversion = (value: Value) => Value

/** A text that is no number where one has to be. */
class NotANumber extends Error {
  constructor(value: Value) {
    super(`${JSON.stringify(textOf(value).slice(0, 40))} is no number`)
  }
}

export const conversionNames = ['string', 'integer', 'float', 'boolean', 'integer_eu', 'float_eu'] as const

export const conversions: Readonly<Record<(typeof conversionNames)[number], Conversion>> = {
  string: textOf,
  integer: toInteger,
  float: toFloat,
  boolean: toBoolean,
  integer_eu: (value) => toInteger(fromEuropean(value)),
  float_eu: (value) => toFloat(fromEuropean(value)),
}

const fromEuropean = (value: Value): Value =>
  typeof value === 'string' ? value.replace(/[.,]/g, (sign) => (sign === ',' ? '.' : ',')) : value

function toBoolean(value: Value): Value {
  const text = textOf(value)
  if (/^(?:true|t|yes|y|1|1.0)$/i.test(text)) return true
  return text === '' || /^(?:false|f|no|n|0|0.0)$/i.test(text) ? false : value
}

function toInteger(value: Value): Value {
  if (typeof value === 'boolean') return value ? 1 : 0
  if (typeof value === 'bigint') return value
  if (typeof value === 'number') return Math.trunc(value)
  if (value instanceof WholeFloat) return wholeOf(value.value)
  if (value instanceof Timestamp) return Math.floor(value.ms / 1000)
  if (typeof value !== 'string') throw new NotANumber(value)
  const text = value.trim().replaceAll(',', '')
  if (/^[+-]?0x/i.test(text)) return wholeOf(hexadecimal(text))
  if (text.includes('e')) {
    if (!/^[+-]?\d+(?:\.\d+)?e[+-]?\d+$/.test(text)) throw new NotANumber(value)
    return wholeOf(Number(text))
  }
  const digits = /^[+-]?\d+/.exec(text)?.[0]
  if (digits === undefined) return 0
  const whole = Number(digits)
  return Number.isSafeInteger(whole) ? whole : BigInt(digits)
}

function toFloat(value: Value): Value {
  if (typeof value === 'boolean') return floatOf(value ? 1 : 0)
  if (typeof value === 'number' || typeof value === 'bigint') return floatOf(Number(value))
  if (value instanceof WholeFloat) return value
  if (value instanceof Timestamp) return floatOf(value.ms / 1000)
  if (typeof value !== 'string') throw new NotANumber(value)
  const text = value.trim().replaceAll(',', '')
  if (/^[+-]?0x/i.test(text)) return floatOf(hexadecimal(text))
  if (!/^[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text)) throw new NotANumber(value)
  return floatOf(Number(text))
}

function wholeOf(value: number): Scalar {
  if (!Number.isFinite(value)) throw new NotANumber(value)
  const whole = Math.trunc(value)
  return Number.isSafeInteger(whole) ? whole : BigInt(whole)
}

/** `0x7b`, `-0x1.edcdp6`. */
function hexadecimal(text: string): number {
  const match = /^([+-]?)0x([0-9a-f]+)(?:\.([0-9a-f]+))?(?:p([+-]?\d{1,4}))?$/i.exec(text)
  if (match === null) throw new NotANumber(text)
  const [, sign, whole = '0', fraction = '', exponent = '0'] = match
  const size = Number(`0x${whole}`) + (fraction === '' ? 0 : Number(`0x${fraction}`) / 16 ** fraction.length)
  return (sign === '-' ? -1 : 1) * size * 2 ** Number(exponent)
}
