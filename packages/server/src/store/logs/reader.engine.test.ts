import { printLogId } from '@tidewatch/core/log-id.ts'
import { type LogRecord, logRecord } from '@tidewatch/core/log-record.ts'
import { defaultProject, type ProjectId } from '@tidewatch/core/matcher.ts'
import { everything, type Predicate, testOf } from '@tidewatch/logquery/predicate.ts'
import { afterAll, beforeEach, expect, test } from 'vitest'
import type { StoreClient } from '../port.ts'
import { logTables } from '../tables/registry.ts'
import { openTestingStore } from '../testing-store.ts'
import type { FieldOfLog, LogFilter, LogSearch, StoredLog } from './port.ts'
import { createLogReader } from './reader.ts'
import { loadLines } from './testing-lines.ts'

const { signal } = new AbortController()
const other = 7 as ProjectId
const second = 1_000_000_000n
const startNs = 1_795_000_000_000_000_000n
const store = await openTestingStore(logTables)
const { client } = store
afterAll(() => store[Symbol.asyncDispose]())

beforeEach(() => client.command('TRUNCATE TABLE logs', { signal }))

const reader = () => createLogReader(client)
const filter = (more: Partial<LogFilter> = {}): LogFilter => ({
  projects: [defaultProject],
  predicate: everything,
  fromNs: 0n,
  toNs: 2n ** 62n,
  ...more,
})
const bodies = (lines: readonly StoredLog[]): string[] => lines.map(({ record }) => record.body)
const load = (records: readonly Partial<LogRecord>[], project: number = defaultProject) =>
  loadLines(
    client,
    records.map((one) => ({ record: logRecord({ timeNs: startNs, ...one }), project })),
  )
const column = (name: 'service' | 'body' | 'severity'): FieldOfLog => ({ kind: 'column', column: name })
const attribute = (name: string): FieldOfLog => ({ kind: 'attribute', name })

async function searchAll(search: Partial<LogSearch> = {}): Promise<StoredLog[]> {
  const found: StoredLog[] = []
  for await (const { lines } of reader().search(
    { ...filter(), direction: 'backward', limit: 1000, ...search },
    { signal },
  ))
    found.push(...lines)
  return found
}

test('a record comes back as it was', async () => {
  const record = logRecord({
    timeNs: startNs + 123_456_789n,
    severity: 17,
    severityText: 'ERROR',
    body: 'it\'s ünïcode\n\\d "x"',
    service: 'api',
    environment: 'prod',
    release: '1.2.3',
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: '00f067aa0ba902b7',
    requestId: 'r1',
    sessionId: 's1',
    user: 'u1',
    wallet: 'EQ1',
    contract: '0xabc',
    tx: '0xdef',
    spelling: 'Ab',
    resource: new Map([
      ['host', 'h1'],
      ['app', 'web'],
    ]),
    attributes: new Map<string, string | number | boolean | readonly (string | number)[]>([
      ['status', 500],
      ['ok', false],
      ['route', '/x'],
      ['ids', [1, 2, 'x']],
      ['one', ['only']],
    ]),
  })
  const [place] = await load([record])
  expect(await searchAll()).toEqual([{ project: defaultProject, place, record }])
})

test('lines of one nanosecond are neither skipped nor repeated between pages, in either direction', async () => {
  const written = Array.from({ length: 25 }, (_, i) => ({ body: `line ${i}`, timeNs: startNs + BigInt(i >> 3) }))
  await load(written)
  for (const direction of ['backward', 'forward'] as const) {
    const seen: string[] = []
    let last: StoredLog | undefined
    do {
      const page = await searchAll({ direction, limit: 4, ...(last === undefined ? {} : { after: last.place }) })
      last = page.at(-1)
      seen.push(...bodies(page))
    } while (last !== undefined)
    const inOrder = written.map(({ body }) => body)
    expect(seen).toEqual(direction === 'forward' ? inOrder : inOrder.toReversed())
  }
})

