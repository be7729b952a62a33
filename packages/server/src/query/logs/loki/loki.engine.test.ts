import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openTestingLoki, type TestingLoki } from './testing/open-loki.ts'

let loki: TestingLoki
beforeAll(async () => {
  loki = await openTestingLoki()
})
afterAll(() => loki[Symbol.asyncDispose]())
beforeEach(() => loki.clear())

const atNs = 1_795_000_000_000_000_000n
const second = 1_000_000_000n
const range = { start: String(atNs - 60n * second), end: String(atNs + 60n * second) }
const documents = [
  {
    ...{
      timeNs: atNs,
      body: 'charged',
      service: 'payments',
      severity: 17,
      severityText: 'ERROR',
      traceId: 'abc123def',
    },
    attributes: new Map<string, string | number>([
      ['status', 502],
      ['http.route', '/pay'],
    ]),
    resource: new Map([['k8s.pod.name', 'p-1']]),
  },
  {
    ...{ timeNs: atNs + second, body: 'fine', service: 'payments', severity: 9, severityText: 'info' },
    attributes: new Map<string, string | number>([
      ['status', 200],
      ['http.route', '/pay'],
    ]),
    resource: new Map([['k8s.pod.name', 'p-2']]),
  },
  { timeNs: atNs + 2n * second, body: 'plain words', service: 'web', severity: 0 },
  { timeNs: atNs + 3n * second, body: 'nobody says who' },
]

interface Streams {
  readonly data: {
    readonly result: readonly {
      readonly stream: Record<string, string>
      readonly values: readonly (readonly unknown[])[]
    }[]
  }
}
interface Numbers {
  readonly data: {
    readonly resultType: string
    readonly result: readonly { readonly metric: Record<string, string>; readonly value: readonly [number, string] }[]
  }
}

async function lines(query: string): Promise<string[]> {
  const { status, body } = await loki.ask('/loki/api/v1/query_range', { query, direction: 'forward', ...range })
  if (status !== 200) throw new Error(String(body))
  return (body as Streams).data.result.flatMap(({ values }) => values.map(([, line]) => String(line)))
}

async function vector(query: string): Promise<Record<string, string>> {
  const { status, body } = await loki.ask('/loki/api/v1/query', { query, time: range.end })
  if (status !== 200) throw new Error(String(body))
  return Object.fromEntries(
    (body as Numbers).data.result.map(({ metric, value }) => [JSON.stringify(metric), value[1]]),
  )
}

test('documents of which the line is only the message are found by their fields', async () => {
  await loki.load(documents)
  expect(await lines('{service=~".+"} |= "charged"')).toEqual(['charged'])
  expect(await lines('{level="error"}')).toEqual(['charged'])
  expect(await lines('{level="ERROR"}')).toEqual(['charged'])
  expect(await lines('{level!="err", service="payments"}')).toEqual(['fine'])
  expect(await lines('{service="payments"} | json | status >= 500')).toEqual(['charged'])
  expect(await lines('{service=~".+"} | json | trace_id="abc123def"')).toEqual(['charged'])
  expect(await lines('{service="payments"} | json route="http.route" | route="/pay" | __error__=""')).toEqual([
    'charged',
    'fine',
  ])
  expect(await lines('{service="payments"} | http_route="/pay" | status=200')).toEqual(['fine'])
  expect(await lines('{k8s_pod_name="p-2"}')).toEqual(['fine'])
  expect(await lines('{k8s_pod_name!="p-2", service="payments"}')).toEqual(['charged'])
  expect(await lines('{service_name="unknown_service"}')).toEqual(['nobody says who'])
  expect(await lines('{service="web"} | json | __error__="JSONParserErr"')).toEqual(['plain words'])
  expect(await lines('{detected_level="unknown"}')).toEqual(['plain words', 'nobody says who'])
})

test('numbers are counted in the store, and are the same line by line', async () => {
  await loki.load(documents)
  const pairs = [
    [
      'sum by (level) (count_over_time({service=~".+"}[5m]))',
      'sum by (level) (count_over_time({service=~".+"} | drop x [5m]))',
    ],
    [
      'sum by (service) (count_over_time({service_name=~".+"}[5m]))',
      'sum by (service) (count_over_time({service_name=~".+"} | drop x [5m]))',
    ],
    ['count_over_time({service_name=~".+"}[5m])', 'count_over_time({service_name=~".+"} | drop x [5m])'],
    [
      'sum by (k8s_pod_name) (bytes_over_time({service_name=~".+"}[5m]))',
      'sum by (k8s_pod_name) (bytes_over_time({service_name=~".+"} | drop x [5m]))',
    ],
    [
      'sum by (detected_level) (rate({service_name=~".+"} != "x" [5m]))',
      'sum by (detected_level) (rate({service_name=~".+"} != "x" | drop x [5m]))',
    ],
  ] as const
  for (const [counted, looked] of pairs) expect(await vector(counted)).toEqual(await vector(looked))
  expect(await vector(pairs[0][0])).toEqual({ '{"level":"error"}': '1', '{"level":"info"}': '1', '{}': '1' })
  expect(await vector('sum by (status) (count_over_time({service="payments"} | json [5m]))')).toEqual({
    '{"status":"200"}': '1',
    '{"status":"502"}': '1',
  })
  expect(await vector('vector(1)+vector(1)')).toEqual({ '{}': '2' })
})

