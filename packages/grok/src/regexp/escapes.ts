// What a backslash begins, where it stands for characters: the same inside and outside of brackets.
import { type CharTest, isAsciiDigit, isAsciiSpace, isAsciiWord, isHexDigit, propertyTest } from './char-set.ts'
import type { Reader } from './reader.ts'

const controls: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, a: 7, e: 27 }

const classes: Readonly<Record<string, CharTest>> = {
  d: isAsciiDigit,
  s: isAsciiSpace,
  w: isAsciiWord,
  h: isHexDigit,
}

/** The set that a class letter (`d`, `W`, `p{..}` ...) stands for; undefined where the reader stands at none. */
export function readClassEscape(reader: Reader): CharTest | undefined {
  const letter = String.fromCodePoint(Math.max(reader.peek(), 0))
  const lower = letter.toLowerCase()
  if (Object.hasOwn(classes, lower)) {
    reader.next()
    const test = classes[lower] as CharTest
    return letter === lower ? test : (code) => !test(code)
  }
  if (lower !== 'p') return undefined
  const start = reader.at
  const match = reader.takeMatch(/[pP]\{(\^?)([^}]*)\}/y)
  if (match === undefined) return undefined
  const test = propertyTest(match[2] as string)
  if (test === undefined) throw reader.error(`there is no character property '${match[2]}'`, start)
  return (letter === 'P') !== (match[1] === '^') ? (code) => !test(code) : test
}

/** The character that an escape stands for; the reader stands behind the backslash. */
export function readCharEscape(reader: Reader): number {
  const start = reader.at
  const hex = reader.takeMatch(/x\{([0-9A-Fa-f]{1,6})\}|x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{4})/y)
  if (hex !== undefined) {
    const code = Number.parseInt((hex[1] ?? hex[2] ?? hex[3]) as string, 16)
    if (code > 0x10ffff) throw reader.error('there is no character with that number', start)
    return code
  }
  const octal = reader.takeMatch(/[0-3]?[0-7]{1,2}/y)
  if (octal !== undefined) return Number.parseInt(octal[0], 8)
  const control = reader.takeMatch(/c([\x20-\x7e])|C-([\x20-\x7e])/y)
  if (control !== undefined) return ((control[1] ?? control[2]) as string).charCodeAt(0) & 0x1f
  const code = reader.next()
  if (code < 0) throw reader.error('the expression ends with a backslash', start)
  const letter = String.fromCodePoint(code)
  return Object.hasOwn(controls, letter) ? (controls[letter] as number) : code
}
