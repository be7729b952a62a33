// The Histogram message, which both versions of remote write have alike: prometheus/prompb/types.proto, io/prometheus/write/v2/types.proto.
import { bucketsOf, newHistogramSide, readDoubles, readHistogramSide } from '@tidewatch/core/histogram-sides.ts'
import type { CounterResetHint, NativeHistogram } from '@tidewatch/core/native-histogram.ts'
import type { ProtoReader } from '@tidewatch/core/proto-reader.ts'

const resetHints: readonly CounterResetHint[] = ['unknown', 'reset', 'not_reset', 'gauge']

export interface ReadHistogram {
  readonly timeMs: number
  /** When the counter began; 0 where it does not say. Only 2.0 has it. */
  readonly startMs: number
  readonly histogram: NativeHistogram
}

/** Reads one message. Throws RangeError for bytes that are none; whether the histogram makes sense is not looked at. */
export function readHistogram(reader: ProtoReader): ReadHistogram {
  const found = { count: 0, sum: 0, schema: 0, zeroThreshold: 0, zeroCount: 0, hint: 0, isInteger: true }
  let [timeMs, startMs] = [0, 0]
  const negative = newHistogramSide()
  const positive = newHistogramSide()
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
    else if (reader.is(15, 0)) timeMs = reader.signed()
    else if (reader.is(17, 0)) startMs = reader.signed()
    else if (
      !readHistogramSide(reader, 8, negative) &&
      !readHistogramSide(reader, 11, positive) &&
      !readDoubles(reader, 16, customValues)
    )
      reader.skip()
  }
  const { hint, isInteger, ...numbers } = found
  return {
    timeMs,
    startMs,
    histogram: {
      ...numbers,
      isInteger,
      counterResetHint: resetHints[hint] ?? 'unknown',
      positiveSpans: positive.spans,
      positiveBuckets: bucketsOf(positive, isInteger),
      negativeSpans: negative.spans,
      negativeBuckets: bucketsOf(negative, isInteger),
      customValues,
    },
  }
}
