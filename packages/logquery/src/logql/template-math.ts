// Numbers in Loki's templates (sprig's): texts are read as numbers, and what is none counts as 0.
import { functionError } from '@tidewatch/template/template-error.ts'
import { type FunctionTable, integerOf, type TemplateFunction, type Value } from '@tidewatch/template/value.ts'
import {
  addDecimals,
  type Decimal,
  decimalOf,
  divideDecimals,
  multiplyDecimals,
  numberOf,
  subtractDecimals,
} from './template-decimal.ts'
import { parseFloatText } from './units.ts'

const maxInteger = 2n ** 63n

/** As Go's int64: beyond its range it wraps. */
const wrap = (value: bigint): bigint => BigInt.asIntN(64, value)

/** The whole number that a value stands for. */
export function toInteger(value: Value): bigint {
  const integer = integerOf(value)
  if (integer !== undefined) return integer
  if (typeof value === 'boolean') return value ? 1n : 0n
  if (typeof value === 'string') return textToInteger(value)
  return typeof value === 'number' ? floatToInteger(value) : 0n
}

/** Whole numbers as Go writes them, by the base that they begin with: a zero in front makes one of eight digits. */
const integerForms: readonly (readonly [form: RegExp, prefix: string])[] = [
  [/^(?:0|[1-9]\d*(?:_\d+)*)$/, ''],
  [/^0x_?([\da-f]+(?:_[\da-f]+)*)$/i, '0x'],
  [/^0b_?([01]+(?:_[01]+)*)$/i, '0b'],
  [/^0o?_?([0-7]+(?:_[0-7]+)*)$/i, '0o'],
]
const maxDigits = 100

/** What stands behind a point is cut off. */
function textToInteger(text: string): bigint {
  const whole = text.length <= maxDigits ? (/^([+-]?\d+)\.\d*$/.exec(text)?.[1] ?? text) : ''
  const body = whole.replace(/^[+-]/, '')
  for (const [form, prefix] of integerForms) {
    const found = form.exec(body)
    if (found === null) continue
    const size = BigInt(prefix + (found[1] ?? body).replaceAll('_', ''))
    const value = whole.startsWith('-') ? -size : size
    return value < maxInteger && value >= -maxInteger ? value : 0n
  }
  return 0n
}

function floatToInteger(value: number): bigint {
  if (!Number.isFinite(value)) return 0n
  return wrap(BigInt(Math.trunc(value)))
}

function toFloat(value: Value): number {
  const integer = integerOf(value)
  if (integer !== undefined) return Number(integer)
  if (typeof value === 'number') return value
  if (typeof value === 'boolean') return value ? 1 : 0
  return typeof value === 'string' ? (parseFloatText(value) ?? 0) : 0
}

function ofIntegers(combine: (a: bigint, b: bigint) => bigint): TemplateFunction {
  return {
    params: ['any', 'any'],
    variadic: true,
    call: (first, ...others) =>
      others.reduce<bigint>((sum, other) => wrap(combine(sum, toInteger(other))), toInteger(first)),
  }
}

function ofFloats(combine: (a: number, b: number) => number): TemplateFunction {
  return {
    params: ['any', 'any'],
    variadic: true,
    call: (first, ...others) => others.reduce<number>((sum, other) => combine(sum, toFloat(other)), toFloat(first)),
  }
}

function ofDecimals(combine: (a: Decimal, b: Decimal) => Decimal): TemplateFunction {
  const read = (value: Value): Decimal => decimalOf(toFloat(value))
  return {
    params: ['any', 'any'],
    variadic: true,
    call: (first, ...others) =>
      numberOf(others.reduce<Decimal>((sum, other) => combine(sum, read(other)), read(first))),
  }
}

/** Math.max takes no bigints. */
const later = (pair: [bigint, bigint], at: 0 | 1): bigint => (pair[0] < pair[1] ? pair : pair.toReversed())[at] ?? 0n

function divide(a: bigint, b: bigint): bigint {
  if (b === 0n) throw functionError('runtime error: integer divide by zero')
  return wrap(a / b)
}

function remainder(a: bigint, b: bigint): bigint {
  if (b === 0n) throw functionError('runtime error: integer divide by zero')
  return a % b
}

/** To so many decimals; `at` is the fraction from which it goes up, a half by default. What is below zero always goes down, as sprig has it. */
function round(value: number, places: number, at: number): number {
  const factor = 10 ** places
  const scaled = value * factor
  return (scaled - Math.trunc(scaled) >= at ? Math.ceil(scaled) : Math.floor(scaled)) / factor
}

export const mathFunctions: FunctionTable = {
  int: { params: ['any'], call: toInteger },
  float64: { params: ['any'], call: toFloat },
  add: ofIntegers((a, b) => a + b),
  sub: { params: ['any', 'any'], call: (a, b) => wrap(toInteger(a) - toInteger(b)) },
  mul: ofIntegers((a, b) => a * b),
  div: { params: ['any', 'any'], call: (a, b) => divide(toInteger(a), toInteger(b)) },
  mod: { params: ['any', 'any'], call: (a, b) => remainder(toInteger(a), toInteger(b)) },
  max: ofIntegers((a, b) => later([a, b], 1)),
  min: ofIntegers((a, b) => later([a, b], 0)),
  addf: ofDecimals(addDecimals),
  subf: ofDecimals(subtractDecimals),
  mulf: ofDecimals(multiplyDecimals),
  divf: ofDecimals(divideDecimals),
  maxf: ofFloats(Math.max),
  minf: ofFloats(Math.min),
  ceil: { params: ['any'], call: (value) => Math.ceil(toFloat(value)) },
  floor: { params: ['any'], call: (value) => Math.floor(toFloat(value)) },
  round: {
    params: ['any', 'int', 'any'],
    variadic: true,
    call: (value, places, at) => round(toFloat(value), Number(toInteger(places)), at === undefined ? 0.5 : toFloat(at)),
  },
}
