// Elasticsearch's own client reads from the product, and so does Grafana's data source by the requests that it sends.
import { Client } from '@elastic/elasticsearch'
import { type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const stack = new AsyncDisposableStack()
let server: RunningServer
let client: Client

const minuteMs = 60_000
const index = 'wagob-logs-2026.11.22'
/** Beginning of the minute of the first line: an hour's tenth ago. */
const startMs = Math.floor((Date.now() - 50 * minuteMs) / minuteMs) * minuteMs

interface Line {
  readonly '@timestamp': string
  readonly [name: string]: unknown
}

const lines: readonly Line[] = Array.from({ length: 60 }, (_, i) => ({
  '@timestamp': new Date(startMs + i * 10_000).toISOString(),
  level: i % 5 === 0 ? 'error' : 'info',
  message: `payment ${i} of order-${i % 7} ${i % 5 === 0 ? 'failed badly' : 'settled'}`,
  service: i % 2 === 0 ? 'backend' : 'web',
  event_type: i % 3 === 0 ? 'contract_tx' : 'other',
  status: i % 6 === 0 ? 'failed' : 'ok',
  query_duration: i * 100,
  isPaid: i % 4 === 0,
  http: { request: { method: i % 2 === 0 ? 'GET' : 'POST' }, status_code: 200 + (i % 3) * 100 },
  tags: ['shop', `t${i % 3}`],
  items: [
    { sku: `a${i}`, qty: i },
    { sku: 'b', qty: 1 },
  ],
}))

async function store(of: string, documents: readonly object[]): Promise<void> {
  const body = documents.flatMap((one) => [JSON.stringify({ index: { _index: of } }), JSON.stringify(one)]).join('\n')
  const response = await fetch(`${server.url}/_bulk`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: `${body}\n`,
  })
  expect(await response.json()).toMatchObject({ errors: false })
}

async function ask(path: string, body?: unknown, method = body === undefined ? 'GET' : 'POST') {
  const response = await fetch(`${server.url}${path}`, {
    method,
    ...(body === undefined
      ? {}
      : {
          body: typeof body === 'string' ? body : JSON.stringify(body),
          headers: { 'content-type': 'application/json' },
        }),
  })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.includes('json') === true
  return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined }
}

const failureOf = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    await work
  } catch (error) {
    return (error as { meta: { body: unknown } }).meta.body
  }
  return expect.unreachable('it was answered')
}

beforeAll(async () => {
  server = stack.use(await startServer({ args: ['--retention', 'off'] }))
  client = new Client({ node: server.url })
  stack.defer(() => client.close())
  await store(index, lines)
  await store('wagob-logs-2026.11.21', [{ ...lines[0], message: 'the day before' }])
  await store('audit', [{ '@timestamp': new Date(startMs).toISOString(), message: 'somebody signed in', actor: 'ann' }])
})
afterAll(() => stack.disposeAsync())

