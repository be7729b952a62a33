// What one text must be, as a condition in SQL over an expression for it.
import { toLowerSimple } from '@tidewatch/core/letter-case.ts'
import { tokenize } from '@tidewatch/logquery/analysis.ts'
import type { Bound, Unit, ValueTest, WildcardPattern } from '@tidewatch/logquery/predicate.ts'
import { literal } from '../literal.ts'
import { asciiWordsOf, lowerOf, wordsOf } from './words.ts'

/** Conditions for a text. `isExact` false: they hold for more texts than the test, never for fewer. */
export interface ValueCondition {
  readonly sql: string
  readonly isExact: boolean
}

export interface TextToTest {
  readonly sql: string
  /** It is ASCII and has no overlong words. */
  readonly isPlain?: boolean
  /** The index of words has been asked for the wanted ones before. */
  readonly isIndexed?: boolean
}

const exact = (sql: string): ValueCondition => ({ sql, isExact: true })
const never = exact('0')

/** The test over a text that is there. */
export function valueCondition(test: ValueTest, text: TextToTest): ValueCondition {
  const { sql: v } = text
  switch (test.op) {
    case 'exists':
      return exact('1')
    case 'equals':
      return exact(equalsCondition(test.unit, test.values, text))
    case 'id':
      return exact(isOneOf(`lower(${v})`, test.values))
    case 'phrase':
      return phraseCondition(test, text)
    case 'wildcard':
      return exact(wildcardCondition(test, text))
    case 'regexp':
      return exact(regexpCondition(test, text))
    case 'fuzzy':
      return exact(fuzzyCondition(test, text))
    case 'contains':
      return exact(containsCondition(test.text, test.ignoreCase, text))
    case 'number':
      return exact(numberCondition(v, test.from, test.to))
    case 'text-range':
      return exact(textRangeCondition(test, text))
    case 'time':
      // dates within the range are among those that look like one
      return { sql: `match(${v}, '^[0-9]{4}-[0-9]{2}-[0-9]{2}')`, isExact: false }
    case 'ip':
      return exact(ipCondition(v, test.from, test.to))
    case 'severity':
      return never
    default:
      return test satisfies never
  }
}

const wordsIn = ({ sql, isPlain }: TextToTest): string => (isPlain === true ? asciiWordsOf(sql) : wordsOf(sql))
const lowered = ({ sql, isPlain }: TextToTest): string => (isPlain === true ? `lower(${sql})` : lowerOf(sql))

/** One of the words passes; `guard` holds for all texts of which one does, and costs less than cutting them up. */
function someWord(text: TextToTest, guard: string | undefined, condition: string): string {
  const some = `arrayExists(word -> ${condition}, ${wordsIn(text)})`
  return guard === undefined ? some : `(${guard} AND ${some})`
}

/** The part, in lower case, is in the text whatever the case of its letters: İ and the sign of Kelvin are letters of ASCII in lower case. */
function holds({ sql, isPlain }: TextToTest, part: string): string {
  const inAscii = `positionCaseInsensitive(${sql}, ${literal(part)})`
  if (isPlain === true) return isAscii(part) ? `${inAscii} > 0` : '0'
  const inLower = `position(${lowerOf(sql)}, ${literal(part)})`
  return isAscii(part) ? `if(isValidASCII(${sql}), ${inAscii}, ${inLower}) > 0` : `${inLower} > 0`
}

function equalsCondition(unit: Unit, values: readonly string[], text: TextToTest): string {
  if (unit === 'value') return isOneOf(text.sql, values)
  const some = values.map((value) => holds(text, value)).join(' OR ')
  return `((${some}) AND hasAny(${wordsIn(text)}, ${literal(values)}))`
}

/** Never where there are no values. */
export function isOneOf(sql: string, values: readonly string[]): string {
  const [first] = values
  if (first === undefined) return '0'
  return values.length === 1 ? `${sql} = ${literal(first)}` : `${sql} IN (${values.map(literal).join(', ')})`
}

