// Where a counter began: a sample of zero there, as Prometheus's created-timestamp-zero-ingestion puts one, so that rates count what came before the first
// sample too.
import { customBucketsSchema, type NativeHistogram } from './native-histogram.ts'

/** Whether zero belongs at `startMs`: before the sample that told of it, and after all that the series has. `lastMs` is -Infinity where it has none. */
export function zeroBelongs(startMs: number, sampleMs: number, lastMs: number): boolean {
  return startMs > 0 && startMs < sampleMs && startMs > lastMs
}

/** Nothing counted, in the layout of another histogram. */
export function emptyLike({ schema, isInteger, zeroThreshold, customValues }: NativeHistogram): NativeHistogram {
  return {
    schema,
    isInteger,
    counterResetHint: 'reset',
    count: 0,
    sum: 0,
    zeroThreshold: schema === customBucketsSchema ? 0 : zeroThreshold,
    zeroCount: 0,
    positiveSpans: [],
    positiveBuckets: new Float64Array(0),
    negativeSpans: [],
    negativeBuckets: new Float64Array(0),
    customValues,
  }
}