test('slices grow where there is nothing, and say how far the search has come', async () => {
  const dayNs = 86_400n * second
  await load([
    { body: 'old', timeNs: startNs - 20n * dayNs },
    { body: 'new', timeNs: startNs },
  ])
  const range = { fromNs: startNs - 30n * dayNs, toNs: startNs + second }
  const steps: { bodies: string[]; at: bigint; rows: number }[] = []
  for await (const step of reader().search({ ...filter(range), direction: 'backward', limit: 10 }, { signal }))
    steps.push({ bodies: bodies(step.lines), at: step.searchedToNs, rows: step.rowsRead })
  expect(steps.flatMap((step) => step.bodies)).toEqual(['new', 'old'])
  expect(steps.length).toBeLessThan(12)
  expect(steps.at(-1)).toMatchObject({ at: range.fromNs, rows: 2 })
  expect(steps.map(({ at }) => at)).toEqual(steps.map(({ at }) => at).toSorted((a, b) => (a < b ? 1 : -1)))
})

test('slices of few lines grow on a machine that takes its time for each', async () => {
  const hourNs = 3600n * second
  const hours = Array.from({ length: 200 }, (_, i) => ({ body: `${i}`, timeNs: startNs + BigInt(i) * hourNs }))
  await load(hours)
  const slow: StoreClient = {
    async query(sql, options) {
      await new Promise((done) => setTimeout(done, 150))
      return client.query(sql, options)
    },
    stream: (sql, options) => client.stream(sql, options),
    command: (sql, options) => client.command(sql, options),
    insert: (sql, body, options) => client.insert(sql, body, options),
  }
  const search = { ...filter({ fromNs: startNs, toNs: startNs + 200n * hourNs }), limit: 1000 }
  let found = 0
  let slices = 0
  for await (const step of createLogReader(slow).search({ ...search, direction: 'forward' }, { signal })) {
    found += step.lines.length
    if (step.lines.length === 0) slices++
  }
  expect(found).toBe(200)
  expect(slices).toBeLessThan(8)
})

test('where the store cannot say how many lines there are, as on a cluster, slices begin short and grow', async () => {
  const hourNs = 3600n * second
  await load(Array.from({ length: 20 }, (_, i) => ({ body: `${i}`, timeNs: startNs + BigInt(i) * hourNs })))
  const cluster: StoreClient = {
    query: (sql, options) => (sql.includes('system.tables') ? Promise.resolve([]) : client.query(sql, options)),
    stream: (sql, options) => client.stream(sql, options),
    command: (sql, options) => client.command(sql, options),
    insert: (sql, body, options) => client.insert(sql, body, options),
  }
  const search = { ...filter({ fromNs: startNs, toNs: startNs + 20n * hourNs }), limit: 1000 }
  const searched: bigint[] = []
  let found = 0
  for await (const step of createLogReader(cluster).search({ ...search, direction: 'forward' }, { signal })) {
    found += step.lines.length
    if (step.lines.length === 0) searched.push(step.searchedToNs)
  }
  expect(found).toBe(20)
  expect(searched[0]).toBe(startNs + hourNs / 4n)
  expect(searched.at(-1)).toBe(search.toNs)
})

test('projects are apart, and several are read in one order of time', async () => {
  await load([
    { body: 'a', timeNs: startNs },
    { body: 'c', timeNs: startNs + 2n },
  ])
  await load([{ body: 'b', timeNs: startNs + 1n }], other)
  expect(bodies(await searchAll())).toEqual(['c', 'a'])
  expect(bodies(await searchAll({ projects: [defaultProject, other] }))).toEqual(['c', 'b', 'a'])
})

test('a cancelled search ends with the reason', async () => {
  await load([{ body: 'a' }])
  const stop = new AbortController()
  const steps = reader().search({ ...filter(), direction: 'forward', limit: 10 }, { signal: stop.signal })
  stop.abort(new Error('the page was closed'))
  const read = async () => {
    for await (const _ of steps);
  }
  await expect(read()).rejects.toThrow('the page was closed')
})

test('words are counted the same by index and by look, in every script', async () => {
  await load(
    [
      'Request done',
      'request.failed',
      'the REQUEST',
      'requests',
      'Запрос request',
      '1,234 request',
      'İstanbul ΣΑΣ',
    ].map((body) => ({
      body,
    })),
  )
  const has = (value: string): Predicate => testOf(column('body'), { op: 'equals', unit: 'token', values: [value] })
  expect(await reader().count(filter({ predicate: has('request') }), { signal })).toBe(4)
  expect(await reader().count(filter({ predicate: has('запрос') }), { signal })).toBe(1)
  expect(await reader().count(filter({ predicate: has('1,234') }), { signal })).toBe(1)
  expect(await reader().count(filter({ predicate: has('istanbul') }), { signal })).toBe(1)
  expect(await reader().count(filter({ predicate: has('σασ') }), { signal })).toBe(1)
  expect(await reader().count(filter(), { signal })).toBe(7)
})

