// Indices, aliases and pages that stay as they were, by Elasticsearch's own client: what scripts do that clean up, export and switch over.
import { Client } from '@elastic/elasticsearch'
import { sendLogLines } from '@tidewatch/testkit/log-lines.ts'
import { type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TempDir, tempDir } from './programs.ts'

const stack = new AsyncDisposableStack()
let dir: TempDir
let server: RunningServer
let client: Client

const start = async (): Promise<void> => {
  server = await startServer({ dataDir: `${dir.path}/data`, args: ['--retention', 'off'] })
  client = new Client({ node: server.url })
}

beforeAll(async () => {
  dir = stack.use(tempDir())
  stack.defer(async () => {
    await client.close()
    await server[Symbol.asyncDispose]()
  })
  await start()
})
afterAll(() => stack.disposeAsync())

interface Line {
  readonly '@timestamp': string
  readonly message: string
}

const startMs = Date.now() - 3_600_000
const line = (message: string, i = 0): Line => ({ '@timestamp': new Date(startMs + i).toISOString(), message })

async function store(index: string, lines: readonly (Line & { readonly _id?: string })[]): Promise<void> {
  const result = await client.bulk({
    operations: lines.flatMap(({ _id, ...one }) => [
      { create: { _index: index, ...(_id === undefined ? {} : { _id }) } },
      one,
    ]),
  })
  expect(result.errors).toBe(false)
}

const failureOf = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    await work
  } catch (error) {
    return (error as { meta: { body: unknown } }).meta.body
  }
  return expect.unreachable('it was answered')
}
const countOf = async (index: string, q = '*') => (await client.count({ index, q, ignore_unavailable: true })).count

describe('indices go by their names', () => {
  beforeAll(async () => {
    await store('days-2026.11.20', [line('kept payment')])
    await store(
      'days-2026.11.21',
      Array.from({ length: 500 }, (_, i) => line(`gone payment ${i}`, i)),
    )
  })

  test('what was there is gone from searches, counts, words and aggregations; what comes is a new index', async () => {
    expect(await countOf('days-*', 'payment')).toBe(501)
    expect(await client.indices.delete({ index: 'days-2026.11.21' })).toEqual({ acknowledged: true })
    expect(await client.indices.exists({ index: 'days-2026.11.21' })).toBe(false)
    expect(await countOf('days-*', 'payment')).toBe(1)
    const { hits, aggregations } = await client.search<Line>({
      ...{ index: 'days-*', query: { match: { message: 'payment' } } },
      aggs: { indices: { terms: { field: '_index' } } },
    })
    expect(hits.hits.map(({ _source }) => _source?.message)).toEqual(['kept payment'])
    expect(Object(aggregations?.indices).buckets).toEqual([{ key: 'days-2026.11.20', doc_count: 1 }])
    // the same request again is no repeat of what is gone
    await store('days-2026.11.21', [line('new payment')])
    expect(await countOf('days-2026.11.21', 'payment')).toBe(1)
  })

  test('one that is not there, a pattern and an alias are refused as Elasticsearch refuses them', async () => {
    expect(await failureOf(client.indices.delete({ index: 'nothing' }))).toMatchObject({
      error: { type: 'index_not_found_exception', index: 'nothing' },
      status: 404,
    })
    expect(await client.indices.delete({ index: 'nothing', ignore_unavailable: true })).toEqual({ acknowledged: true })
    for (const index of ['days-*', '_all', '*'])
      expect(await failureOf(client.indices.delete({ index }))).toMatchObject({
        error: {
          type: 'illegal_argument_exception',
          reason: expect.stringContaining('Wildcard expressions or all indices are not allowed'),
        },
      })
    // all days of a daily index are not meant by its name
    expect(await failureOf(client.indices.delete({ index: 'days' }))).toMatchObject({ status: 404 })
    await client.indices.putAlias({ index: 'days-2026.11.20', name: 'last' })
    expect(await failureOf(client.indices.delete({ index: 'last' }))).toMatchObject({
      error: { reason: expect.stringContaining('matches an alias') },
    })
    expect(await countOf('days-2026.11.20')).toBe(1)
  })

  test('by the date of today, as scripts write it', async () => {
    const day = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10).replaceAll('-', '.')
    await store(`dated-${day}`, [line('yesterday')])
    expect(await countOf('<dated-{now/d-1d}>')).toBe(1)
    expect(await client.indices.delete({ index: '<dated-{now/d-1d}>' })).toEqual({ acknowledged: true })
    expect(await countOf('dated-*')).toBe(0)
  })

  test('lines that named no index go by the day that they lie in', async () => {
    const atMs = Date.now() - 3 * 86_400_000
    const day = `logs-${new Date(atMs).toISOString().slice(0, 10).replaceAll('-', '.')}`
    for (const timeMs of [atMs, Date.now()])
      await sendLogLines(server.url, [{ time: new Date(timeMs).toISOString(), message: 'plain' }])
    expect(await countOf(day)).toBe(1)
    expect(await client.indices.delete({ index: day })).toEqual({ acknowledged: true })
    expect(await countOf(day)).toBe(0)
    expect(await countOf('logs')).toBe(1)
  })

  test('a document of a deleted index is stored anew under its id', async () => {
    await store('with-ids', [{ ...line('one'), _id: 'a' }])
    await client.indices.delete({ index: 'with-ids' })
    await store('with-ids', [{ ...line('one'), _id: 'a' }])
    expect(await countOf('with-ids')).toBe(1)
    expect(await client.get({ index: 'with-ids', id: 'a' })).toMatchObject({ found: true, _source: line('one') })
  })
})

