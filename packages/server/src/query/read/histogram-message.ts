// A native histogram as prometheus.Histogram, what samples of remote read are made of. Called once a histogram. Format: prometheus/prompb/types.proto
import {
  type FloatHistogram,
  isIntegerHistogram,
  isStaleHistogram,
  type Span,
} from '@tidewatch/core/native-histogram.ts'
import { staleHigh, staleLow } from '@tidewatch/core/stale.ts'
import { ByteWriter } from './bytes.ts'

const hints = { unknown: 0, reset: 1, not_reset: 2, gauge: 3 } as const
const double = new Float64Array(1)
const words = new Uint32Array(double.buffer)

/** Writes messages one after the other into the same memory. */
export class HistogramMessage {
  readonly #message = new ByteWriter()
  readonly #part = new ByteWriter()

  /** The message's bytes, good until the next call. */
  encode(timeMs: number, h: FloatHistogram): Uint8Array {
    const message = this.#message
    message.length = 0
    const isInteger = isIntegerHistogram(h)
    if (isInteger) this.#varint(0x08, h.count)
    else this.#double(0x11, h.count)
    this.#sum(h)
    this.#sint(0x20, h.schema)
    this.#double(0x29, h.zeroThreshold)
    if (isInteger) this.#varint(0x30, h.zeroCount)
    else this.#double(0x39, h.zeroCount)
    this.#side(8, h.negativeSpans, h.negativeBuckets, isInteger)
    this.#side(11, h.positiveSpans, h.positiveBuckets, isInteger)
    if (h.counterResetHint !== 'unknown') this.#varint(0x70, hints[h.counterResetHint])
    message.byte(0x78)
    message.int64(timeMs)
    this.#doubles(16, h.customValues)
    return message.written
  }

  #varint(tag: number, value: number): void {
    this.#message.byte(tag)
    this.#message.varint(value)
  }

  #sint(tag: number, value: number): void {
    this.#message.byte(tag)
    writeZigzag(this.#message, value)
  }

  #double(tag: number, value: number): void {
    this.#message.byte(tag)
    writeDouble(this.#message, value)
  }

  #sum(h: FloatHistogram): void {
    this.#message.byte(0x19)
    if (isStaleHistogram(h)) this.#message.float64Words(staleLow, staleHigh)
    else writeDouble(this.#message, h.sum)
  }

  /** Spans, then counts: of whole numbers the differences. */
  #side(first: number, spans: readonly Span[], buckets: Float64Array, isInteger: boolean): void {
    const part = this.#part
    for (const { offset, length } of spans) {
      part.length = 0
      part.byte(0x08)
      writeZigzag(part, offset)
      part.byte(0x10)
      part.varint(length)
      this.#message.field((first << 3) | 2, part.written)
    }
    if (!isInteger) {
      this.#doubles(first + 2, buckets)
      return
    }
    part.length = 0
    let before = 0
    for (const count of buckets) {
      writeZigzag(part, count - before)
      before = count
    }
    if (part.length > 0) this.#message.field(((first + 1) << 3) | 2, part.written)
  }

  #doubles(field: number, values: readonly number[] | Float64Array): void {
    if (values.length === 0) return
    const part = this.#part
    part.length = 0
    for (const value of values) writeDouble(part, value)
    this.#message.varint((field << 3) | 2)
    this.#message.varint(part.length)
    this.#message.bytes(part.written)
  }
}

export function writeDouble(writer: ByteWriter, value: number): void {
  double[0] = value
  writer.float64Words(words[0] as number, words[1] as number)
}

/** A `sint64`, exact within 2^53: twice that is no whole number of a double any more. */
export function writeZigzag(writer: ByteWriter, value: number): void {
  const size = value < 0 ? -value - 1 : value
  const first = ((size % 64) << 1) | (value < 0 ? 1 : 0)
  if (size < 64) {
    writer.byte(first)
    return
  }
  writer.byte(first | 0x80)
  writer.varint(Math.floor(size / 64))
}
