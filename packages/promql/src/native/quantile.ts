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

/** The sum is NaN where a NaN was observed, but also where +Inf and -Inf were. */
const hasNaNSum = (h: FloatHistogram): boolean => Number.isNaN(h.sum)

/** Observations of NaN are in no bucket. */
function countsNaN(h: FloatHistogram, buckets: readonly Bucket[]): boolean {
  return hasNaNSum(h) && buckets.reduce((sum, b) => sum + b.count, 0) < h.count
}

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
  const forward = hasNaNSum(h) || q < 0.5
  const rank = forward ? q * h.count : (1 - q) * h.count
  const buckets = allBuckets(h)
  const found = findBucket(forward ? buckets : buckets.reverse(), rank)
  const bucket = naturalBounds(h, found.bucket)
  if (usesCustomBuckets(h)) {
    if (found.bucket.lower === Number.NEGATIVE_INFINITY) {
      if (bucket.upper <= 0) return plain(bucket.upper)
    } else if (bucket.upper === Number.POSITIVE_INFINITY) return plain(bucket.lower)
  }
  const count = Math.min(found.reached, h.count)
  // the buckets end before the rank asked for where the rest was NaN, or where the histogram does not tell of all it counted
  if (count < rank) return hasNaNSum(h) ? { value: Number.NaN, note: 'NaN result' } : plain(bucket.upper)
  const within = forward ? rank - (count - bucket.count) : count - rank
  return { value: interpolate(h, bucket, within / bucket.count), note: countsNaN(h, buckets) ? 'skewed' : undefined }
}

/** The bounds that a bucket is taken to have: the lowest custom one begins at 0, and the zero bucket may lie on one side of 0 only. */
function naturalBounds(h: FloatHistogram, b: Bucket): Bucket {
  if (usesCustomBuckets(h)) return b.lower === Number.NEGATIVE_INFINITY && b.upper > 0 ? { ...b, lower: 0 } : b
  return b.lower < 0 && b.upper > 0 ? cutZeroBucket(h, b) : b
}

/** The bucket in which a rank lies, else the last one, and how many observations there are up to its end. */
function findBucket(buckets: readonly Bucket[], rank: number): { readonly bucket: Bucket; readonly reached: number } {
  let reached = 0
  let last: Bucket = { lower: 0, upper: 0, count: 0 }
  for (const bucket of buckets) {
    last = bucket
    if (bucket.count === 0) continue
    reached += bucket.count
    if (reached >= rank) break
  }
  return { bucket: last, reached }
}

function interpolate(h: FloatHistogram, { lower, upper }: Bucket, fraction: number): number {
  if (usesCustomBuckets(h) || (lower <= 0 && upper >= 0)) return lower + (upper - lower) * fraction
  const logLower = Math.log2(Math.abs(lower))
  const logUpper = Math.log2(Math.abs(upper))
  if (lower > 0) return 2 ** (logLower + (logUpper - logLower) * fraction)
  return -(2 ** (logUpper + (logLower - logUpper) * (1 - fraction)))
}

export interface FractionResult {
  readonly value: number
  /** Whether observations of NaN were left out. */
  readonly leavesOutNaN: boolean
}

/** The share of observations between two values; observations of NaN are in none. */
export function histogramFraction(lower: number, upper: number, h: FloatHistogram): FractionResult {
  if (h.count === 0 || Number.isNaN(lower) || Number.isNaN(upper)) return { value: Number.NaN, leavesOutNaN: false }
  if (lower >= upper) return { value: 0, leavesOutNaN: false }
  const buckets = allBuckets(h)
  const total = hasNaNSum(h) ? buckets.reduce((sum, b) => sum + b.count, 0) : h.count
  const between = rankBelow(h, buckets, upper, total) - rankBelow(h, buckets, lower, total)
  return { value: between / h.count, leavesOutNaN: countsNaN(h, buckets) }
}

function rankBelow(h: FloatHistogram, buckets: readonly Bucket[], value: number, total: number): number {
  let rank = 0
  for (const bucket of buckets) {
    const b = bucket.lower <= 0 && bucket.upper >= 0 ? cutZeroBucket(h, bucket) : bucket
    if (b.lower >= value) return Math.min(rank, total)
    if (b.lower < value && b.upper > value) {
      // of a bucket without a lower end all lies below whatever is in it
      const below = b.lower === Number.NEGATIVE_INFINITY ? b.count : rank + b.count * shareBelow(h, b, value)
      return Math.min(below, total)
    }
    rank += b.count
  }
  return total
}

function shareBelow(h: FloatHistogram, b: Bucket, value: number): number {
  if (b.upper === Number.POSITIVE_INFINITY) return 0
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
