// Whatever is typed: an answer or an error with a place, never anything else; and what is printed is read as the same.
import { AppError } from '@tidewatch/core/error.ts'
import { logRecord } from '@tidewatch/core/log-record.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { tokenize } from './analysis.ts'
import { completeQuery } from './complete.ts'
import { recordFields } from './fields.ts'
import { kqlTree } from './kql/build.ts'
import { parseKql } from './kql/parse.ts'
import { printKql } from './kql/print.ts'
import { luceneTree } from './lucene/build.ts'
import { escapeLucene, escapeQuoted } from './lucene/escape.ts'
import { parseLucene } from './lucene/parse.ts'
import { printLucene } from './lucene/print.ts'
import { compilePredicate } from './match.ts'
import { allOf, anyField, anyOf, atLeast, notOf, type Predicate, testOf } from './predicate.ts'
import { explain, predicateOf } from './query-tree.ts'

const options = { nowMs: 1_750_000_000_000, timeZone: 'Europe/Berlin', fields: recordFields }

const pieces = [
  ...[
    'a',
    'level',
    'error',
    'and',
    'or',
    'not',
    'AND',
    'OR',
    'NOT',
    'TO',
    'now-1d/d',
    '500',
    '2025-06-15',
    '\\',
    '\\u00e9',
    'é',
  ],
  ...[
    '_exists_',
    '"',
    '"a b"',
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    ':',
    ' ',
    '*',
    '?',
    '~',
    '~2',
    '^',
    '^2',
    '/',
    '/a+/',
    '+',
    '-',
  ],
  ...[
    '!',
    '&&',
    '||',
    '<',
    '>',
    '>=',
    '<=',
    '\t',
    '\\:',
    '&',
    '|',
    '[1 TO 2]',
    '{a TO *}',
    'not ',
    ' and ',
    ' or ',
    'a:b',
  ],
]
const query = fc.oneof(
  fc.array(fc.constantFrom(...pieces), { maxLength: 14 }).map((parts) => parts.join('')),
  fc.array(fc.constantFrom(...pieces), { maxLength: 14 }).map((parts) => parts.join(' ')),
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
)

/** Undefined where the text is refused as it may be. */
function orRefused<T>(text: string, read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const start = error.where?.span?.start
    if (error.code === 'query.parse') {
      expect(start).toBeGreaterThanOrEqual(0)
      expect(start).toBeLessThanOrEqual(text.length)
    } else expect(error.code).toMatch(/^query\.(execution|limit)$/)
    return undefined
  }
}

const record = logRecord({ body: 'error a b 500 é', service: 'a', attributes: new Map([['level2', 'a']]) })

test('any text is a query or has an error with a place', () => {
  fc.assert(
    fc.property(query, (text) => {
      for (const read of [luceneTree, kqlTree]) {
        const tree = orRefused(text, () => read(text, options))
        if (tree === undefined) continue
        explain(tree)
        compilePredicate(predicateOf(tree))(record)
      }
    }),
    { numRuns: 800 },
  )
})

test('what is printed is read as the same', () => {
  const withoutSpans = (value: unknown): string =>
    JSON.stringify(value, (key, one: unknown) => (key === 'span' ? undefined : one))
  fc.assert(
    fc.property(query, (text) => {
      const group = orRefused(text, () => parseLucene(text))
      if (group !== undefined) expect(withoutSpans(parseLucene(printLucene(group)))).toBe(withoutSpans(group))
      const tree = orRefused(text, () => parseKql(text))
      if (tree !== undefined) {
        const printed = printKql(tree)
        expect(printKql(parseKql(printed))).toBe(printed)
      }
    }),
    { numRuns: 800 },
  )
})

test('an escaped text stands for itself', () => {
  const holds = (text: string, value: string): boolean =>
    compilePredicate(predicateOf(luceneTree(text, options)))(logRecord({ attributes: new Map([['f', value]]) }))
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: 'binary-ascii', maxLength: 12 }), (value) => {
      expect(holds(`f.keyword:"${escapeQuoted(value)}"`, value)).toBe(true)
      const isComparison = /^[<>]/.test(value)
      if (!isComparison) expect(holds(`f.keyword:${escapeLucene(value)}`, value)).toBe(true)
    }),
    { numRuns: 400 },
  )
})

test('a cursor anywhere in any text has an answer', () => {
  fc.assert(
    fc.property(query, fc.nat(60), fc.constantFrom('lucene' as const, 'kql' as const), (text, cursor, language) => {
      const at = Math.min(cursor, text.length)
      const { from, to } = completeQuery(text, at, language)
      expect(from).toBeLessThanOrEqual(at)
      expect(to).toBeGreaterThanOrEqual(at)
    }),
    { numRuns: 300 },
  )
})

test('words come out as they go in, and cutting a text at a blank changes none', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 30 }),
      fc.string({ unit: 'grapheme', maxLength: 30 }),
      (a, b) => {
        expect(tokenize(`${a} ${b}`)).toEqual([...tokenize(a), ...tokenize(b)])
        for (const token of tokenize(a)) expect(tokenize(token)).toEqual([token])
      },
    ),
    { numRuns: 300 },
  )
})

const predicates = fc.letrec<{ predicate: Predicate }>((tie) => ({
  predicate: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<Predicate>({ kind: 'all' }, { kind: 'none' }),
    fc
      .constantFrom('a', 'b', 'error', '500')
      .map((word) => testOf(anyField, { op: 'equals', unit: 'token', values: [word] })),
    fc.array(tie('predicate'), { maxLength: 3 }).map((of): Predicate => ({ kind: 'and', of })),
    fc.array(tie('predicate'), { maxLength: 3 }).map((of): Predicate => ({ kind: 'or', of })),
    tie('predicate').map((of): Predicate => ({ kind: 'not', of })),
  ),
})).predicate

test('making predicates simpler does not change what they mean', () => {
  const records = ['a', 'a b', 'error 500', ''].map((body) => logRecord({ body }))
  const answers = (predicate: Predicate): boolean[] => records.map(compilePredicate(predicate))
  const simpler = (predicate: Predicate): Predicate => {
    if (predicate.kind === 'and') return allOf(predicate.of.map(simpler))
    if (predicate.kind === 'or') return anyOf(predicate.of.map(simpler))
    return predicate.kind === 'not' ? notOf(simpler(predicate.of)) : predicate
  }
  fc.assert(
    fc.property(predicates, fc.array(predicates, { maxLength: 4 }), fc.nat(5), (predicate, several, count) => {
      expect(answers(simpler(predicate))).toEqual(answers(predicate))
      const counted = records.map((one) => several.filter((of) => compilePredicate(of)(one)).length >= count)
      expect(answers(atLeast(count, several))).toEqual(counted)
    }),
    { numRuns: 300 },
  )
})
