// Where numbers, durations and strings end: the parts of Prometheus's lexer that look ahead by characters.
import { goUnicode } from './quote.ts'

/** Called with a message and where the unreadable thing begins; must throw. */
export type LexFailure = (message: string, start: number) => never

export const isSpace = (c: number): boolean => c === 32 || c === 10 || c === 9 || c === 13
export const isDigit = (c: number): boolean => c >= 48 && c <= 57
export const isAlpha = (c: number): boolean => (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || c === 95
export const isAlphaNumeric = (c: number): boolean => isAlpha(c) || isDigit(c)
const isHexDigit = (c: number): boolean => isDigit(c) || (c >= 97 && c <= 102) || (c >= 65 && c <= 70)

export interface Scanned {
  readonly ok: boolean
  /** Just after what was read; where not ok, after what the message shows. */
  readonly end: number
}

const dot = 46
const underscore = 95
const isExponent = (c: number): boolean => c === 101 || c === 69
const isSign = (c: number): boolean => c === 43 || c === 45

/** A number as far as the lexer knows it; whether it is one is seen when it is converted (`parse-number.ts`). */
export function scanNumber(text: string, start: number): Scanned {
  const isHex = text[start] === '0' && (text[start + 1] === 'x' || text[start + 1] === 'X')
  const isDigitHere = isHex ? isHexDigit : isDigit
  let i = isHex ? start + 2 : start
  if (isHex && text.charCodeAt(i) === underscore) i++
  if (text.charCodeAt(i) === dot) i++
  if (isDigitHere(text.charCodeAt(i))) i++
  let dotSeen = false
  let exponentSeen = false
  for (;;) {
    const c = text.charCodeAt(i)
    if (c === dot) {
      i++
      const next = text.charCodeAt(i)
      if (dotSeen) return { ok: false, end: i }
      dotSeen = true
      if (next === dot || next === underscore) return { ok: false, end: i + 1 }
      if (isHex) return { ok: false, end: i }
    } else if (isExponent(c)) {
      i++
      if (exponentSeen) return { ok: false, end: i }
      exponentSeen = true
      if (isSign(text.charCodeAt(i))) i++
      const bad = badAfter(text, i)
      if (bad >= 0) return { ok: false, end: bad }
    } else if (c === underscore) {
      i++
      const bad = badAfter(text, i)
      if (bad >= 0) return { ok: false, end: bad }
    } else if (isDigitHere(c)) {
      while (isDigitHere(text.charCodeAt(i))) i++
    } else break
  }
  return { ok: i > start && !isAlphaNumeric(text.charCodeAt(i)), end: i }
}

/** What must not follow an exponent or an underscore: the place behind it, the end of the text, or -1 where all is well. */
function badAfter(text: string, index: number): number {
  if (index >= text.length) return index
  const c = text.charCodeAt(index)
  return c === dot || c === underscore || isExponent(c) ? index + 1 : -1
}

/** The rest of a duration whose first digits have been read. Wrong units and orders are told when it is converted. */
export function scanDuration(text: string, start: number): Scanned {
  let i = start
  if (!'smhdwy'.includes(text[i] ?? ' ')) return { ok: false, end: i }
  i++
  if (text[i] === 's') i++
  while (isDigit(text.charCodeAt(i))) {
    while (isDigit(text.charCodeAt(i))) i++
    if (!'smhdw'.includes(text[i] ?? ' ')) return { ok: false, end: i }
    i++
    if (text[i] === 's') i++
  }
  // the character that does not belong is shown too
  return isAlphaNumeric(text.charCodeAt(i)) ? { ok: false, end: i + 1 } : { ok: true, end: i }
}

function runeAt(text: string, index: number): string {
  const code = text.codePointAt(index)
  return code === undefined ? '' : String.fromCodePoint(code)
}

const isBroken = (rune: string): boolean => rune === '\ufffd' || !rune.isWellFormed()

/** The end of a string in single or double quotes; escapes are Go's. */
export function scanString(text: string, start: number, fail: LexFailure): number {
  const quote = text[start]
  let i = start + 1
  for (;;) {
    const rune = runeAt(text, i)
    if (rune === '' || rune === '\n') return fail('unterminated quoted string', start)
    if (isBroken(rune)) return fail('invalid UTF-8 rune', start)
    i += rune.length
    if (rune === quote) return i
    if (rune === '\\') i = scanEscape(text, i, start, fail)
  }
}

export function scanRawString(text: string, start: number, fail: LexFailure): number {
  let i = start + 1
  for (;;) {
    const rune = runeAt(text, i)
    if (rune === '') return fail('unterminated raw string', start)
    if (isBroken(rune)) return fail('invalid UTF-8 rune', start)
    i += rune.length
    if (rune === '`') return i
  }
}

/** Index behind an escape sequence; `index` is just behind the backslash. */
function scanEscape(text: string, index: number, start: number, fail: LexFailure): number {
  const rune = runeAt(text, index)
  const code = rune.charCodeAt(0)
  if (rune === '') return fail('escape sequence not terminated', start)
  if ('abfnrtv\\'.includes(rune) || rune === text[start]) return index + 1
  if (code >= 48 && code <= 55) return scanDigits(text, index, { count: 3, base: 8, max: 255 }, start, fail)
  if (rune === 'x') return scanDigits(text, index + 1, { count: 2, base: 16, max: 255 }, start, fail)
  if (rune === 'u') return scanDigits(text, index + 1, { count: 4, base: 16, max: 0x10ffff }, start, fail)
  if (rune === 'U') return scanDigits(text, index + 1, { count: 8, base: 16, max: 0x10ffff }, start, fail)
  return fail(`unknown escape sequence ${goUnicode(rune)}`, start)
}

interface EscapeForm {
  readonly count: number
  readonly base: number
  readonly max: number
}

function scanDigits(text: string, index: number, form: EscapeForm, start: number, fail: LexFailure): number {
  let value = 0
  for (let i = 0; i < form.count; i++) {
    const rune = runeAt(text, index + i)
    const digit = isHexDigit(rune.charCodeAt(0)) ? Number.parseInt(rune, 16) : 16
    if (rune === '') return fail('escape sequence not terminated', start)
    if (digit >= form.base) return fail(`illegal character ${goUnicode(rune)} in escape sequence`, start)
    value = value * form.base + digit
  }
  if (value > form.max || (value >= 0xd800 && value < 0xe000)) {
    return fail('escape sequence is an invalid Unicode code point', start)
  }
  return index + form.count
}
