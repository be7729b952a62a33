// What `/federate` says to a scraper that reads protobuf: the newest sample of each series as io.prometheus.client.MetricFamily messages, each
// behind its length. The one form that has a place for native histograms. https://github.com/prometheus/client_model
import { type Labels, metricNameLabel } from '@tidewatch/core/labels.ts'
import {
  customBucketsSchema,
  type FloatHistogram,
  isIntegerHistogram,
  isStaleHistogram,
  type Span,
} from '@tidewatch/core/native-histogram.ts'
import { isStaleAt } from '@tidewatch/core/stale.ts'
import { type GrowingSampleBuffer, wordsOf } from '@tidewatch/promql/evaluate/sample-buffer.ts'
import { ByteWriter } from './bytes.ts'
import { escapedLabel, escapedMetric, pairsOf } from './federated.ts'
import { writeDouble, writeZigzag } from './histogram-message.ts'
import type { ReadAnswer } from './job.ts'

const pieceBytes = 256 * 1024
/** A family goes on in another message of its name: readers keep one in memory. */
const familyBytes = 64 * 1024

/** `MetricType` of the messages. */
const types = { untyped: 3, histogram: 4, gaugeHistogram: 5 } as const
type Type = (typeof types)[keyof typeof types]

const utf8 = new TextEncoder()

export class FederatedFamilies implements ReadAnswer {
  readonly #external: readonly string[]
  readonly #utf8Names: boolean
  readonly #out = new ByteWriter()
  readonly #family = new ByteWriter()
  readonly #metric = new ByteWriter()
  readonly #part = new ByteWriter()
  #name = ''
  #type: Type = types.untyped

  /** As `FederatedAnswer`'s. */
  constructor(external: readonly string[], utf8Names: boolean) {
    this.#external = external
    this.#utf8Names = utf8Names
  }

  window(): void {
    // all selectors are read as one
  }

  /** Series must come by name. The last sample of each counts; one that ended has none. */
  series(labels: Labels, { timesMs, values, length, histograms }: GrowingSampleBuffer): void {
    const last = length - 1
    const name = labels.get(metricNameLabel)
    const histogram = histograms?.[last]
    const isOver = histogram === undefined ? isStaleAt(wordsOf(values), last) : isStaleHistogram(histogram)
    if (name === '' || isOver) return
    this.#begin(name, typeOf(histogram))
    const metric = this.#metric
    metric.length = 0
    for (const [label, value] of pairsOf(labels, this.#external)) this.#label(label, value)
    if (histogram === undefined) this.#untyped(values[last] as number)
    else this.#histogram(histogram)
    metric.byte(0x30)
    metric.int64(timesMs[last] as number)
    this.#family.field(0x22, metric.written)
  }

  takePiece(): Uint8Array<ArrayBuffer> | undefined {
    return this.#out.length < pieceBytes ? undefined : this.#taken()
  }

  finish(): Uint8Array<ArrayBuffer> {
    this.#end()
    return this.#taken()
  }

  #taken(): Uint8Array<ArrayBuffer> {
    const piece = this.#out.copy()
    this.#out.length = 0
    return piece
  }

  #begin(name: string, type: Type): void {
    if (this.#family.length > 0 && name === this.#name && type === this.#type && this.#family.length < familyBytes)
      return
    this.#end()
    this.#name = name
    this.#type = type
    this.#family.field(0x0a, utf8.encode(this.#utf8Names ? name : escapedMetric(name)))
    this.#family.byte(0x18)
    this.#family.varint(type)
  }

  #end(): void {
    if (this.#family.length === 0) return
    this.#out.varint(this.#family.length)
    this.#out.bytes(this.#family.written)
    this.#family.length = 0
  }

  #label(name: string, value: string): void {
    const part = this.#part
    part.length = 0
    part.field(0x0a, utf8.encode(this.#utf8Names ? name : escapedLabel(name)))
    part.field(0x12, utf8.encode(value))
    this.#metric.field(0x0a, part.written)
  }

  #untyped(value: number): void {
    const part = this.#part
    part.length = 0
    part.byte(0x09)
    writeDouble(part, value)
    this.#metric.field(0x2a, part.written)
  }

  #histogram(h: FloatHistogram): void {
    const message = new ByteWriter()
    const isInteger = isIntegerHistogram(h)
    writeCount(message, { whole: 0x08, float: 0x21 }, h.count, isInteger)
    message.byte(0x11)
    writeDouble(message, h.sum)
    if (h.schema === customBucketsSchema) this.#bounds(message, h, isInteger)
    else this.#native(message, h, isInteger)
    this.#metric.field(0x3a, message.written)
  }

  /** With bounds of its own: the messages know such buckets as those of a classic histogram alone, from the first on added up. */
  #bounds(message: ByteWriter, h: FloatHistogram, isInteger: boolean): void {
    const counts = new Float64Array(h.customValues.length + 1)
    let at = 0
    let next = 0
    for (const { offset, length } of h.positiveSpans) {
      at += offset
      for (let i = 0; i < length; i++) counts[at++] = h.positiveBuckets[next++] as number
    }
    let total = 0
    const part = this.#part
    for (const [i, count] of counts.entries()) {
      total += count
      part.length = 0
      writeCount(part, { whole: 0x08, float: 0x21 }, total, isInteger)
      part.byte(0x11)
      writeDouble(part, h.customValues[i] ?? Number.POSITIVE_INFINITY)
      message.field(0x1a, part.written)
    }
  }

  #native(message: ByteWriter, h: FloatHistogram, isInteger: boolean): void {
    message.byte(0x28)
    writeZigzag(message, h.schema)
    message.byte(0x31)
    writeDouble(message, h.zeroThreshold)
    writeCount(message, { whole: 0x38, float: 0x41 }, h.zeroCount, isInteger)
    this.#side(message, 9, { spans: h.negativeSpans, buckets: h.negativeBuckets, isInteger })
    // one span of no buckets tells a native histogram without any from a classic one
    const isBare = h.zeroThreshold === 0 && h.positiveSpans.length === 0 && h.negativeSpans.length === 0
    const spans = isBare ? [{ offset: 0, length: 0 }] : h.positiveSpans
    this.#side(message, 12, { spans, buckets: h.positiveBuckets, isInteger })
  }

  /** Spans, then counts: of whole numbers the differences. */
  #side(
    message: ByteWriter,
    first: number,
    side: { readonly spans: readonly Span[]; readonly buckets: Float64Array; readonly isInteger: boolean },
  ): void {
    const part = this.#part
    for (const { offset, length } of side.spans) {
      part.length = 0
      part.byte(0x08)
      writeZigzag(part, offset)
      part.byte(0x10)
      part.varint(length)
      message.field((first << 3) | 2, part.written)
    }
    if (side.buckets.length === 0) return
    part.length = 0
    let before = 0
    for (const count of side.buckets) {
      if (side.isInteger) writeZigzag(part, count - before)
      else writeDouble(part, count)
      before = count
    }
    message.field(((side.isInteger ? first + 1 : first + 2) << 3) | 2, part.written)
  }
}

function typeOf(histogram: FloatHistogram | undefined): Type {
  if (histogram === undefined) return types.untyped
  return histogram.counterResetHint === 'gauge' ? types.gaugeHistogram : types.histogram
}

/** Whole counts and others have fields of their own. */
function writeCount(
  writer: ByteWriter,
  tags: { readonly whole: number; readonly float: number },
  count: number,
  isInteger: boolean,
): void {
  writer.byte(isInteger ? tags.whole : tags.float)
  if (isInteger) writer.varint(count)
  else writeDouble(writer, count)
}
