// The chunks of Prometheus's storage, as streamed remote read hands them on: floats (XOR), native histograms, and those with float counts.
// Formats: https://github.com/prometheus/prometheus/blob/main/tsdb/docs/format/chunks.md
import { AppError } from '@tidewatch/core/error.ts'
import {
  customBucketsSchema,
  type NativeHistogram,
  type Span,
  staleHistogram,
} from '@tidewatch/core/native-histogram.ts'
import { staleHigh, staleLow } from '@tidewatch/core/stale.ts'
import { BitReader, XorValue } from './bit-reader.ts'
import type { ChunkSink } from './port.ts'

/** prometheus.Chunk.Encoding */
const encodings = { xor: 1, histogram: 2, floatHistogram: 3 } as const

/** Throws `collect.bad_answer` for bytes that are no chunk, or one of a kind that came later. */
export function decodeChunk(encoding: number, data: Uint8Array, sink: ChunkSink): void {
  try {
    if (encoding === encodings.xor) decodeXor(data, sink)
    else if (encoding === encodings.histogram) decodeHistograms(data, new IntegerBuckets(), sink)
    else if (encoding === encodings.floatHistogram) decodeHistograms(data, new FloatBuckets(), sink)
    else
      throw new AppError('collect.bad_answer', `a chunk has encoding ${encoding}, which is not known here.`, {
        fix: 'In Prometheus set storage.tsdb.chunk_encoding.floats to xor, and ask for the time before and after the change by itself.',
      })
  } catch (cause) {
    if (cause instanceof RangeError) throw new AppError('collect.bad_answer', `${cause.message}.`, { cause })
    throw cause
  }
}

const countOf = (data: Uint8Array): number => ((data[0] ?? 0) << 8) | (data[1] ?? 0)

/** Sizes of a change of the time between samples, by how many ones stand before the first zero. */
const changeSizes = [0, 14, 17, 20, 64]

function decodeXor(data: Uint8Array, sink: ChunkSink): void {
  const reader = new BitReader(data, 16)
  const value = new XorValue()
  let timeMs = 0
  let deltaMs = 0
  const count = countOf(data)
  for (let i = 0; i < count; i++) {
    if (i === 0) {
      timeMs = reader.varint()
      value.first(reader)
    } else {
      deltaMs = i === 1 ? reader.uvarint() : deltaMs + reader.signed(changeSizes[reader.ones(4)] as number)
      timeMs += deltaMs
      value.next(reader)
    }
    sink.float(timeMs, value.low, value.high)
  }
}

interface Layout {
  readonly schema: number
  readonly zeroThreshold: number
  readonly positiveSpans: readonly Span[]
  readonly negativeSpans: readonly Span[]
  readonly customValues: readonly number[]
}

/** The counts of a histogram, which integer and float chunks write differently. */
interface Buckets {
  readonly isInteger: boolean
  readonly count: number
  readonly zeroCount: number
  readonly positive: Float64Array
  readonly negative: Float64Array
  begin(positive: number, negative: number): void
  /** Of the `index`th sample: count and zero count. */
  readCounts(reader: BitReader, index: number): void
  readBuckets(reader: BitReader, index: number): void
}

/** More than that in one histogram is no histogram; Prometheus itself refuses to make them. */
const maxBuckets = 1 << 16
const gaugeHeader = 0b11

function decodeHistograms(data: Uint8Array, buckets: Buckets, sink: ChunkSink): void {
  const count = countOf(data)
  if (count === 0) return
  const isGauge = (data[2] ?? 0) >> 6 === gaugeHeader
  const reader = new BitReader(data, 24)
  const layout = readLayout(reader)
  const length = (spans: readonly Span[]): number => spans.reduce((sum, span) => sum + span.length, 0)
  const [positive, negative] = [length(layout.positiveSpans), length(layout.negativeSpans)]
  if (positive + negative > maxBuckets) throw new RangeError(`a histogram has ${positive + negative} buckets`)
  buckets.begin(positive, negative)
  const sum = new XorValue()
  let timeMs = 0
  let deltaMs = 0
  for (let i = 0; i < count; i++) {
    const number = reader.varbitInt()
    deltaMs = i === 0 ? 0 : deltaMs + number
    timeMs = i === 0 ? number : timeMs + deltaMs
    buckets.readCounts(reader, i)
    if (i === 0) sum.first(reader)
    else sum.next(reader)
    const isStale = sum.low === staleLow && sum.high === staleHigh
    // a stale marker has no buckets, save as the first where the layout is empty
    if (!isStale || i === 0) buckets.readBuckets(reader, i)
    sink.histogram(timeMs, isStale ? staleHistogram : toHistogram(layout, buckets, sum.value, hintOf(isGauge, i)))
  }
}

/** As Prometheus reads them: nothing is known of what was before a chunk, and within it no counter is reset. */
function hintOf(isGauge: boolean, index: number): NativeHistogram['counterResetHint'] {
  if (isGauge) return 'gauge'
  return index === 0 ? 'unknown' : 'not_reset'
}

