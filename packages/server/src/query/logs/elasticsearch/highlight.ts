// Marks in texts what a query found in them, as Elasticsearch's plain highlighter does.
import { logColumnOf } from '@tidewatch/core/log-fields.ts'
import { type LogRecord, logRecord } from '@tidewatch/core/log-record.ts'
import { tokenize, wordPattern } from '@tidewatch/logquery/analysis.ts'
import { recordFields } from '@tidewatch/logquery/fields.ts'
import { compilePredicate } from '@tidewatch/logquery/match.ts'
import { type FieldRef, type Predicate, testOf, type ValueTest } from '@tidewatch/logquery/predicate.ts'
import { compileWildcard, parseWildcard } from '@tidewatch/logquery/wildcard.ts'
import { readQuery } from './filter.ts'
import { isObject, isTrue, type JsonObject, listOf, objectOf, textOf, wholeNumber } from './request.ts'
import { flatFields, scalarsOf } from './source.ts'

export type Highlighter = (record: LogRecord) => Readonly<Record<string, readonly string[]>> | undefined

interface Mark {
  readonly field: FieldRef
  /** Spans of a text, [from, to). */
  readonly spans: (text: string) => readonly Span[]
}

type Span = readonly [from: number, to: number]

interface HighlightedField {
  readonly matches: (name: string) => boolean
  readonly settings: JsonObject
}

const maxTextLength = 1_000_000

export function readHighlighter(value: unknown, predicate: Predicate, nowMs: number): Highlighter | undefined {
  if (value === undefined) return undefined
  const settings = objectOf(value, 'highlight')
  const marks = marksOf(
    settings.highlight_query === undefined
      ? predicate
      : readQuery(settings.highlight_query, nowMs, 'highlight.highlight_query'),
  )
  const given = settings.fields ?? {}
  const fields = (
    Array.isArray(given)
      ? given.flatMap((one) => Object.entries(objectOf(one, 'highlight.fields')))
      : Object.entries(objectOf(given, 'highlight.fields'))
  ).map(
    ([name, own]): HighlightedField => ({
      matches: compileWildcard(parseWildcard(name)),
      settings: { ...settings, ...(isObject(own) ? own : {}) },
    }),
  )
  if (fields.length === 0 || marks.length === 0) return () => undefined
  return (record) => highlight(record, fields, marks)
}

function highlight(record: LogRecord, fields: readonly HighlightedField[], marks: readonly Mark[]) {
  const found: Record<string, readonly string[]> = Object.create(null)
  for (const [name, value] of flatFields(record)) {
    const field = fields.find(({ matches }) => matches(name))
    if (field === undefined || logColumnOf(name) === 'time') continue
    const anyField = field.settings.require_field_match === false
    const of = anyField ? marks : marks.filter((mark) => isOf(mark.field, name))
    const fragments = scalarsOf(value).flatMap((text) =>
      typeof text === 'string' && text.length <= maxTextLength
        ? fragmentsOf(text, spansOf(text, of), field.settings)
        : [],
    )
    if (fragments.length > 0) found[name] = fragments
  }
  return Object.keys(found).length === 0 ? undefined : found
}

/** Whether a query's field is that name of a line. */
function isOf(field: FieldRef, name: string): boolean {
  switch (field.kind) {
    case 'any':
      return true
    case 'keys':
      return compileWildcard(field.names)(name)
    case 'column':
      return logColumnOf(name) === field.column || (field.column === 'severityText' && logColumnOf(name) === 'severity')
    default: {
      const ref = recordFields.named(name)[0]?.ref
      return ref !== undefined && 'name' in ref && ref.name === field.name
    }
  }
}

/** Overlapping ones are one. */
function spansOf(text: string, marks: readonly Mark[]): readonly Span[] {
  const all = marks.flatMap(({ spans }) => spans(text)).sort((a, b) => a[0] - b[0])
  const merged: Span[] = []
  for (const [from, to] of all) {
    const last = merged.at(-1)
    if (last !== undefined && from < last[1]) merged[merged.length - 1] = [last[0], Math.max(last[1], to)]
    else merged.push([from, to])
  }
  return merged
}

