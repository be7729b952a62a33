// Requests of remote write as bytes. Called once a sample, bench/src/remote-write-out.ts.
// Formats: prometheus/prompb/{remote,types}.proto (1.0), io/prometheus/write/v2/types.proto (2.0).
import { metricTypes } from '@tidewatch/core/metric-types.ts'
import type { NativeHistogram } from '@tidewatch/core/native-histogram.ts'
import type { MetricMetadata, StoredExemplar } from '../../store/port.ts'
import { encodeHistogramMessage } from './encode-histogram.ts'
import { ProtoWriter, varintLength } from './proto-writer.ts'
import type { SentSeries } from './series-cache.ts'

/** Fills one request after the other. */
export interface RequestEncoder {
  /** Answers how many exemplars that waited for it went along. */
  sample(series: SentSeries, timeMs: number, low: number, high: number): number
  histogram(series: SentSeries, timeMs: number, histogram: NativeHistogram): number
  /** False: it waits for the next sample of its series, since the version has no place for an exemplar alone. */
  exemplar(series: SentSeries, exemplar: StoredExemplar): boolean
  /** Takes those that still wait away, and counts them. */
  dropWaiting(): number
  /** The bytes so far; the next request begins. */
  take(): Buffer
}

export const contentTypes = {
  '1.0': { type: 'application/x-protobuf', version: '0.1.0' },
  '2.0': { type: 'application/x-protobuf;proto=io.prometheus.write.v2.Request', version: '2.0.0' },
} as const

/** A sample's message: value as eight bytes, time as a varint. */
const sampleLength = (timeMs: number): number => 9 + 1 + varintLength(timeMs)

function writeSample(out: ProtoWriter, tag: number, timeMs: number, low: number, high: number): void {
  out.byte(tag)
  out.varint(sampleLength(timeMs))
  out.byte(0x09)
  out.words(low, high)
  out.byte(0x10)
  out.varint(timeMs)
}

/** prometheus.WriteRequest: labels are written out with each sample, as bytes that are kept for each series. */
export class EncoderV1 implements RequestEncoder {
  readonly #out = new ProtoWriter()

  sample(series: SentSeries, timeMs: number, low: number, high: number): number {
    const out = this.#out
    out.byte(0x0a)
    out.varint(series.labelBytes.length + 2 + sampleLength(timeMs))
    out.raw(series.labelBytes)
    writeSample(out, 0x12, timeMs, low, high)
    return 0
  }

  histogram(series: SentSeries, timeMs: number, histogram: NativeHistogram): number {
    this.#series(series, 0x22, encodeHistogramMessage(histogram, timeMs))
    return 0
  }

  exemplar(series: SentSeries, { example, value, timeMs }: StoredExemplar): boolean {
    const message = new ProtoWriter(256)
    for (let i = 0; i < example.length; i += 2)
      message.delimited(0x0a, labelMessage(example[i] ?? '', example[i + 1] ?? ''))
    message.byte(0x11)
    message.double(value)
    message.byte(0x18)
    message.varint(timeMs)
    this.#series(series, 0x1a, message.take())
    return true
  }

  dropWaiting(): number {
    return 0
  }

  take(): Buffer {
    return this.#out.take()
  }

  #series({ labelBytes }: SentSeries, tag: number, message: Uint8Array): void {
    this.#out.byte(0x0a)
    this.#out.varint(labelBytes.length + 1 + varintLength(message.length) + message.length)
    this.#out.raw(labelBytes)
    this.#out.delimited(tag, message)
  }
}

function labelMessage(name: string, value: string): Buffer {
  const message = new ProtoWriter(64)
  message.text(0x0a, name)
  message.text(0x12, value)
  return message.take()
}

/** What is known of a metric family, for requests that carry it with each series. */
export type FamilyOf = (metric: string) => MetricMetadata | undefined

