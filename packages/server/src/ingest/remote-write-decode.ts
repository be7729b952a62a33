// Called once a sample, bench/src/ingest-remote-write.ts: a walk over the bytes of a prometheus.WriteRequest (remote write 1.0)
// that makes no object for a sample or a known series. Format: prometheus/prompb/remote.proto and types.proto.
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import { metricTypes } from '@tidewatch/core/metric-types.ts'
import type { ProtoReader } from '@tidewatch/core/proto-reader.ts'
import type { ExemplarSample, SampleBatch } from '@tidewatch/core/sample-batch.ts'
import type { SeriesOrder } from '../head/port.ts'
import type { MetricMetadata } from '../store/port.ts'
import { type DecodedRequest, type ResolveSeries, SeriesTaker } from './remote-write-series.ts'
import { RemoteWriteWire } from './remote-write-wire.ts'

/** Families in one request; a sender puts at most 500 into one by default. */
const maxMetadata = 10_000

export interface KnownOrder {
  readonly order: SeriesOrder
  readonly project: ProjectId
}

/** Decodes one request in slices: `step` until it says that it is done. What it finds is appended to the batch. */
export class RemoteWriteDecoder {
  readonly #bytes: Uint8Array
  readonly #batch: SampleBatch
  readonly #wire: RemoteWriteWire
  readonly #taker: SeriesTaker
  readonly #known: KnownOrder | undefined
  /** The series before; -1 at the beginning, and after one that is none. */
  #before = -1

  /** With `known` most series are found by the one before them. */
  constructor(bytes: Uint8Array, batch: SampleBatch, resolve: ResolveSeries, known?: KnownOrder) {
    this.#bytes = bytes
    this.#known = known
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
    const guessed = this.#guess(labelsStart, end)
    const labelsEnd = guessed < 0 ? this.#labelsEnd(labelsStart, end) : wire.at
    let scattered: number[] | undefined
    while (wire.at < end) {
      const { at } = wire
      const tag = bytes[at]
      if (tag === 0x12 && at + 2 <= end && bytes[at + 1] < 0x80) {
        wire.at = at + 2
        wire.sample(batch, at + 2 + bytes[at + 1], end)
      } else scattered = this.#rareField(end, scattered)
    }
    if (scattered !== undefined) {
      const joined = this.#join(labelsStart, labelsEnd, scattered)
      this.#before = this.#taker.finish(first, joined, 0, joined.length)
    } else if (guessed >= 0) {
      this.#taker.give(first, guessed)
      this.#before = guessed
    } else {
      const ref = this.#taker.finish(first, bytes, labelsStart, labelsEnd)
      if (this.#before >= 0 && ref >= 0) this.#known?.order.note(this.#before, ref)
      this.#before = ref
    }
  }

  /** The series that mostly follows the one before, where its labels and no further one stand here; moves behind them. Else -1. */
  #guess(start: number, end: number): number {
    const known = this.#known
    if (known === undefined || this.#before < 0) return -1
    const ref = known.order.guess(this.#before, known.project, this.#bytes, start, end)
    if (ref < 0) return -1
    const labelsEnd = start + known.order.encodedLength(ref)
    if (labelsEnd < end && this.#bytes[labelsEnd] === 0x0a) return -1
    this.#wire.at = labelsEnd
    return ref
  }

  /** Moves behind the labels: they come first and in one run from every sender, and the run's bytes are the key of the series. */
  #labelsEnd(start: number, end: number): number {
    const wire = this.#wire
    const bytes = this.#bytes
    let at = start
    while (at < end && bytes[at] === 0x0a) {
      const length = bytes[at + 1]
      if (length < 0x80) at += 2 + length
      else {
        wire.at = at + 1
        const long = wire.length(end, 'a Label')
        at = wire.at + long
      }
    }
    if (at > end) throw wire.bad(start, 'a Label that ends within its TimeSeries')
    wire.at = at
    return at
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
      if (tag === 0x08) row.type = metricTypes[wire.varint(end)] ?? 'unknown'
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
