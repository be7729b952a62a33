// Card numbers: digits of a brand's length and first digits (ISO/IEC 7812), in one piece or in the groups of a card, with Luhn's check digit.
// 19 digits that begin with 4 are amounts of wei far more often than a Visa, so brands have their usual lengths alone.

const zero = 48
const isDigit = (byte: number): boolean => byte >= 48 && byte <= 57
const isSeparator = (byte: number): boolean => byte === 32 || byte === 45

/** Sizes of the groups that cards are printed in. */
const layouts: readonly (readonly number[])[] = [
  [4, 4, 4, 4],
  [4, 4, 4, 4, 3],
  [4, 6, 5],
  [4, 6, 4],
]

/** Where the run of digits, blanks and hyphens that holds `at` ends. */
export function digitRunEnd(bytes: Uint8Array, at: number, to: number): number {
  let i = at
  while (i < to && (isDigit(bytes[i]) || isSeparator(bytes[i]))) i++
  return i
}

export function digitRunStart(bytes: Uint8Array, at: number, from: number): number {
  let i = at
  while (i > from && (isDigit(bytes[i - 1]) || isSeparator(bytes[i - 1]))) i--
  return i
}

/** End of a card number that begins at `start`, a group's first digit; 0 where there is none. */
export function cardEnd(bytes: Uint8Array, start: number, bounds: { from: number; to: number }): number {
  if (!standsAlone(bytes, start, bounds.from)) return 0
  const solid = groupEnd(bytes, start, bounds.to)
  if (solid - start >= 13) return isCard(bytes, start, solid, bounds.to) ? solid : 0
  if (solid - start !== 4) return 0
  for (const layout of layouts) {
    const end = layoutEnd(bytes, start, layout, bounds.to)
    if (end > 0 && isCard(bytes, start, end, bounds.to)) return end
  }
  return 0
}

/** Whether a run of digits and separators holds a card number. */
export function holdsCard(
  bytes: Uint8Array,
  start: number,
  end: number,
  bounds: { from: number; to: number },
): boolean {
  for (let i = start; i < end; i++) {
    const begins = isDigit(bytes[i]) && (i === start || !isDigit(bytes[i - 1]))
    if (begins && cardEnd(bytes, i, bounds) > 0) return true
  }
  return false
}

function groupEnd(bytes: Uint8Array, start: number, to: number): number {
  let i = start
  while (i < to && isDigit(bytes[i])) i++
  return i
}

function layoutEnd(bytes: Uint8Array, start: number, layout: readonly number[], to: number): number {
  let i = start
  for (let group = 0; group < layout.length; group++) {
    if (group > 0) {
      if (i >= to || !isSeparator(bytes[i])) return 0
      i++
    }
    const end = groupEnd(bytes, i, to)
    if (end - i !== layout[group]) return 0
    i = end
  }
  return i
}

const isWordByte = (byte: number): boolean =>
  isDigit(byte) || (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122) || byte === 95

/** No letter, digit or number's point before it; the letter of `\n` is none. */
function standsAlone(bytes: Uint8Array, start: number, from: number): boolean {
  if (start === from) return true
  const before = bytes[start - 1]
  if (before === 46) return start - 2 < from || !isDigit(bytes[start - 2])
  return !isWordByte(before) || (start - 2 >= from && bytes[start - 2] === 92)
}

function isCard(bytes: Uint8Array, start: number, end: number, to: number): boolean {
  if (end < to && isWordByte(bytes[end])) return false
  if (end + 1 < to && bytes[end] === 46 && isDigit(bytes[end + 1])) return false
  let digits = 0
  let firstSix = 0
  for (let i = start; i < end; i++) {
    if (!isDigit(bytes[i])) continue
    if (digits < 6) firstSix = firstSix * 10 + bytes[i] - zero
    digits++
  }
  return isBrand(firstSix, digits) && hasLuhn(bytes, start, end)
}

function isBrand(firstSix: number, digits: number): boolean {
  const two = Math.floor(firstSix / 10000)
  const three = Math.floor(firstSix / 1000)
  const four = Math.floor(firstSix / 100)
  // American Express; Diners Club; UnionPay
  if (two === 34 || two === 37) return digits === 15
  if ((three >= 300 && three <= 305) || two === 36 || two === 38) return digits === 14
  if (two === 62) return digits >= 16 && digits <= 19
  if (digits !== 16) return false
  // Visa; Mastercard (two ranges); Discover; JCB; Mir
  if (two >= 40 && two <= 49) return true
  if ((two >= 51 && two <= 55) || (four >= 2221 && four <= 2720)) return true
  if (four === 6011 || (three >= 644 && three <= 649) || two === 65) return true
  return (four >= 3528 && four <= 3589) || (four >= 2200 && four <= 2204)
}

function hasLuhn(bytes: Uint8Array, start: number, end: number): boolean {
  let sum = 0
  let twice = false
  for (let i = end - 1; i >= start; i--) {
    if (!isDigit(bytes[i])) continue
    const digit = bytes[i] - zero
    const doubled = digit > 4 ? digit * 2 - 9 : digit * 2
    sum += twice ? doubled : digit
    twice = !twice
  }
  return sum % 10 === 0
}
