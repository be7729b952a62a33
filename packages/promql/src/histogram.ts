// Native histograms as Prometheus evaluates them (model/histogram.FloatHistogram): spans and buckets, absolute counts.

/** What is known of a counter reset before this histogram. */
export type CounterResetHint = 'unknown' | 'reset' | 'not_reset' | 'gauge'

/** The schema of histograms whose bucket bounds are listed one by one. */
export const customBucketsSchema = -53

export interface Span {
  /** Gap to the former span, or for the first the index of its first bucket. */
  readonly offset: number
  readonly length: number
}

/** Immutable: functions make new ones. Bucket counts are absolute (not deltas) and one for each place in the spans. */
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
