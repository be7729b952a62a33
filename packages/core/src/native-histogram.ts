// Native histograms (Prometheus: model/histogram): spans and buckets, absolute counts.
import { staleHigh, staleLow } from './stale.ts'

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

const staleSum = new Float64Array(Uint32Array.of(staleLow, staleHigh).buffer)

/** The end of a series of native histograms: what a scrape that misses it writes. Its sum has the stale marker's bits. */
export const staleHistogram: NativeHistogram = {
  schema: 0,
  counterResetHint: 'unknown',
  count: 0,
  sum: staleSum[0] as number,
  zeroThreshold: 0,
  zeroCount: 0,
  positiveSpans: [],
  positiveBuckets: new Float64Array(0),
  negativeSpans: [],
  negativeBuckets: new Float64Array(0),
  customValues: [],
  isInteger: false,
}

const seenSum = new Float64Array(1)
const seenBits = new Uint32Array(seenSum.buffer)
/** Set in every NaN that a processor has moved as a number; the stale marker as it is written does not have it. */
const quietBit = 0x80000

/** Whether the histogram is a stale marker. A sum is passed on as a number, so it may have become a quiet NaN on its way. */
export function isStaleHistogram(h: FloatHistogram): boolean {
  if (!Number.isNaN(h.sum)) return false
  seenSum[0] = h.sum
  return seenBits[0] === staleLow && ((seenBits[1] as number) & ~quietBit) === staleHigh
}

/** Whether its counts are whole numbers by their kind: those of a histogram that a query computed are not. */
export function isIntegerHistogram(h: FloatHistogram): boolean {
  return 'isInteger' in h && h.isInteger === true
}