describe('searches', () => {
  test('hits carry what was sent, as it was sent', async () => {
    const { hits } = await client.search<Line>({ index, size: 100, sort: [{ '@timestamp': 'asc' }] })
    expect(hits.total).toEqual({ value: 60, relation: 'eq' })
    expect(hits.hits.map(({ _source }) => _source)).toEqual(lines)
    expect(new Set(hits.hits.map(({ _index }) => _index))).toEqual(new Set([index]))
  })

  test.each([
    ['level:error AND @timestamp:[now-1h TO now]', (one: Line) => one.level === 'error'],
    ['service:backend AND level:error', (one: Line) => one.service === 'backend' && one.level === 'error'],
    [
      'event_type:contract_tx AND status:failed',
      (one: Line) => one.event_type === 'contract_tx' && one.status === 'failed',
    ],
    ['query_duration:>1000', (one: Line) => Number(one.query_duration) > 1000],
  ])("Kibana's query %s", async (query, isMeant) => {
    const { hits } = await client.search<Line>({ index, q: query, size: 100, sort: '@timestamp:asc' })
    expect(hits.hits.map(({ _source }) => _source)).toEqual(lines.filter(isMeant))
    const counted = await client.count({ index, query: { query_string: { query } } })
    expect(counted.count).toBe(lines.filter(isMeant).length)
  })

  test('indices by name, day, wildcard, list, exclusion and alias', async () => {
    const counts = async (of: string) => (await client.count({ index: of })).count
    expect(await counts('wagob-logs-*')).toBe(61)
    expect(await counts('wagob-logs')).toBe(61)
    expect(await counts('wagob-logs-2026.11.21')).toBe(1)
    expect(await counts('wagob-*,-wagob-logs-2026.11.21,audit')).toBe(61)
    expect(await counts('_all')).toBe(62)
    expect(await counts('nothing-*')).toBe(0)
    expect(await failureOf(client.search({ index: 'nothing' }))).toMatchObject({
      error: { type: 'index_not_found_exception', index: 'nothing' },
      status: 404,
    })
    const { hits } = await client.search({ index: 'nothing', ignore_unavailable: true })
    expect(hits.total).toEqual({ value: 0, relation: 'eq' })
  })

  test('parts of documents, fields in formats, marks', async () => {
    const { hits } = await client.search({
      index,
      query: { match_phrase: { message: 'payment 5' } },
      _source: { includes: ['http.*', 'message'], excludes: ['*.method'] },
      fields: [{ field: '@timestamp', format: 'epoch_millis' }, 'tags', 'http.*'],
      docvalue_fields: ['level'],
      highlight: { pre_tags: ['<'], post_tags: ['>'], fields: { message: {} } },
    })
    expect(hits.hits).toHaveLength(1)
    expect(hits.hits[0]).toMatchObject({
      _source: { message: lines[5]?.message, http: { status_code: 400 } },
      fields: {
        '@timestamp': [String(startMs + 50_000)],
        tags: ['shop', 't2'],
        'http.request.method': ['POST'],
        level: ['error'],
      },
      highlight: { message: ['<payment> <5> of order-<5> failed badly'] },
    })
    expect(Object.keys(Object(hits.hits[0]?._source))).toEqual(['message', 'http'])
  })

  test('what is too much or not there is refused by its name', async () => {
    expect(await failureOf(client.search({ index, from: 9_995, size: 10 }))).toMatchObject({
      error: { type: 'illegal_argument_exception', reason: expect.stringContaining('Result window is too large') },
    })
    expect(await failureOf(client.search({ index, runtime_mappings: { x: { type: 'long' } } }))).toMatchObject({
      error: { reason: expect.stringContaining('[runtime_mappings] is not supported here') },
    })
    const significant = client.search({ index, aggs: { x: { significant_terms: { field: 'level' } } } })
    expect(await failureOf(significant)).toMatchObject({
      error: { reason: expect.stringContaining('significant_terms') },
    })
    const many = client.search({
      index,
      size: 0,
      aggs: { x: { date_histogram: { field: '@timestamp', fixed_interval: '1ms' } } },
    })
    expect(await failureOf(many)).toMatchObject({ error: { type: 'too_many_buckets_exception' }, status: 400 })
    const { status, json } = await ask(`/${index}/_search`, '{"query":')
    expect([status, json.error.type]).toEqual([400, 'x_content_parse_exception'])
  })

  test('several searches, each with its own failure', async () => {
    const { responses } = await client.msearch({
      searches: [{ index }, { size: 0 }, { index: 'nothing' }, {}, { index }, { query: { wrong: {} } as never }],
    })
    expect(responses).toMatchObject([
      { status: 200, hits: { total: { value: 60 } } },
      { status: 404, error: { type: 'index_not_found_exception' } },
      { status: 400, error: { type: 'parsing_exception' } },
    ])
  })
})

