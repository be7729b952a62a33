// What single rules of the search bar mean: words, dates, addresses, regular expressions, free fields.
import { logRecord } from '@tidewatch/core/log-record.ts'
import { RE2JS } from 're2js'
import { expect, test } from 'vitest'
import { numberOf, timeOf, tokenize } from './analysis.ts'
import { parseDateMath } from './date-math.ts'
import { recordFields } from './fields.ts'
import { isWithinEdits } from './fuzzy.ts'
import { ipOf, ipRangeOf, printIp } from './ip.ts'
import { kqlTree } from './kql/build.ts'
import { luceneTree } from './lucene/build.ts'
import { compilePredicate } from './match.ts'
import { hasPhrase } from './phrase.ts'
import { predicateOf } from './query-tree.ts'
import { luceneRegexpToRe2 } from './regexp-syntax.ts'
import { compileWildcard, parseWildcard } from './wildcard.ts'

const nowMs = Date.parse('2025-06-15T12:00:00Z')

test.each([
  ["GET /cart/7 200 in 1.5 ms; it's db-1", "get cart 7 200 in 1.5 ms it's db 1"],
  ['fox.quick quick_fox _a_ __ a.1 1,000 e:f', 'fox.quick quick_fox _a_ a 1 1,000 e:f'],
  ['Zürich ΑΣ 東京 カタカナ', 'zürich ασ 東 京 カタカナ'],
  ['user@example.com C:\\temp x=y', 'user example.com c temp x y'],
])('words of %s', (text, words) => {
  expect(tokenize(text).join(' ')).toBe(words)
})

test('a word that never ends is cut', () => {
  expect(tokenize('a'.repeat(600)).map(({ length }) => length)).toEqual([255, 255, 90])
  expect(tokenize('_'.repeat(200_000))).toEqual([])
})

test('numbers and dates in texts', () => {
  expect(['1', '-2.5', '1e3', '.5', '0x10', '1e999', '12a', ''].map(numberOf)).toEqual([
    1,
    -2.5,
    1000,
    0.5,
    ...Array<undefined>(4),
  ])
  expect(timeOf('2025-06-15T12:00:00.000000001+02:00')).toBe(
    BigInt(Date.parse('2025-06-15T10:00:00Z')) * 1_000_000n + 1n,
  )
  expect(['2025-02-30', '2025-06-15T25:00:00Z', 'soon'].map(timeOf)).toEqual(Array<undefined>(3))
})

test.each([
  ['now-1h/d', false, 'UTC', '2025-06-15T00:00:00.000Z'],
  ['now/d', true, 'UTC', '2025-06-15T23:59:59.999Z'],
  ['now/d', false, 'America/New_York', '2025-06-15T04:00:00.000Z'],
  ['2025-03-30||+1d', false, 'Europe/Berlin', '2025-03-30T22:00:00.000Z'],
  ['2025-03-30||+24h', false, 'Europe/Berlin', '2025-03-30T23:00:00.000Z'],
  ['2024-01-31||+1M', false, 'UTC', '2024-02-29T00:00:00.000Z'],
  ['2024-02-29||-1y/y', false, 'UTC', '2023-01-01T00:00:00.000Z'],
  ['now/w', false, 'UTC', '2025-06-09T00:00:00.000Z'],
  ['2025-06-15T13', true, 'UTC', '2025-06-15T13:59:59.999Z'],
  ['1749985200000', false, 'UTC', '2025-06-15T11:00:00.000Z'],
] as const)('%s (up: %s, %s) is %s', (text, roundUp, timeZone, wanted) => {
  const ns = parseDateMath(text, roundUp, { nowMs, timeZone })
  expect(ns === undefined ? undefined : new Date(Number(ns / 1_000_000n)).toISOString()).toBe(wanted)
})

test.each([
  'now-',
  'now-1x',
  'now/',
  '2025-13',
  '2025-06-31',
  '2025-06-15T24',
  'now+999999999y',
  'now1h',
  '2025/06',
  '||',
])('%s is no date', (text) => {
  expect(parseDateMath(text, false, { nowMs, timeZone: 'UTC' })).toBeUndefined()
})

test('addresses', () => {
  expect(
    ['10.0.0.5', '::1', '2001:db8::8:0:0:1', '::ffff:1.2.3.4', '1:0:0:2:0:0:0:3'].map((text) =>
      printIp(ipOf(text) ?? -1n),
    ),
  ).toEqual([...['10.0.0.5', '::1', '2001:db8::8:0:0:1', '1.2.3.4', '1:0:0:2::3']])
  expect(['256.0.0.1', '1.2.3', '1::2::3', ':::', 'x', '1:2:3:4:5:6:7:8:9'].map(ipOf)).toEqual(Array<undefined>(6))
  const range = ipRangeOf('192.168.1.77/16')
  expect(range && [printIp(range.from), printIp(range.to)]).toEqual(['192.168.0.0', '192.168.255.255'])
  expect(ipRangeOf('10.0.0.0/33')).toBeUndefined()
})

