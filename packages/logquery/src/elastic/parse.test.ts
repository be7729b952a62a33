import { AppError } from '@tidewatch/core/error.ts'
import { type LogRecord, logRecord } from '@tidewatch/core/log-record.ts'
import { describe, expect, it, test } from 'vitest'
import { type Fields, mappedFields, recordFields } from '../fields.ts'
import { compilePredicate } from '../match.ts'
import { explain, predicateOf } from '../query-tree.ts'
import { elasticReasonOf } from './error.ts'
import { minimumShouldMatch } from './minimum-should-match.ts'
import { elasticTree } from './parse.ts'

const nowMs = Date.parse('2025-06-15T12:00:00Z')
const ns = (text: string): bigint => BigInt(Date.parse(text)) * 1_000_000n
const items = JSON.stringify([
  { name: 'book', qty: 1 },
  { name: 'pen', qty: 5 },
])
const records: Readonly<Record<string, LogRecord>> = {
  refused: logRecord({
    timeNs: ns('2025-06-15T11:30:00Z'),
    severity: 17,
    severityText: 'ERROR',
    body: 'Connection refused by database db-1',
    service: 'backend',
    attributes: new Map<string, string | number>([
      ['status', 500],
      ['event_type', 'contract_tx'],
      ['client.ip', '10.0.0.5'],
    ]),
  }),
  slow: logRecord({
    timeNs: ns('2025-06-15T10:00:00Z'),
    severity: 13,
    body: 'Slow request: checkout took 2100 ms',
    service: 'backend',
    attributes: new Map<string, string | number>([
      ['query_duration', 2100],
      ['status', 200],
      ['url.path', '/cart/checkout'],
    ]),
  }),
  paid: logRecord({
    timeNs: ns('2025-06-14T10:00:00Z'),
    severity: 9,
    body: 'Payment accepted',
    service: 'pay',
    resource: new Map([['host', 'pay-1']]),
    attributes: new Map<string, string | number | readonly (string | number)[]>([
      ['items', items],
      ['items.name', ['book', 'pen']],
      ['items.qty', [1, 5]],
      ['paid_at', '2025-06-14T09:59:58Z'],
    ]),
  }),
}

const options = { nowMs, timeZone: 'UTC', fields: recordFields }

function found(query: unknown, fields: Fields = recordFields): string[] {
  const holds = compilePredicate(predicateOf(elasticTree(query, { ...options, fields })))
  return Object.keys(records).filter((name) => holds(records[name] as LogRecord))
}

