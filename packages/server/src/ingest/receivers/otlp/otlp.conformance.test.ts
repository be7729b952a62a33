// Bodies of the real OpenTelemetry exporters and edge cases of the conformance kit, through the receiver.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { findConformanceKit } from '@tidewatch/testkit/promqltest/kit.ts'
import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { openReceiver, type Stored } from './testing/receiver.ts'

const kit = findConformanceKit('otlp')
const dir = kit ?? ''
const isLeftOut = kit === undefined && process.env.CI === undefined
const isWhole = existsSync(join(dir, 'index.json'))
const read = (file: string): Buffer => readFileSync(join(dir, file))
const readJson = (file: string): unknown => JSON.parse(read(file).toString())

const exportCase = z.object({
  name: z.string(),
  signal: z.string(),
  bodies: z.array(z.object({ file: z.string(), headers: z.record(z.string(), z.string()) })),
  description: z.string(),
})
const edgeCase = z.object({
  name: z.string(),
  path: z.string(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
  status: z.number(),
})
const attributes = z.record(z.string(), z.object({ type: z.string(), value: z.unknown() }))
const point = z.looseObject({
  attributes,
  asDouble: z.number().optional(),
  asInt: z.union([z.number(), z.string()]).optional(),
  count: z.number().optional(),
  sum: z.number().optional(),
  scale: z.number().optional(),
  zeroCount: z.number().optional(),
  bucketCounts: z.array(z.number()).optional(),
  explicitBounds: z.array(z.number()).optional(),
  positive: z.object({ offset: z.number(), bucketCounts: z.array(z.number()) }).optional(),
})
const expectedResources = z.array(
  z.object({
    resource: attributes,
    scopes: z.array(
      z.object({
        metrics: z.array(
          z.object({
            name: z.string(),
            unit: z.string().nullish(),
            description: z.string().nullish(),
            type: z.string(),
            temporality: z.string().optional(),
            monotonic: z.boolean().optional(),
            points: z.array(point),
          }),
        ),
      }),
    ),
  }),
)
type Metric = z.infer<typeof expectedResources>[number]['scopes'][number]['metrics'][number]
type ExpectedPoint = z.infer<typeof point>

const exports = isWhole
  ? z
      .array(exportCase)
      .parse(readJson('index.json'))
      .filter(({ signal }) => signal === 'metrics')
  : []
const edges = isWhole
  ? z
      .array(z.looseObject({ path: z.string() }))
      .parse(readJson('edge.json'))
      .filter(({ path }) => path === '/v1/metrics')
  : []

/** The families that the kit's metrics become, told by hand. */
const families: Readonly<Record<string, string>> = {
  'request.duration': 'request_duration_seconds',
  'payload.size': 'payload_size_bytes',
  orders: 'orders_total',
  revenue: 'revenue_EUR_total',
  'queue.length': 'queue_length',
  temperature: 'temperature_celsius',
  'cpu.time': 'cpu_time_seconds_total',
  connections: 'connections',
  'memory.used': 'memory_used_bytes',
}

const identity = 'instance="a1", job="shop/shop-api"'

function seriesOf(
  metric: Metric,
  { attributes: of }: ExpectedPoint,
  more: { suffix?: string; le?: string } = {},
): string {
  const { suffix = '', le } = more
  const pairs = Object.entries(of).map(([name, { value }]): [string, string] => [
    name.replaceAll('.', '_'),
    String(value),
  ])
  if (le !== undefined) pairs.push(['le', le])
  const labels = [...pairs, ['instance', 'a1'], ['job', 'shop/shop-api']].sort(([a], [b]) =>
    (a as string) < (b as string) ? -1 : 1,
  )
  return `${families[metric.name]}${suffix}{${labels.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(', ')}}`
}

/** Totals so far, by series: deltas are added to them, cumulative values take their place. */
function expectSeries(totals: Map<string, number>, metric: Metric, one: ExpectedPoint): void {
  const isDelta = metric.temporality === 'DELTA'
  const put = (series: string, value: number): void =>
    void totals.set(series, isDelta ? (totals.get(series) ?? 0) + value : value)
  if (metric.type === 'exponentialHistogram') return
  if (metric.type !== 'histogram') {
    put(seriesOf(metric, one), one.asDouble ?? Number(one.asInt))
    return
  }
  put(seriesOf(metric, one, { suffix: '_sum' }), one.sum ?? 0)
  put(seriesOf(metric, one, { suffix: '_count' }), one.count ?? 0)
  let total = 0
  for (const [i, count] of (one.bucketCounts ?? []).entries()) {
    total += count
    const bound = one.explicitBounds?.[i]
    put(seriesOf(metric, one, { suffix: '_bucket', le: bound === undefined ? '+Inf' : String(bound) }), total)
  }
}

/** Counts by the upper bound of their bucket, at the schema that both have. */
function bucketsOf(stored: Stored['histograms'][number] | undefined, schema: number): Record<string, number> {
  const found: Record<string, number> = {}
  if (stored === undefined) return found
  let index = 0
  let at = 0
  const { positiveSpans, positiveBuckets, schema: own } = stored.histogram
  for (const { offset, length } of positiveSpans) {
    index += offset
    for (let i = 0; i < length; i++, index++) {
      const count = positiveBuckets[at++] as number
      const key = String(Math.ceil(index / 2 ** (own - schema)))
      if (count !== 0) found[key] = (found[key] ?? 0) + count
    }
  }
  return found
}

describe.skipIf(isLeftOut)('bodies of the OpenTelemetry exporters', () => {
  beforeAll(() => {
    if (kit === undefined) throw new Error('the conformance kit is missing: set CONFORMANCE_DIR')
  })

  test('all of them are there', () => {
    expect(exports).toHaveLength(9)
    expect(exports.flatMap(({ bodies }) => bodies).length).toBeGreaterThanOrEqual(24)
    expect(edges).toHaveLength(8)
  })

  describe.each(['cumulative', 'delta', 'lowmemory'])('%s', (preference) => {
    test.each(['pb', 'json', 'pb.gz', 'json.gz'])('%s', async (form) => {
      const runs = exports.filter(({ name }) => name.startsWith(`metrics-${preference}-`))
      const bodies = runs.flatMap(({ bodies: all, description }) =>
        all
          .filter(({ file }) => file.endsWith(`-${file.match(/-(\d)\./)?.[1]}.${form}`))
          .map((body) => ({ ...body, description })),
      )
      // only the delta runs were recorded with gzip
      expect(bodies).toHaveLength(form.endsWith('gz') && preference !== 'delta' ? 0 : 3)
      const receiver = openReceiver()
      const totals = new Map<string, number>()
      for (const { file, headers, description } of bodies) {
        const raw = read(file)
        const answer = await receiver.post(
          headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw,
          headers['content-type'] ?? '',
        )
        expect(answer.status).toBe(200)
        if (form.startsWith('json')) expect(answer.body).toEqual({ partialSuccess: {} })
        else expect(answer.body).toEqual(new Uint8Array(0))
        expect(answer.headers).toEqual({ 'content-type': headers['content-type'] })
        for (const { scopes } of expectedResources.parse(readJson(description))) {
          for (const metric of scopes.flatMap(({ metrics }) => metrics))
            for (const one of metric.points) expectSeries(totals, metric, one)
        }
        const stored = receiver.stored()
        const newest = Object.fromEntries([...totals.keys()].map((series) => [series, stored.newest(series)]))
        expect(newest).toEqual(Object.fromEntries(totals))
      }
    })
  })

  test.each(['cumulative', 'delta', 'lowmemory'])('exponential histograms, %s', async (preference) => {
    const receiver = openReceiver()
    const sums = { count: 0, sum: 0, zeroCount: 0 }
    const buckets: Record<string, number> = {}
    for (const run of exports.filter(({ name }) => name.startsWith(`metrics-${preference}-`))) {
      const [body] = run.bodies
      await receiver.post(read(body?.file ?? ''), body?.headers['content-type'] ?? '')
      const metric = expectedResources
        .parse(readJson(run.description))
        .flatMap(({ scopes }) => scopes.flatMap(({ metrics }) => metrics))
        .find(({ type }) => type === 'exponentialHistogram')
      for (const one of metric?.points ?? []) {
        if (metric?.temporality !== 'DELTA') {
          Object.assign(sums, { count: 0, sum: 0, zeroCount: 0 })
          for (const key of Object.keys(buckets)) delete buckets[key]
        }
        sums.count += one.count ?? 0
        sums.sum += one.sum ?? 0
        sums.zeroCount += one.zeroCount ?? 0
        // at schema -2 all are comparable: the bucket up to 16^i
        for (const [i, count] of (one.positive?.bucketCounts ?? []).entries()) {
          const key = String(Math.ceil(((one.positive?.offset ?? 0) + i + 1) / 2 ** ((one.scale ?? 0) + 2)))
          if (count !== 0) buckets[key] = (buckets[key] ?? 0) + count
        }
      }
      const newest = receiver.stored().histograms.at(-1)
      expect(newest?.series).toBe(`payload_size_bytes{${identity}}`)
      expect(newest?.histogram).toMatchObject({ count: sums.count, zeroCount: sums.zeroCount, isInteger: true })
      expect(newest?.histogram.sum).toBeCloseTo(sums.sum, 6)
      expect(bucketsOf(newest, -2)).toEqual(buckets)
    }
  })

  test('what is said of the resource and of the metrics', async () => {
    const receiver = openReceiver()
    await receiver.post(read('requests/metrics-cumulative-1.pb'), 'application/x-protobuf')
    const stored = receiver.stored()
    expect(
      stored.newest(
        `target_info{deployment_environment_name="staging", instance="a1", job="shop/shop-api", process_pid="4242", service_version="1.4.2", test_bool="true", test_double="0.5", test_list="[\\"a\\",\\"b\\"]"}`,
      ),
    ).toBe(1)
    expect(stored.metadata).toMatchObject({
      request_duration_seconds: { type: 'histogram', help: 'Time per request', unit: 'seconds' },
      payload_size_bytes: { type: 'histogram', help: '', unit: 'bytes' },
      orders_total: { type: 'counter', help: 'Orders placed', unit: '' },
      queue_length: { type: 'gauge', help: '', unit: '' },
      temperature_celsius: { type: 'gauge', unit: 'celsius' },
      target_info: { type: 'gauge', help: 'Target metadata' },
    })
  })
})

describe.skipIf(isLeftOut)("the kit's edge cases", () => {
  const edge = async (name: string) => {
    const found = edgeCase.parse(edges.find((one) => one.name === name))
    const receiver = openReceiver()
    const answer = await receiver.post(Buffer.from(found.body), found.headers['content-type'] ?? '')
    expect(answer.status).toBe(found.status)
    return { answer, stored: receiver.stored() }
  }

  test('metric numbers as text', async () => {
    const { stored } = await edge('metric numbers as text')
    // nanoseconds: all of them in one millisecond
    expect(stored.values('m')).toEqual([-5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
  })
  test('point without recorded value', async () => {
    const { stored } = await edge('point without recorded value')
    expect(stored.bits('m')).toEqual(['7ff0000000000002'])
  })
  test('bucket counts do not fit bounds', async () => {
    const { answer, stored } = await edge('bucket counts do not fit bounds')
    expect(answer.body).toMatchObject({ partialSuccess: { rejectedDataPoints: '1' } })
    expect(stored.series()).toEqual([])
  })
  test('histogram without buckets', async () => {
    const { stored } = await edge('histogram without buckets')
    expect(stored.all()).toEqual({ 'h_bucket{le="+Inf"}': 3, h_count: 3, h_sum: 1 })
  })
  test('summary', async () => {
    const { stored } = await edge('summary')
    expect(stored.all()).toEqual({ 's{quantile="0.5"}': 2, 's{quantile="1"}': 3, s_sum: 6, s_count: 3 })
  })
  test('exponential histogram', async () => {
    const { stored } = await edge('exponential histogram')
    expect(stored.histograms.at(-1)?.histogram).toMatchObject({
      ...{ schema: 0, count: 6, sum: 10, zeroCount: 1, zeroThreshold: 0.001 },
      ...{ positiveSpans: [{ offset: 0, length: 3 }], positiveBuckets: Float64Array.of(2, 0, 3), negativeSpans: [] },
    })
  })
  test('sum without temporality', async () => {
    const { answer, stored } = await edge('sum without temporality')
    expect(answer.body).toMatchObject({ partialSuccess: { rejectedDataPoints: '1' } })
    expect(stored.series()).toEqual([])
  })
  test('exemplar', async () => {
    const { stored } = await edge('exemplar')
    expect(stored.exemplars).toEqual([
      {
        series: 'm_total',
        timeMs: 0,
        value: 0.4,
        labels: ['trace_id', '5b8efff798038103d269b633813fc60c', 'span_id', 'eee19b7ec3c1b174'],
      },
    ])
  })
})
