// Values behind the name of something secret in a text: `password=x`, `"token": "x"`, `Cookie: a=b; c=d`, at any depth of quoting.
import type { SecretKind } from './kinds.ts'
import { isHarmless, isKeyPrefix, looksLikeKey, type NameMeaning } from './names.ts'
import type { Span } from './spans.ts'

/** What a name means; undefined where nothing. */
export type NameLookup = (name: string) => NameMeaning | undefined

/** Letters of a name on either side of the word that tells it. */
const longestName = 80
/** A nested object of which nothing is kept. */
const longestValue = 65536
/** A nested row of words or numbers that is a key. */
const longestKey = 2048
const behindName = /\\*["'`]?\]?[ \t]{0,3}(?:=>|[:=])[ \t]{0,3}/y
const nameLetters = /[\w.-]/

/** `tells` finds the words by which a name is known, e.g. `token` in `refresh_token`. */
export function namedSpans(text: string, tells: RegExp, lookup: NameLookup): readonly Span[] {
  const spans: Span[] = []
  let done = 0
  for (const { 0: word, index } of text.matchAll(tells)) {
    if (index < done) continue
    const end = nameEnd(text, index + word.length)
    behindName.lastIndex = end
    const sign = behindName.exec(text)
    if (sign === null) continue
    const meaning = lookup(text.slice(nameStart(text, index, word), end))
    const value = meaning === undefined ? undefined : valueSpan(text, end + sign[0].length, meaning)
    if (value === undefined) continue
    spans.push(value)
    done = value.end
  }
  return spans
}

function nameEnd(text: string, from: number): number {
  let end = from
  while (end < text.length && end < from + longestName && nameLetters.test(text[end])) end++
  return end
}

/** `API key` is a name of two words. */
function nameStart(text: string, from: number, word: string): number {
  let start = from
  while (start > 0 && start > from - longestName && nameLetters.test(text[start - 1])) start--
  if (start !== from || start === 0 || text[start - 1] !== ' ' || !/^(?:key|phrase)$/i.test(word)) return start
  const before = /[A-Za-z]{3,12} $/.exec(text.slice(Math.max(0, start - 13), start))
  if (before === null) return start
  const two = isKeyPrefix(before[0]) || /^(?:seed|recovery|secret|mnemonic|backup) $/i.test(before[0])
  return two ? start - before[0].length : start
}

function valueSpan(text: string, start: number, meaning: NameMeaning): Span | undefined {
  const opening = /^\\*["'`]/.exec(text.slice(start, start + 16))
  if (opening !== null) return quotedSpan(text, start + opening[0].length, opening[0], meaning)
  if (text[start] === '{' || text[start] === '[') return nestedSpan(text, start, meaning)
  // a header's value goes to the end of its line
  const whole = meaning.kind === 'cookie' || meaning.kind === 'authorization'
  const rest = whole ? /[^\r\n"'`]*/y : /[^\s,;&"'`<>)}\]\\]*/y
  rest.lastIndex = start
  const value = rest.exec(text)?.[0] ?? ''
  return spanOf(value.trimEnd(), start, meaning)
}

/** To the quote that closes: the same number of backslashes before it. */
function quotedSpan(text: string, start: number, opening: string, meaning: NameMeaning): Span | undefined {
  const backslashes = opening.length - 1
  const quote = opening[backslashes]
  let end = text.indexOf(quote, start)
  while (end !== -1 && backslashesBefore(text, end, start) > backslashes) end = text.indexOf(quote, end + 1)
  const close = end === -1 ? text.length : end - Math.min(backslashes, backslashesBefore(text, end, start))
  return spanOf(text.slice(start, close), start, meaning)
}

function backslashesBefore(text: string, at: number, from: number): number {
  let count = 0
  while (at - count > from && text[at - count - 1] === '\\') count++
  return count
}

/** An object or array whole; the mark is quoted, so that JSON stays JSON. */
function nestedSpan(text: string, start: number, meaning: NameMeaning): Span | undefined {
  if (text.startsWith('[redacted', start)) return undefined
  let depth = 0
  let end = start
  const limit = Math.min(text.length, start + (meaning.onlyKey ? longestKey : longestValue))
  for (; end < limit; end++) {
    const letter = text[end]
    if (letter === '{' || letter === '[') depth++
    else if ((letter === '}' || letter === ']') && --depth === 0) break
  }
  // within brackets that go on beyond every key others may begin, and are looked at by themselves
  if (meaning.onlyKey && end === limit && end < text.length) return undefined
  const inner = text.slice(start + 1, end)
  if (meaning.onlyKey && !looksLikeKey(inner.replace(/[^A-Za-z0-9 ]/g, ' '))) return undefined
  return spanOf(inner, start + 1, { ...meaning, onlyKey: false })
}

function spanOf(value: string, start: number, meaning: NameMeaning): Span | undefined {
  const scheme =
    meaning.kind === 'authorization' ? /^(?:Bearer|Basic|Digest|Token|ApiKey|Negotiate) +/i.exec(value) : null
  const begin = scheme === null ? 0 : scheme[0].length
  const secret = value.slice(begin)
  if (isHarmless(secret, meaning)) return undefined
  return { start: start + begin, end: start + value.length, kind: kindOf(secret, meaning) }
}

/** A raw key under a name that says so is a key to money. */
export function kindOf(value: string, meaning: NameMeaning): SecretKind {
  return meaning.holdsKey && /^(?:0x)?[0-9a-f]{64}(?:[0-9a-f]{64})?$|^[1-9A-HJ-NP-Za-km-z]{87,88}$/i.test(value.trim())
    ? 'private_key'
    : meaning.kind
}