function toHistogram(
  layout: Layout,
  { count, zeroCount, positive, negative, isInteger }: Buckets,
  sum: number,
  counterResetHint: NativeHistogram['counterResetHint'],
): NativeHistogram {
  return {
    ...layout,
    ...{ counterResetHint, count, sum, zeroCount, isInteger },
    positiveBuckets: positive.slice(),
    negativeBuckets: negative.slice(),
  }
}

function readLayout(reader: BitReader): Layout {
  const zeroThreshold = readZeroThreshold(reader)
  const schema = reader.varbitInt()
  const positiveSpans = readSpans(reader)
  const negativeSpans = readSpans(reader)
  const customValues = schema === customBucketsSchema ? readBounds(reader) : []
  return { schema, zeroThreshold, positiveSpans, negativeSpans, customValues }
}

/** One byte for zero and for powers of two, else all eight. */
function readZeroThreshold(reader: BitReader): number {
  const byte = reader.bits(8)
  if (byte === 0) return 0
  if (byte < 255) return 2 ** (byte - 243)
  return readDouble(reader)
}

function readDouble(reader: BitReader): number {
  const value = new XorValue()
  value.first(reader)
  return value.value
}

function readSpans(reader: BitReader): Span[] {
  const count = reader.varbitUint()
  if (count > maxBuckets) throw new RangeError(`a histogram has ${count} spans`)
  return Array.from({ length: count }, () => {
    const length = reader.varbitUint()
    return { length, offset: reader.varbitInt() }
  })
}

/** In thousandths plus one where that is exact, else 0 and the whole number. */
function readBounds(reader: BitReader): number[] {
  const count = reader.varbitUint()
  if (count > maxBuckets) throw new RangeError(`a histogram has ${count} bounds`)
  return Array.from({ length: count }, () => {
    const coded = reader.varbitUint()
    return coded === 0 ? readDouble(reader) : (coded - 1) / 1000
  })
}

/** Whole counts: differences between neighbouring buckets, written as differences of differences over time. */
class IntegerBuckets implements Buckets {
  readonly isInteger = true
  count = 0
  zeroCount = 0
  positive = new Float64Array(0)
  negative = new Float64Array(0)
  #countDelta = 0
  #zeroDelta = 0
  #values: [Float64Array, Float64Array] = [this.positive, this.negative]
  #deltas: [Float64Array, Float64Array] = [this.positive, this.negative]

  begin(positive: number, negative: number): void {
    const pair = (): [Float64Array, Float64Array] => [new Float64Array(positive), new Float64Array(negative)]
    this.#values = pair()
    this.#deltas = pair()
    const [p, n] = pair()
    this.positive = p as Float64Array<ArrayBuffer>
    this.negative = n as Float64Array<ArrayBuffer>
  }

  readCounts(reader: BitReader, index: number): void {
    if (index === 0) {
      this.count = reader.varbitUint()
      this.zeroCount = reader.varbitUint()
      return
    }
    this.#countDelta += reader.varbitInt()
    this.#zeroDelta += reader.varbitInt()
    this.count += this.#countDelta
    this.zeroCount += this.#zeroDelta
  }

  readBuckets(reader: BitReader, index: number): void {
    this.#side(reader, index, 0, this.positive)
    this.#side(reader, index, 1, this.negative)
  }

  #side(reader: BitReader, index: number, side: 0 | 1, out: Float64Array): void {
    const values = this.#values[side]
    const deltas = this.#deltas[side]
    let absolute = 0
    for (let k = 0; k < values.length; k++) {
      const number = reader.varbitInt()
      if (index === 0) values[k] = number
      else {
        deltas[k] = (deltas[k] as number) + number
        values[k] = (values[k] as number) + (deltas[k] as number)
      }
      absolute += values[k] as number
      out[k] = absolute
    }
  }
}

/** Float counts, each by what changed of its bits. */
class FloatBuckets implements Buckets {
  readonly isInteger = false
  positive = new Float64Array(0)
  negative = new Float64Array(0)
  readonly #count = new XorValue()
  readonly #zeroCount = new XorValue()
  #values: readonly XorValue[] = []

  get count(): number {
    return this.#count.value
  }
  get zeroCount(): number {
    return this.#zeroCount.value
  }

  begin(positive: number, negative: number): void {
    this.positive = new Float64Array(positive)
    this.negative = new Float64Array(negative)
    this.#values = Array.from({ length: positive + negative }, () => new XorValue())
  }

  readCounts(reader: BitReader, index: number): void {
    for (const value of [this.#count, this.#zeroCount]) step(value, reader, index)
  }

  readBuckets(reader: BitReader, index: number): void {
    for (const value of this.#values) step(value, reader, index)
    const { length } = this.positive
    this.#values.forEach(({ value }, k) => {
      if (k < length) this.positive[k] = value
      else this.negative[k - length] = value
    })
  }
}

function step(value: XorValue, reader: BitReader, index: number): void {
  if (index === 0) value.first(reader)
  else value.next(reader)
}