describe('pages', () => {
  const many = 'same-moment'
  const times = ['2026-11-20T10:00:00.123456789Z', '2026-11-20T10:00:00.123456790Z']
  beforeAll(() =>
    store(
      many,
      Array.from({ length: 150 }, (_, i) => ({
        '@timestamp': times[i % 50 === 0 ? 1 : 0],
        message: `line ${i}`,
        n: i % 4,
      })),
    ),
  )
  const all = Array.from({ length: 150 }, (_, i) => `line ${i}`).sort()

  test.each([
    ['by time, newest first', [{ '@timestamp': 'desc' }], 7],
    ['by time, oldest first', [{ '@timestamp': 'asc' }], 21],
    ['by place', ['_shard_doc'], 40],
    ['by time and place', [{ '@timestamp': 'desc' }, { _doc: 'desc' }], 33],
    ['by a field', [{ n: 'desc' }], 11],
    ['by time and a field', [{ '@timestamp': 'desc' }, { n: 'asc' }], 13],
  ] as const)('%s: no line twice, none left out, though all are of one moment', async (_name, sort, size) => {
    const { id } = await client.openPointInTime({ index: many, keep_alive: '1m' })
    const seen: string[] = []
    let after: unknown[] | undefined
    do {
      const { hits } = await client.search<Line>({
        ...{ pit: { id, keep_alive: '1m' }, size, sort: sort as never },
        ...(after === undefined ? {} : { search_after: after as never }),
      })
      seen.push(...hits.hits.map(({ _source }) => String(_source?.message)))
      after = hits.hits.at(-1)?.sort
    } while (after !== undefined)
    expect(await client.closePointInTime({ id })).toMatchObject({ succeeded: true })
    expect(seen.sort()).toEqual(all)
  })

  test('scrolls', async () => {
    const seen: string[] = []
    for await (const { documents } of client.helpers.scrollSearch<Line>({
      index: many,
      size: 40,
      query: { match_all: {} },
    }))
      seen.push(...documents.map(({ message }) => String(message)))
    expect(seen.sort()).toEqual(all)
  })
})

