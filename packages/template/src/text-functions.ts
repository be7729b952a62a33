// Functions on texts that the templates of rules and of notifications share.
import { toUpperSimple } from '@tidewatch/core/letter-case.ts'
import { replaceMatches } from '@tidewatch/core/regexp-search.ts'
import { functionError, limitError } from './template-error.ts'
import type { Value } from './value.ts'

/** Tries what the regular expressions may refuse; their messages are Go's. */
export function withRegex<T>(run: () => T, describe: (message: string) => string): T {
  try {
    return run()
  } catch (error) {
    throw functionError(describe(error instanceof Error ? error.message : String(error)))
  }
}

/** Steps that looking for an expression in a text is worth: it is built anew for each call, and repetitions are written out for that. */
export function regexCost(pattern: Value, text: Value): number {
  const expression = String(pattern)
  let repeats = 1
  for (const [, least, most] of expression.matchAll(/\{(\d{1,4})(?:,(\d{0,4}))?\}/g)) {
    repeats *= Math.max(1, Number(least), Number(most ?? 0))
    // RE2 refuses more
    if (repeats > 1000) repeats = 1000
  }
  const states = (expression.length + 1) * repeats
  return 20 + states + Math.floor((states * String(text).length) / 64)
}

/** Characters of text times characters of what is put in for each match: else a template could make texts without end. */
const maxReplacing = 2 ** 26

/** Every match replaced; `$1` and `${name}` stand for groups. */
export function replaceAll(pattern: string, replacement: string, text: string): string {
  if (replacement.length * (text.length + 1) > maxReplacing) {
    throw limitError(`a text of ${text.length} characters is too long to put ${replacement.length} into its places`)
  }
  return withRegex(
    () => replaceMatches(pattern, replacement, text),
    (message) => `regexp: Compile(\`${pattern}\`): ${message}`,
  )
}

const wordStart = /(^|[^\p{L}\p{Nd}_'’])(\p{L})/gu

/** Go's strings.Title: the first letter of each word in upper case. */
export function title(text: string): string {
  return text.replace(wordStart, (_whole, before: string, letter: string) => before + toUpperSimple(letter))
}

const words = new Intl.Segmenter('en-US', { granularity: 'word' })
const cased = /[\p{Lu}\p{Ll}\p{Lt}]/u

/** Every word with its first letter in upper case and the others in lower case, as Alertmanager's `title` has it. */
export function titleWords(text: string): string {
  let result = ''
  for (const { segment } of words.segment(text)) {
    const first = segment.search(cased)
    if (first < 0) {
      result += segment
      continue
    }
    const letter = String.fromCodePoint(segment.codePointAt(first) ?? 0)
    const [upper = '', ...others] = letter.toUpperCase()
    result += segment.slice(0, first) + upper + (others.join('') + segment.slice(first + letter.length)).toLowerCase()
  }
  return result
}

const isSpace = (c: string): boolean => /[\t-\r \u0085\p{Z}]/u.test(c)

/** Go's strings.TrimSpace. */
export function trimSpace(text: string): string {
  let from = 0
  let to = text.length
  while (from < to && isSpace(text[from] ?? '')) from++
  while (to > from && isSpace(text[to - 1] ?? '')) to--
  return text.slice(from, to)
}

/** UTF-16 units that one call may make of a list. */
const maxJoined = 2 ** 24

/** The texts with the separator between them. */
export function joinTexts(separator: string, texts: readonly string[]): string {
  const size = texts.reduce((sum, text) => sum + text.length + separator.length, 0)
  if (size > maxJoined) throw limitError(`a text is longer than ${maxJoined} characters`)
  return texts.join(separator)
}
