// What Grafana's Elasticsearch data source can be clicked together to ask: every metric, every bucket, every pipeline, logs with what stands around
// them, annotations. Bodies as it sends them, to the real server. Beside it what Lucene's syntax finds in fields with dots.
import { type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

let server: RunningServer

const minuteMs = 60_000
const index = 'shop-2026.11.22'
const startMs = Math.floor((Date.now() - 50 * minuteMs) / minuteMs) * minuteMs
const toMs = startMs + 10 * minuteMs - 1

interface Line {
  readonly '@timestamp': string
  readonly message: string
  readonly level: string
  readonly took?: number
  readonly error?: { readonly type: string; readonly code: number }
  readonly [name: string]: unknown
}

/** Ten minutes with six lines each; each sixth has no duration. */
const lines: readonly Line[] = Array.from({ length: 60 }, (_, i) => ({
  '@timestamp': new Date(startMs + i * 10_000).toISOString(),
  message: `request ${i} answered`,
  level: i % 3 === 0 ? 'error' : 'info',
  host: { name: `web-${i % 2}` },
  ...(i % 6 === 5 ? {} : { took: i }),
  ...(i % 3 === 0 ? { error: { type: i % 2 === 0 ? 'TypeError' : 'java.io.IOException', code: 500 + i } } : {}),
  items: [{ sku: 'a', qty: i }, { sku: 'b' }],
}))
const tookIn = (of: readonly Line[]): readonly number[] => of.flatMap(({ took }) => took ?? [])
const sum = (of: readonly number[]): number => of.reduce((a, b) => a + b, 0)
const minutes = Array.from({ length: 10 }, (_, i) => lines.slice(i * 6, i * 6 + 6))

beforeAll(async () => {
  server = await startServer({ args: ['--retention', 'off'] })
  const body = lines.map((line) => `${JSON.stringify({ create: { _index: index } })}\n${JSON.stringify(line)}\n`)
  const answer = await fetch(`${server.url}/_bulk`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: body.join(''),
  })
  expect(await answer.json()).toMatchObject({ errors: false })
}, 120_000)
afterAll(() => server[Symbol.asyncDispose]())

interface Bucket {
  readonly key: unknown
  readonly doc_count: number
  readonly [name: string]: unknown
}
interface Found {
  readonly hits: {
    readonly total: unknown
    readonly hits: readonly { readonly _source: Line; readonly fields?: object; readonly sort: readonly unknown[] }[]
  }
  readonly aggregations: Readonly<Record<string, { readonly buckets: readonly Bucket[]; readonly doc_count?: number }>>
  readonly error?: unknown
  readonly status: number
}

async function msearch(...bodies: readonly object[]): Promise<readonly Found[]> {
  const header = { ignore_unavailable: true, index: 'shop-*', search_type: 'query_then_fetch' }
  const answer = await fetch(`${server.url}/elastic/_msearch?max_concurrent_shard_requests=5`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: bodies.map((body) => `${JSON.stringify(header)}\n${JSON.stringify(body)}\n`).join(''),
  })
  expect(answer.status).toBe(200)
  return ((await answer.json()) as { readonly responses: readonly Found[] }).responses
}
async function ask(body: object): Promise<Found> {
  const [found] = await msearch(body)
  expect(found?.error).toBeUndefined()
  return found as Found
}

const range = { '@timestamp': { gte: startMs, lte: toMs, format: 'epoch_millis' } }
const query = (text: string) => ({
  bool: { filter: [{ range }, { query_string: { analyze_wildcard: true, query: text } }] },
})
const byMinute = (aggs: object, more: object = {}) => ({
  2: {
    aggs,
    date_histogram: {
      ...{ field: '@timestamp', fixed_interval: '60000ms', format: 'epoch_millis', min_doc_count: 0 },
      ...{ extended_bounds: { min: startMs, max: toMs }, ...more },
    },
  },
})
const series = async (aggs: object, text = '*'): Promise<readonly Bucket[]> => {
  const found = await ask({ aggs: byMinute(aggs), query: query(text), size: 0 })
  return found.aggregations['2']?.buckets ?? []
}

