// OTLP and StatsD from bytes to a batch: data points and lines of known streams, with the real series index.
// node scripts/with-node.mjs node bench/src/ingest-otlp.ts
import { systemClock } from '@tidewatch/core/clock.ts'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import { SampleBatch } from '@tidewatch/core/sample-batch.ts'
import { createHead } from '@tidewatch/server/head/head.ts'
import { DeltaTotals } from '@tidewatch/server/ingest/receivers/otlp/deltas.ts'
import { readJsonMetrics } from '@tidewatch/server/ingest/receivers/otlp/json.ts'
import { readProtobufMetrics } from '@tidewatch/server/ingest/receivers/otlp/protobuf.ts'
import { StreamTable } from '@tidewatch/server/ingest/receivers/otlp/streams.ts'
import { Translation } from '@tidewatch/server/ingest/receivers/otlp/translate.ts'
import { Aggregator } from '@tidewatch/server/ingest/receivers/statsd/aggregator.ts'
import { StatsdParser } from '@tidewatch/server/ingest/receivers/statsd/parse.ts'

const points = 20_000
const timeNs = BigInt(Date.now()) * 1_000_000n

using head = createHead({ clock: systemClock, hashKey: new Uint8Array(16), maxSeries: 200_000 })
const { index } = head
const resolve = (bytes: Uint8Array): number => index.resolveEncoded(defaultProject, bytes, 0, bytes.length)
const batch = new SampleBatch()
const streams = new StreamTable({
  ...{ escapes: true, addsSuffixes: true, promotes: new Set<string>(), ignores: new Set<string>() },
  ...{
    guardsUnderscore: true,
    keepsUnderscores: true,
    keepsIdentifying: false,
    makesCustomBuckets: false,
    promotesScope: false,
  },
})
const totals = new DeltaTotals()

function translate(read: typeof readJsonMetrics, body: Uint8Array): void {
  batch.clear()
  const deltas = totals.turn(defaultProject, 0)
  for (const _ of read(body, new Translation({ project: defaultProject, streams, deltas, batch, resolve })));
}

const [cumulative, delta] = [2, 1].map((temporality) => protobufBody(temporality)) as [Uint8Array, Uint8Array]
const json = jsonBody()
const lines = Array.from({ length: 40 }, (_, packet) =>
  Buffer.from(
    Array.from({ length: points / 40 }, (_line, i) => `shop.requests:1|c|#route:/r${packet * 500 + i},status:200`).join(
      '\n',
    ),
  ),
)
const aggregator = new Aggregator({
  acceptor: { accept: () => Promise.reject(new Error('not here')), resolveEncoded: index.resolveEncoded.bind(index) },
  ...{ clock: systemClock, maxSeries: 100_000, expireMs: 1e9, timerBuckets: [], histogramBuckets: [] },
})
const parser = new StatsdParser({ target: (line) => aggregator.target(line), outcome: () => undefined })

console.table({
  'OTLP protobuf, cumulative': row(measure(() => translate(readProtobufMetrics, cumulative))),
  'OTLP protobuf, deltas': row(measure(() => translate(readProtobufMetrics, delta))),
  'OTLP JSON, cumulative': row(measure(() => translate(readJsonMetrics, json))),
  'StatsD counters': row(measure(() => lines.forEach((packet) => void parser.packet(packet)))),
})

function row(ms: number) {
  return {
    'µs/point': Number(((ms * 1000) / points).toFixed(3)),
    'M points/s': Number((points / ms / 1000).toFixed(2)),
  }
}

/** The best of several rounds, in ms. */
function measure(run: () => void): number {
  run()
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 7; round++) {
    const startMs = performance.now()
    run()
    best = Math.min(best, performance.now() - startMs)
  }
  return best
}

function field(number: number, content: Uint8Array): Buffer {
  const head = [number * 8 + 2]
  let length = content.length
  for (; length >= 128; length >>>= 7) head.push((length & 127) | 128)
  return Buffer.concat([Uint8Array.from([...head, length]), content])
}

function attribute(number: number, key: string, value: string): Buffer {
  return field(number, Buffer.concat([field(1, Buffer.from(key)), field(2, field(1, Buffer.from(value)))]))
}

function protobufBody(temporality: number): Uint8Array {
  const time = Buffer.alloc(8)
  time.writeBigUInt64LE(timeNs)
  const value = Buffer.alloc(8)
  value.writeDoubleLE(12.5)
  const dataPoints = Array.from({ length: points }, (_, i) =>
    field(
      1,
      Buffer.concat([
        Uint8Array.of(0x19),
        time,
        Uint8Array.of(0x21),
        value,
        ...[attribute(7, 'http.route', `/r${i}`), attribute(7, 'http.status', '200')],
      ]),
    ),
  )
  const sum = Buffer.concat([...dataPoints, Uint8Array.of(0x10, temporality, 0x18, 1)])
  const metric = Buffer.concat([field(1, Buffer.from('http.requests')), field(7, sum)])
  const resource = Buffer.concat([attribute(1, 'service.name', 'shop'), attribute(1, 'service.instance.id', 'i1')])
  return field(1, Buffer.concat([field(1, resource), field(2, field(2, metric))]))
}

function jsonBody(): Uint8Array {
  const text = (key: string, stringValue: string) => ({ key, value: { stringValue } })
  const dataPoints = Array.from({ length: points }, (_, i) => ({
    ...{ timeUnixNano: String(timeNs), asDouble: 12.5 },
    attributes: [text('http.route', `/r${i}`), text('http.status', '200')],
  }))
  const sum = { aggregationTemporality: 2, isMonotonic: true, dataPoints }
  const resource = { attributes: [text('service.name', 'shop'), text('service.instance.id', 'i1')] }
  const scopeMetrics = [{ metrics: [{ name: 'http.requests', sum }] }]
  return Buffer.from(JSON.stringify({ resourceMetrics: [{ resource, scopeMetrics }] }))
}
