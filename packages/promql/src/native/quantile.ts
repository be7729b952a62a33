// Quantiles, fractions and moments of native histograms. Rules: promql/quantile.go and functions.go.

import type { FloatHistogram } from '@tidewatch/core/native-histogram.ts'
import { KahanSum } from '../evaluate/kahan.ts'
import { allBuckets, type Bucket, usesCustomBuckets } from './buckets.ts'

/** The zero bucket begins (or ends) at 0 where the histogram has buckets to one side only. */
function cutZeroBucket(h: FloatHistogram, b: Bucket): Bucket {
  const hasNegative = h.negativeBuckets.length > 0
  const hasPositive = h.positiveBuckets.length > 0
  if (!hasNegative && hasPositive) return { ...b, lower: 0 }
  if (hasNegative && !hasPositive) return { ...b, upper: 0 }
  return b
}

/** Where observations of the value NaN are among them, the sum tells. */
export const hasNaN = (h: FloatHistogram): boolean => Number.isNaN(h.sum)

/** What `histogramQuantile` has to say of NaN observations: they make the answer NaN, or push it up. */
export type QuantileNote = 'NaN result' | 'skewed' | undefined

export interface QuantileResult {
  readonly value: number
  readonly note: QuantileNote
}

/** Exponential interpolation within exponential buckets, linear in custom ones and the zero bucket. */
export function histogramQuantile(q: number, h: FloatHistogram): QuantileResult {
  const plain = (value: number): QuantileResult => ({ value, note: undefined })
  if (q < 0) return plain(Number.NEGATIVE_INFINITY)
  if (q > 1) return plain(Number.POSITIVE_INFINITY)
  if (h.count === 0 || Number.isNaN(q)) return plain(Number.NaN)
  const forward = hasNaN(h) || q < 0.5
  const rank = forward ? q * h.count : (1 - q) * h.count
  const buckets = allBuckets(h)
  const found = findBucket(forward ? buckets : buckets.reverse(), rank)
  if (found === undefined) return { value: Number.NaN, note: hasNaN(h) ? 'NaN result' : undefined }
  const { reached } = found
  const count = Math.min(reached, h.count)
  const bucket =
    usesCustomBuckets(h) || !(found.bucket.lower < 0 && found.bucket.upper > 0)
      ? found.bucket
      : cutZeroBucket(h, found.bucket)
  // the ranks end before the rank asked for only where the rest was NaN
  if (hasNaN(h) && count < rank) return { value: Number.NaN, note: 'NaN result' }
  const note: QuantileNote = hasNaN(h) ? 'skewed' : undefined
  if (usesCustomBuckets(h)) {
    if (bucket.lower === Number.NEGATIVE_INFINITY) {
      if (bucket.upper <= 0) return { value: bucket.upper, note }
      return { value: interpolate(h, { ...bucket, lower: 0 }, fractionOf(bucket, { forward, rank, count })), note }
    }
    if (bucket.upper === Number.POSITIVE_INFINITY) return { value: bucket.lower, note }
  }
  if (count < rank) return { value: bucket.upper, note }
  return { value: interpolate(h, bucket, fractionOf(bucket, { forward, rank, count })), note }
}

function fractionOf(
  bucket: Bucket,
  at: { readonly forward: boolean; readonly rank: number; readonly count: number },
): number {
  const within = at.forward ? at.rank - (at.count - bucket.count) : at.count - at.rank
  return within / bucket.count
}

function findBucket(
  buckets: readonly Bucket[],
  rank: number,
): { readonly bucket: Bucket; readonly reached: number } | undefined {
  let reached = 0
  let last: Bucket | undefined
  for (const bucket of buckets) {
    if (bucket.count === 0) continue
    last = bucket
    reached += bucket.count
    if (reached >= rank) break
  }
  return last === undefined ? undefined : { bucket: last, reached }
}

function interpolate(h: FloatHistogram, { lower, upper }: Bucket, fraction: number): number {
  if (usesCustomBuckets(h) || (lower <= 0 && upper >= 0)) return lower + (upper - lower) * fraction
  const logLower = Math.log2(Math.abs(lower))
  const logUpper = Math.log2(Math.abs(upper))
  if (lower > 0) return 2 ** (logLower + (logUpper - logLower) * fraction)
  return -(2 ** (logUpper + (logLower - logUpper) * (1 - fraction)))
}

/** The share of observations between two values; observations of NaN are in none. */
export function histogramFraction(lower: number, upper: number, h: FloatHistogram): number {
  if (h.count === 0 || Number.isNaN(lower) || Number.isNaN(upper)) return Number.NaN
  if (lower >= upper) return 0
  const buckets = allBuckets(h)
  const total = hasNaN(h) ? buckets.reduce((sum, b) => sum + b.count, 0) : h.count
  return (rankBelow(h, buckets, upper, total) - rankBelow(h, buckets, lower, total)) / h.count
}

function rankBelow(h: FloatHistogram, buckets: readonly Bucket[], value: number, total: number): number {
  let rank = 0
  for (const bucket of buckets) {
    const b = adjusted(h, bucket)
    if (b.lower >= value) return Math.min(rank, total)
    if (b.lower < value && b.upper > value) return Math.min(rank + b.count * shareBelow(h, b, value), total)
    rank += b.count
  }
  return total
}

function adjusted(h: FloatHistogram, b: Bucket): Bucket {
  if (usesCustomBuckets(h)) return b.lower === Number.NEGATIVE_INFINITY && b.upper > 0 ? { ...b, lower: 0 } : b
  return b.lower <= 0 && b.upper >= 0 ? cutZeroBucket(h, b) : b
}

function shareBelow(h: FloatHistogram, b: Bucket, value: number): number {
  if (b.lower === Number.NEGATIVE_INFINITY || b.upper === Number.POSITIVE_INFINITY) return 0
  if (usesCustomBuckets(h) || (b.lower <= 0 && b.upper >= 0)) return (value - b.lower) / (b.upper - b.lower)
  const logLower = Math.log2(Math.abs(b.lower))
  const logUpper = Math.log2(Math.abs(b.upper))
  const logValue = Math.log2(Math.abs(value))
  return value > 0 ? (logValue - logLower) / (logUpper - logLower) : 1 - (logValue - logUpper) / (logLower - logUpper)
}

/** The variance, each observation taken to lie in the middle of its bucket (the geometric one in exponential buckets). */
export function histogramVariance(h: FloatHistogram): number {
  const mean = h.sum / h.count
  const sum = new KahanSum()
  for (const bucket of allBuckets(h)) {
    if (bucket.count === 0) continue
    const delta = middleOf(h, bucket) - mean
    sum.add(bucket.count * delta * delta)
  }
  return sum.total / h.count
}

function middleOf(h: FloatHistogram, { lower, upper }: Bucket): number {
  if (usesCustomBuckets(h)) return (upper + lower) / 2
  if (lower <= 0 && upper >= 0) return 0
  const middle = Math.sqrt(upper * lower)
  return upper < 0 ? -middle : middle
}