function phraseCondition(
  { tokens, slop, prefix }: ValueTest & { readonly op: 'phrase' },
  text: TextToTest,
): ValueCondition {
  // the index says as much as a look for each word in turn, of whole words
  const guard =
    text.isPlain === true && text.isIndexed === true && !prefix
      ? '1'
      : [...new Set(tokens)].map((token) => holds(text, token)).join(' AND ')
  if (slop === 0) {
    const row = `\n${tokens.join('\n')}${prefix ? '' : '\n'}`
    const found = `position(concat('\\n', arrayStringConcat(${wordsIn(text)}, '\\n'), '\\n'), ${literal(row)}) > 0`
    // between single blanks they are words of their own: most texts need not be cut up
    const isSpaced = text.isPlain === true && !prefix && tokens.every((token) => tokenize(token)[0] === token)
    if (!isSpaced) return exact(`(${guard} AND ${found})`)
    const spaced = `position(concat(' ', lower(${text.sql}), ' '), ${literal(` ${tokens.join(' ')} `)}) > 0`
    return exact(`(${guard} AND (${spaced} OR ${found}))`)
  }
  return {
    sql: `(${guard} AND ${sloppy(tokens, slop, wordsIn(text))})`,
    isExact: new Set(tokens).size === tokens.length,
  }
}

/** Places of each word, moved to where the phrase would begin by them: those of one match lie no further apart than the slop. */
function sloppy(tokens: readonly string[], slop: number, words: string): string {
  const placesOf = (token: string, i: number): string =>
    `arrayMap(at -> toInt64(at) - ${i}, arrayFilter(at -> cut[at] = ${literal(token)}, arrayEnumerate(cut)))`
  const isNear = `place -> place BETWEEN begin AND begin + ${literal(slop)}`
  const near = tokens.map((token, i) => `arrayExists(${isNear}, ${placesOf(token, i)})`).join(' AND ')
  const begins = `arrayConcat(${tokens.map(placesOf).join(', ')})`
  return `arrayExists(cut -> arrayExists(begin -> ${near}, ${begins}), [${words}])`
}

function wildcardCondition(
  { unit, pattern, ignoreCase }: ValueTest & { readonly op: 'wildcard' },
  text: TextToTest,
): string {
  const wanted = ignoreCase ? pattern.map((part) => lowerPart(part)) : pattern
  if (unit === 'value') return wholeWildcard(wanted, ignoreCase ? lowered(text) : text.sql)
  const longest = wanted.reduce((best, part) => {
    const own = typeof part === 'object' ? part.text : ''
    return own.length > best.length ? own : best
  }, '')
  return someWord(text, longest === '' ? undefined : holds(text, longest), wholeWildcard(wanted, 'word'))
}

const lowerPart = (part: WildcardPattern[number]): WildcardPattern[number] =>
  typeof part === 'object' ? { text: toLowerSimple(part.text) } : part

function wholeWildcard(pattern: WildcardPattern, value: string): string {
  const [first, second] = pattern
  if (pattern.length === 0) return `${value} = ''`
  if (pattern.length === 1 && first === 'any') return '1'
  if (pattern.length === 1 && typeof first === 'object') return `${value} = ${literal(first.text)}`
  if (pattern.length === 2 && typeof first === 'object' && second === 'any')
    return `startsWith(${value}, ${literal(first.text)})`
  const source = pattern.map((part) => (part === 'any' ? '.*' : part === 'one' ? '.' : quoteRe2(part.text))).join('')
  return `match(${value}, ${literal(`(?s)\\A${source}\\z`)})`
}

/** RE2 reads every letter of it as it stands. */
export const quoteRe2 = (text: string): string => text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&').replaceAll('\0', '\\x00')

function regexpCondition({ unit, pattern, anchored }: ValueTest & { readonly op: 'regexp' }, text: TextToTest): string {
  const whole = anchored ? `(?s)\\A(?:${pattern})\\z` : `(?-s)${pattern}`
  if (unit === 'value') return `match(${text.sql}, ${literal(whole)})`
  // what matches a word matches in the text too, unless it looks at what stands around it
  const guard = looksAround(pattern) ? undefined : `match(${lowered(text)}, ${literal(`(?s)${pattern}`)})`
  return someWord(text, guard, `match(word, ${literal(whole)})`)
}

/** Conservative: also where such a sign stands for itself. */
const looksAround = (pattern: string): boolean =>
  /[$^]|\\[bBAzQ]/.test(pattern.replace(/\\[^A-Za-z]/g, '').replaceAll('[^', '['))