/** io.prometheus.write.v2.Request: texts stand once in a request and are named by number. */
export class EncoderV2 implements RequestEncoder {
  readonly #series = new ProtoWriter()
  readonly #familyOf: FamilyOf
  readonly #waiting = new Map<SentSeries, StoredExemplar[]>()
  // written again for each series
  readonly #content = new ProtoWriter(64)
  readonly #message = new ProtoWriter(1024)
  readonly #numbers = new ProtoWriter(256)
  #symbols = new Map<string, number>([['', 0]])

  constructor(familyOf: FamilyOf) {
    this.#familyOf = familyOf
  }

  sample(series: SentSeries, timeMs: number, low: number, high: number): number {
    const content = this.#content
    content.clear()
    writeSample(content, 0x12, timeMs, low, high)
    return this.#add(series, content.view())
  }

  histogram(series: SentSeries, timeMs: number, histogram: NativeHistogram): number {
    const out = new ProtoWriter(256)
    out.delimited(0x1a, encodeHistogramMessage(histogram, timeMs))
    return this.#add(series, out.take())
  }

  exemplar(series: SentSeries, exemplar: StoredExemplar): boolean {
    const waiting = this.#waiting.get(series)
    if (waiting === undefined) this.#waiting.set(series, [exemplar])
    else waiting.push(exemplar)
    return false
  }

  dropWaiting(): number {
    const dropped = [...this.#waiting.values()].reduce((sum, { length }) => sum + length, 0)
    this.#waiting.clear()
    return dropped
  }

  take(): Buffer {
    const out = new ProtoWriter(this.#series.length + 4096)
    for (const symbol of this.#symbols.keys()) out.text(0x22, symbol)
    out.raw(this.#series.take())
    this.#symbols = new Map([['', 0]])
    return out.take()
  }

  #add(series: SentSeries, content: Uint8Array): number {
    const { flat, metric } = series
    const exemplars = this.#waiting.get(series) ?? noExemplars
    const message = this.#message
    message.clear()
    message.delimited(0x0a, this.#refs(flat))
    message.raw(content)
    for (const exemplar of exemplars) message.delimited(0x22, this.#exemplar(exemplar))
    if (exemplars.length > 0) this.#waiting.delete(series)
    const family = this.#familyOf(metric)
    if (family !== undefined) message.delimited(0x2a, this.#metadata(family))
    this.#series.delimited(0x2a, message.view())
    return exemplars.length
  }

  #exemplar({ example, value, timeMs }: StoredExemplar): Buffer {
    const message = new ProtoWriter(64)
    message.delimited(0x0a, this.#refs(example))
    message.byte(0x11)
    message.double(value)
    message.byte(0x18)
    message.varint(timeMs)
    return message.take()
  }

  #metadata({ type, help, unit }: MetricMetadata): Buffer {
    const message = new ProtoWriter(16)
    message.byte(0x08)
    message.varint(metricTypes.indexOf(type))
    message.byte(0x18)
    message.varint(this.#symbol(help))
    message.byte(0x20)
    message.varint(this.#symbol(unit))
    return message.take()
  }

  /** Good until the next call. */
  #refs(flat: readonly string[]): Uint8Array {
    const refs = this.#numbers
    refs.clear()
    for (const text of flat) refs.varint(this.#symbol(text))
    return refs.view()
  }

  #symbol(text: string): number {
    const known = this.#symbols.get(text)
    if (known !== undefined) return known
    const number = this.#symbols.size
    this.#symbols.set(text, number)
    return number
  }
}

const noExemplars: readonly StoredExemplar[] = []

/** A request of version 1.0 that has metadata alone. */
export function encodeMetadata(rows: readonly MetricMetadata[]): Buffer {
  const out = new ProtoWriter()
  for (const { family, type, help, unit } of rows) {
    const message = new ProtoWriter(256)
    message.byte(0x08)
    message.varint(metricTypes.indexOf(type))
    message.text(0x12, family)
    message.text(0x22, help)
    message.text(0x2a, unit)
    out.delimited(0x1a, message.take())
  }
  return out.take()
}
