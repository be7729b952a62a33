// Native histograms (Prometheus: model/histogram): spans and buckets, absolute counts.

/** What is known of a counter reset before this histogram. */
export type CounterResetHint = 'unknown' | 'reset' | 'not_reset' | 'gauge'

/** The schema of histograms whose bucket bounds are listed one by one. */
export const customBucketsSchema = -53

export interface Span {
  /** Gap to the former span, or for the first the index of its first bucket. */
  readonly offset: number
  readonly length: number
}

/** As queries evaluate it. Immutable: functions make new ones. Bucket counts are absolute (not deltas) and one for each place in the spans. */
export interface FloatHistogram {
  readonly schema: number
  readonly counterResetHint: CounterResetHint
  readonly count: number
  readonly sum: number
  readonly zeroThreshold: number
  readonly zeroCount: number
  readonly positiveSpans: readonly Span[]
  readonly positiveBuckets: Float64Array
  readonly negativeSpans: readonly Span[]
  readonly negativeBuckets: Float64Array
  /** Upper bounds, ascending, without +Inf; only with `customBucketsSchema`. */
  readonly customValues: readonly number[]
}

/** As it was sent and is stored: integer counts (whole numbers up to 2^53) are told from float ones. */
export interface NativeHistogram extends FloatHistogram {
  readonly isInteger: boolean
}