describe('metrics over time', () => {
  test.each([
    ['avg', { field: 'took' }, (of: readonly number[]) => ({ value: sum(of) / of.length })],
    ['sum', { field: 'took' }, (of: readonly number[]) => ({ value: sum(of) })],
    ['max', { field: 'took' }, (of: readonly number[]) => ({ value: Math.max(...of) })],
    ['min', { field: 'took' }, (of: readonly number[]) => ({ value: Math.min(...of) })],
    ['cardinality', { field: 'took' }, (of: readonly number[]) => ({ value: of.length })],
    ['extended_stats', { field: 'took' }, (of: readonly number[]) => ({ count: of.length, max: Math.max(...of) })],
    [
      'percentiles',
      { field: 'took', percents: ['25', '50', '75'] },
      (of: readonly number[]) => ({ values: { '50.0': of.toSorted((a, b) => a - b)[2] } }),
    ],
    ['rate', { unit: 'second' }, () => ({ value: 6 / 60 })],
    ['rate', { field: 'took', unit: 'minute' }, (of: readonly number[]) => ({ value: sum(of) })],
    ['rate', { field: 'took', unit: 'hour', mode: 'value_count' }, () => ({ value: 5 * 60 })],
    ['avg', { field: 'took', missing: '0' }, (of: readonly number[]) => ({ value: sum(of) / 6 })],
    ['sum', { field: 'took', missing: 100 }, (of: readonly number[]) => ({ value: sum(of) + 100 })],
  ] as const)('%s %j', async (kind, settings, expected) => {
    const buckets = await series({ 1: { [kind]: settings } })
    expect(buckets.map((bucket) => bucket['1'])).toMatchObject(minutes.map((minute) => expected(tookIn(minute))))
  })

  test('top metrics', async () => {
    const settings = { metrics: [{ field: 'took' }], size: '1', sort: [{ '@timestamp': 'desc' }] }
    const buckets = await series({ 1: { top_metrics: settings } })
    expect(buckets.map((bucket) => bucket['1'])).toMatchObject(
      minutes.map((minute) => ({ top: [{ metrics: { took: minute.at(-1)?.took ?? null } }] })),
    )
  })

  test('pipelines over a metric and over counts', async () => {
    const buckets = await series({
      1: { sum: { field: 'took' } },
      3: { moving_fn: { buckets_path: '1', window: '3', script: 'MovingFunctions.max(values)', shift: 1 } },
      4: { derivative: { buckets_path: '1', unit: '1s' } },
      5: { cumulative_sum: { buckets_path: '1' } },
      6: { serial_diff: { buckets_path: '1', lag: 2 } },
      7: { bucket_script: { buckets_path: { var1: '1', var2: '_count' }, script: 'params.var1 / params.var2' } },
      8: { moving_avg: { buckets_path: '_count', model: 'simple', window: 5 } },
    })
    const sums = minutes.map((minute) => sum(tookIn(minute)))
    for (const [i, bucket] of buckets.entries()) {
      expect(bucket['3']).toEqual({ value: Math.max(...sums.slice(Math.max(0, i - 2), i + 1)) })
      const step = (sums[i] ?? 0) - (sums[i - 1] ?? 0)
      if (i > 0) expect(bucket['4']).toEqual({ value: step, normalized_value: step / 60 })
      expect(bucket['5']).toEqual({ value: sum(sums.slice(0, i + 1)) })
      if (i > 1) expect(bucket['6']).toEqual({ value: (sums[i] ?? 0) - (sums[i - 2] ?? 0) })
      expect(bucket['7']).toEqual({ value: (sums[i] ?? 0) / 6 })
      expect(bucket['8']).toEqual({ value: 6 })
    }
  })

  test('a rate by the month, and one without a histogram around it', async () => {
    const month = { field: '@timestamp', calendar_interval: '1M', format: 'epoch_millis', min_doc_count: 1 }
    const monthly = await ask({
      ...{ query: query('*'), size: 0 },
      aggs: { 2: { date_histogram: month, aggs: { 1: { rate: { unit: 'month' } }, 3: { rate: {} } } } },
    })
    const counts = monthly.aggregations['2']?.buckets ?? []
    expect(counts.map((bucket) => [bucket['1'], bucket['3']])).toEqual(
      counts.map(({ doc_count }) => [{ value: doc_count }, { value: doc_count }]),
    )
    const [alone] = await msearch({ size: 0, query: query('*'), aggs: { 1: { rate: { unit: 'second' } } } })
    expect(alone).toMatchObject({
      status: 400,
      error: { reason: expect.stringContaining('can only be used inside a date histogram') },
    })
  })
})

