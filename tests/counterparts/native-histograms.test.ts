// Native histograms beside Debian's Prometheus: the same bodies written to both, the same read from both, by queries and by remote read.
import { type NativeHistogram, staleHistogram } from '@tidewatch/core/native-histogram.ts'
import { ProtoReader } from '@tidewatch/core/proto-reader.ts'
import { readHistogram } from '@tidewatch/server/ingest/remote-write-histogram.ts'
import { HistogramMessage } from '@tidewatch/server/query/read/histogram-message.ts'
import { readSampled, readStreamed } from '@tidewatch/server/query/read/testing/client.ts'
import { eventually, getData, type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import { field, label, sample, snappyBlock } from '@tidewatch/testkit/write-request.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Program, startPrometheus, tempDir } from './programs.ts'

const stack = new AsyncDisposableStack()
let server: RunningServer
let theirs: Program
/** Prometheus begins new chunks at multiples of it. */
const blockMs = 2 * 3_600_000
/** Of the first sample: all lie before such a border. */
const beginMs = Math.floor(Date.now() / blockMs) * blockMs - 20 * 60_000
const stepMs = 15_000
const message = new HistogramMessage()

function observed(step: number, isInteger: boolean): NativeHistogram {
  const scale = isInteger ? 1 : 0.37
  const buckets = [1, 4, 2].map((weight) => weight * (step + 1) * scale)
  const negative = 2 * (step + 1) * scale
  return {
    schema: 2,
    counterResetHint: step === 0 ? 'unknown' : 'not_reset',
    count: (isInteger ? 10 * (step + 1) : 0) || buckets.reduce((sum, count) => sum + count, negative + 3 * scale),
    sum: Math.sin(step) * 100,
    zeroThreshold: 2 ** -128,
    zeroCount: isInteger ? step + 1 : 3 * scale,
    positiveSpans: [
      { offset: -2, length: 2 },
      { offset: 5, length: 1 },
    ],
    positiveBuckets: Float64Array.from(buckets),
    negativeSpans: [{ offset: 1, length: 1 }],
    negativeBuckets: Float64Array.of(negative),
    customValues: [],
    isInteger,
  }
}

const labels = (name: string): Uint8Array => Buffer.concat([label('__name__', name), label('job', 'both')])

function histograms(name: string, list: readonly NativeHistogram[]): Uint8Array {
  const messages = list.map((h, i) => field(4, Uint8Array.from(message.encode(beginMs + i * stepMs, h))))
  return field(1, Buffer.concat([labels(name), ...messages]))
}

const steps = 30
const atStart = (h: NativeHistogram): NativeHistogram => ({ ...h, counterResetHint: 'unknown' })
const endedSeries = [observed(0, true), observed(1, true), { ...staleHistogram, isInteger: true }]
/** There is a reset, which nothing but the counts tells. */
const restartedSeries = [
  ...Array.from({ length: 9 }, (_, i) => observed(i, true)),
  atStart(observed(2, true)),
  observed(3, true),
]
const body = snappyBlock(
  histograms(
    'whole',
    Array.from({ length: steps }, (_, i) => observed(i, true)),
  ),
  histograms(
    'fractions',
    Array.from({ length: steps }, (_, i) => observed(i, false)),
  ),
  histograms('ended', endedSeries),
  histograms('restarted', restartedSeries),
  field(1, Buffer.concat([labels('float_beside'), sample(beginMs, 1), sample(beginMs + stepMs, 2)])),
)

async function write(url: string): Promise<Response> {
  const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' }
  return fetch(`${url}/api/v1/write`, { method: 'POST', headers, body: Uint8Array.from(body) })
}

beforeAll(async () => {
  server = stack.use(await startServer())
  const dir = stack.use(tempDir())
  const flags = ['--web.enable-remote-write-receiver', '--enable-feature=native-histograms']
  theirs = stack.use(await startPrometheus('global: {}\n', { dir, flags }))
  for (const { url } of [server, theirs]) expect((await write(url)).status).toBe(204)
})
afterAll(() => stack.disposeAsync())

describe('the same as Prometheus', () => {
  const end = (beginMs + (steps - 1) * stepMs) / 1000
  test.each([
    'whole',
    'fractions',
    '{job="both"}',
    'ended',
    'histogram_count(whole)',
    'histogram_sum(fractions)',
    'rate(whole[2m30s])',
    'increase(restarted[2m30s])',
    'sum(whole) + sum(fractions)',
    'count_over_time(whole[10m])',
  ])('answers %s', async (query) => {
    for (const seconds of [end + 1, end - 200.5]) {
      const [ours, other] = await Promise.all(
        [server, theirs].map((one) =>
          getData<{ result: object[] }>(one, '/api/v1/query', { query, time: String(seconds) }),
        ),
      )
      const bySeries = (all: readonly object[] = []): string[] => all.map((one) => JSON.stringify(one)).sort()
      expect(bySeries(ours?.result)).toEqual(bySeries(other?.result))
    }
  })

  test('answers a range of them', async () => {
    const parameters = { query: '{job="both"}', start: String(beginMs / 1000 + 7), end: String(end + 400), step: '31' }
    const [ours, other] = await Promise.all(
      [server, theirs].map((one) => getData<{ result: object[] }>(one, '/api/v1/query_range', parameters)),
    )
    expect(ours).toEqual(other)
  })
})

const scrapes = (address: string): string => `
global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - job_name: federate
    honor_labels: true
    honor_timestamps: false
    scrape_native_histograms: true
    metrics_path: /federate
    params: { 'match[]': ['{job="live"}'] }
    static_configs: [{ targets: ['${address}'] }]
`

describe('federation by protobuf', () => {
  beforeAll(async () => {
    const now = message.encode(Date.now(), observed(3, true))
    const whole = field(
      1,
      Buffer.concat([label('__name__', 'live_whole'), label('job', 'live'), field(4, Uint8Array.from(now))]),
    )
    const parts = message.encode(Date.now(), observed(3, false))
    const fractions = field(
      1,
      Buffer.concat([label('__name__', 'live_fractions'), label('job', 'live'), field(4, Uint8Array.from(parts))]),
    )
    const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' }
    const live = Uint8Array.from(snappyBlock(whole, fractions))
    expect((await fetch(`${server.url}/api/v1/write`, { method: 'POST', headers, body: live })).status).toBe(204)
  })

  test.each(['live_whole', 'live_fractions'])(
    'another Prometheus, and another of us, have %s as it is here',
    async (name) => {
      const address = new URL(server.url).host
      await using inner = new AsyncDisposableStack()
      const dir = inner.use(tempDir())
      const flags = ['--enable-feature=native-histograms']
      const config = scrapes(address).replace(/.*scrape_native_histograms.*\n/, '')
      const prometheus = inner.use(await startPrometheus(config, { dir: inner.use(tempDir()), flags }))
      const other = inner.use(await startServer({ args: ['--config', dir.write('prometheus.yml', scrapes(address))] }))
      type Found = { readonly result: readonly { readonly histogram?: readonly [number, object] }[] }
      const here = await getData<Found>(server, '/api/v1/query', { query: name })
      expect(here.result[0]?.histogram?.[1]).toMatchObject({ count: expect.any(String), buckets: expect.any(Array) })
      for (const one of [prometheus, other])
        await eventually(
          async () => {
            const there = await getData<Found>(one, '/api/v1/query', { query: name })
            expect(there.result[0]?.histogram?.[1]).toEqual(here.result[0]?.histogram?.[1])
          },
          { timeoutMs: 180_000 },
        )
    },
    120_000,
  )
})

const everything = () => [
  { startMs: beginMs - 1, endMs: beginMs + 3_600_000, matchers: [{ name: 'job', op: '=' as const, value: 'both' }] },
]

// Prometheus 2.42 itself leaves them out of samples
test('samples of remote read are what was written', async () => {
  const [read = []] = await readSampled(server.url, everything())
  const sent = new Map(
    Object.entries({
      ended: endedSeries,
      fractions: Array.from({ length: steps }, (_, i) => observed(i, false)),
      restarted: restartedSeries,
      whole: Array.from({ length: steps }, (_, i) => observed(i, true)),
    }),
  )
  for (const { labels: own, histograms: messages = [] } of read) {
    const expected = (sent.get(own.__name__ ?? '') ?? []).map((histogram, i) => ({
      timeMs: beginMs + i * stepMs,
      startMs: 0,
      histogram,
    }))
    expect(messages.map((bytes) => readHistogram(new ProtoReader(bytes)))).toEqual(expected)
  }
  expect(read.map(({ labels: own, samples }) => [own.__name__, samples.length])).toEqual([
    ['ended', 0],
    ['float_beside', 2],
    ['fractions', 0],
    ['restarted', 0],
    ['whole', 0],
  ])
})

test('chunks of streamed remote read have the same bytes', async () => {
  const [ours, other] = await Promise.all([server, theirs].map(({ url }) => readStreamed(url, everything())))
  const chunks = (frames: typeof ours): unknown[] =>
    (frames ?? []).map(({ labels: own, chunks: all }) => [
      own.__name__,
      all.map(({ encoding, data }) => [encoding, Buffer.from(data).toString('hex')]),
    ])
  expect(chunks(ours)).toEqual(chunks(other))
})

test('what is no histogram is refused with the series and the reason, the others are taken', async () => {
  const bad = { ...observed(1, true), count: 7 }
  const good = observed(1, true)
  const request = snappyBlock(histograms('bad_one', [bad]), histograms('good_one', [good]))
  const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' }
  const response = await fetch(`${server.url}/api/v1/write`, {
    method: 'POST',
    headers,
    body: Uint8Array.from(request),
  })
  expect(response.status).toBe(400)
  expect(response.headers.get('x-prometheus-remote-write-histograms-written')).toBe('1')
  expect(await response.text()).toMatch(/bad_one.*its count is 7, and its buckets hold 20/)
  await eventually(async () => {
    const { result } = await getData<{ result: object[] }>(server, '/api/v1/query', {
      query: 'good_one or bad_one',
      time: String((beginMs + stepMs) / 1000),
    })
    expect(result).toHaveLength(1)
  })
})
