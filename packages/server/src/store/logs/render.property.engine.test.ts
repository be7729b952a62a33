// What the SQL of random predicates selects, and what `match` of logquery says of the same random records, in the real engine.

import { toLowerAscii } from '@tidewatch/core/letter-case.ts'
import { printLogId } from '@tidewatch/core/log-id.ts'
import { type AttributeValue, type LogRecord, logRecord } from '@tidewatch/core/log-record.ts'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import { compilePredicate } from '@tidewatch/logquery/match.ts'
import type { FieldRef, Predicate, Unit, ValueTest, WildcardPattern } from '@tidewatch/logquery/predicate.ts'
import { everything, textColumns } from '@tidewatch/logquery/predicate.ts'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { logTables } from '../tables/registry.ts'
import { openTestingStore } from '../testing-store.ts'
import { knownNames } from './known-names.ts'
import { renderPredicate } from './render.ts'
import { rowsOf, statement } from './select.ts'
import { loadLines } from './testing-lines.ts'

const { signal } = new AbortController()
const store = await openTestingStore(logTables)
const { client } = store
afterAll(() => store[Symbol.asyncDispose]())

const words = [
  ...['fox', 'Fox', 'quick', 'fox.quick', 'a_b', 'web-1', "it's", '10', '10.5', '1,234', 'a:b', '_x_', '__', 'e\u0301'],
  ...[
    'été',
    'ÉTÉ',
    'привет',
    'Мир',
    '日本',
    'カタカナ',
    'ไทย',
    'İx',
    'ΣΑΣ',
    '😀',
    '500',
    '-3',
    '1e3',
    '.5',
    'true',
    'ca',
    'abc',
  ],
  ...[
    '10.0.0.7',
    '010.0.0.7',
    '::ffff:10.0.0.9',
    'fe80::1',
    '2026-11-22T00:00:01Z',
    '2026-11-21',
    "o'x",
    '\\d',
    '%',
    'x\ny',
  ],
]
const separators = [' ', ' ', ' ', '-', '.', '_', ', ', ': ', '\n', '\t', '', "'"]
const word = fc.constantFrom(...words)
const text = fc
  .array(fc.tuple(word, fc.constantFrom(...separators)), { minLength: 0, maxLength: 5 })
  .map((parts) => parts.flat().join(''))
const scalar = fc.oneof(
  text,
  word,
  fc.constantFrom<number | boolean>(0, 10, 10.5, -3, 1e21, 0.1, 1e-7, 500, true, false),
)
const value: fc.Arbitrary<AttributeValue> = fc.oneof(
  { weight: 4, arbitrary: scalar },
  { weight: 1, arbitrary: fc.array(scalar, { minLength: 1, maxLength: 3 }) },
)
const names = ['status', 'http.route', 'a', 'ab', 'été', "q'"]
const name = fc.constantFrom(...names)
const startNs = 1_795_000_000_000_000_000n
const all = { projects: [defaultProject], predicate: everything, fromNs: 0n, toNs: 2n ** 62n }

const record: fc.Arbitrary<Partial<LogRecord>> = fc.record(
  {
    timeNs: fc.integer({ min: 0, max: 20 }).map((n) => startNs + BigInt(n)),
    severity: fc.constantFrom(0, 5, 9, 13, 17),
    body: text,
    service: fc.constantFrom('', 'api', 'Api Gateway', 'web-1'),
    severityText: fc.constantFrom('', 'WARN', 'info'),
    traceId: fc.constantFrom('', '0af7651916cd43dd8448eb211c80319c', 'fox'),
    user: fc.oneof(fc.constant(''), word),
    resource: fc.dictionary(name, text, { maxKeys: 2 }).map((of) => new Map(Object.entries(of))),
    attributes: fc.dictionary(name, value, { maxKeys: 3 }).map((of) => new Map(Object.entries(of))),
  },
  { requiredKeys: ['timeNs'] },
)

const unit = fc.constantFrom<Unit>('value', 'token')
const lowerWord = word.map((one) => one.toLowerCase())
const pattern: fc.Arbitrary<WildcardPattern> = fc.array(
  fc.oneof(
    fc.constantFrom<WildcardPattern[number]>('any', 'one'),
    fc.oneof(lowerWord, fc.constantFrom('f', 'ox', 'é', '.', 'a_', '1')).map((own) => ({ text: own })),
  ),
  { minLength: 1, maxLength: 3 },
)
const bound = <T>(of: fc.Arbitrary<T>) => fc.record({ value: of, inclusive: fc.boolean() })
const expression = fc.constantFrom(
  'fo.',
  'f.*x',
  '[a-z]+',
  'a|b',
  '(?i)FOX',
  '\\d+',
  'x.y',
  'fox$',
  '^fox',
  'e.?',
  '[^f]ox',
  '\\.',
  'é.é',
  '',
)