describe('aggregations', () => {
  const minutes = Array.from({ length: 10 }, (_, i) => lines.slice(i * 6, i * 6 + 6))
  const durations = (of: readonly Line[]) => of.map(({ query_duration }) => Number(query_duration))
  const sum = (of: readonly number[]) => of.reduce((a, b) => a + b, 0)

  test('terms with a histogram of time inside, metrics and pipelines', async () => {
    const { aggregations } = await client.search({
      ...{ index, size: 0 },
      aggs: {
        byLevel: {
          terms: { field: 'level.keyword', order: { _key: 'asc' } },
          aggs: {
            byTime: {
              date_histogram: {
                field: '@timestamp',
                fixed_interval: '1m',
                min_doc_count: 0,
                extended_bounds: { min: startMs - minuteMs, max: startMs },
              },
              aggs: {
                total: { sum: { field: 'query_duration' } },
                running: { cumulative_sum: { buckets_path: 'total' } },
                change: { derivative: { buckets_path: 'total' } },
                before: { serial_diff: { buckets_path: 'total', lag: 2 } },
                mean: { bucket_script: { buckets_path: { t: 'total', c: '_count' }, script: 'params.t / params.c' } },
              },
            },
          },
        },
      },
    })
    const { buckets } = Object(aggregations?.byLevel)
    expect(buckets.map(({ key, doc_count }: { key: string; doc_count: number }) => [key, doc_count])).toEqual([
      ['error', 12],
      ['info', 48],
    ])
    const found = buckets[1].byTime.buckets
    expect(found).toHaveLength(11)
    expect(found[0]).toMatchObject({ key: startMs - minuteMs, doc_count: 0, total: { value: 0 } })
    let running = 0
    const totals = minutes.map((minute) => sum(durations(minute.filter(({ level }) => level === 'info'))))
    for (const [i, minute] of minutes.entries()) {
      const info = minute.filter(({ level }) => level === 'info')
      running += totals[i] ?? 0
      expect(found[i + 1]).toMatchObject({
        ...{
          key: startMs + i * minuteMs,
          doc_count: info.length,
          total: { value: totals[i] },
          running: { value: running },
        },
        mean: { value: (totals[i] ?? 0) / info.length },
        ...(i === 0 ? {} : { change: { value: (totals[i] ?? 0) - (totals[i - 1] ?? 0) } }),
        ...(i < 2 ? {} : { before: { value: (totals[i] ?? 0) - (totals[i - 2] ?? 0) } }),
      })
    }
  })

  test('metrics', async () => {
    const { aggregations } = await client.search({
      ...{ index, size: 0 },
      aggs: {
        stats: { stats: { field: 'query_duration' } },
        more: { extended_stats: { field: 'query_duration' } },
        kinds: { cardinality: { field: 'http.status_code' } },
        values: { value_count: { field: 'tags' } },
        newest: { max: { field: '@timestamp' } },
        ranks: { percentile_ranks: { field: 'query_duration', values: [1000] } },
        percents: { percentiles: { field: 'query_duration', percents: [50] } },
        none: { avg: { field: 'nowhere' } },
      },
    })
    const all = durations(lines)
    expect(aggregations).toMatchObject({
      stats: { count: 60, min: 0, max: 5900, avg: sum(all) / 60, sum: sum(all) },
      more: { std_deviation: expect.closeTo(1731.8, 0) },
      kinds: { value: 3 },
      values: { value: 120 },
      newest: { value: startMs + 590_000, value_as_string: lines.at(-1)?.['@timestamp'] },
      ranks: { values: { '1000.0': expect.closeTo((100 * 11) / 60, 5) } },
      none: { value: null },
    })
    expect(Object(aggregations?.percents).values['50.0']).toBeGreaterThan(2800)
    expect(Object(aggregations?.percents).values['50.0']).toBeLessThan(3100)
  })

  test('buckets of every kind', async () => {
    const { aggregations } = await client.search({
      ...{ index, size: 0, query: { term: { service: 'backend' } } },
      aggs: {
        ranges: {
          range: {
            field: 'query_duration',
            ranges: [{ to: 1000 }, { from: 1000, to: 3000 }, { from: 3000, key: 'slow' }],
          },
        },
        steps: { histogram: { field: 'query_duration', interval: 2000 } },
        days: {
          date_histogram: {
            field: '@timestamp',
            calendar_interval: 'month',
            time_zone: 'Europe/Berlin',
            format: 'yyyy-MM',
          },
        },
        times: { date_range: { field: '@timestamp', ranges: [{ to: 'now-1d' }, { from: 'now-1d' }] } },
        one: {
          filter: { term: { level: 'error' } },
          aggs: { top: { top_hits: { size: 1, sort: [{ '@timestamp': 'desc' }], _source: ['query_duration'] } } },
        },
        named: { filters: { filters: { errors: { query_string: { query: 'level:error' } } }, other_bucket: true } },
        without: { missing: { field: 'nowhere' } },
        everything: { global: {}, aggs: { count: { value_count: { field: 'message' } } } },
        paid: { terms: { field: 'isPaid' } },
        codes: {
          terms: { field: 'http.status_code', size: 1, order: [{ longest: 'desc' }] },
          aggs: { longest: { max: { field: 'query_duration' } } },
        },
        tags: { terms: { field: 'tags', include: 't.*', exclude: ['t1'] } },
      },
    } as Parameters<typeof client.search>[0])
    expect(aggregations).toMatchObject({
      ranges: {
        buckets: [
          { key: '*-1000.0', doc_count: 5 },
          { key: '1000.0-3000.0', doc_count: 10 },
          { key: 'slow', doc_count: 15 },
        ],
      },
      steps: {
        buckets: [
          { key: 0, doc_count: 10 },
          { key: 2000, doc_count: 10 },
          { key: 4000, doc_count: 10 },
        ],
      },
      days: { buckets: [{ doc_count: 30 }] },
      times: { buckets: [{ doc_count: 0 }, { doc_count: 30 }] },
      one: { doc_count: 6, top: { hits: { total: { value: 6 }, hits: [{ _source: { query_duration: 5000 } }] } } },
      named: { buckets: { errors: { doc_count: 6 }, _other_: { doc_count: 24 } } },
      without: { doc_count: 30 },
      everything: { doc_count: 60, count: { value: 60 } },
      paid: {
        buckets: [
          { key_as_string: 'false', doc_count: 15 },
          { key_as_string: 'true', doc_count: 15 },
        ],
      },
      codes: { buckets: [{ key: 300, doc_count: 10, longest: { value: 5800 } }], sum_other_doc_count: 20 },
      tags: {
        buckets: [
          { key: 't0', doc_count: 10 },
          { key: 't2', doc_count: 10 },
        ],
      },
    })
  })

  test('composite buckets page by page are all buckets', async () => {
    const seen: unknown[] = []
    let after: Record<string, never> | undefined
    do {
      const { aggregations } = await client.search({
        ...{ index, size: 0 },
        aggs: {
          pages: {
            composite: {
              size: 4,
              sources: [
                { time: { date_histogram: { field: '@timestamp', fixed_interval: '5m' } } },
                { service: { terms: { field: 'service' } } },
                { tag: { terms: { field: 'tags', order: 'desc' } } },
              ],
              ...(after === undefined ? {} : { after }),
            },
          },
        },
      })
      const { buckets, after_key } = Object(aggregations?.pages)
      seen.push(
        ...buckets.map(
          ({ key, doc_count }: { key: { service: string; tag: string; time: number }; doc_count: number }) =>
            `${key.time} ${key.service} ${key.tag} ${doc_count}`,
        ),
      )
      after = after_key
    } while (after !== undefined)
    const expected = new Map<string, number>()
    for (const line of lines)
      for (const tag of line.tags as string[]) {
        const time = Math.floor(Date.parse(line['@timestamp']) / (5 * minuteMs)) * 5 * minuteMs
        const key = `${time} ${line.service} ${tag}`
        expected.set(key, (expected.get(key) ?? 0) + 1)
      }
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen.toSorted()).toEqual([...expected].map(([key, count]) => `${key} ${count}`).sort())
  })
})