describe('buckets', () => {
  test.each([
    ['_count', 'desc', ['info', 'error']],
    ['_key', 'asc', ['error', 'info']],
    ['1[95.0]', 'asc', ['error', 'info']],
    ['4.std_deviation', 'desc', undefined],
  ] as const)('terms in order of %s', async (by, way, expected) => {
    const metrics = {
      1: { percentiles: { field: 'took', percents: ['95'] } },
      4: { extended_stats: { field: 'took' } },
    }
    const found = await ask({
      ...{ query: query('*'), size: 0 },
      aggs: {
        3: {
          aggs: { ...metrics, ...byMinute(metrics) },
          terms: { field: 'level', min_doc_count: 1, order: { [by]: way }, size: 500 },
        },
      },
    })
    const keys = found.aggregations['3']?.buckets.map(({ key }) => key)
    if (expected !== undefined) expect(keys).toEqual(expected)
    expect(keys?.toSorted()).toEqual(['error', 'info'])
  })

  test('filters, histograms with what is missing, nested', async () => {
    const found = await ask({
      ...{ query: query('*'), size: 0 },
      aggs: {
        5: {
          aggs: byMinute({ 1: { avg: { field: 'took' } } }),
          filters: {
            filters: {
              bad: { query_string: { analyze_wildcard: true, query: 'level:error' } },
              'host.name:web-1': { query_string: { analyze_wildcard: true, query: 'host.name:"web-1"' } },
            },
          },
        },
        6: { histogram: { field: 'took', interval: '20', min_doc_count: 0, missing: 0 } },
        7: { nested: { path: 'items' }, aggs: { 8: { terms: { field: 'items.sku', size: 10 } } } },
      },
    })
    expect(found.aggregations['5']).toMatchObject({
      buckets: { bad: { doc_count: 20 }, 'host.name:web-1': { doc_count: 30 } },
    })
    const inStep = (step: number): number => tookIn(lines).filter((took) => Math.floor(took / 20) === step).length
    expect(found.aggregations['6']?.buckets).toEqual([
      { key: 0, doc_count: inStep(0) + 10 },
      { key: 20, doc_count: inStep(1) },
      { key: 40, doc_count: inStep(2) },
    ])
    expect(found.aggregations['7']).toMatchObject({
      doc_count: 60,
      8: {
        buckets: [
          { key: 'a', doc_count: 60 },
          { key: 'b', doc_count: 60 },
        ],
      },
    })
  })

  test('a grid of places is refused by its name', async () => {
    const grid = { 2: { geohash_grid: { field: 'place', precision: 3 } } }
    const [refused] = await msearch({ aggs: grid, query: query('*'), size: 0 })
    expect(refused).toMatchObject({ status: 400, error: { reason: expect.stringContaining('[geohash_grid]') } })
  })
})

