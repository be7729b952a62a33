// Clients that push, as applications use them: the OpenTelemetry exporters, hot-shots, AWS's SDK and forms, our own command; with sign-in on.
import { CloudWatchClient, ListMetricsCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch'
import {
  AggregationTemporalityPreference,
  OTLPMetricExporter as JsonExporter,
} from '@opentelemetry/exporter-metrics-otlp-http'
import { OTLPMetricExporter as ProtoExporter } from '@opentelemetry/exporter-metrics-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { AggregationType, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { freePort } from '@tidewatch/testkit/free-port.ts'
import { eventually, getData, type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import { StatsD } from 'hot-shots'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runTidewatch, type TempDir, tempDir } from './programs.ts'

const stack = new AsyncDisposableStack()
let dir: TempDir
let server: RunningServer
let key: string
let token: string
let statsdPort: number

interface Sample {
  readonly metric: Readonly<Record<string, string>>
  readonly value?: readonly [number, string]
  readonly histogram?: readonly [number, { readonly count: string; readonly sum: string }]
}

async function ask(query: string): Promise<readonly Sample[]> {
  const headers = { authorization: `Bearer ${token}` }
  return (await getData<{ readonly result: readonly Sample[] }>(server, '/api/v1/query', { query }, headers)).result
}

async function valuesOf(query: string): Promise<Record<string, string>> {
  return Object.fromEntries(
    (await ask(query)).map(({ metric: { __name__: name = '', ...labels }, value }) => [
      `${name}${JSON.stringify(labels)}`,
      value?.[1] ?? 'histogram',
    ]),
  )
}

beforeAll(async () => {
  dir = stack.use(tempDir())
  // a port of TCP that is free is mostly one of UDP
  statsdPort = await freePort()
  dir.write('config/prometheus.yml', 'otlp: { promote_resource_attributes: [deployment.environment.name] }\n')
  dir.write(
    'config/tidewatch.yml',
    `listeners: { statsd: { address: '127.0.0.1:${statsdPort}', flush_interval: 1s } }\n`,
  )
  const dataDir = `${dir.path}/data`
  server = stack.use(await startServer({ auth: true, dataDir, args: ['--config', `${dir.path}/config`] }))
  key = (await runTidewatch(['token', 'key', '--data-dir', dataDir])).out.trim()
  token = (await runTidewatch(['token', 'create', '--scope', 'read', '--data-dir', dataDir])).out.trim()
})
afterAll(() => stack.disposeAsync())

describe.each([
  ['protobuf', 'delta', ProtoExporter],
  ['protobuf', 'cumulative', ProtoExporter],
  ['json', 'delta', JsonExporter],
] as const)("OpenTelemetry's exporter, %s, %s", (format, preference, Exporter) => {
  test('sums, gauges, histograms of both kinds, over two exports', async () => {
    const service = `${format}-${preference}`
    const exporter = new Exporter({
      url: `${server.url}/v1/metrics`,
      headers: { authorization: `Bearer ${key}` },
      temporalityPreference:
        preference === 'delta' ? AggregationTemporalityPreference.DELTA : AggregationTemporalityPreference.CUMULATIVE,
    })
    const provider = new MeterProvider({
      resource: resourceFromAttributes({
        'service.namespace': 'shop',
        'service.name': service,
        'service.instance.id': 'i1',
        'deployment.environment.name': 'test',
        'host.name': 'h',
      }),
      readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })],
      views: [
        { instrumentName: 'payload.size', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } },
        {
          instrumentName: 'request.duration',
          aggregation: { type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM, options: { boundaries: [0.1, 1] } },
        },
      ],
    })
    const meter = provider.getMeter('shop', '1.0')
    const orders = meter.createCounter('orders', { description: 'Orders placed', unit: '{order}' })
    const duration = meter.createHistogram('request.duration', { unit: 's' })
    const size = meter.createHistogram('payload.size', { unit: 'By' })
    meter.createObservableGauge('temperature', { unit: 'Cel' }).addCallback((result) => result.observe(21.5))
    for (const _ of [1, 2]) {
      orders.add(2, { country: 'SE' })
      duration.record(0.05)
      duration.record(5)
      size.record(1000)
      size.record(0)
      await provider.forceFlush()
      // two exports of one millisecond would be one point
      const exportedMs = Date.now()
      await eventually(async () => expect(Date.now()).toBeGreaterThan(exportedMs + 1), { everyMs: 1 })
    }
    const labels = `"deployment_environment_name":"test","instance":"i1","job":"shop/${service}"`
    expect(await valuesOf(`{job="shop/${service}", __name__!~"target_info"}`)).toEqual({
      [`orders_total{"country":"SE",${labels}}`]: '4',
      [`request_duration_seconds_bucket{${labels},"le":"+Inf"}`]: '4',
      [`request_duration_seconds_bucket{${labels},"le":"0.1"}`]: '2',
      [`request_duration_seconds_bucket{${labels},"le":"1"}`]: '2',
      [`request_duration_seconds_count{${labels}}`]: '4',
      [`request_duration_seconds_sum{${labels}}`]: '10.1',
      [`payload_size_bytes{${labels}}`]: 'histogram',
      [`temperature_celsius{${labels}}`]: '21.5',
    })
    const [native] = await ask(`payload_size_bytes{job="shop/${service}"}`)
    expect(native?.histogram?.[1]).toMatchObject({ count: '4', sum: '2000' })
    expect(await valuesOf(`target_info{job="shop/${service}"}`)).toEqual({
      [`target_info{"deployment_environment_name":"test","host_name":"h","instance":"i1","job":"shop/${service}"}`]:
        '1',
    })
    // the first delta counts, since a total begins at zero
    if (preference === 'delta') {
      const [increase] = await ask(
        `max_over_time(orders_total{job="shop/${service}"}[1m]) - min_over_time(orders_total{job="shop/${service}"}[1m])`,
      )
      expect(increase?.value?.[1]).toBe('4')
    }
    await provider.shutdown()
  })
})