// The bodies are those of Grafana's data source; its field of time is @timestamp.
describe("Grafana's data source", () => {
  const range = { '@timestamp': { gte: startMs, lte: startMs + 10 * minuteMs, format: 'epoch_millis' } }
  const query = {
    bool: { filter: [{ range }, { query_string: { analyze_wildcard: true, query: 'service:backend' } }] },
  }
  const send = async (body: object) => {
    const header = { ignore_unavailable: true, index: 'wagob-logs-*', search_type: 'query_then_fetch' }
    const { status, json } = await ask(
      '/_msearch?max_concurrent_shard_requests=5',
      `${JSON.stringify(header)}\n${JSON.stringify(body)}\n`,
    )
    expect(status).toBe(200)
    return json.responses[0]
  }

  test('its health check and its list of fields', async () => {
    expect((await ask('/_cluster/health?wait_for_status=yellow')).json.status).not.toBe('red')
    const mapping = (await ask('/wagob-logs-2026.11.22/_mapping')).json[index].mappings.properties
    expect(mapping).toMatchObject({
      '@timestamp': { type: 'date' },
      message: { type: 'text', fields: { keyword: { type: 'keyword' } } },
      query_duration: { type: 'double' },
      isPaid: { type: 'boolean' },
      http: { properties: { status_code: { type: 'double' }, request: { properties: { method: { type: 'text' } } } } },
    })
  })

  test('logs', async () => {
    const { hits } = await send({
      docvalue_fields: ['@timestamp'],
      fields: [{ field: '@timestamp', format: 'strict_date_optional_time_nanos' }],
      highlight: {
        fields: { '*': {} },
        fragment_size: 2_147_483_647,
        post_tags: ['@/HIGHLIGHT@'],
        pre_tags: ['@HIGHLIGHT@'],
      },
      ...{ query, script_fields: {}, size: 500 },
      sort: { '@timestamp': { order: 'desc', unmapped_type: 'boolean' }, _doc: { order: 'desc' } },
    })
    expect(hits.hits).toHaveLength(31)
    expect(hits.hits[0]).toMatchObject({
      fields: { '@timestamp': [lines[58]?.['@timestamp']] },
      highlight: { service: ['@HIGHLIGHT@backend@/HIGHLIGHT@'] },
      sort: [startMs + 580_000, expect.any(String)],
    })
    // its context of a line goes on from that line's sort values
    const { hits: context } = await send({
      ...{ query: { bool: { filter: [{ range }] } }, size: 3, search_after: hits.hits[0].sort },
      sort: { '@timestamp': { order: 'asc', unmapped_type: 'boolean' }, _doc: { order: 'asc' } },
    })
    expect(context.hits.map(({ _source }: { _source: Line }) => _source)).toEqual([lines[59]])
  })

  test('a metric over time, by term', async () => {
    const { aggregations } = await send({
      ...{ query, size: 0 },
      aggs: {
        3: {
          terms: { field: 'level.keyword', order: { 1: 'desc' }, size: 10, min_doc_count: 1 },
          aggs: {
            1: { avg: { field: 'query_duration' } },
            2: {
              date_histogram: {
                ...{ field: '@timestamp', fixed_interval: '1000ms', format: 'epoch_millis', min_doc_count: 0 },
                extended_bounds: { min: startMs, max: startMs + 10 * minuteMs },
              },
              aggs: {
                1: { avg: { field: 'query_duration' } },
                4: { moving_fn: { buckets_path: '1', window: 5, script: 'MovingFunctions.unweightedAvg(values)' } },
              },
            },
          },
        },
      },
    })
    const [first] = aggregations['3'].buckets
    expect(first['2'].buckets).toHaveLength(601)
    expect(first['2'].buckets[0]).toMatchObject({ key: startMs, key_as_string: String(startMs) })
  })

  test('the values of a variable', async () => {
    const { aggregations } = await send({
      ...{ query: { bool: { filter: [{ range }] } }, size: 0 },
      aggs: { 1: { terms: { field: 'service.keyword', size: 500, order: { _key: 'asc' } } } },
    })
    expect(aggregations['1'].buckets.map(({ key }: { key: string }) => key)).toEqual(['backend', 'web'])
  })
})

