// Constants of templates: Go's ideal numbers, an int where they look like one, else a float64.
import { quote, unquote } from './quote.ts'
import { Complex } from './value.ts'

export interface NumberConstant {
  readonly value: bigint | number | Complex
  readonly isFloat: boolean
}

const maxInt = 2n ** 63n - 1n
const underscores = /^[^_]*$|^[-+]?(?:0[xXbBoO]_?)?[0-9a-fA-F]+(?:_[0-9a-fA-F]+)*(?:[.eEpP+-].*)?$/
const integer = /^([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/
const decimal = /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$/
const hexadecimal = /^([-+]?)0[xX]([0-9a-fA-F]*)(?:\.([0-9a-fA-F]*))?[pP]([-+]?\d+)$/

/** The value of a number token, or what is wrong with it. */
export function parseNumber(text: string): NumberConstant | { readonly error: string } {
  const plain = text.replaceAll('_', '')
  if (!underscores.test(text)) return { error: `illegal number syntax: ${quote(text)}` }
  const whole = integer.exec(plain)
  if (whole !== null) {
    const size = integerSize(whole[2] ?? '')
    const value = whole[1] === '-' ? -size : size
    if (value > maxInt) return { error: `${text} overflows int` }
    if (value < -maxInt - 1n) return { error: `integer overflow: ${quote(text)}` }
    return { value, isFloat: false }
  }
  if (text.endsWith('i')) return complex(text)
  const value = floatValue(plain)
  return value === undefined ? { error: `illegal number syntax: ${quote(text)}` } : { value, isFloat: true }
}

/** `1i` or `1+2i`. */
function complex(text: string): NumberConstant | { readonly error: string } {
  const plain = text.replaceAll('_', '').slice(0, -1)
  const parts = /^([-+]?[0-9a-fA-FxXpP.]+(?:[eEpP][-+]?\d+)?)([-+].+)$/.exec(plain)
  const [real, imaginary] = parts === null ? [0, floatOrInt(plain)] : [floatOrInt(parts[1]), floatOrInt(parts[2])]
  if (real === undefined || imaginary === undefined) return { error: `illegal number syntax: ${quote(text)}` }
  return { value: new Complex(real, imaginary), isFloat: false }
}

function floatOrInt(text = ''): number | undefined {
  const whole = integer.exec(text)
  if (whole === null) return floatValue(text)
  return (whole[1] === '-' ? -1 : 1) * Number(integerSize(whole[2] ?? ''))
}

function integerSize(digits: string): bigint {
  const isOctal = /^0[0-7]+$/.test(digits)
  return BigInt(isOctal ? `0o${digits.slice(1)}` : digits)
}

function floatValue(text: string): number | undefined {
  if (decimal.test(text)) {
    const value = Number(text)
    return Number.isFinite(value) ? value : undefined
  }
  const parts = hexadecimal.exec(text)
  if (parts === null) return undefined
  const [, sign, whole = '', fraction = '', exponent = '0'] = parts
  if (whole + fraction === '') return undefined
  const mantissa = Number(BigInt(`0x${whole}${fraction}`))
  return (sign === '-' ? -1 : 1) * mantissa * 2 ** (Number(exponent) - fraction.length * 4)
}

/** The code point of a character constant, or undefined where it is malformed. */
export function parseCharacter(text: string): bigint | undefined {
  const inner = unquote(text)
  const runes = inner === undefined ? [] : [...inner]
  return runes.length === 1 ? BigInt(runes[0]?.codePointAt(0) ?? 0) : undefined
}