test('counts hold while parts come and are merged: lines of whole ones are not asked for times, projects and scripts', async () => {
  const hourNs = 3600n * second
  const one = reader()
  const all: { readonly record: LogRecord; readonly project: number }[] = []
  const merges: Promise<void>[] = []
  for (let round = 0; round < 6; round++) {
    const batch = Array.from({ length: 40 }, (_, i) => ({
      project: round % 3 === 2 && i % 2 === 0 ? other : defaultProject,
      record: logRecord({
        body: round >= 4 && i % 20 === 0 ? 'die Anfrage: Überlauf REQUEST' : i % 2 === 0 ? 'Request done' : 'nothing',
        service: i % 3 === 0 ? 'orders' : 'users',
        timeNs: startNs + BigInt((round % 4) * 10 + (i % 16)) * hourNs,
      }),
    }))
    await loadLines(client, batch)
    all.push(...batch)
    merges.push(client.command('OPTIMIZE TABLE logs', { signal }))
    for (const [from, to, projects] of [
      [0n, 100n, [defaultProject]],
      [0n, 100n, [defaultProject, other]],
      [0n, 24n, [defaultProject]],
      [5n, 40n, [defaultProject]],
    ] as const)
      for (const [predicate, holds] of [
        [everything, () => true],
        // the engine sees that it holds for all
        [{ kind: 'not', of: { kind: 'none' } }, () => true],
        [testOf(column('body'), { op: 'equals', unit: 'token', values: ['request'] }), isRequest],
        [testOf(column('service'), { op: 'equals', unit: 'value', values: ['orders'] }), isOrders],
      ] as const) {
        const range = { projects, fromNs: startNs + from * hourNs, toNs: startNs + to * hourNs }
        const wanted = all.filter(
          ({ record, project }) =>
            (projects as readonly number[]).includes(project) &&
            record.timeNs >= range.fromNs &&
            record.timeNs < range.toNs &&
            holds(record),
        )
        const told = JSON.stringify({ round, from: String(from), to: String(to), projects, predicate })
        expect(await one.count({ ...range, predicate }, { signal }), told).toBe(wanted.length)
      }
  }
  await Promise.all(merges)
})
const isRequest = ({ body }: LogRecord): boolean => /request/i.test(body)
const isOrders = ({ service }: LogRecord): boolean => service === 'orders'

test('what the engine cannot say exactly is looked at line by line, also for groups', async () => {
  const items = (qty: number) =>
    new Map([
      [
        'items',
        JSON.stringify([
          { name: 'a', qty },
          { name: 'b', qty: 1 },
        ]),
      ],
    ])
  const [place] = await load([
    { body: 'x', service: 'shop', attributes: items(5) },
    { body: 'y', service: 'shop', attributes: items(1) },
  ])
  const predicate: Predicate = {
    kind: 'nested',
    path: 'items',
    of: {
      kind: 'and',
      of: [
        testOf(attribute('items.name'), { op: 'equals', unit: 'value', values: ['a'] }),
        testOf(attribute('items.qty'), { op: 'number', from: { value: 4, inclusive: true } }),
      ],
    },
  }
  expect(bodies(await searchAll({ predicate }))).toEqual(['x'])
  expect(await reader().count(filter({ predicate }), { signal })).toBe(1)
  const byId: Predicate = { kind: 'ids', values: [printLogId(place as NonNullable<typeof place>), 'nonsense'] }
  expect(bodies(await searchAll({ predicate: byId }))).toEqual(['x'])
})

