// Called once a sample, bench/src/ingest-remote-write.ts: a walk over the bytes of a prometheus.WriteRequest (remote write 1.0)
// that makes no object for a sample or a known series. Format: prometheus/prompb/remote.proto and types.proto.
import type { ProtoReader } from '@tidewatch/core/proto-reader.ts'
import type { ExemplarSample, SampleBatch } from '@tidewatch/core/sample-batch.ts'
import type { MetricMetadata } from '../store/port.ts'
import { type DecodedRequest, type ResolveSeries, SeriesTaker } from './remote-write-series.ts'
import { RemoteWriteWire } from './remote-write-wire.ts'

/** Families in one request; a sender puts at most 500 into one by default. */
const maxMetadata = 10_000

const metadataTypes: readonly MetricMetadata['type'][] = [
  'unknown',
  'counter',
  'gauge',
  'histogram',
  'gaugehistogram',
  'summary',
  'info',
  'stateset',
]

/** Decodes one request in slices: `step` until it says that it is done. What it finds is appended to the batch. */
export class RemoteWriteDecoder {
  readonly #bytes: Uint8Array
  readonly #batch: SampleBatch
  readonly #wire: RemoteWriteWire
  readonly #taker: SeriesTaker

  constructor(bytes: Uint8Array, batch: SampleBatch, resolve: ResolveSeries) {
    this.#bytes = bytes
    this.#batch = batch
    this.#wire = new RemoteWriteWire(bytes, 'a prometheus.WriteRequest (remote write 1.0)')
    this.#taker = new SeriesTaker(batch, resolve)
  }

  get found(): DecodedRequest {
    return this.#taker.found
  }

  /** Decodes up to so many series. True when the request is at its end. Throws `ingest.bad_body`. */
  step(maxSeries: number): boolean {
    const wire = this.#wire
    const end = this.#bytes.length
    for (let n = 0; n < maxSeries && wire.at < end; n++) {
      const tagAt = wire.at
      const tag = wire.varint(end)
      if (tag === 0x0a) {
        const length = wire.length(end, 'a TimeSeries')
        this.#series(wire.at + length)
      } else if (tag === 0x1a) {
        const length = wire.length(end, 'a MetricMetadata')
        this.#metadata(wire.at + length)
      } else wire.skip(tag, tagAt, end)
    }
    return wire.at >= end
  }

  #series(end: number): void {
    const wire = this.#wire
    const bytes = this.#bytes
    const batch = this.#batch
    const first = batch.length
    const labelsStart = wire.at
    let at = labelsStart
    // labels come first and in one run from every sender: the run's bytes are the key of the series
    while (at < end && bytes[at] === 0x0a) {
      const length = bytes[at + 1]
      if (length < 0x80) at += 2 + length
      else {
        wire.at = at + 1
        const long = wire.length(end, 'a Label')
        at = wire.at + long
      }
    }
    if (at > end) throw wire.bad(labelsStart, 'a Label that ends within its TimeSeries')
    const labelsEnd = at
    let scattered: number[] | undefined
    wire.at = at
    while (wire.at < end) {
      at = wire.at
      const tag = bytes[at]
      if (tag === 0x12 && at + 2 <= end && bytes[at + 1] < 0x80) {
        wire.at = at + 2
        wire.sample(batch, at + 2 + bytes[at + 1], end)
      } else scattered = this.#rareField(end, scattered)
    }
    if (scattered === undefined) this.#taker.finish(first, bytes, labelsStart, labelsEnd)
    else {
      const joined = this.#join(labelsStart, labelsEnd, scattered)
      this.#taker.finish(first, joined, 0, joined.length)
    }
  }

  /** A field of a TimeSeries that is not in the usual place: labels after samples, exemplars, histograms, unknown ones. */
  #rareField(end: number, scattered: number[] | undefined): number[] | undefined {
    const wire = this.#wire
    const tagAt = wire.at
    const tag = wire.varint(end)
    if (tag === 0x0a) {
      const length = wire.length(end, 'a Label')
      wire.at += length
      return [...(scattered ?? []), tagAt, wire.at]
    }
    if (tag === 0x12) {
      const length = wire.length(end, 'a Sample')
      wire.sample(this.#batch, wire.at + length, end)
    } else if (tag === 0x1a) this.#taker.exemplar(wire.message(end, 'an Exemplar', readExemplar))
    else if (tag === 0x22) wire.message(end, 'a Histogram', (reader) => this.#taker.histogram(reader))
    else wire.skip(tag, tagAt, end)
    return scattered
  }

  #join(start: number, end: number, scattered: readonly number[]): Uint8Array {
    const parts = [this.#bytes.subarray(start, end)]
    for (let i = 0; i < scattered.length; i += 2) parts.push(this.#bytes.subarray(scattered[i], scattered[i + 1]))
    return Buffer.concat(parts)
  }

  #metadata(end: number): void {
    const wire = this.#wire
    const { metadata } = this.#taker.found
    if (metadata.length >= maxMetadata) throw wire.bad(wire.at, `at most ${maxMetadata} MetricMetadata in a request`)
    const row = { family: '', type: 'unknown' as MetricMetadata['type'], help: '', unit: '' }
    while (wire.at < end) {
      const tagAt = wire.at
      const tag = wire.varint(end)
      if (tag === 0x08) row.type = metadataTypes[wire.varint(end)] ?? 'unknown'
      else if (tag === 0x12) row.family = wire.text(end, 'the name of a metric family')
      else if (tag === 0x22) row.help = wire.text(end, 'the help of a metric family')
      else if (tag === 0x2a) row.unit = wire.text(end, 'the unit of a metric family')
      else wire.skip(tag, tagAt, end)
    }
    if (row.family !== '') metadata.push(row)
  }
}

function readExemplar(reader: ProtoReader): Omit<ExemplarSample, 'ref'> {
  const found = { timeMs: 0, value: 0, labels: [] as string[] }
  while (reader.next()) {
    if (reader.is(1, 2)) readLabel(reader.message(), found.labels)
    else if (reader.is(2, 1)) found.value = reader.double()
    else if (reader.is(3, 0)) found.timeMs = reader.signed()
    else reader.skip()
  }
  return found
}

function readLabel(reader: ProtoReader, into: string[]): void {
  let name = ''
  let value = ''
  while (reader.next()) {
    if (reader.is(1, 2)) name = reader.text()
    else if (reader.is(2, 2)) value = reader.text()
    else reader.skip()
  }
  into.push(name, value)
}