test.each<[source: string, matching: string, others: string]>([
  ['qui[ck]+', 'quic quikc', 'qui quicks'],
  ['a@z', 'az abz', 'a'],
  ['<8-12>x', '8x 12x 008x', '7x 13x'],
  ['<08-12>', '08 11', '8 13'],
  ['"a.b"c?', 'a.b a.bc', 'axb'],
  ['(ab){2,3}', 'abab ababab', 'ab'],
  ['a#?', 'a', 'a#'],
  ['[^a-c]\\.', 'd.', 'a. dd'],
  ['\\d+\\w', '12a', 'a'],
  ['^a$', '^a$', 'a'],
])('the expression %s', (source, matching, others) => {
  const pattern = luceneRegexpToRe2(source)
  const compiled = RE2JS.compile(`^(?s:${String(pattern)})$`)
  expect(matching.split(' ').filter((text) => !compiled.matches(text))).toEqual([])
  expect(others.split(' ').filter((text) => compiled.matches(text))).toEqual([])
})

test.each([
  '(',
  ')',
  '[a',
  'a{',
  '*a',
  '"a',
  '<1>',
  'a\\',
  '~a',
  'a&b',
  'a{2000}',
  `${'('.repeat(60)}a${')'.repeat(60)}`,
  'a'.repeat(1001),
])('the expression %s is refused', (source) => {
  expect(luceneRegexpToRe2(source)).toHaveProperty('message')
})

test('edits, phrases and patterns', () => {
  expect(isWithinEdits([...'quikc'], 'quick', 1)).toBe(true)
  expect(isWithinEdits([...'quick'], 'quick!!', 1)).toBe(false)
  expect(isWithinEdits([...'quick'], 'wuick', 1, 1)).toBe(false)
  expect(hasPhrase(['to', 'be', 'to'], ['to', 'be'], 3, false)).toBe(false)
  expect(hasPhrase(['a', 'a'], ['a', 'b', 'a'], 1, false)).toBe(true)
  expect(hasPhrase(['quick', 'fo'], ['quick', 'fox'], 0, true)).toBe(true)
  expect(compileWildcard(parseWildcard('*a?c*\\*'))('xxabcd*')).toBe(true)
  expect(compileWildcard(parseWildcard(`${'*a'.repeat(300)}b`))('a'.repeat(20_000))).toBe(false)
})

const record = logRecord({
  timeNs: BigInt(nowMs) * 1_000_000n,
  severity: 13,
  severityText: 'warning',
  body: 'Slow query on orders',
  service: 'Backend',
  traceId: 'ab12',
  resource: new Map([['host.name', 'web-1']]),
  attributes: new Map<string, string | number | boolean | readonly string[]>([
    ['query_duration', 1500],
    ['retries', '3'],
    ['ok', false],
    ['tags', ['db', 'urgent']],
    ['client.ip', '10.1.2.3'],
    ['url.path', '/api/v1/orders'],
    ['started', '2025-06-15T11:59:00Z'],
  ]),
})

test.each([
  ['level:WARN', true],
  ['level:warning AND severity:warn', true],
  ['level:(error OR fatal)', false],
  ['level:>=info', true],
  ['level:40', true],
  ['level:war*', true],
  ['level:/war.*/', true],
  ['service:backend', true],
  ['service.keyword:backend', false],
  ['service_name.keyword:Backend', true],
  ['trace.id:ab12', true],
  ['host.name:web-1', true],
  ['host.name:"web 1"', true],
  ['host.name:web-*', true],
  ['query_duration:>1000', true],
  ['query_duration:[1000 TO 1400]', false],
  ['query_duration:1500.0', true],
  ['retries:>=3', true],
  ['ok:false', true],
  ['tags:(db AND urgent)', true],
  ['tags:>1', false],
  ['client.ip:"10.1.0.0/16"', true],
  ['url.path:\\/api\\/*', true],
  ['started:[now-5m TO now]', true],
  ['started:2025-06-15', true],
  ['started:2025-06-14', false],
  ['@timestamp:[now-1s TO now]', true],
  ['_exists_:client', true],
  ['_exists_:nothing', false],
  ['client.\\*:10.1.2.3', true],
  ['orders AND urgent', true],
  ['nothing', false],
  ['NOT error', true],
])('of free fields %s is %s', (query, wanted) => {
  const tree = luceneTree(query, { nowMs, timeZone: 'UTC', fields: recordFields })
  expect(compilePredicate(predicateOf(tree))(record)).toBe(wanted)
})

test.each([
  ['level: warn and service: backend', true],
  ['query_duration > 1000 and not ok: true', true],
  ['tags: (db and urgent)', true],
  ['host.*: "web-1"', true],
  ['client.ip: *', true],
  ['url.path: /api/*', true],
  ['message: slo* que*', true],
  ['level: error or message: nothing', false],
])('in KQL %s is %s', (query, wanted) => {
  const tree = kqlTree(query, { nowMs, timeZone: 'UTC', fields: recordFields })
  expect(compilePredicate(predicateOf(tree))(record)).toBe(wanted)
})

test('queries that nobody writes are refused', () => {
  const options = { nowMs, timeZone: 'UTC', fields: recordFields }
  for (const text of [`${'('.repeat(5000)}a${')'.repeat(5000)}`, `${'a OR '.repeat(3000)}a`, 'x'.repeat(70_000)]) {
    expect(() => luceneTree(text, options)).toThrow(expect.objectContaining({ code: 'query.limit' }))
    expect(() => kqlTree(text, options)).toThrow(expect.objectContaining({ code: 'query.limit' }))
  }
})
