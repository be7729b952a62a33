// Native histograms and exemplars on every way they come: Debian's Prometheus and we scrape the same targets, one in protobuf and prom-client's in
// OpenMetrics; Prometheus writes all of it to us; then both are asked the same.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { eventually, getData, type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import {
  doubleField,
  field,
  label,
  snappyBlock,
  varint,
  varintField,
  zigzag,
} from '@tidewatch/testkit/write-request.ts'
import { requestV2 } from '@tidewatch/testkit/write-request-v2.ts'
import { Counter, Histogram, Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Program, startPrometheus, tempDir } from './programs.ts'

const patience = { timeoutMs: 180_000 }
const stack = new AsyncDisposableStack()
const startMs = Math.floor(Date.now() / 1000) * 1000
let server: RunningServer
let prometheus: Program
/** Whether the target still has its histograms. */
let serves = true
const asked: string[] = []

const message = (...parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts)

function family(name: string, type: number, ...metrics: readonly Uint8Array[]): Uint8Array {
  const metricFields = metrics.map((metric) => field(4, metric))
  const body = message(field(1, name), field(2, 'Help.'), varintField(3, type), ...metricFields)
  return message(varint(body.length), body)
}

const timestamp = field(3, message(varintField(1, startMs / 1000), varintField(2, 500_000_000)))
const exemplar = (id: string, value: number): Uint8Array =>
  message(label('trace_id', id), doubleField(2, value), timestamp)
const span = (number: number, offset: number, length: number): Uint8Array =>
  field(number, message(varintField(1, zigzag(offset)), varintField(2, length)))
const deltas = (number: number, ...values: readonly number[]): Uint8Array =>
  field(number, message(...values.map((value) => varint(zigzag(value)))))

/** As a client with native and classic buckets has it. */
function exposed(): Uint8Array {
  const counter = family(
    'orders_total',
    0,
    message(label('shop', 'a'), field(3, message(doubleField(1, 42), field(2, exemplar('order', 1))))),
  )
  if (!serves) return counter
  const bucket = message(varintField(1, 6), doubleField(2, 2), field(3, exemplar('slow', 1.5)))
  const histogram = message(
    ...[varintField(1, 15), doubleField(2, 21.5), field(3, bucket), varintField(5, zigzag(3)), doubleField(6, 0.001)],
    ...[varintField(7, 2), span(12, 0, 2), span(12, 3, 2), deltas(13, 3, 1, -2, 1), span(9, 0, 1), deltas(10, 1)],
  )
  return message(counter, family('latency_seconds', 4, message(label('path', '/"x"'), field(7, histogram))))
}

async function listen(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const listening: Server = createServer(answer)
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
  stack.defer(() => {
    listening.closeAllConnections()
    listening.close()
  })
  return `127.0.0.1:${(listening.address() as AddressInfo).port}`
}

function jobs(protobufTarget: string, textTarget: string): string {
  return `
global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - job_name: proto
    static_configs: [{ targets: ['${protobufTarget}'] }]
  - job_name: text
    static_configs: [{ targets: ['${textTarget}'] }]
`
}

beforeAll(async () => {
  const dir = stack.use(tempDir())
  const protobufTarget = await listen((request, response) => {
    asked.push(`${request.headers['user-agent']} ${request.headers.accept}`)
    const type = 'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited'
    response.writeHead(200, { 'content-type': type }).end(exposed())
  })
  const registry = new Registry<typeof Registry.OPENMETRICS_CONTENT_TYPE>()
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
  const work = new Counter({ name: 'work_done', help: 'Work.', enableExemplars: true, registers: [registry] })
  const took = new Histogram({
    ...{ name: 'work_seconds', help: 'Time.', buckets: [0.5, 1, 10], enableExemplars: true, registers: [registry] },
  })
  work.inc({ value: 3, exemplarLabels: { trace_id: 'counted' }, labels: {} })
  took.observe({ value: 0.75, exemplarLabels: { trace_id: 'observed', note: 'ü' }, labels: {} })
  const textTarget = await listen((_, response) => {
    void registry.metrics().then((text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text))
  })
  const config = dir.write(
    'ours.yml',
    jobs(protobufTarget, textTarget).replace('global: {', 'global: { scrape_native_histograms: true,'),
  )
  server = stack.use(await startServer({ args: ['--config', config] }))
  const write = `
remote_write:
  - url: ${server.url}/api/v1/write
    send_exemplars: true
    send_native_histograms: true
    queue_config: { batch_send_deadline: 200ms, max_shards: 1 }
    write_relabel_configs: [{ target_label: via, replacement: prometheus }]
`
  const flags = ['--enable-feature=native-histograms,exemplar-storage']
  prometheus = stack.use(await startPrometheus(jobs(protobufTarget, textTarget) + write, { dir, flags }))
  await eventually(async () => {
    for (const via of ['', 'prometheus'])
      expect((await vector(server, `count_over_time(latency_seconds{via="${via}"}[1m]) > 3`)).length).toBe(1)
  }, patience)
})
afterAll(() => stack.disposeAsync())

interface Found {
  readonly metric: Readonly<Record<string, string>>
  readonly value?: readonly [number, string]
  readonly histogram?: readonly [number, object]
}

async function vector(from: Pick<RunningServer, 'url'>, query: string): Promise<readonly Found[]> {
  return (await getData<{ readonly result: readonly Found[] }>(from, '/api/v1/query', { query })).result
}

interface SeriesExemplars {
  readonly seriesLabels: Readonly<Record<string, string>>
  readonly exemplars: readonly object[]
}

