// Called once a sample of a scrape, bench/src/exposition.ts.

/** Powers of ten that a double holds exactly. */
const powersOfTen = Float64Array.from({ length: 23 }, (_, i) => Number(`1e${i}`))
const nan = [0x6e, 0x61, 0x6e]
const inf = [0x69, 0x6e, 0x66]
const infinity = [...inf, 0x69, 0x6e, 0x69, 0x74, 0x79]

/**
 * Reads a number as Prometheus does (Go's strconv.ParseFloat without hexadecimal and underscores: textparse.parseFloat) into
 * `out[0]`. False where the text is none, or too large for a double. Into an array, since a returned double would be an allocation.
 */
export function parseFloatInto(bytes: Buffer, start: number, end: number, out: Float64Array): boolean {
  let at = start
  const negative = bytes[at] === 0x2d
  if (negative || bytes[at] === 0x2b) at++
  let mantissa = 0
  let digits = 0
  let exponent = 0
  const wholeStart = at
  for (; at < end; at++) {
    const digit = bytes[at] - 0x30
    if (digit < 0 || digit > 9) break
    if (mantissa !== 0 || digit !== 0) digits++
    mantissa = mantissa * 10 + digit
  }
  let seen = at - wholeStart
  if (at < end && bytes[at] === 0x2e) {
    const fractionStart = ++at
    for (; at < end; at++) {
      const digit = bytes[at] - 0x30
      if (digit < 0 || digit > 9) break
      if (mantissa !== 0 || digit !== 0) digits++
      mantissa = mantissa * 10 + digit
    }
    seen += at - fractionStart
    exponent = fractionStart - at
  }
  if (seen === 0) return special(bytes, start, end, out)
  if (at < end) {
    const written = exponentAt(bytes, at, end)
    if (Number.isNaN(written)) return false
    exponent += written
  }
  // up to 15 digits and 22 powers the product or quotient is rounded once, hence exact (Clinger's fast path)
  if (digits <= 15 && exponent >= -22 && exponent <= 22) {
    const value = exponent < 0 ? mantissa / powersOfTen[-exponent] : mantissa * powersOfTen[exponent]
    out[0] = negative ? -value : value
    return true
  }
  out[0] = Number(bytes.toString('latin1', start, end))
  return Number.isFinite(out[0])
}

/** `e+12` up to the end; NaN where it is none. */
function exponentAt(bytes: Buffer, start: number, end: number): number {
  let at = start
  if ((bytes[at] | 0x20) !== 0x65) return Number.NaN
  at++
  const negative = bytes[at] === 0x2d
  if (negative || bytes[at] === 0x2b) at++
  if (at >= end) return Number.NaN
  let value = 0
  for (; at < end; at++) {
    const digit = bytes[at] - 0x30
    if (digit < 0 || digit > 9) return Number.NaN
    if (value < 100_000) value = value * 10 + digit
  }
  return negative ? -value : value
}

/** NaN without a sign, Inf and Infinity with or without, in any case of letters. */
function special(bytes: Buffer, start: number, end: number, out: Float64Array): boolean {
  const signed = bytes[start] === 0x2d || bytes[start] === 0x2b
  const at = signed ? start + 1 : start
  if (equalsFolded(bytes, at, end, inf) || equalsFolded(bytes, at, end, infinity)) {
    out[0] = bytes[start] === 0x2d ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
    return true
  }
  if (signed || !equalsFolded(bytes, at, end, nan)) return false
  out[0] = Number.NaN
  return true
}

function equalsFolded(bytes: Buffer, start: number, end: number, lower: readonly number[]): boolean {
  if (end - start !== lower.length) return false
  for (let i = 0; i < lower.length; i++) if ((bytes[start + i] | 0x20) !== lower[i]) return false
  return true
}

/** Reads a whole number with an optional sign into `out[0]`: times of the text format, in ms. */
export function parseIntegerInto(bytes: Buffer, start: number, end: number, out: Float64Array): boolean {
  let at = start
  const negative = bytes[at] === 0x2d
  if (negative || bytes[at] === 0x2b) at++
  if (at >= end || end - at > 19) return false
  let value = 0
  for (; at < end; at++) {
    const digit = bytes[at] - 0x30
    if (digit < 0 || digit > 9) return false
    value = value * 10 + digit
  }
  out[0] = negative ? -value : value
  return true
}
