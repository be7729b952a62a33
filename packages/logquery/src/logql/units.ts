// Durations, sizes and numbers as LogQL's texts and the labels of lines have them.

const durationUnitNs: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
}
const longUnitNs: Readonly<Record<string, number>> = { d: 86_400e9, w: 604_800e9, y: 31_536_000e9 }

const isDigit = (code: number): boolean => code >= 48 && code <= 57

/** The end of digits with at most one point among them. */
function numberEnd(text: string, from: number): number {
  let at = from
  let hasPoint = false
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 46 && !hasPoint) hasPoint = true
    else if (!isDigit(code)) break
  }
  return at
}

/**
 * Nanoseconds of a duration as Go reads it (`1h30m`, `-1.5s`, `300ms`; a bare 0 needs no unit), or undefined. `hasDays`: also `d`, `w` and `y`, which
 * queries have and labels have not.
 */
export function parseDurationNs(text: string, hasDays = false): number | undefined {
  let at = text[0] === '-' || text[0] === '+' ? 1 : 0
  if (text.slice(at) === '0') return 0
  if (at === text.length) return undefined
  let total = 0
  while (at < text.length) {
    const end = numberEnd(text, at)
    const digits = text.slice(at, end)
    if (digits === '' || digits === '.') return undefined
    let unitEnd = end
    while (unitEnd < text.length && text[unitEnd] !== '.' && !isDigit(text.charCodeAt(unitEnd))) unitEnd++
    const unit = text.slice(end, unitEnd)
    const factor = unitOf(durationUnitNs, unit) ?? (hasDays ? unitOf(longUnitNs, unit) : undefined)
    if (factor === undefined) return undefined
    total += wholeNs(digits, factor)
    at = unitEnd
  }
  if (total > 2 ** 63) return undefined
  return text[0] === '-' ? 0 - total : total
}

/** Digits times a unit, without what is left of a nanosecond. A product of the whole number would be one beside it now and then. */
function wholeNs(digits: string, factor: number): number {
  const [whole = '', fraction = ''] = digits.split('.')
  return Number(whole) * factor + Math.trunc(Number(fraction) * (factor / 10 ** fraction.length))
}

const unitOf = (units: Readonly<Record<string, number>>, name: string): number | undefined =>
  Object.hasOwn(units, name) ? units[name] : undefined

const sizePowers = ['k', 'm', 'g', 't', 'p', 'e']

/** Bytes of `20MB`, `1.5KiB`, `42`: KB is 1000, KiB 1024, case does not matter. Undefined where it is no size. */
export function parseSize(text: string): number | undefined {
  let at = 0
  while (at < text.length && (isDigit(text.charCodeAt(at)) || text[at] === '.' || text[at] === ',')) at++
  const digits = text.slice(0, at).replaceAll(',', '')
  if (digits === '' || digits === '.' || digits.indexOf('.') !== digits.lastIndexOf('.')) return undefined
  const factor = sizeFactor(text.slice(at).trim().toLowerCase())
  if (factor === undefined) return undefined
  const bytes = Math.trunc(Number(digits) * factor)
  return bytes < 2 ** 64 ? bytes : undefined
}

function sizeFactor(unit: string): number | undefined {
  if (unit === '' || unit === 'b') return 1
  const power = sizePowers.indexOf(unit[0]) + 1
  if (power === 0) return undefined
  const rest = unit.slice(1)
  if (rest === '' || rest === 'b') return 1000 ** power
  return rest === 'i' || rest === 'ib' ? 1024 ** power : undefined
}

const specialNumbers: Readonly<Record<string, number>> = {
  inf: Infinity,
  '+inf': Infinity,
  '-inf': -Infinity,
  infinity: Infinity,
  '+infinity': Infinity,
  '-infinity': -Infinity,
  nan: Number.NaN,
}

/** A number as Go's ParseFloat reads it, or undefined, as for what is beyond all numbers. */
export function parseFloatText(text: string): number | undefined {
  if (text === '') return undefined
  const first = text.charCodeAt(0)
  const isPlain = isDigit(first) || first === 43 || first === 45 || first === 46
  if (isPlain && isDecimal(text)) return finite(Number(text))
  const name = text.toLowerCase()
  if (Object.hasOwn(specialNumbers, name)) return specialNumbers[name]
  if (!text.includes('_')) return hexNumber(text)
  return hasStrayUnderscore(text) ? undefined : parseFloatText(text.replaceAll('_', ''))
}

const finite = (value: number): number | undefined => (Number.isFinite(value) ? value : undefined)

/** They may stand between digits, and behind `0x`. */
const hasStrayUnderscore = (text: string): boolean =>
  /^[+-]?0x/i.test(text) ? /(?<![\da-f]|^[+-]?0x)_|_(?![\da-f])/i.test(text) : /(?<!\d)_|_(?!\d)/.test(text)

/** Digits, one point, an exponent; nothing else that JavaScript would take (spaces, `0b1`, nothing at all). */
function isDecimal(text: string): boolean {
  let at = text[0] === '+' || text[0] === '-' ? 1 : 0
  const end = numberEnd(text, at)
  if (end === at || (end === at + 1 && text[at] === '.')) return false
  if (end === text.length) return true
  if (text[end] !== 'e' && text[end] !== 'E') return false
  at = end + 1
  if (text[at] === '+' || text[at] === '-') at++
  if (at === text.length) return false
  while (at < text.length && isDigit(text.charCodeAt(at))) at++
  return at === text.length
}

/** `0x1p-2`: Go wants the exponent. */
function hexNumber(text: string): number | undefined {
  const parts = /^([+-]?)0[xX]([\da-fA-F]*)(?:\.([\da-fA-F]*))?[pP]([+-]?\d+)$/.exec(text)
  if (parts === null) return undefined
  const [, sign, whole = '', fraction = '', exponent] = parts
  if (whole + fraction === '') return undefined
  const mantissa = Number.parseInt(whole + fraction, 16)
  const size = mantissa === 0 ? 0 : mantissa * 2 ** (Number(exponent) - 4 * fraction.length)
  return finite(sign === '-' ? -size : size)
}