function fuzzyCondition(
  { unit, text: wanted, edits, prefixLength }: ValueTest & { readonly op: 'fuzzy' },
  text: TextToTest,
): string {
  // the engine counts bytes: each letter beyond ASCII that is wanted gets a byte that is in no word, all others one together
  const foreign = [...new Set([...wanted].filter((letter) => !isAscii(letter)))].slice(0, stands.length - 1)
  const standIns = stands.slice(1, foreign.length + 1).join('')
  const mapped = [...wanted].map((letter) =>
    isAscii(letter) ? letter : (stands[foreign.indexOf(letter) + 1] as string),
  )
  const mapLetters = (value: string): string => {
    const known =
      foreign.length === 0 ? value : `translateUTF8(${value}, ${literal(foreign.join(''))}, ${literal(standIns)})`
    return `replaceRegexpAll(${known}, '[^\\\\x00-\\\\x7f]', ${literal(stands[0] as string)})`
  }
  const near = (value: string): string => {
    const prefix = [...wanted].slice(0, prefixLength).join('')
    const begins = prefix === '' ? '' : `startsWith(${value}, ${literal(prefix)}) AND `
    const distance = `damerauLevenshteinDistance(${mapLetters(value)}, ${literal(mapped.join(''))})`
    return `(${begins}length(${value}) <= ${4 * (mapped.length + edits)} AND ${distance} <= ${edits})`
  }
  return unit === 'value' ? near(text.sql) : someWord(text, undefined, near('word'))
}

/** Control characters but those that stand in texts. */
const stands = Array.from({ length: 27 }, (_, i) => String.fromCharCode(i < 8 ? i + 1 : i + 6)).filter(
  (letter) => !'\t\n\v\f\r\x1b'.includes(letter),
)

function containsCondition(wanted: string, ignoreCase: boolean, text: TextToTest): string {
  if (wanted === '') return '1'
  return ignoreCase
    ? `position(${lowered(text)}, ${literal(toLowerSimple(wanted))}) > 0`
    : `position(${text.sql}, ${literal(wanted)}) > 0`
}

/** As `numberOf` of logquery reads them. */
const decimal = '^[+-]?(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?$'

/** Whether a text reads as a number; what `numberIn` gives for others is not to be used. */
export const isNumber = (text: string): string =>
  `(length(${text}) <= 64 AND match(${text}, ${literal(decimal)}) AND isFinite(${numberIn(text)}))`

export const numberIn = (text: string): string => `toFloat64OrZero(${text})`

function numberCondition(v: string, from: Bound<number> | undefined, to: Bound<number> | undefined): string {
  return [isNumber(v), ...ends(numberIn(v), from, to)].join(' AND ')
}

function ends(
  value: string,
  from: Bound<number | string> | undefined,
  to: Bound<number | string> | undefined,
): string[] {
  const conditions: string[] = []
  if (from !== undefined) conditions.push(`${value} ${from.inclusive ? '>=' : '>'} ${literal(from.value)}`)
  if (to !== undefined) conditions.push(`${value} ${to.inclusive ? '<=' : '<'} ${literal(to.value)}`)
  return conditions
}

function textRangeCondition({ unit, from, to }: ValueTest & { readonly op: 'text-range' }, text: TextToTest): string {
  const between = (value: string): string => ends(value, from, to).join(' AND ') || '1'
  return unit === 'value' ? between(text.sql) : someWord(text, undefined, between('word'))
}

function ipCondition(v: string, from: bigint, to: bigint): string {
  // the engine takes no zeros in front, where `ipOf` does
  const v4 = `replaceRegexpAll(${v}, '(^|\\\\.)0+([0-9])', '\\\\1\\\\2')`
  const bytes = (address: bigint): string => `unhex('${address.toString(16).padStart(32, '0')}')`
  const isV4 = `match(${v}, '^[0-9]{1,3}([.][0-9]{1,3}){3}$') AND isIPv4String(${v4})`
  const isV6 = `length(${v}) <= 45 AND match(${v}, '^[0-9a-fA-F:.]+$') AND isIPv6String(${v})`
  const address = `IPv6StringToNumOrDefault(if(position(${v}, ':') = 0, ${v4}, ${v}))`
  return `(if(position(${v}, ':') = 0, ${isV4}, ${isV6}) AND ${address} >= ${bytes(from)} AND ${address} <= ${bytes(to)})`
}

const isAscii = (text: string): boolean => /^\p{ASCII}*$/u.test(text)