test.each<[query: unknown, names: string]>([
  [undefined, 'refused slow paid'],
  [{ match_all: {} }, 'refused slow paid'],
  [{ match_none: {} }, ''],
  [{ query_string: { query: 'level:error AND service:backend' } }, 'refused'],
  [{ query_string: { query: 'level:error AND @timestamp:[now-1h TO now]' } }, 'refused'],
  [{ query_string: { query: 'event_type:contract_tx' } }, 'refused'],
  [{ query_string: { query: 'query_duration:>1000' } }, 'slow'],
  [{ query_string: { query: 'connection checkout' } }, 'refused slow'],
  [{ query_string: { query: 'connection refused', default_operator: 'AND' } }, 'refused'],
  [{ query_string: { query: 'backend', fields: ['service^2', 'message'] } }, 'refused slow'],
  [{ query_string: { query: 'host:pay*' } }, 'paid'],
  [{ query_string: { query: '' } }, ''],
  [{ simple_query_string: { query: 'connection | checkout' } }, 'refused slow'],
  [{ simple_query_string: { query: 'request + -connection' } }, 'slow'],
  [{ simple_query_string: { query: '"connection refused" (', fields: ['message'] } }, 'refused'],
  [{ simple_query_string: { query: 'conn*', fields: ['message'] } }, 'refused'],
  [{ simple_query_string: { query: 'conection~1', fields: ['message'] } }, 'refused'],
  [{ term: { 'event_type.keyword': 'contract_tx' } }, 'refused'],
  [{ term: { status: 500 } }, 'refused'],
  [{ term: { status: { value: '500', boost: 2 } } }, 'refused'],
  [{ term: { 'service.keyword': { value: 'BACKEND', case_insensitive: true } } }, 'refused slow'],
  [{ terms: { 'service.keyword': ['pay', 'backend'] } }, 'refused slow paid'],
  [{ terms: { status: [200, 201] } }, 'slow'],
  [{ terms: { status: [] } }, ''],
  [{ terms: { level: ['warning', 'INFO'] } }, 'slow paid'],
  [{ match: { message: 'refused checkout' } }, 'refused slow'],
  [{ match: { message: { query: 'slow checkout', operator: 'and' } } }, 'slow'],
  [{ match: { message: { query: 'slow request nothing', minimum_should_match: '66%' } } }, 'slow'],
  [{ match: { message: { query: 'conection', fuzziness: 'AUTO' } } }, 'refused'],
  [{ match: { message: { query: '!', zero_terms_query: 'all' } } }, 'refused slow paid'],
  [{ match_phrase: { message: 'connection refused' } }, 'refused'],
  [{ match_phrase: { message: { query: 'connection database', slop: 2 } } }, 'refused'],
  [{ match_phrase: { message: { query: 'connection database', slop: 1 } } }, ''],
  [{ match_phrase_prefix: { message: 'connection ref' } }, 'refused'],
  [{ match_bool_prefix: { message: 'accepted pay' } }, 'paid'],
  [{ multi_match: { query: 'pay', fields: ['message', 'serv*'] } }, 'paid'],
  [{ multi_match: { query: 'slow request', type: 'phrase' } }, 'slow'],
  [{ prefix: { 'service.keyword': 'back' } }, 'refused slow'],
  [{ prefix: { message: { value: 'pay' } } }, 'paid'],
  [{ wildcard: { 'url.path': '/cart/*' } }, 'slow'],
  [{ wildcard: { 'url.path.keyword': { value: '/CART/*', case_insensitive: true } } }, 'slow'],
  [{ regexp: { message: 'check(in|out)' } }, 'slow'],
  [{ regexp: { 'status.keyword': '<400-599>' } }, 'refused'],
  [{ fuzzy: { message: { value: 'chekcout', fuzziness: 1 } } }, 'slow'],
  [{ range: { status: { gte: 400, lt: 600 } } }, 'refused'],
  [{ range: { '@timestamp': { gte: 'now-1d/d', lt: 'now/d' } } }, 'paid'],
  [{ range: { '@timestamp': { gte: nowMs - 3_600_000, lte: nowMs, format: 'epoch_millis' } } }, 'refused'],
  [{ range: { '@timestamp': { gte: '0', lte: String(nowMs / 1000 - 3600), format: 'epoch_second' } } }, 'slow paid'],
  [{ range: { '@timestamp': { gte: '2025-06-15', time_zone: '-02:00' } } }, 'refused slow'],
  [{ range: { paid_at: { gt: '2025-06-14' } } }, ''],
  [{ range: { paid_at: { gte: '2025-06-14', lte: null } } }, 'paid'],
  [{ range: { level: { gte: 'warn' } } }, 'refused slow'],
  [{ exists: { field: 'status' } }, 'refused slow'],
  [{ exists: { field: 'client' } }, 'refused'],
  [{ exists: { field: 'client.*' } }, 'refused'],
  [{ ids: { values: ['x'] } }, ''],
  [{ bool: {} }, 'refused slow paid'],
  [{ bool: { filter: [{ term: { service: 'backend' } }], must_not: { range: { status: { gte: 500 } } } } }, 'slow'],
  [{ bool: { must: [{ match_all: {} }], should: [{ term: { service: 'pay' } }] } }, 'refused slow paid'],
  [{ bool: { should: [{ term: { service: 'pay' } }, { term: { status: 200 } }] } }, 'slow paid'],
  [
    {
      bool: {
        should: [{ term: { service: 'backend' } }, { term: { status: 200 } }, { match: { message: 'slow' } }],
        minimum_should_match: 2,
      },
    },
    'slow',
  ],
  [{ bool: { must_not: [{ exists: { field: 'status' } }] } }, 'paid'],
  [{ constant_score: { filter: { term: { service: 'pay' } }, boost: 1.2 } }, 'paid'],
  [{ dis_max: { queries: [{ term: { service: 'pay' } }, { term: { status: 500 } }] } }, 'refused paid'],
  [
    {
      nested: {
        path: 'items',
        query: { bool: { must: [{ term: { 'items.name': 'pen' } }, { term: { 'items.qty': 5 } }] } },
      },
    },
    'paid',
  ],
  [
    {
      nested: {
        path: 'items',
        query: { bool: { must: [{ term: { 'items.name': 'book' } }, { term: { 'items.qty': 5 } }] } },
      },
    },
    '',
  ],
])('%j finds %s', (query, names) => {
  expect(found(query).join(' ')).toBe(names)
})