test('groups by time, fields, numbers and filters, with what is measured in them', async () => {
  await load([
    { body: 'one', service: 'api', severity: 17, attributes: new Map([['ms', 10]]) },
    { body: 'two', service: 'api', severity: 9, attributes: new Map([['ms', 30]]), timeNs: startNs + 61n * second },
    {
      body: 'three',
      service: 'db',
      attributes: new Map<string, string | readonly string[]>([
        ['ms', 'slow'],
        ['tag', ['a', 'b']],
      ]),
    },
    { body: 'four', attributes: new Map([['tag', 'a']]) },
  ])
  const rows = (aggregation: Parameters<ReturnType<typeof reader>['aggregate']>[1]) =>
    reader().aggregate(filter(), aggregation, { signal })
  const ms = attribute('ms')
  expect(
    await rows({
      groups: [{ kind: 'field', field: column('service'), missing: 'none' }],
      measures: [
        ...(['count', 'min', 'max', 'sum', 'avg'] as const).map((kind) => ({ kind, field: ms })),
        { kind: 'cardinality', field: ms },
        { kind: 'percentiles', field: ms, percents: [0, 100] },
        { kind: 'body-bytes' },
      ],
      limit: 10,
    }),
  ).toEqual([
    { keys: ['api'], count: 2, values: [2, 10, 30, 40, 20, 2, [10, 30], 6] },
    { keys: ['db'], count: 1, values: [1, undefined, undefined, undefined, undefined, 1, undefined, 5] },
    { keys: ['none'], count: 1, values: [0, undefined, undefined, undefined, undefined, 0, undefined, 4] },
  ])
  // lines without a service are in no group, nor take one's place
  expect(await rows({ groups: [{ kind: 'field', field: column('service') }], measures: [], limit: 2 })).toEqual([
    { keys: ['api'], count: 2, values: [] },
    { keys: ['db'], count: 1, values: [] },
  ])
  const minute = 60n * second
  const begin = startNs - (startNs % minute)
  expect(await rows({ groups: [{ kind: 'interval', widthNs: minute }], measures: [], limit: 10 })).toEqual([
    { keys: [String(begin)], count: 3, values: [] },
    { keys: [String(begin + minute)], count: 1, values: [] },
  ])
  const tags = { kind: 'field', field: attribute('tag') } as const
  expect(await rows({ groups: [tags], measures: [], limit: 10, order: { by: 'count', descending: true } })).toEqual([
    { keys: ['a'], count: 2, values: [] },
    { keys: ['b'], count: 1, values: [] },
  ])
  expect(await rows({ groups: [{ kind: 'numbers', field: ms, width: 20 }], measures: [], limit: 10 })).toEqual([
    { keys: ['0'], count: 1, values: [] },
    { keys: ['20'], count: 1, values: [] },
  ])
  const filters = [everything, testOf(column('severity'), { op: 'severity', from: 17, to: 20 })]
  expect(await rows({ groups: [{ kind: 'predicates', of: filters }], measures: [], limit: 10 })).toEqual([
    { keys: ['0'], count: 4, values: [] },
    { keys: ['1'], count: 1, values: [] },
  ])
})

test('fields have their types and how many lines have them', async () => {
  await load([
    {
      body: 'x',
      service: 'api',
      attributes: new Map<string, number | readonly string[]>([
        ['n', 1],
        ['tags', ['a', 'b']],
      ]),
    },
    { body: 'y', attributes: new Map([['n', 'text']]), resource: new Map([['host', 'h']]) },
  ])
  const fields = await reader().fields(filter(), { signal })
  expect(fields).toEqual([
    { name: 'body', place: 'column', types: ['text'], count: 2 },
    { name: 'n', place: 'attribute', types: ['number', 'text'], count: 2 },
    { name: 'host', place: 'resource', types: ['text'], count: 1 },
    { name: 'service', place: 'column', types: ['text'], count: 1 },
    { name: 'tags', place: 'attribute', types: ['text'], count: 1 },
  ])
})

test('context is what the same source wrote around a line', async () => {
  const resource = new Map([['host', 'h1']])
  await load(
    ['a', 'b', 'other', 'c', 'd', 'e'].map((body, i) => ({
      body,
      timeNs: startNs + BigInt(i >> 1),
      resource: body === 'other' ? new Map([...resource, ['pod', 'p']]) : resource,
    })),
  )
  const [line] = (await searchAll({ direction: 'forward' })).filter(({ record }) => record.body === 'c')
  const around = await reader().context(line as StoredLog, { before: 5, after: 1 }, { signal })
  expect([bodies(around.before), bodies(around.after)]).toEqual([['a', 'b'], ['d']])
})

test('streams are the sources of lines', async () => {
  const resource = new Map([['host', 'h1']])
  await load([{ resource, service: 'api' }, { resource, service: 'api', timeNs: startNs + 5n }, { service: 'db' }])
  expect(await reader().streams(filter(), { signal, limit: 10 })).toEqual([
    { project: defaultProject, service: 'api', resource, count: 2, newestNs: startNs + 5n },
    { project: defaultProject, service: 'db', resource: new Map(), count: 1, newestNs: startNs },
  ])
})