describe('lines', () => {
  const sorted = (order: 'asc' | 'desc') => ({
    '@timestamp': { order, unmapped_type: 'boolean' },
    _doc: { order },
  })
  const logs = (order: 'asc' | 'desc', more: object) => ({
    ...{ docvalue_fields: ['@timestamp'], script_fields: {}, sort: sorted(order), size: 500 },
    fields: [{ field: '@timestamp', format: 'strict_date_optional_time_nanos' }],
    highlight: {
      ...{ fields: { '*': {} }, fragment_size: 2_147_483_647, post_tags: ['@/HIGHLIGHT@'], pre_tags: ['@HIGHLIGHT@'] },
    },
    ...more,
  })

  test('raw documents and raw data', async () => {
    const shared = {
      docvalue_fields: ['@timestamp'],
      query: query('level:error'),
      script_fields: {},
      sort: sorted('desc'),
    }
    const [documents, data] = await msearch(
      { ...shared, size: 5 },
      { ...shared, size: 500, fields: [{ field: '@timestamp' }] },
    )
    const errors = lines.filter(({ level }) => level === 'error').toReversed()
    expect(documents?.hits.hits.map(({ _source }) => _source)).toEqual(errors.slice(0, 5))
    expect(data?.hits.hits.map(({ _source }) => _source)).toEqual(errors)
  })

  test('logs with their histogram, then the lines on both sides of one', async () => {
    const found = await ask({ ...logs('desc', { query: query('message:answered') }), aggs: byMinute({}) })
    expect(found.hits.hits).toHaveLength(60)
    expect(found.aggregations['2']?.buckets.map(({ doc_count }) => doc_count)).toEqual(minutes.map(() => 6))
    const at = 30
    const { sort } = found.hits.hits[59 - at] as Found['hits']['hits'][number]
    const around = { bool: { filter: [{ range }, { query_string: { analyze_wildcard: true, query: '' } }] } }
    const wide = { ...around, bool: { filter: around.bool.filter.slice(0, 1) } }
    const [before, after] = await msearch(
      logs('desc', { query: wide, search_after: sort, size: 5 }),
      logs('asc', { query: wide, search_after: sort, size: 5 }),
    )
    expect(before?.hits.hits.map(({ _source }) => _source)).toEqual(lines.slice(at - 5, at).toReversed())
    expect(after?.hits.hits.map(({ _source }) => _source)).toEqual(lines.slice(at + 1, at + 6))
  })

  test('annotations', async () => {
    const bounds = { '@timestamp': { from: startMs, to: toMs, format: 'epoch_millis' } }
    const found = await ask({
      ...{ size: 10_000 },
      query: {
        bool: {
          filter: [
            { bool: { should: [{ range: bounds }], minimum_should_match: 1 } },
            { query_string: { query: 'level:error' } },
          ],
        },
      },
    })
    expect(found.hits.hits).toHaveLength(20)
  })
})

describe('what is found in fields with dots', () => {
  const has =
    (test: (type: string) => boolean) =>
    ({ error }: Line): boolean =>
      error !== undefined && test(error.type)
  test.each([
    ['error.type:/.*Error/', has((type) => type.endsWith('Error'))],
    ['error.type:/Type.*/', has((type) => type.startsWith('Type'))],
    ['error.type:/java\\.io\\..+/', has((type) => type.startsWith('java'))],
    ['error.type.keyword:/.*Error/', has((type) => type.endsWith('Error'))],
    ['error.type.keyword:/.*error/', () => false],
    ['NOT error.type:/.*Error/', (line: Line) => line.error?.type.endsWith('Error') !== true],
    ['error.type:*Error', has((type) => type.endsWith('Error'))],
    ['error.type:TYPE*', has((type) => type.startsWith('Type'))],
    ['error.type:TypeErorr~', has((type) => type === 'TypeError')],
    ['host.name:web-2~1', () => true],
    ['error.code:[510 TO 530}', ({ error }: Line) => error !== undefined && error.code >= 510 && error.code < 530],
    ['error.code:>=545', ({ error }: Line) => error !== undefined && error.code >= 545],
    ['error.code:503', ({ error }: Line) => error?.code === 503],
    ['error.code.keyword:503', ({ error }: Line) => error?.code === 503],
    ['_exists_:error', ({ error }: Line) => error !== undefined],
    ['_exists_:error.type', ({ error }: Line) => error !== undefined],
    ['NOT _exists_:error.code', ({ error }: Line) => error === undefined],
    ['error.\\*:TypeError', has((type) => type === 'TypeError')],
    ['host.name:/web-[01]/', () => true],
    ['items.sku:a', () => true],
    ['level:/err.*/', ({ level }: Line) => level === 'error'],
  ] as const)('%s', async (text, isMeant) => {
    const found = await ask({ query: query(text), size: 100, sort: [{ '@timestamp': 'asc' }] })
    expect(found.hits.hits.map(({ _source }) => _source.message)).toEqual(
      lines.filter(isMeant).map(({ message }) => message),
    )
  })

  test('one hit for each value of a field', async () => {
    const { hits } = await ask({
      query: query('*'),
      collapse: { field: 'error.type' },
      sort: [{ '@timestamp': 'desc' }],
    })
    const firsts = ['TypeError', 'java.io.IOException', undefined].map((type) =>
      lines.findLast(({ error }) => error?.type === type),
    )
    expect(new Set(hits.hits.map(({ _source }) => _source.message))).toEqual(
      new Set(firsts.map((line) => line?.message)),
    )
    expect(hits.total).toEqual({ value: 60, relation: 'eq' })
  })
})