/** The exemplars of a job, the series' labels without the one that tells on which way they came. */
async function exemplars(from: Pick<RunningServer, 'url'>, query: string): Promise<readonly SeriesExemplars[]> {
  const window = { start: String(startMs / 1000 - 60), end: String(Date.now() / 1000 + 60) }
  const found = await getData<readonly SeriesExemplars[]>(from, '/api/v1/query_exemplars', { query, ...window })
  // version 2 keeps the bound 1 as it is written, 3 and we as 1.0
  return found.map(({ seriesLabels: { via: _, ...labels }, ...rest }) => {
    const bound = labels.le === undefined ? {} : { le: String(Number(labels.le)) }
    return { seriesLabels: { ...labels, ...bound }, ...rest }
  })
}

describe('native histograms', () => {
  test('are asked for in protobuf, as Prometheus 3 asks', () => {
    const accept =
      'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1'
    expect(asked.some((line) => line.startsWith('Tidewatch/') && line.endsWith(` ${accept}`))).toBe(true)
  })

  test.each([
    'latency_seconds{VIA}',
    'histogram_count(latency_seconds{VIA})',
    'histogram_sum(latency_seconds{VIA})',
    'histogram_fraction(0, 2, latency_seconds{VIA})',
  ])('answer %s as Prometheus does, scraped and written to us', async (query) => {
    const bare = (found: readonly Found[]) =>
      found.map(({ metric: { via: _, ...metric }, value, histogram }) => [metric, value?.[1], histogram?.[1]])
    const expected = bare(await vector(prometheus, query.replace('{VIA}', '')))
    expect(expected).toHaveLength(1)
    for (const via of ['', 'prometheus'])
      expect(bare(await vector(server, query.replace('VIA', `via="${via}"`)))).toEqual(expected)
  })
})

describe('exemplars', () => {
  test.each([
    ['of protobuf', 'orders_total{VIA} + rate(latency_seconds{VIA}[1m])', 2],
    ["of prom-client's OpenMetrics", '{job="text",VIA}', 2],
  ])('%s are answered as Prometheus does, scraped and written to us', async (_, query, series) => {
    await eventually(async () => {
      const expected = await exemplars(prometheus, query.replaceAll(/,?VIA/g, ''))
      expect(expected).toHaveLength(series)
      for (const via of ['', 'prometheus'])
        expect(await exemplars(server, query.replaceAll('VIA', `via="${via}"`))).toEqual(expected)
    }, patience)
  })

  test('are there once, however often they were scraped; by POST, and the newest within a limit', async () => {
    const body = new URLSearchParams({ query: '{job="text"}', limit: '1' })
    const response = await fetch(`${server.url}/api/v1/query_exemplars`, { method: 'POST', body })
    const answer = (await response.json()) as { data: readonly SeriesExemplars[]; warnings: readonly string[] }
    expect(answer.data.flatMap(({ exemplars: found }) => found)).toHaveLength(1)
    expect(answer.warnings).toEqual(['results truncated due to limit'])
    const all = await exemplars(server, 'orders_total{via=""}')
    expect(all.map(({ exemplars: found }) => found.length)).toEqual([1])
  })

  test('of series that are not there are none, and an expression without series has no answer', async () => {
    for (const from of [prometheus, server]) {
      expect(await exemplars(from, 'nothing_there')).toEqual([])
      expect(
        (await fetch(`${from.url}/api/v1/query_exemplars?${new URLSearchParams({ query: '1 + 1' })}`)).status,
      ).toBe(204)
    }
  })

  test('are refused for a window that ends before it begins', async () => {
    const query = new URLSearchParams({ query: 'up', start: '10', end: '5' })
    expect((await fetch(`${server.url}/api/v1/query_exemplars?${query}`)).status).toBe(400)
  })
})

describe('remote write 2.0', () => {
  test('is stored, with histograms, exemplars and metadata, and found at once', async () => {
    const nowMs = Date.now()
    const one = { labels: { trace_id: 'v2' }, value: 1, timeMs: nowMs }
    const body = snappyBlock(
      requestV2(
        {
          ...{ labels: { __name__: 'v2_total' }, samples: [[nowMs, 5]], exemplars: [one] },
          metadata: { type: 1, help: 'Second.', unit: '' },
        },
        { labels: { __name__: 'v2_seconds' }, histograms: [[nowMs, [1, 2, 3]]] },
      ),
    )
    const headers = {
      'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
      ...{ 'content-encoding': 'snappy', 'x-prometheus-remote-write-version': '2.0.0' },
    }
    const response = await fetch(`${server.url}/api/v1/write`, { method: 'POST', headers, body: Buffer.from(body) })
    expect(response.status).toBe(204)
    const written = ['samples', 'histograms', 'exemplars'].map((kind) =>
      response.headers.get(`x-prometheus-remote-write-${kind}-written`),
    )
    expect(written).toEqual(['1', '1', '1'])
    expect((await vector(server, 'v2_total'))[0].value?.[1]).toBe('5')
    expect((await vector(server, 'histogram_count(v2_seconds)'))[0].value?.[1]).toBe('6')
    expect(await exemplars(server, 'v2_total')).toEqual([
      {
        seriesLabels: { __name__: 'v2_total' },
        exemplars: [{ labels: { trace_id: 'v2' }, value: '1', timestamp: nowMs / 1000 }],
      },
    ])
    const metadata = await getData<Record<string, readonly object[]>>(server, '/api/v1/metadata', {
      metric: 'v2_total',
    })
    expect(metadata.v2_total).toEqual([{ type: 'counter', help: 'Second.', unit: '' }])
  })
})

describe('a native histogram that its target has no more', () => {
  test('ends, scraped and written to us', async () => {
    serves = false
    await eventually(async () => expect(await vector(server, 'latency_seconds')).toEqual([]), patience)
    expect(await vector(server, 'orders_total')).toHaveLength(2)
  })
})