test('a caller that asks for it hears where each label is from', async () => {
  await loki.load(documents.slice(0, 1))
  const { body } = await loki.ask(
    '/loki/api/v1/query_range',
    { query: '{service="payments"} | json code="status"', ...range },
    { 'x-loki-response-encoding-flags': 'categorize-labels' },
  )
  expect(body).toMatchObject({
    status: 'success',
    data: {
      resultType: 'streams',
      encodingFlags: ['categorize-labels'],
      result: [
        {
          stream: { service: 'payments', service_name: 'payments', k8s_pod_name: 'p-1' },
          values: [
            [
              String(atNs),
              'charged',
              {
                structuredMetadata: {
                  status: '502',
                  http_route: '/pay',
                  trace_id: 'abc123def',
                  detected_level: 'error',
                  level: 'error',
                },
                parsed: { code: '502' },
              },
            ],
          ],
        },
      ],
    },
  })
})

test('the catalogue', async () => {
  await loki.load(documents)
  const data = async (path: string, query: Record<string, string> = {}): Promise<unknown> => {
    const { body } = await loki.ask(`/loki/api/v1/${path}`, { ...range, ...query })
    const named = body as { data?: unknown }
    return named.data ?? body
  }
  expect(await data('labels')).toEqual(['detected_level', 'k8s_pod_name', 'level', 'service', 'service_name'])
  expect(await data('label/service_name/values')).toEqual(['payments', 'unknown_service', 'web'])
  expect(await data('label/level/values')).toEqual(['error', 'info'])
  expect(await data('label/k8s_pod_name/values', { query: '{service="payments", level="error"}' })).toEqual(['p-1'])
  expect(await data('series', { 'match[]': '{service="payments"}' })).toEqual([
    { k8s_pod_name: 'p-1', service: 'payments', service_name: 'payments' },
    { k8s_pod_name: 'p-2', service: 'payments', service_name: 'payments' },
  ])
  expect(await data('index/stats', { query: '{service="payments"}' })).toEqual({
    streams: 2,
    chunks: 0,
    bytes: 11,
    entries: 2,
  })
  expect(await data('index/volume', { query: '{service_name=~".+"}' })).toMatchObject({
    resultType: 'vector',
    result: [{ metric: { service_name: 'unknown_service' } }, { metric: {} }, { metric: {} }],
  })
  expect(
    await data('index/volume_range', { query: '{service="payments"}', step: '60', aggregateBy: 'labels' }),
  ).toMatchObject({
    resultType: 'matrix',
  })
  expect(await data('detected_labels')).toEqual({
    detectedLabels: [
      { label: 'detected_level', cardinality: 3 },
      { label: 'k8s_pod_name', cardinality: 2 },
      { label: 'level', cardinality: 2 },
      { label: 'service', cardinality: 2 },
      { label: 'service_name', cardinality: 3 },
    ],
  })
  expect(await data('detected_fields', { query: '{service="payments"}' })).toMatchObject({
    fields: expect.arrayContaining([{ label: 'status', type: 'int', cardinality: 2, parsers: null }]),
  })
  expect(await data('detected_field/status/values', { query: '{service="payments"}' })).toMatchObject({
    values: ['200', '502'],
  })
  expect(await data('patterns', { query: '{service=~".+"}' })).toEqual(
    expect.arrayContaining([{ pattern: 'charged', level: 'error', samples: [[Number(atNs / second) - 40, 1]] }]),
  )
})

test('what is wrong is said as Loki says it', async () => {
  const said = async (path: string, query: Record<string, string>): Promise<string> => {
    const { status, body } = await loki.ask(`/loki/api/v1/${path}`, query)
    return `${status} ${String(body).trim()}`
  }
  expect(await said('query', { query: '{a="b"}' })).toMatch(
    /^400 log queries are not supported as an instant query type/,
  )
  expect(await said('query', { query: 'sum(' })).toMatch(/^400 parse error at line 1, col 5: syntax error: unexpected/)
  expect(await said('query_range', { query: '{a=~".*"}' })).toMatch(/^400 .*at least one regexp or equality matcher/)
  expect(await said('query_range', { query: '{a="b"}', limit: '9000' })).toMatch(
    /max_entries_limit_per_query \(9000 > 5000\)/,
  )
  expect(await said('query_range', { query: '{a="b"}', start: 'yesterday' })).toMatch(/invalid parameter "start"/)
  await loki.load(documents)
  expect(await said('query', { query: 'count_over_time({service="web"} | json [1h])', time: range.end })).toMatch(
    /^400 pipeline error: 'JSONParserErr'/,
  )
})