test('OTLP without a key is refused in its own form', async () => {
  const response = await fetch(`${server.url}/v1/metrics`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  })
  expect(response.status).toBe(401)
  expect(await response.json()).toMatchObject({ code: 16, message: expect.stringContaining('nobody is signed in') })
})

test('hot-shots: counters, gauges, timers, histograms, sets, tags', async () => {
  const client = new StatsD({ host: '127.0.0.1', port: statsdPort, prefix: 'cart.', globalTags: { env: 'test' } })
  client.increment('views', 3, { route: '/a' })
  client.increment('views', 1, { route: '/a' })
  client.gauge('queue', 42)
  client.timing('load', 250)
  client.distribution('items', 7)
  client.event('deployed', 'version 2')
  await new Promise<void>((resolve, reject) => client.close((error) => (error ? reject(error) : resolve())))
  await eventually(async () =>
    expect(await valuesOf('{__name__=~"cart_.*", __name__!~".*_bucket"}')).toEqual({
      'cart_views{"env":"test","route":"/a"}': '4',
      'cart_queue{"env":"test"}': '42',
      'cart_load{"env":"test"}': 'histogram',
      'cart_load_count{"env":"test"}': '1',
      'cart_load_sum{"env":"test"}': '0.25',
      'cart_items{"env":"test"}': 'histogram',
      'cart_items_count{"env":"test"}': '1',
      'cart_items_sum{"env":"test"}': '7',
    }),
  )
  expect(await valuesOf('cart_load_bucket{le=~"0.1|0.25|1.0"}')).toEqual({
    'cart_load_bucket{"env":"test","le":"0.1"}': '0',
    'cart_load_bucket{"env":"test","le":"0.25"}': '1',
    'cart_load_bucket{"env":"test","le":"1.0"}': '1',
  })
})

describe('CloudWatch', () => {
  test("AWS's SDK: one value with dimensions, many values, statistics; the ingest key is the access key", async () => {
    const client = new CloudWatchClient({
      endpoint: server.url,
      region: 'eu-north-1',
      credentials: { accessKeyId: key, secretAccessKey: 'not looked at' },
    })
    const at = new Date()
    await client.send(
      new PutMetricDataCommand({
        Namespace: 'MalarMarket',
        MetricData: [
          { MetricName: 'RequestCount', Value: 12, Timestamp: at, Dimensions: [{ Name: 'RouteName', Value: '/cart' }] },
          { MetricName: 'Latency', Values: [1, 2.5], Counts: [2, 1], Unit: 'Milliseconds', Timestamp: at },
        ],
      }),
    )
    expect(await valuesOf('{__name__=~"malar_market_.*"}')).toEqual({
      'malar_market_request_count{"route_name":"/cart"}': '12',
      'malar_market_latency_sum{}': '4.5',
      'malar_market_latency_sample_count{}': '3',
      'malar_market_latency_minimum{}': '1',
      'malar_market_latency_maximum{}': '2.5',
    })
    await expect(
      client.send(new PutMetricDataCommand({ Namespace: 'N', MetricData: [{ MetricName: 'm' }] })),
    ).rejects.toThrow('neither Value, Values nor StatisticValues')
    await expect(client.send(new ListMetricsCommand({}))).rejects.toThrow()
  })

  test('the form of older clients', async () => {
    const body = new URLSearchParams({
      Action: 'PutMetricData',
      Version: '2010-08-01',
      Namespace: 'Old',
      'MetricData.member.1.MetricName': 'Depth',
      'MetricData.member.1.Value': '3',
      'MetricData.member.1.Timestamp': new Date().toISOString(),
      'MetricData.member.1.Dimensions.member.1.Name': 'Queue',
      'MetricData.member.1.Dimensions.member.1.Value': 'mail',
    })
    const authorization = `AWS4-HMAC-SHA256 Credential=${key}/20261121/eu-north-1/monitoring/aws4_request, SignedHeaders=host, Signature=0`
    const response = await fetch(`${server.url}/`, { method: 'POST', headers: { authorization }, body })
    expect(response.status).toBe(200)
    expect(await response.text()).toContain('<PutMetricDataResponse')
    expect(await valuesOf('old_depth')).toEqual({ 'old_depth{"queue":"mail"}': '3' })
    const refused = await fetch(`${server.url}/`, { method: 'POST', body })
    expect(refused.status).toBe(401)
    expect(await refused.text()).toContain('<Code>InvalidClientTokenId</Code>')
  })
})

test('tidewatch push: one value, a group, standard input for the rest of us', async () => {
  const at = ['--url', server.url, '--token', key]
  expect(await runTidewatch(['push', 'orders_open', '12', '--label', 'shop=x', ...at])).toMatchObject({
    code: 0,
    out: '1 value stored.\n',
  })
  expect(await runTidewatch(['push', 'Jobs=1', 'Failed=-2.5', '--namespace', 'NightBatch', ...at])).toMatchObject({
    code: 0,
    out: '2 values stored.\n',
  })
  expect(await valuesOf('{__name__=~"orders_open|night_batch_.*"}')).toEqual({
    'orders_open{"shop":"x"}': '12',
    'night_batch_jobs{}': '1',
    'night_batch_failed{}': '-2.5',
  })
  const refused = await runTidewatch(['push', 'orders_open', 'many', ...at])
  expect(refused).toMatchObject({ code: 1 })
  expect(refused.err).toContain('"many" is not a number')
})
