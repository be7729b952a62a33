// The Histogram message of io.prometheus.client, which is another one than remote write's: client_model, io/prometheus/client/metrics.proto.
import { bucketsOf, type HistogramSide, newHistogramSide, readHistogramSide } from '@tidewatch/core/histogram-sides.ts'
import type { NativeHistogram } from '@tidewatch/core/native-histogram.ts'
import type { ProtoReader } from '@tidewatch/core/proto-reader.ts'
import type { ExemplarSample } from '@tidewatch/core/sample-batch.ts'
import { dropEmpty, negativeSide, positiveSide, reduceSide, withSides } from '@tidewatch/promql/native/buckets.ts'

export interface ClassicBucket {
  readonly upperBound: number
  /** Observations up to the bound. */
  readonly count: number
  readonly exemplar: FamilyExemplar | undefined
}

/** `timeMs` is NaN where it has none. */
export type FamilyExemplar = Omit<ExemplarSample, 'ref'>

export interface HistogramMessage {
  readonly count: number
  readonly sum: number
  /** When the counter began; 0 where it does not say. */
  readonly startMs: number
  readonly buckets: readonly ClassicBucket[]
  /** Undefined where it has classic buckets alone. */
  readonly native: NativeHistogram | undefined
  /** Those of the native histogram. */
  readonly exemplars: readonly FamilyExemplar[]
}

/** Reads one message. Throws RangeError for bytes that are none. */
export function readHistogramMessage(reader: ProtoReader, isGauge: boolean): HistogramMessage {
  const found = { count: 0, countFloat: 0, sum: 0, schema: 0, zeroThreshold: 0, zeroCount: 0, zeroCountFloat: 0 }
  const buckets: ClassicBucket[] = []
  const exemplars: FamilyExemplar[] = []
  const negative = newHistogramSide()
  const positive = newHistogramSide()
  let startMs = 0
  while (reader.next()) {
    if (reader.is(1, 0)) found.count = reader.varint()
    else if (reader.is(2, 1)) found.sum = reader.double()
    else if (reader.is(3, 2)) buckets.push(readBucket(reader.message()))
    else if (reader.is(4, 1)) found.countFloat = reader.double()
    else if (reader.is(5, 0)) found.schema = reader.zigzag()
    else if (reader.is(6, 1)) found.zeroThreshold = reader.double()
    else if (reader.is(7, 0)) found.zeroCount = reader.varint()
    else if (reader.is(8, 1)) found.zeroCountFloat = reader.double()
    else if (reader.is(15, 2)) startMs = readTimestamp(reader.message())
    else if (reader.is(16, 2)) exemplars.push(readExemplar(reader.message()))
    else if (!readHistogramSide(reader, 9, negative) && !readHistogramSide(reader, 12, positive)) reader.skip()
  }
  const { zeroThreshold, zeroCount, zeroCountFloat } = found
  // a client adds an empty span where nothing else tells that buckets are native
  const hasSpans = positive.spans.length > 0 || negative.spans.length > 0
  const isNative = hasSpans || zeroThreshold > 0 || zeroCount > 0 || zeroCountFloat > 0
  return {
    count: found.countFloat > 0 ? found.countFloat : found.count,
    sum: found.sum,
    startMs: isGauge ? 0 : startMs,
    buckets,
    native: isNative ? nativeOf(found, positive, negative, isGauge) : undefined,
    // the buckets' own where it has none for itself; without a time they cannot be told from one another
    exemplars: (exemplars.length > 0 ? exemplars : buckets.flatMap(({ exemplar }) => exemplar ?? [])).filter(
      ({ timeMs }) => !Number.isNaN(timeMs),
    ),
  }
}

function nativeOf(found: Numbers, positive: HistogramSide, negative: HistogramSide, isGauge: boolean): NativeHistogram {
  const isInteger = !(found.countFloat > 0 || found.zeroCountFloat > 0)
  return {
    schema: found.schema,
    counterResetHint: isGauge ? 'gauge' : 'unknown',
    count: isInteger ? found.count : found.countFloat,
    sum: found.sum,
    zeroThreshold: found.zeroThreshold,
    zeroCount: isInteger ? found.zeroCount : found.zeroCountFloat,
    positiveSpans: positive.spans,
    positiveBuckets: bucketsOf(positive, isInteger),
    negativeSpans: negative.spans,
    negativeBuckets: bucketsOf(negative, isInteger),
    customValues: [],
    isInteger,
  }
}

type Numbers = Readonly<
  Record<'count' | 'countFloat' | 'sum' | 'schema' | 'zeroThreshold' | 'zeroCount' | 'zeroCountFloat', number>
>

/** Without buckets that hold nothing. The histogram must have passed `histogramFault`. */
export function compact(h: NativeHistogram): NativeHistogram {
  return { ...withSides(h, dropEmpty(positiveSide(h)), dropEmpty(negativeSide(h))), isInteger: h.isInteger }
}

/** With exponential buckets of a lower resolution. */
export function reduceResolution(h: NativeHistogram, schema: number): NativeHistogram {
  const positive = reduceSide(positiveSide(h), h.schema, schema)
  const negative = reduceSide(negativeSide(h), h.schema, schema)
  return { ...withSides(h, positive, negative, { schema }), isInteger: h.isInteger }
}

function readBucket(reader: ProtoReader): ClassicBucket {
  let upperBound = 0
  let count = 0
  let exemplar: FamilyExemplar | undefined
  while (reader.next()) {
    if (reader.is(1, 0)) count = reader.varint()
    else if (reader.is(2, 1)) upperBound = reader.double()
    else if (reader.is(3, 2)) exemplar = readExemplar(reader.message())
    else if (reader.is(4, 1)) count = reader.double() || count
    else reader.skip()
  }
  return { upperBound, count, exemplar }
}

export function readExemplar(reader: ProtoReader): FamilyExemplar {
  const found = { labels: [] as string[], value: 0, timeMs: Number.NaN }
  while (reader.next()) {
    if (reader.is(1, 2)) found.labels.push(...readLabel(reader.message()))
    else if (reader.is(2, 1)) found.value = reader.double()
    else if (reader.is(3, 2)) found.timeMs = readTimestamp(reader.message())
    else reader.skip()
  }
  return found
}

export function readLabel(reader: ProtoReader): [name: string, value: string] {
  const found: [string, string] = ['', '']
  while (reader.next()) {
    if (reader.is(1, 2)) found[0] = reader.text()
    else if (reader.is(2, 2)) found[1] = reader.text()
    else reader.skip()
  }
  return found
}

/** google.protobuf.Timestamp in ms. */
export function readTimestamp(reader: ProtoReader): number {
  let seconds = 0
  let nanos = 0
  while (reader.next()) {
    if (reader.is(1, 0)) seconds = reader.signed()
    else if (reader.is(2, 0)) nanos = reader.signed()
    else reader.skip()
  }
  return seconds * 1000 + Math.trunc(nanos / 1e6)
}