test.each<[query: unknown, type: string, reason: string, path: string]>([
  [1, 'parsing_exception', '[_na] query malformed, must start with start_object', 'query'],
  [{}, 'illegal_argument_exception', 'query malformed, empty clause found', 'query'],
  [{ trem: {} }, 'parsing_exception', 'unknown query [trem]', 'query'],
  [
    { match: { a: 1 }, term: { b: 1 } },
    'parsing_exception',
    '[match] malformed query, expected [END_OBJECT] but found [FIELD_NAME]',
    'query',
  ],
  [
    { term: { a: 1, b: 2 } },
    'parsing_exception',
    "[term] query doesn't support multiple fields, found [a] and [b]",
    'query.term',
  ],
  [{ term: { a: { value: 1, x: 2 } } }, 'parsing_exception', '[term] query does not support [x]', 'query.term.a.x'],
  [{ term: { a: [1] } }, 'parsing_exception', '[term] query does not support [array]', 'query.term.a'],
  [{ term: { a: null } }, 'illegal_argument_exception', 'value cannot be null', 'query.term.a'],
  [{ bool: { must: [{ match_all: {} }, { x: {} }] } }, 'parsing_exception', 'unknown query [x]', 'query.bool.must[1]'],
  [{ bool: { mus: [] } }, 'parsing_exception', '[bool] query does not support [mus]', 'query.bool.mus'],
  [
    { range: { '@timestamp': { gte: 'soon' } } },
    'query_shard_exception',
    'failed to create query: failed to parse date field [soon] with format [strict_date_optional_time||epoch_millis]',
    '@timestamp',
  ],
  [
    { range: { '@timestamp': { gte: 'now', time_zone: 'Mars' } } },
    'illegal_argument_exception',
    'Unknown time-zone ID: Mars',
    'query.range.@timestamp.time_zone',
  ],
  [
    { fuzzy: { a: { value: 'x', fuzziness: 3 } } },
    'illegal_argument_exception',
    'Valid edit distances are [0, 1, 2] but was [3]',
    'query.fuzzy.a.fuzziness',
  ],
  [
    { query_string: { query: 'a AND' } },
    'query_shard_exception',
    'Failed to parse query [a AND]: The query ends where something is still missing (at character 5)',
    'query.query_string.query',
  ],
  [{ exists: {} }, 'parsing_exception', '[exists] must be provided with a [field]', 'query.exists'],
])('%j is refused', (query, type, reason, path) => {
  const error = refused(query)
  expect({ ...elasticReasonOf(error), path: error.where?.key }).toEqual({ type, reason, path })
})

function refused(query: unknown): AppError {
  try {
    elasticTree(query, options)
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
  throw new Error('it was accepted')
}

describe('hostile queries', () => {
  it('are refused by depth and by number of clauses', () => {
    let deep: unknown = { match_all: {} }
    for (let i = 0; i < 100_000; i++) deep = { bool: { must: deep } }
    expect(elasticReasonOf(refused(deep)).type).toBe('illegal_argument_exception')
    const wide = { bool: { should: Array.from({ length: 2000 }, () => ({ match_all: {} })) } }
    expect(elasticReasonOf(refused(wide))).toEqual({
      type: 'too_many_clauses',
      reason: 'maxClauseCount is set to 1024',
    })
  })

  it('keep many terms in one test', () => {
    const values = Array.from({ length: 10_000 }, (_, i) => `v${i}`)
    const predicate = predicateOf(elasticTree({ terms: { 'a.keyword': values } }, options))
    expect(predicate).toMatchObject({ kind: 'test', test: { op: 'equals', unit: 'value' } })
    expect(refused({ terms: { a: Array.from({ length: 70_000 }, () => 'x') } }).message).toContain('[65536]')
  })
})

test('types come from a mapping where there is one', () => {
  const fields = mappedFields({ status: 'long', 'client.ip': 'ip', items: 'nested', 'items.name': 'keyword' })
  expect(found({ term: { 'client.ip': '10.0.0.0/8' } }, fields)).toEqual(['refused'])
  expect(found({ term: { 'items.name': 'pen' } }, fields)).toEqual([])
  expect(found({ nested: { path: 'items', query: { term: { 'items.name': 'pen' } } } }, fields)).toEqual(['paid'])
  const error = () => found({ wildcard: { status: '5*' } }, fields)
  expect(error).toThrow(
    'Can only use wildcard queries on keyword and text fields - not on [status] which is of type [long]',
  )
})

test('explains itself as Lucene prints queries', () => {
  const query = {
    bool: { filter: { term: { a: 1 } }, must_not: { match: { message: 'x y' } }, should: [{ exists: { field: 'b' } }] },
  }
  const fields = mappedFields({ a: 'long', b: 'keyword', message: 'text' })
  expect(explain(elasticTree(query, { ...options, fields }))).toBe('#a:[1 TO 1] _fn:b -(message:x message:y)')
})

test.each([
  ['2', 3, 2],
  [5, 3, 3],
  [-1, 3, 2],
  ['75%', 4, 3],
  ['-25%', 4, 3],
  ['3<90%', 3, 3],
  ['3<90%', 10, 9],
  ['2<-25% 9<-3', 12, 9],
  ['2<-25% 9<-3', 8, 6],
] as const)('minimum_should_match %s of %d is %d', (spec, count, wanted) => {
  expect(minimumShouldMatch(spec, count, '')).toBe(wanted)
})