describe('aliases', () => {
  beforeAll(async () => {
    await store('blue', [line('blue good', 1), line('blue bad', 2)])
    await store('green', [line('green good', 3)])
  })

  test('searches follow them, also when they are switched over at once, and through their filter', async () => {
    await client.indices.putAlias({ index: 'blue', name: 'live' })
    expect(await countOf('live')).toBe(2)
    await client.indices.updateAliases({
      actions: [{ remove: { index: 'blue', alias: 'live' } }, { add: { indices: ['green'], alias: 'live' } }],
    })
    expect(await countOf('live')).toBe(1)
    await client.indices.putAlias({ index: 'blue', name: 'live', filter: { match: { message: 'bad' } } })
    const { hits } = await client.search<Line>({ index: 'live', sort: '@timestamp:asc' })
    expect(hits.hits.map(({ _index, _source }) => [_index, _source?.message])).toEqual([
      ['blue', 'blue bad'],
      ['green', 'green good'],
    ])
    expect(await countOf('liv*')).toBe(2)
    expect(await countOf('blue,green,-live')).toBe(1)
  })

  test('they are shown, and go', async () => {
    expect(await client.indices.getAlias({ name: 'live' })).toMatchObject({
      blue: { aliases: { live: { filter: { match: { message: 'bad' } } } } },
      green: { aliases: { live: {} } },
    })
    expect(await client.cat.aliases({ name: 'live', format: 'json', h: 'alias,index,filter', s: 'index' })).toEqual([
      { alias: 'live', index: 'blue', filter: '*' },
      { alias: 'live', index: 'green', filter: '-' },
    ])
    expect(await client.indices.exists({ index: 'live' })).toBe(true)
    expect(await client.indices.existsAlias({ name: 'live' })).toBe(true)
    expect(await client.indices.get({ index: 'blue' })).toMatchObject({
      blue: {
        aliases: { live: {} },
        mappings: { properties: { '@timestamp': { type: 'date' }, message: { type: 'text' } } },
        settings: { index: { provided_name: 'blue' } },
      },
    })
    expect(await failureOf(client.indices.get({ index: 'nothing' }))).toMatchObject({ status: 404 })
    await client.indices.deleteAlias({ index: '*', name: 'live' })
    expect(await client.indices.existsAlias({ name: 'live' })).toBe(false)
    expect(await failureOf(client.indices.deleteAlias({ index: '*', name: 'live' }))).toMatchObject({
      error: { type: 'aliases_not_found_exception' },
    })
  })

  test('an index that was set up is there before its first line', async () => {
    await client.indices.create({ index: 'empty', aliases: { hollow: {} } })
    expect(await client.indices.exists({ index: 'empty' })).toBe(true)
    expect((await client.search({ index: 'hollow' })).hits.total).toEqual({ value: 0, relation: 'eq' })
    expect(await client.cat.indices({ index: 'empt*', format: 'json', h: 'index,docs.count' })).toEqual([
      { index: 'empty', 'docs.count': '0' },
    ])
    expect(await client.indices.delete({ index: 'empty' })).toEqual({ acknowledged: true })
    expect(await client.indices.exists({ index: 'empty' })).toBe(false)
    expect(await client.indices.existsAlias({ name: 'hollow' })).toBe(false)
  })
})

