// How a text is cut into words and read as a number or a date. Searching and what the store renders both go by these rules.
import { toLowerSimple } from '@tidewatch/core/letter-case.ts'

/** Longer words are cut into pieces of so many characters, as Lucene's standard tokenizer does. */
const maxTokenLength = 255

/**
 * Words as a pattern: classes of Word_Break (Unicode, UAX #29), each through `set`, which turns a class as regular expressions with the flag `v` have it
 * into what the engine at hand understands. Marks and format characters belong to the character before them.
 */
export function wordPattern(set: (unicodeSet: string) => string): string {
  const extend = `${set('[\\p{M}\\p{Cf}]')}*`
  const southEastAsian = '\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmer}\\p{sc=Myanmar}'
  const letter = `${set(`[\\p{Alphabetic}--[\\p{M}\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}${southEastAsian}]]`)}${extend}`
  const digit = `${set('[\\p{Nd}]')}${extend}`
  const join = `${set('[\\p{Pc}]')}${extend}`
  const katakana = `${set('[\\p{sc=Katakana}\\u30FC\\uFF70]')}${extend}`
  const betweenLetters = `${set("[:\\u00B7\\u0387\\u055F\\u05F4\\u2027\\uFE13\\uFE55\\uFF1A.'\\u2018\\u2019\\u2024\\uFE52\\uFF07\\uFF0E]")}${extend}`
  const betweenDigits = `${set("[,;\\u037E\\u0589\\u060C\\u060D\\u066C\\u07F8\\u2044\\uFE10\\uFE14\\uFE50\\uFE54\\uFF0C\\uFF1B.'\\u2018\\u2019\\u2024\\uFE52\\uFF07\\uFF0E]")}${extend}`
  const letters = `${letter}(?:(?:${betweenLetters})?${letter})*`
  const digits = `${digit}(?:(?:${betweenDigits})?${digit})*`
  const run = `(?:${letters}|${digits}|${katakana})`
  const alone = set('[\\p{sc=Han}\\p{sc=Hiragana}]')
  const unbroken = `${set(`[${southEastAsian}]`)}${set(`[\\p{M}\\p{Cf}${southEastAsian}]`)}*`
  return `(?:${join})*${run}(?:(?:${join})*${run})*(?:${join})*|${alone}${extend}|${unbroken}`
}

const unicodeWord = new RegExp(
  wordPattern((set) => set),
  'gv',
)
const asciiLetters = "[A-Za-z]+(?:[:.'][A-Za-z]+)*"
const asciiDigits = "[0-9]+(?:[.,;'][0-9]+)*"
/** The same words of a text that is ASCII alone, in RE2's syntax too. */
export const asciiWordPattern = `_*(?:${asciiLetters}|${asciiDigits})(?:_*(?:${asciiLetters}|${asciiDigits}))*_*`
// looking back keeps a long row of signs that no word follows from being read again at each of them
const asciiWord = new RegExp(`(?<!_)${asciiWordPattern}`, 'g')
// biome-ignore lint/suspicious/noControlCharactersInRegex: the whole of ASCII is meant
const isAscii = /^[\x00-\x7f]*$/

/**
 * The words of a text in lower case, in order, as Elasticsearch's standard analyzer has them (Unicode's word borders, no stop words). `fox.quick`
 * and `a_b` are one word, `web-1` is two; punctuation alone is none.
 */
export function tokenize(text: string): string[] {
  const words = text.match(isAscii.test(text) ? asciiWord : unicodeWord)
  if (words === null) return []
  const tokens: string[] = []
  for (const word of words) {
    const lower = toLowerSimple(word)
    if (lower.length <= maxTokenLength) tokens.push(lower)
    else for (let i = 0; i < lower.length; i += maxTokenLength) tokens.push(lower.slice(i, i + maxTokenLength))
  }
  return tokens
}

const decimal = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,4})?$/

/** A text that reads as a decimal number as a whole; undefined for others and for what is beyond a double. */
export function numberOf(text: string): number | undefined {
  if (text.length > 64 || !decimal.test(text)) return undefined
  const number = Number(text)
  return Number.isFinite(number) ? number : undefined
}

const isoDate = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(Z|[+-]\d\d(?::?\d\d)?)?)?$/

/** ns since 1970 of a text that reads as an ISO 8601 date, with or without a time of day; UTC where it names no offset. */
export function timeOf(text: string): bigint | undefined {
  if (text.length > 40) return undefined
  const match = isoDate.exec(text)
  if (match === null) return undefined
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone] = match
  const parts = [Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second)] as const
  const ms = Date.UTC(...parts)
  const date = new Date(ms)
  const isReal = date.getUTCMonth() === parts[1] && date.getUTCDate() === parts[2] && date.getUTCHours() === parts[3]
  if (!isReal || date.getUTCMinutes() !== parts[4]) return undefined
  const offsetMs = offsetMsOf(zone)
  if (offsetMs === undefined) return undefined
  return BigInt(ms - offsetMs) * 1_000_000n + BigInt(fraction.padEnd(9, '0'))
}

/** `Z`, `+02:00`, `-0130`, `+02` as ms ahead of UTC; nothing is UTC. */
export function offsetMsOf(zone: string | undefined): number | undefined {
  if (zone === undefined || zone === 'Z') return 0
  const match = /^([+-])(\d\d):?(\d\d)?$/.exec(zone)
  if (match === null) return undefined
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0)
  return minutes > 18 * 60 ? undefined : (match[1] === '-' ? -1 : 1) * minutes * 60_000
}