function fragmentsOf(text: string, spans: readonly Span[], settings: JsonObject): string[] {
  const [pre = '<em>'] = listOf(settings.pre_tags ?? '<em>').map((one) => textOf(one, 'highlight.pre_tags'))
  const [post = '</em>'] = listOf(settings.post_tags ?? '</em>').map((one) => textOf(one, 'highlight.post_tags'))
  const most = wholeNumber(settings.number_of_fragments ?? 5, 'highlight.number_of_fragments')
  const size = wholeNumber(settings.fragment_size ?? 100, 'highlight.fragment_size')
  if (spans.length === 0) {
    const length = wholeNumber(settings.no_match_size ?? 0, 'highlight.no_match_size')
    return length === 0 ? [] : [text.slice(0, length)]
  }
  const mark = (from: number, to: number): string => {
    let at = from
    let marked = ''
    for (const [first, last] of spans) {
      if (first < from || last > to) continue
      marked += text.slice(at, first) + pre + text.slice(first, last) + post
      at = last
    }
    return marked + text.slice(at, to)
  }
  if (most === 0 || size === 0 || text.length <= size) return [mark(0, text.length)]
  const fragments: string[] = []
  let end = 0
  for (const [first, last] of spans) {
    if (first < end) continue
    if (fragments.length === most) break
    const from = Math.max(end, wordBegin(text, Math.max(0, first - Math.floor((size - (last - first)) / 2))))
    end = Math.max(last, wordEnd(text, Math.min(text.length, from + size)))
    fragments.push(mark(from, end))
  }
  return fragments
}

const wordBegin = (text: string, at: number): number => (at === 0 ? 0 : text.lastIndexOf(' ', at) + 1)
const wordEnd = (text: string, at: number): number => {
  const blank = text.lastIndexOf(' ', at)
  return at === text.length || blank <= 0 ? at : blank
}

/** What a query looks for, without what it looks away from. */
function marksOf(predicate: Predicate): Mark[] {
  switch (predicate.kind) {
    case 'and':
    case 'or':
    case 'at-least':
      return predicate.of.flatMap(marksOf)
    case 'test': {
      const spans = spansOfTest(predicate.test)
      return spans === undefined ? [] : [{ field: predicate.field, spans }]
    }
    default:
      return []
  }
}

function spansOfTest(test: ValueTest): Mark['spans'] | undefined {
  switch (test.op) {
    case 'phrase': {
      const last = test.tokens.at(-1) as string
      const whole = new Set(test.prefix ? test.tokens.slice(0, -1) : test.tokens)
      return (text) => wordsOf(text, (token) => whole.has(token) || (test.prefix && token.startsWith(last)))
    }
    case 'contains': {
      const fold = (text: string): string => (isTrue(test.ignoreCase) ? text.toLowerCase() : text)
      const wanted = fold(test.text)
      return (text) => (wanted === '' ? [] : occurrences(fold(text), wanted))
    }
    case 'equals':
    case 'id':
    case 'wildcard':
    case 'regexp':
    case 'fuzzy':
    case 'text-range': {
      const holds = compilePredicate(testOf({ kind: 'column', column: 'body' }, test))
      if ('unit' in test && test.unit === 'token')
        return (text) => wordsOf(text, (token) => holds(logRecord({ body: token })))
      return (text) => (holds(logRecord({ body: text })) ? [[0, text.length]] : [])
    }
    default:
      return undefined
  }
}

const words = new RegExp(
  wordPattern((set) => set),
  'gv',
)

function wordsOf(text: string, isWanted: (token: string) => boolean): Span[] {
  const spans: Span[] = []
  for (const { 0: word, index } of text.matchAll(words))
    if (tokenize(word).some(isWanted)) spans.push([index, index + word.length])
  return spans
}

function occurrences(text: string, wanted: string): Span[] {
  const spans: Span[] = []
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length))
    spans.push([at, at + wanted.length])
  return spans
}
