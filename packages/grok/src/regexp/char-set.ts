// Sets of characters: one byte for each of the first 256, a question for those above.

/** Whether the code point belongs to the set. */
export type CharTest = (code: number) => boolean

export interface CharSet {
  /** 1 where the code point of that index belongs to it. */
  readonly low: Uint8Array
  readonly has: CharTest
  /** Every character there is. */
  readonly isAnything: boolean
}

export function charSet(has: CharTest, isAnything = false): CharSet {
  const low = new Uint8Array(256)
  for (let code = 0; code < 256; code++) low[code] = has(code) ? 1 : 0
  return { low, has, isAnything }
}

export const isNewline: CharTest = (code) => code === 10
export const isAsciiDigit: CharTest = (code) => code >= 48 && code <= 57
export const isAsciiSpace: CharTest = (code) => code === 32 || (code >= 9 && code <= 13)
export const isHexDigit: CharTest = (code) =>
  isAsciiDigit(code) || (code >= 65 && code <= 70) || (code >= 97 && code <= 102)
export const isAsciiWord: CharTest = (code) =>
  isAsciiDigit(code) || code === 95 || (code >= 65 && code <= 90) || (code >= 97 && code <= 122)

const ofRegExp =
  (expression: RegExp): CharTest =>
  (code) =>
    expression.test(String.fromCodePoint(code))

const unicodeWord = ofRegExp(/[\p{L}\p{M}\p{N}\p{Pc}]/u)
/** A letter, digit, mark or underscore of any script: what `\b` lies between. */
export const isWord: CharTest = (code) => (code < 128 ? isAsciiWord(code) : unicodeWord(code))

/** POSIX brackets and the properties of the same names. */
const posix: Readonly<Record<string, CharTest>> = {
  alnum: ofRegExp(/[\p{Alphabetic}\p{Nd}]/u),
  alpha: ofRegExp(/\p{Alphabetic}/u),
  ascii: (code) => code < 128,
  blank: ofRegExp(/[\t\p{Zs}]/u),
  cntrl: ofRegExp(/\p{Cc}/u),
  digit: ofRegExp(/\p{Nd}/u),
  graph: ofRegExp(/[^\p{White_Space}\p{Cc}\p{Cn}\p{Cs}]/u),
  lower: ofRegExp(/\p{Lowercase}/u),
  print: ofRegExp(/[^\p{Cc}\p{Cn}\p{Cs}\p{Zl}\p{Zp}]/u),
  punct: ofRegExp(/[\p{P}$+<=>^`|~]/u),
  space: ofRegExp(/\p{White_Space}/u),
  upper: ofRegExp(/\p{Uppercase}/u),
  word: isWord,
  xdigit: isHexDigit,
}

/** The set of `[[:name:]]`; undefined for a name that there is not. */
export const posixTest = (name: string): CharTest | undefined => (Object.hasOwn(posix, name) ? posix[name] : undefined)

/** The set of `\p{name}`: a POSIX name, a general category or a script, in any case; undefined for what there is not. */
export function propertyTest(written: string): CharTest | undefined {
  const name = written.replace(/[\s-]/g, '_')
  if (name.toLowerCase() === 'any') return () => true
  const known = posixTest(name.toLowerCase())
  if (known !== undefined) return known
  if (!/^\w{1,40}$/.test(name)) return undefined
  const capital = name
    .split('_')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase())
    .join('_')
  for (const property of [name, capital, `Script=${name}`, `Script=${capital}`]) {
    try {
      return ofRegExp(new RegExp(`\\p{${property}}`, 'u'))
    } catch {
      // the next way to write it; none of them: the caller says that there is no such property
    }
  }
  return undefined
}

/** The set with the other case of its letters. */
export const ignoringCase =
  (has: CharTest): CharTest =>
  (code) =>
    has(code) || otherCases(code).some(has)

/** The same letter in the other case, where that is one character. */
export function otherCases(code: number): number[] {
  const text = String.fromCodePoint(code)
  return [text.toLowerCase(), text.toUpperCase()]
    .filter((other) => other !== text && other.length === String.fromCodePoint(other.codePointAt(0) as number).length)
    .map((other) => other.codePointAt(0) as number)
}