const valueTest: fc.Arbitrary<ValueTest> = fc.oneof(
  fc.constant<ValueTest>({ op: 'exists' }),
  fc.record({
    op: fc.constant('equals' as const),
    unit,
    values: fc.array(fc.oneof(word, lowerWord, text), { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    op: fc.constant('id' as const),
    values: fc.array(fc.oneof(word, fc.constantFrom('api', 'fox', 'api gateway')).map(toLowerAscii), {
      minLength: 1,
      maxLength: 2,
    }),
  }),
  fc.record({
    op: fc.constant('phrase' as const),
    tokens: fc.array(lowerWord, { minLength: 2, maxLength: 3 }),
    slop: fc.constantFrom(0, 0, 1, 3),
    prefix: fc.constant(false),
  }),
  fc.record({
    op: fc.constant('phrase' as const),
    tokens: fc.array(lowerWord, { minLength: 1, maxLength: 2 }),
    slop: fc.constant(0),
    prefix: fc.constant(true),
  }),
  fc.record({ op: fc.constant('wildcard' as const), unit, pattern, ignoreCase: fc.boolean() }),
  fc.record({ op: fc.constant('regexp' as const), unit, pattern: expression, anchored: fc.boolean() }),
  fc.record({
    op: fc.constant('fuzzy' as const),
    unit,
    text: lowerWord,
    edits: fc.constantFrom<0 | 1 | 2>(0, 1, 2),
    prefixLength: fc.constantFrom(0, 1),
  }),
  fc.record({
    op: fc.constant('contains' as const),
    text: fc.oneof(word, text, fc.constantFrom(' fox ', 'x q', ' fox quick ')),
    ignoreCase: fc.boolean(),
  }),
  fc.record({
    op: fc.constant('number' as const),
    from: bound(fc.constantFrom(-5, 0, 0.5, 10, 1000)),
    to: bound(fc.constantFrom(0.5, 10, 10.5, 1e21)),
  }),
  fc.record({ op: fc.constant('text-range' as const), unit, from: bound(word), to: bound(word) }),
  fc.constantFrom<ValueTest>(
    { op: 'ip', from: 0xffff0a000000n, to: 0xffff0a0000ffn },
    { op: 'ip', from: 0n, to: (1n << 128n) - 1n },
    { op: 'time', fromNs: 1_795_000_000_000_000_003n },
    { op: 'time', toNs: 1_795_305_600_000_000_000n },
    { op: 'severity', from: 9, to: 16 },
  ),
)
const field: fc.Arbitrary<FieldRef> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<FieldRef>({ kind: 'column', column: 'body' }) },
  fc
    .constantFrom(...textColumns, 'time' as const, 'severity' as const)
    .map((column): FieldRef => ({ kind: 'column', column })),
  name.map((own): FieldRef => ({ kind: 'key', name: own })),
  name.map((own): FieldRef => ({ kind: 'attribute', name: own })),
  name.map((own): FieldRef => ({ kind: 'resource', name: own })),
  fc.constant<FieldRef>({ kind: 'keys', names: [{ text: 'a' }, 'any'] }),
  fc.constant<FieldRef>({ kind: 'any' }),
)
const leaf: fc.Arbitrary<Predicate> = fc.oneof(
  { weight: 20, arbitrary: fc.record({ kind: fc.constant('test' as const), field, test: valueTest }) },
  fc.constantFrom<Predicate>({ kind: 'all' }, { kind: 'none' }),
)
const predicate = fc.letrec<{ tree: Predicate }>((tie) => {
  const several = fc.array(tie('tree'), { minLength: 0, maxLength: 3 })
  return {
    tree: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      { weight: 6, arbitrary: leaf },
      fc.record({ kind: fc.constant('and' as const), of: several }),
      fc.record({ kind: fc.constant('or' as const), of: several }),
      fc.record({ kind: fc.constant('not' as const), of: tie('tree') }),
      fc
        .array(tie('tree'), { minLength: 2, maxLength: 3 })
        .map((of): Predicate => ({ kind: 'at-least', count: 2, of })),
    ),
  }
}).tree

test('records of random texts are selected where match says so', async () => {
  const records = fc.sample(record, { numRuns: 400, seed: 7 }).map((one) => logRecord(one))
  const places = await loadLines(
    client,
    records.map((one) => ({ record: one })),
  )
  const ids = places.map(printLogId)
  const predicates = fc.sample(predicate, { numRuns: 120, seed: 11 })
  const wrong: string[] = []
  for (let first = 0; first < predicates.length; first += 20) {
    const batch = predicates.slice(first, first + 20)
    // every second one as it is where names are not known
    const known = await Promise.all(batch.map((one) => knownNames(client, one, signal)))
    const rendered = batch.map((one, i) => renderPredicate(one, i % 2 === 0 ? known[i] : undefined))
    // many in one statement: a select for each, as the index is asked in a WHERE alone
    const selects = rendered.flatMap((one, i) => {
      const id = "concat(toString(time_ns), '-', toString(seq)) AS id"
      const ways = one.wherePlain === undefined ? [one] : [one, { ...one, wherePlain: undefined }]
      return ways.map((way) => `SELECT ${i} AS place, groupArray(id) AS ids FROM (${rowsOf(all, way, [id])})`)
    })
    const rows = await client.query<{ place: number; ids: string[] }>(
      statement(`SELECT * FROM (${selects.join(' UNION ALL ')})`),
      { signal },
    )
    expect(rows.length).toBe(selects.length)
    for (const { place, ids: found } of rows) {
      const one = batch[place] as Predicate
      const matches = compilePredicate(one)
      const wanted = ids.filter((_, at) => matches(records[at] as LogRecord))
      const isRight =
        rendered[place]?.isExact === true
          ? found.toSorted().join() === wanted.toSorted().join()
          : wanted.every((id) => found.includes(id))
      if (!isRight) {
        const differing = ids.filter((id) => found.includes(id) !== wanted.includes(id)).slice(0, 2)
        const shown = differing.map((id) => ({ ...records[ids.indexOf(id)], found: found.includes(id) }))
        wrong.push(`${JSON.stringify(one, printed)} ${JSON.stringify(shown, printed)}`)
      }
    }
  }
  expect(wrong).toEqual([])
})

const printed = (_key: string, one: unknown): unknown =>
  typeof one === 'bigint' ? `${one}n` : one instanceof Map ? [...one] : one === '' ? undefined : one
