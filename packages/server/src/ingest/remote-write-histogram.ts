// The Histogram message, which both versions of remote write have alike: prometheus/prompb/types.proto, io/prometheus/write/v2/types.proto.
import type { CounterResetHint, NativeHistogram, Span } from '@tidewatch/core/native-histogram.ts'
import type { ProtoReader } from '@tidewatch/core/proto-reader.ts'

const resetHints: readonly CounterResetHint[] = ['unknown', 'reset', 'not_reset', 'gauge']

interface Side {
  readonly spans: Span[]
  /** Each as the difference to the one before; of integer histograms. */
  readonly deltas: number[]
  /** Absolute; of float histograms. */
  readonly counts: number[]
}

/** Reads one message. Throws RangeError for bytes that are none; whether the histogram makes sense is not looked at. */
export function readHistogram(reader: ProtoReader): { readonly timeMs: number; readonly histogram: NativeHistogram } {
  const found = { count: 0, sum: 0, schema: 0, zeroThreshold: 0, zeroCount: 0, timeMs: 0, hint: 0, isInteger: true }
  const negative: Side = { spans: [], deltas: [], counts: [] }
  const positive: Side = { spans: [], deltas: [], counts: [] }
  const customValues: number[] = []
  while (reader.next()) {
    if (reader.is(1, 0)) found.count = reader.varint()
    else if (reader.is(2, 1)) {
      found.count = reader.double()
      found.isInteger = false
    } else if (reader.is(3, 1)) found.sum = reader.double()
    else if (reader.is(4, 0)) found.schema = reader.zigzag()
    else if (reader.is(5, 1)) found.zeroThreshold = reader.double()
    else if (reader.is(6, 0)) found.zeroCount = reader.varint()
    else if (reader.is(7, 1)) found.zeroCount = reader.double()
    else if (reader.is(14, 0)) found.hint = reader.varint()
    else if (reader.is(15, 0)) found.timeMs = reader.signed()
    else if (
      !readSide(reader, 8, negative) &&
      !readSide(reader, 11, positive) &&
      !readDoubles(reader, 16, customValues)
    )
      reader.skip()
  }
  const { timeMs, hint, isInteger, ...numbers } = found
  return {
    timeMs,
    histogram: {
      ...numbers,
      isInteger,
      counterResetHint: resetHints[hint] ?? 'unknown',
      positiveSpans: positive.spans,
      positiveBuckets: isInteger ? absolute(positive.deltas) : Float64Array.from(positive.counts),
      negativeSpans: negative.spans,
      negativeBuckets: isInteger ? absolute(negative.deltas) : Float64Array.from(negative.counts),
      customValues,
    },
  }
}

/** Counts from the differences between them. */
function absolute(deltas: readonly number[]): Float64Array {
  const counts = new Float64Array(deltas.length)
  let count = 0
  for (const [i, delta] of deltas.entries()) {
    count += delta
    counts[i] = count
  }
  return counts
}

/** Spans, deltas and counts stand in fields that follow one another. */
function readSide(reader: ProtoReader, first: number, side: Side): boolean {
  if (reader.is(first, 2)) {
    side.spans.push(readSpan(reader.message()))
    return true
  }
  if (reader.is(first + 1, 2)) {
    for (const run = reader.message(); !run.isAtEnd; ) side.deltas.push(run.zigzag())
    return true
  }
  if (reader.is(first + 1, 0)) {
    side.deltas.push(reader.zigzag())
    return true
  }
  return readDoubles(reader, first + 2, side.counts)
}

function readDoubles(reader: ProtoReader, field: number, into: number[]): boolean {
  if (reader.is(field, 1)) {
    into.push(reader.double())
    return true
  }
  if (!reader.is(field, 2)) return false
  for (const run = reader.message(); !run.isAtEnd; ) into.push(run.double())
  return true
}

function readSpan(reader: ProtoReader): Span {
  const span = { offset: 0, length: 0 }
  while (reader.next()) {
    if (reader.is(1, 0)) span.offset = reader.zigzag()
    else if (reader.is(2, 0)) span.length = reader.varint()
    else reader.skip()
  }
  return span
}