describe('pages under writes', () => {
  const old = Array.from({ length: 120 }, (_, i) => `old ${String(i).padStart(3, '0')}`)
  let written = 0
  /** Lines before, among and behind those that are read. */
  const write = () =>
    store(
      'busy',
      Array.from({ length: 30 }, () => line(`new ${written++}`, (written * 37) % 200)),
    )
  beforeAll(() =>
    store(
      'busy',
      old.map((message, i) => line(message, i)),
    ),
  )

  test.each([
    ['newest first', [{ '@timestamp': 'desc' }]],
    ['by a field', [{ 'message.keyword': 'asc' }]],
  ] as const)('a point in time stays as it was, %s', async (_name, sort) => {
    const before = await countOf('busy')
    const { id } = await client.openPointInTime({ index: 'busy', keep_alive: '1m' })
    const seen: string[] = []
    let after: unknown[] | undefined
    do {
      await write()
      const { hits } = await client.search<Line>({
        ...{ pit: { id, keep_alive: '1m' }, size: 50, sort: sort as never, track_total_hits: true },
        ...(after === undefined ? {} : { search_after: after as never }),
      })
      expect(hits.total).toEqual({ value: before, relation: 'eq' })
      seen.push(...hits.hits.map(({ _source }) => String(_source?.message)))
      after = hits.hits.at(-1)?.sort
    } while (after !== undefined)
    expect(seen).toHaveLength(before)
    expect(new Set(seen).size).toBe(before)
    expect(seen.filter((message) => message.startsWith('old')).sort()).toEqual(old)
  })

  test('so does a scroll', async () => {
    const before = await countOf('busy')
    const seen: string[] = []
    for await (const { documents } of client.helpers.scrollSearch<Line>({ index: 'busy', size: 60 })) {
      seen.push(...documents.map(({ message }) => message))
      await write()
    }
    expect(seen).toHaveLength(before)
    expect(new Set(seen).size).toBe(before)
  })
})

describe('ids over a restart', () => {
  test('a bulk in other portions is stored once', async () => {
    const documents = Array.from({ length: 300 }, (_, i) => ({
      ...line(`event ${i}`, i),
      n: i,
      tags: ['a', `t${i % 3}`],
    }))
    const send = async (operation: 'create' | 'index', from: number, to: number) =>
      await client.bulk({
        operations: documents
          .slice(from, to)
          .flatMap((one, i) => [{ [operation]: { _index: 'events', _id: `event-${from + i}` } }, one]),
      })
    expect((await send('index', 0, 200)).errors).toBe(false)
    await server.kill()
    await client.close()
    await start()
    const again = await send('index', 100, 300)
    expect(again.items.map(({ index }) => index?.result)).toEqual([
      ...Array.from({ length: 100 }, () => 'noop'),
      ...Array.from({ length: 100 }, () => 'created'),
    ])
    const created = await send('create', 50, 150)
    expect(created.items.map(({ create }) => create?.status)).toEqual(Array.from({ length: 100 }, () => 409))
    expect(await countOf('events')).toBe(300)
    // another document under an id is another line, as before
    const changed = await client.index({ index: 'events', id: 'event-5', document: { ...documents[5], n: -1 } })
    expect(changed.result).toBe('created')
    expect(await countOf('events')).toBe(301)
  })
})
