// How kv finds its pairs: a key up to what parts keys and values, a value in quotes or brackets or up to what parts pairs. By hand, since one
// expression for all of it takes time with the square of a line. Hot: called per event; bench/src/logstash.ts.
import type { Settings } from '../settings.ts'

/** Tells each pair, in order. */
export type KvScanner = (text: string, pair: (key: string, value: string) => void) => void

interface Span {
  readonly start: number
  readonly end: number
}

/** The first match that begins at `from` or behind it. */
type Finder = (text: string, from: number) => Span | undefined

interface Splitters {
  readonly isStrict: boolean
  /** What parts pairs. */
  readonly field: Finder
  /** What parts a key from its value, without the spaces around. */
  readonly value: Finder
  /** Whether a space parts a key from its value. */
  readonly isSpaceSplit: boolean
  /** Whether spaces before what parts are no part of a key: where one of both is an expression. */
  readonly trimsKey: boolean
  readonly brackets: readonly (readonly [string, string])[]
}

const quotes: readonly (readonly [string, string])[] = [
  ['"', '"'],
  ["'", "'"],
]
const brackets: readonly (readonly [string, string])[] = [
  ['(', ')'],
  ['[', ']'],
  ['<', '>'],
]

export function compileKvScanner(settings: Settings): KvScanner {
  const fieldPattern = settings.optionalText('field_split_pattern')
  const valuePattern = settings.optionalText('value_split_pattern')
  const fieldLetters = settings.text('field_split', ' ')
  const valueLetters = settings.text('value_split', '=')
  if (fieldLetters === '' || valueLetters === '' || fieldPattern === '' || valuePattern === '')
    settings.complain(
      'what parts keys, values and pairs cannot be empty',
      'Write field_split => " " and value_split => "=".',
    )
  const value = valuePattern
    ? patternFinder(settings, valuePattern, 'value_split_pattern')
    : letterFinder(settings, valueLetters, 'value_split')
  const splitters: Splitters = {
    isStrict: settings.choice('whitespace', ['lenient', 'strict'], 'lenient') === 'strict',
    value,
    isSpaceSplit: value(' ', 0) !== undefined,
    field: fieldPattern
      ? patternFinder(settings, fieldPattern, 'field_split_pattern')
      : letterFinder(settings, fieldLetters, 'field_split'),
    trimsKey: fieldPattern !== undefined || valuePattern !== undefined,
    brackets: settings.flag('include_brackets', true) ? [...quotes, ...brackets] : quotes,
  }
  return (text, pair) => scan(text, splitters, pair)
}

function patternFinder(settings: Settings, source: string, name: string): Finder {
  const pattern = settings.pattern(source, name)
  return (text, from) => {
    const match = pattern.exec(text, from)
    // what matches nothing parts nothing
    return match === undefined || match.end === match.start ? undefined : match
  }
}

/** Letters as in a class of an expression: `a-z` is a range, `\t` a tab. */
function letterFinder(settings: Settings, letters: string, name: string): Finder {
  const pattern = settings.pattern(`[${letters}]`, name)
  const isAscii = Array.from({ length: 128 }, (_, code) => pattern.test(String.fromCharCode(code)))
  return (text, from) => {
    for (let at = from; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (code < 128 ? isAscii[code] : pattern.test(text[at] as string)) return { start: at, end: at + 1 }
    }
    return undefined
  }
}

const findBackslash: Finder = (text, from) => {
  const start = text.indexOf('\\', from)
  return start < 0 ? undefined : { start, end: start + 1 }
}

/** Finds each match once though it is asked for at every place. */
class Ahead {
  private readonly text: string
  private readonly find: Finder
  private next: Span | undefined
  private searchedFrom = Number.POSITIVE_INFINITY

  constructor(text: string, find: Finder) {
    this.text = text
    this.find = find
  }

  from(at: number): Span | undefined {
    if (at < this.searchedFrom || (this.next !== undefined && this.next.start < at)) {
      this.next = this.find(this.text, at)
      this.searchedFrom = at
    }
    return this.next
  }

  at(at: number): Span | undefined {
    const next = this.from(at)
    return next?.start === at ? next : undefined
  }
}

function scan(text: string, splitters: Splitters, pair: (key: string, value: string) => void): void {
  const fields = new Ahead(text, splitters.field)
  const values = new Ahead(text, splitters.value)
  const escapes = new Ahead(text, findBackslash)
  for (let at = 0; at < text.length && values.from(at) !== undefined; ) {
    const keyEnd = endOfRun(text, at, escapes, [fields, values])
    const end = keyEnd === at ? undefined : valueStart(text, at, keyEnd, values, splitters)
    if (end === undefined) {
      at = Math.max(keyEnd, at + 1)
      continue
    }
    const value = readValue(text, end.at, fields, escapes, splitters)
    pair(text.slice(at, end.keyEnd), value.text)
    at = value.end
  }
}

/** Where a run ends: at what parts it from the next; a backslash takes the letter behind it along. */
function endOfRun(text: string, start: number, escapes: Ahead, stops: readonly Ahead[]): number {
  let at = start
  for (;;) {
    let stop = text.length
    for (const ahead of stops) stop = Math.min(stop, ahead.from(at)?.start ?? text.length)
    const sign = escapes.from(at)
    if (sign === undefined || sign.start >= stop) return stop
    at = sign.start + 2
    if (at >= text.length) return text.length
  }
}

/** Where the key ends and the value begins, if something parts them here. */
function valueStart(
  text: string,
  start: number,
  keyEnd: number,
  values: Ahead,
  { isStrict, trimsKey, isSpaceSplit }: Splitters,
): { keyEnd: number; at: number } | undefined {
  let at = keyEnd
  if (!isStrict) {
    while (text[at] === ' ') at++
    const behind = values.at(at)
    // where a space parts, the run of spaces has done so
    if (behind === undefined && !(isSpaceSplit && at > keyEnd)) return undefined
    at = behind?.end ?? at
    while (text[at] === ' ') at++
  } else {
    const behind = values.at(at)
    if (behind === undefined) return undefined
    at = behind.end
  }
  let end = keyEnd
  if (trimsKey && !isStrict) while (end > start + 1 && text[end - 1] === ' ') end--
  return { keyEnd: end, at }
}

function readValue(
  text: string,
  start: number,
  fields: Ahead,
  escapes: Ahead,
  { brackets: signs }: Splitters,
): { text: string; end: number } {
  for (const [open, close] of signs) {
    if (text[start] !== open) continue
    const end = closing(text, start + 1, close)
    if (end === undefined) continue
    const next = fields.at(end + 1)
    if (next !== undefined || isLineEnd(text, end + 1))
      return { text: text.slice(start + 1, end), end: next?.end ?? end + 1 }
  }
  const end = endOfRun(text, start, escapes, [fields])
  return { text: text.slice(start, end), end: fields.at(end)?.end ?? end }
}

const isLineEnd = (text: string, at: number): boolean => at >= text.length || text[at] === '\n'

function closing(text: string, from: number, close: string): number | undefined {
  for (let at = from; at < text.length; at++) {
    if (text[at] === '\\' && at + 1 < text.length) at++
    else if (text[at] === close) return at
  }
  return undefined
}
