import { logRecord } from '@tidewatch/core/log-record.ts'
import { defaultProject, type ProjectId } from '@tidewatch/core/matcher.ts'
import { allOf, everything, notOf, type Predicate, testOf } from '@tidewatch/logquery/predicate.ts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { logTables } from '../tables/registry.ts'
import { openTestingStore } from '../testing-store.ts'
import { type AggregateRow, aggregateStatement, minuteStatement, readGroups } from './aggregate.ts'
import type { FieldOfLog, LogAggregation, LogFilter, LogGroup } from './port.ts'
import { createLogReader } from './reader.ts'
import { renderPredicate } from './render.ts'
import { loadLines } from './testing-lines.ts'

const { signal } = new AbortController()
const minute = 60_000_000_000n
const second = 1_000_000_000n
const startNs = 29_900_000n * minute
const other = 7 as ProjectId
const store = await openTestingStore(logTables)
const { client } = store
afterAll(() => store[Symbol.asyncDispose]())

const column = (name: 'service' | 'environment' | 'severity' | 'time'): FieldOfLog => ({ kind: 'column', column: name })
const named = (name: 'service' | 'environment', value: string): Predicate =>
  testOf(column(name), { op: 'equals', unit: 'value', values: [value] })
const errors = testOf(column('severity'), { op: 'severity', from: 17, to: 20 })
const byService: LogGroup = { kind: 'field', field: column('service') }
const bars = (minutes: bigint, offsetNs = 0n): LogGroup => ({ kind: 'interval', widthNs: minutes * minute, offsetNs })

/** Lines of three hours, one every 7.3 s, of two projects. */
const load = () =>
  loadLines(
    client,
    Array.from({ length: 1500 }, (_, i) => ({
      project: i % 11 === 0 ? other : defaultProject,
      record: logRecord({
        timeNs: startNs + BigInt(i) * 7_300_000_000n,
        service: ['api', 'web', 'worker', ''][i % 4] as string,
        environment: i % 5 === 0 ? 'test' : 'prod',
        severity: [0, 9, 9, 13, 17, 18][i % 6] as number,
        body: `line ${i}`,
      }),
    })),
  )

const filter = (more: Partial<LogFilter> = {}): LogFilter => ({
  projects: [defaultProject],
  predicate: everything,
  ...{ fromNs: startNs - 5n * minute, toNs: startNs + 240n * minute },
  ...more,
})
const aggregation = (groups: readonly LogGroup[], more: Partial<LogAggregation> = {}): LogAggregation => ({
  ...{ groups, measures: [], limit: 10_000 },
  ...more,
})

const cases: readonly (readonly [string, LogFilter, LogAggregation])[] = [
  ['all lines', filter(), aggregation([])],
  ['none', filter({ predicate: named('service', 'nobody') }), aggregation([])],
  ['no group', filter({ predicate: named('service', 'nobody') }), aggregation([byService])],
  ['of several projects', filter({ projects: [defaultProject, other] }), aggregation([byService])],
  ['errors by service', filter({ predicate: errors }), aggregation([byService])],
  [
    'the most frequent first',
    filter(),
    aggregation([byService], { order: { by: 'count', descending: true }, limit: 2 }),
  ],
  ['with those that have none', filter(), aggregation([{ ...byService, missing: 'none' }])],
  [
    'by severity and bars',
    filter(),
    aggregation([bars(2n), { kind: 'field', field: column('severity'), missing: '0' }]),
  ],
  ['bars of one service', filter({ predicate: named('service', 'api') }), aggregation([bars(5n)])],
  [
    'bars from the newest on',
    filter(),
    aggregation([bars(1n)], { order: { by: 'keys', descending: true }, limit: 50 }),
  ],
  ['bars that begin at another minute', filter(), aggregation([bars(7n, 3n * minute)])],
  [
    'from and to within a minute',
    filter({ fromNs: startNs + 61n * second, toNs: startNs + 100n * minute + 1n }),
    aggregation([bars(2n)]),
  ],
  [
    'what is neither',
    filter({ predicate: allOf([notOf(errors), notOf(named('environment', 'test'))]) }),
    aggregation([bars(10n), byService]),
  ],
  [
    'spans of unequal length',
    filter(),
    aggregation([{ kind: 'spans', startsNs: [startNs - 5n * minute, startNs + 30n * minute, startNs + 31n * minute] }]),
  ],
]

const ask = async (sql: string, wanted: LogAggregation) =>
  readGroups(await client.query<AggregateRow>(sql, { signal }), wanted)
const ofLines = (asked: LogFilter, wanted: LogAggregation): string =>
  aggregateStatement(asked, renderPredicate(asked.predicate), wanted)

async function expectEqual(asked: LogFilter, wanted: LogAggregation): Promise<void> {
  const sql = minuteStatement(asked, wanted)
  expect(sql).toBeDefined()
  expect(await ask(sql ?? '', wanted)).toEqual(await ask(ofLines(asked, wanted), wanted))
  const plan = await client.query<{ explain: string }>(`EXPLAIN ${sql}`, { signal })
  expect(plan.map(({ explain }) => explain).join('\n')).toContain('(minutes)')
}

beforeAll(load)

it.each(cases)('%s: counts by minute say what the lines say', async (_, asked, wanted) => {
  await expectEqual(asked, wanted)
})

it.each([
  ['a body', filter({ predicate: testOf({ kind: 'column', column: 'body' }, { op: 'exists' }) }), aggregation([])],
  ['ids', filter({ predicate: { kind: 'ids', values: ['1-1'] } }), aggregation([])],
  ['what had arrived by then', filter({ upToSeq: 9n }), aggregation([])],
  ['a few minutes', filter({ fromNs: startNs, toNs: startNs + 14n * minute }), aggregation([])],
  ['times before 1970', filter({ fromNs: -minute }), aggregation([])],
  ['bars of half a minute', filter(), aggregation([{ kind: 'interval', widthNs: minute / 2n }])],
  ['bars that begin within a minute', filter(), aggregation([bars(2n, second)])],
  ['times', filter(), aggregation([{ kind: 'field', field: column('time') }])],
  ['filters', filter(), aggregation([{ kind: 'predicates', of: [errors, named('service', 'web')] }])],
  ['measures', filter(), aggregation([], { measures: [{ kind: 'body-bytes' }] })],
])('%s: the lines themselves are asked', (_, asked, wanted) => {
  expect(minuteStatement(asked, wanted)).toBeUndefined()
})

it('what was taken out, and came later, counts as it is, merged too', async () => {
  const wanted = aggregation([bars(2n), { ...byService, missing: 'none' }])
  await client.command("DELETE FROM logs WHERE service = 'web' AND time_ns % 3 = 0", { signal })
  await expectEqual(filter(), wanted)
  await load()
  await client.command('ALTER TABLE logs APPLY DELETED MASK SETTINGS mutations_sync = 2', { signal })
  await expectEqual(filter(), wanted)
  await client.command('OPTIMIZE TABLE logs FINAL', { signal })
  await expectEqual(filter(), wanted)
  const reader = createLogReader(client)
  const total = (await reader.aggregate(filter(), wanted, { signal })).reduce((sum, { count }) => sum + count, 0)
  expect(await reader.count(filter(), { signal })).toBe(total)
  expect(total).toBeGreaterThan(2000)
})
