// Fields without a schema: a question means all that the value may be. Numbers compare as numbers, dates as dates, texts by their words.
import { numberOf, timeOf, tokenize } from './analysis.ts'
import { type DateContext, parseDateMath } from './date-math.ts'
import type { Field } from './fields.ts'
import { ipRangeOf } from './ip.ts'
import { type Leaf, leafOf } from './leaf.ts'
import { textLeaf, wildcardTree } from './leaf-text.ts'
import { anyOf, type Bound, type Predicate, testOf, type ValueTest, type WildcardPattern } from './predicate.ts'
import { predicateOf, type QueryTree } from './query-tree.ts'

type TextLeaf = Exclude<Leaf, { kind: 'exists' }>

export function dynamicLeaf(field: Field, leaf: TextLeaf, context: DateContext): QueryTree | undefined {
  switch (leaf.kind) {
    case 'match':
    case 'phrase':
      return withOtherMeanings(field, leaf, context)
    case 'exact':
      return exactly(field, leaf)
    case 'wildcard':
      // no word holds a slash or a blank: such a pattern can only mean the whole value
      return isOneWord(leaf.pattern)
        ? textLeaf(field, leaf, 'token')
        : wildcardTree(field, leaf.pattern, { unit: 'value', ignoreCase: true })
    case 'range':
      return rangeTree(field, leaf, context)
    case 'regexp':
    case 'fuzzy':
      return wordOrWhole(field, leaf)
    default:
      return leaf satisfies never
  }
}

/**
 * A word of the value, or the whole of it: an attribute may be what would be a `keyword` in Elasticsearch (`error.type:/.*Error/`), where words are
 * in lower case. A message is a text and nothing else.
 */
function wordOrWhole(field: Field, leaf: TextLeaf & { kind: 'regexp' | 'fuzzy' }): QueryTree | undefined {
  const { ref } = field
  const words = textLeaf(field, leaf, 'token')
  if (words === undefined || ref.kind === 'any' || (ref.kind === 'column' && ref.column === 'body')) return words
  const whole = textLeaf(field, leaf, 'value')
  if (whole === undefined) return words
  const predicate = anyOf([predicateOf(words), predicateOf(whole)])
  return { kind: 'leaf', predicate, text: words.kind === 'leaf' ? words.text : field.name }
}

/** A value as the `term` query wants it: the text as a whole, a word of it, or the number. */
function exactly(field: Field, leaf: TextLeaf & { kind: 'exact' }): QueryTree {
  const unit = { op: 'equals', values: [leaf.text] } as const
  const tests: ValueTest[] = leaf.ignoreCase
    ? [
        { op: 'wildcard', unit: 'value', pattern: [{ text: leaf.text }], ignoreCase: true },
        { op: 'wildcard', unit: 'token', pattern: [{ text: leaf.text.toLowerCase() }], ignoreCase: false },
      ]
    : [
        { ...unit, unit: 'value' },
        { ...unit, unit: 'token' },
      ]
  const predicates = [...tests, ...numberTests(field, leaf.text)].map((test) => testOf(field.ref, test))
  return { kind: 'leaf', predicate: anyOf(predicates), text: `${field.name}:${leaf.text}` }
}

function withOtherMeanings(
  field: Field,
  leaf: TextLeaf & { kind: 'match' | 'phrase' },
  context: DateContext,
): QueryTree | undefined {
  const isPrefix = leaf.kind === 'phrase' && leaf.prefix
  const others = isPrefix ? [] : otherTests(field, leaf.text, context)
  // a date's parts are no words of their own
  const isDate = others.some(({ op }) => op === 'time')
  const words = textLeaf(field, isDate ? { kind: 'phrase', text: leaf.text, slop: 0, prefix: false } : leaf, 'token')
  if (others.length === 0) return words
  const predicates: Predicate[] = others.map((test) => testOf(field.ref, test))
  if (words !== undefined) predicates.unshift(predicateOf(words))
  return { kind: 'leaf', predicate: anyOf(predicates), text: `${field.name}:${leaf.text}` }
}

function otherTests(field: Field, text: string, context: DateContext): ValueTest[] {
  if (field.type === 'words') return []
  const tests = numberTests(field, text)
  const network = /[/:]/.test(text) ? ipRangeOf(text) : undefined
  if (network !== undefined) tests.push({ op: 'ip', ...network })
  if (/^\d{4}-\d\d-\d\d/.test(text)) {
    const fromNs = parseDateMath(text, false, context) ?? timeOf(text)
    const toNs = parseDateMath(text, true, context) ?? timeOf(text)
    if (fromNs !== undefined && toNs !== undefined) tests.push({ op: 'time', fromNs, toNs })
  }
  // what holds no word at all is meant as it stands
  if (tokenize(text).length === 0 && text !== '') tests.push({ op: 'equals', unit: 'value', values: [text] })
  return tests
}

function numberTests(field: Field, text: string): ValueTest[] {
  const number = field.type === 'words' ? undefined : numberOf(text)
  if (number === undefined) return []
  const bound = { value: number, inclusive: true }
  return [{ op: 'number', from: bound, to: bound }]
}

const isOneWord = (pattern: WildcardPattern): boolean =>
  pattern.every((part) => typeof part !== 'object' || /^[\p{L}\p{M}\p{Nd}\p{Pc}.:',;]*$/u.test(part.text))

/** Between numbers only numbers lie, between dates only dates; else texts are compared as a whole. */
function rangeTree(
  field: Field,
  { from, to }: TextLeaf & { kind: 'range' },
  context: DateContext,
): QueryTree | undefined {
  const ends = [from, to].filter((end) => end !== undefined)
  const open = from?.inclusive === false ? '{' : '['
  const close = to?.inclusive === false ? '}' : ']'
  const text = `${field.name}:${open}${from?.value ?? '*'} TO ${to?.value ?? '*'}${close}`
  if (ends.length === 0) return leafOf(field, { op: 'exists' }, text)
  if (field.type !== 'words' && ends.every(({ value }) => numberOf(value) !== undefined)) {
    const numeric = (end: Bound<string>): Bound<number> => ({ ...end, value: Number(end.value) })
    return leafOf(
      field,
      {
        op: 'number',
        ...(from === undefined ? {} : { from: numeric(from) }),
        ...(to === undefined ? {} : { to: numeric(to) }),
      },
      text,
    )
  }
  const times = field.type === 'words' ? undefined : timeTest(from, to, context)
  return times === undefined
    ? textLeaf(field, { kind: 'range', ...bounds(from, to) }, 'value')
    : leafOf(field, times, text)
}

const bounds = (from: Bound<string> | undefined, to: Bound<string> | undefined) => ({
  ...(from === undefined ? {} : { from }),
  ...(to === undefined ? {} : { to }),
})

function timeTest(
  from: Bound<string> | undefined,
  to: Bound<string> | undefined,
  context: DateContext,
): ValueTest | undefined {
  const lowNs = from === undefined ? undefined : parseDateMath(from.value, !from.inclusive, context)
  const highNs = to === undefined ? undefined : parseDateMath(to.value, to.inclusive, context)
  if ((from !== undefined && lowNs === undefined) || (to !== undefined && highNs === undefined)) return undefined
  return {
    op: 'time',
    ...(lowNs === undefined ? {} : { fromNs: lowNs + (from?.inclusive === false ? 1n : 0n) }),
    ...(highNs === undefined ? {} : { toNs: highNs - (to?.inclusive === false ? 1n : 0n) }),
  }
}
