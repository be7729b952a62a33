// `</` and `>/`: native histograms without the observations above or below a value. Rules: Prometheus 3.11 (model/histogram/float_histogram.go).
import type { FloatHistogram } from '@tidewatch/core/native-histogram.ts'
import { compact } from './arithmetic.ts'
import { type Bucket, negativeBuckets, positiveBuckets, usesCustomBuckets } from './buckets.ts'

/** What is left of a bucket, and the value that its observations are taken to have. */
interface Kept {
  readonly count: number
  readonly middle: number
}

const nothing: Kept = { count: 0, middle: 0 }

interface Trim {
  readonly at: number
  /** True to keep what is below. */
  readonly below: boolean
  readonly custom: boolean
}

type Sign = 1 | -1

/** The geometric mean, or the arithmetic one in custom buckets; of what reaches to an infinity the end that does not. */
function middleOf(low: number, high: number, custom: boolean, sign: Sign): number {
  if (low === Number.NEGATIVE_INFINITY) {
    if (high === Number.POSITIVE_INFINITY) return 0
    return high > 0 ? high / 2 : high
  }
  if (high === Number.POSITIVE_INFINITY) return low
  return custom ? (low + high) / 2 : sign * Math.sqrt(Math.abs(low * high))
}

/** The share of a bucket below a value inside of it. */
function shareBelow({ lower, upper }: Bucket, at: number, custom: boolean, sign: Sign): number {
  if (custom) return (at - lower) / (upper - lower)
  const [low, high, middle] = [Math.log2(Math.abs(lower)), Math.log2(Math.abs(upper)), Math.log2(Math.abs(at))]
  return sign === 1 ? (middle - low) / (high - low) : 1 - (middle - high) / (low - high)
}

/**
 * A bucket that reaches to an infinity and has the value inside. Nothing is known of where in it observations lie: those that were counted as -Inf or
 * +Inf stay or go as a whole. Only a lowest bucket that ends above 0 is taken to begin at 0, as everywhere.
 */
function trimInfinite({ lower, upper, count }: Bucket, { at, below }: Trim): Kept {
  if (lower !== Number.NEGATIVE_INFINITY) return below ? nothing : { count, middle: at }
  const beginsAtZero = upper > 0 && upper !== Number.POSITIVE_INFINITY
  if (below) {
    if (at > 0 && beginsAtZero) return { count: (count * at) / upper, middle: at / 2 }
    return upper <= 0 ? { count, middle: at } : nothing
  }
  return at >= 0 && beginsAtZero ? { count: count * (1 - at / upper), middle: (at + upper) / 2 } : nothing
}

function trimBucket(b: Bucket, trim: Trim, sign: Sign): Kept {
  const { at, below, custom } = trim
  const { lower, upper, count } = b
  if (below ? upper <= at : lower >= at) return { count, middle: middleOf(lower, upper, custom, sign) }
  if (!(lower < at && at < upper)) return nothing
  if (lower === Number.NEGATIVE_INFINITY || upper === Number.POSITIVE_INFINITY) return trimInfinite(b, trim)
  const under = count * shareBelow(b, at, custom, sign)
  return below
    ? { count: under, middle: middleOf(lower, at, custom, sign) }
    : { count: count - under, middle: middleOf(at, upper, custom, sign) }
}

/** Linear, and on one side of 0 where the histogram has observations on that side only. */
function trimZeroBucket(h: FloatHistogram, { at, below }: Trim, signs: readonly Sign[]): Kept {
  const lower = signs.includes(1) && !signs.includes(-1) ? 0 : -h.zeroThreshold
  const upper = signs.includes(-1) && !signs.includes(1) ? 0 : h.zeroThreshold
  if (at <= lower) return below ? nothing : { count: h.zeroCount, middle: (lower + upper) / 2 }
  if (at >= upper) return below ? { count: h.zeroCount, middle: (lower + upper) / 2 } : nothing
  return below
    ? { count: (h.zeroCount * (at - lower)) / (upper - lower), middle: (lower + at) / 2 }
    : { count: (h.zeroCount * (upper - at)) / (upper - lower), middle: (at + upper) / 2 }
}

/**
 * With the observations up to `at` (`keepBelow`) or from it on; a bucket that it cuts is shared out by interpolation. Where anything was taken away, count
 * and sum are made anew from what is left, each observation in the middle of its bucket.
 */
export function trimHistogram(h: FloatHistogram, at: number, keepBelow: boolean): FloatHistogram {
  const trim: Trim = { at, below: keepBelow, custom: usesCustomBuckets(h) }
  const signs: Sign[] = []
  let [count, sum] = [0, 0]
  let trimmed = false
  const keep = (before: number, kept: Kept): number => {
    count += kept.count
    sum += kept.count * kept.middle
    if (kept.count !== before) trimmed = true
    return kept.count
  }
  const trimSide = (buckets: readonly Bucket[], sign: Sign): Float64Array =>
    Float64Array.from(buckets, (b) => {
      if (b.count === 0) return 0
      signs.push(sign)
      return keep(b.count, trimBucket(b, trim, sign))
    })
  const positive = trimSide(positiveBuckets(h), 1)
  const negative = trimSide(negativeBuckets(h), -1)
  const zeroCount = h.zeroCount > 0 ? keep(h.zeroCount, trimZeroBucket(h, trim, signs)) : h.zeroCount
  if (!trimmed) return h
  return compact({ ...h, positiveBuckets: positive, negativeBuckets: negative, zeroCount, count, sum })
}