describe('documents, fields and tables', () => {
  test('documents by id', async () => {
    const { hits } = await client.search<Line>({ index, size: 1, query: { match_phrase: { message: 'payment 7' } } })
    const [hit] = hits.hits
    const id = String(hit?._id)
    expect(await client.get({ index, id })).toMatchObject({ _index: index, _id: id, found: true, _source: lines[7] })
    expect(await client.getSource({ index, id, _source_includes: ['level'] })).toEqual({ level: 'info' })
    const { docs } = await client.mget({ index, ids: [id, 'none'] })
    expect(docs).toMatchObject([{ found: true }, { found: false }])
    expect(await client.exists({ index, id: 'none' })).toBe(false)
    const { hits: byIds } = await client.search({ query: { ids: { values: [id] } } })
    expect(byIds.total).toMatchObject({ value: 1 })
  })

  test('fields, indices and tables', async () => {
    const { fields } = await client.fieldCaps({ index, fields: ['query_*', 'level*'] })
    expect(Object.keys(fields).sort()).toEqual(['level', 'level.keyword', 'query_duration'])
    expect(
      await client.cat.indices({ index: 'wagob-*', format: 'json', h: 'index,docs.count', s: 'index:desc' }),
    ).toEqual([
      { index, 'docs.count': '60' },
      { index: 'wagob-logs-2026.11.21', 'docs.count': '1' },
    ])
    expect((await ask('/_cat/indices/audit?v&h=index,docs.count')).text).toBe('index docs.count\naudit          1\n')
    expect((await ask('/_cat/count/audit')).text).toMatch(/^\d+ \d\d:\d\d:\d\d 1\n$/)
    expect(await client.indices.resolveIndex({ name: 'aud*' })).toMatchObject({ indices: [{ name: 'audit' }] })
    expect(Object.keys(await client.indices.getSettings({ index: 'audit' }))).toEqual(['audit'])
    expect(await client.indices.validateQuery({ index, q: 'level:[1 TO', explain: true })).toMatchObject({
      valid: false,
    })
    expect(await client.indices.refresh({ index })).toMatchObject({ _shards: { failed: 0 } })
  })

  test('a search to come back for', async () => {
    const { id, response } = await client.asyncSearch.submit({ index, size: 1, keep_on_completion: true })
    expect(response.hits.total).toMatchObject({ value: 60 })
    expect((await client.asyncSearch.get({ id: String(id) })).response.hits.hits).toEqual(response.hits.hits)
    expect(await client.asyncSearch.delete({ id: String(id) })).toEqual({ acknowledged: true })
  })

  test('answers in the kind that was asked for, below /elastic too', async () => {
    const type = 'application/vnd.elasticsearch+json;compatible-with=8'
    const response = await fetch(`${server.url}/elastic/${index}/_count`, { headers: { accept: type } })
    expect(response.headers.get('content-type')).toBe(type)
    expect(response.headers.get('x-elastic-product')).toBe('Elasticsearch')
    expect(await response.json()).toMatchObject({ count: 60 })
  })
})
