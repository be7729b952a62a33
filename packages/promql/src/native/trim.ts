// `</` and `>/`: native histograms without the observations above or below a value. Rules: promql/engine.go, trimHistogram.
import type { FloatHistogram } from '@tidewatch/core/native-histogram.ts'
import { compact } from './arithmetic.ts'
import { type Bucket, negativeBuckets, positiveBuckets, usesCustomBuckets } from './buckets.ts'

/** What is left of a bucket, and the middle of what was taken away. */
interface Trimmed {
  readonly kept: number
  readonly removedMiddle: number
}

interface Trim {
  readonly at: number
  /** True to keep what is below. */
  readonly upper: boolean
  readonly custom: boolean
}

/** How many of a bucket's observations lie below the value. */
function countBelow(b: Bucket, at: number, linear: boolean): number {
  if (at <= b.lower) return 0
  if (at >= b.upper) return b.count
  if (linear) return (b.count * (at - b.lower)) / (b.upper - b.lower)
  const [low, high, middle] = [Math.log2(Math.abs(b.lower)), Math.log2(Math.abs(b.upper)), Math.log2(Math.abs(at))]
  const share = b.lower >= 0 ? (middle - low) / (high - low) : 1 - (middle - high) / (low - high)
  return b.count * share
}

/** Nothing is known of where in an infinite bucket observations lie; one that begins at -Inf and ends above 0 is taken to begin at 0. */
function trimInfinite(b: Bucket, { at, upper }: Trim): Trimmed {
  if (b.lower === Number.NEGATIVE_INFINITY) {
    const inside = at >= 0 && b.upper > at && b.upper !== Number.POSITIVE_INFINITY
    if (upper) {
      if (at >= b.upper) return { kept: b.count, removedMiddle: 0 }
      if (inside) return { kept: (b.count * at) / b.upper, removedMiddle: (at + b.upper) / 2 }
    } else {
      if (at <= b.lower) return { kept: b.count, removedMiddle: 0 }
      if (inside) return { kept: b.count * (1 - at / b.upper), removedMiddle: at / 2 }
    }
    return { kept: 0, removedMiddle: b.upper }
  }
  return !upper && at <= b.lower ? { kept: b.count, removedMiddle: 0 } : { kept: 0, removedMiddle: b.lower }
}

function middleOf(low: number, high: number, custom: boolean): number {
  if (custom) return (low + high) / 2
  const middle = Math.sqrt(Math.abs(low) * Math.abs(high))
  return low < 0 ? -middle : middle
}

function trimBucket(b: Bucket, trim: Trim): Trimmed {
  const { at, upper, custom } = trim
  if (b.lower === Number.NEGATIVE_INFINITY || b.upper === Number.POSITIVE_INFINITY) return trimInfinite(b, trim)
  const below = countBelow(b, at, custom)
  const kept = upper ? below : b.count - below
  if (kept === b.count) return { kept, removedMiddle: 0 }
  const [low, high] = upper ? [Math.max(b.lower, at), b.upper] : [b.lower, Math.min(b.upper, at)]
  return { kept, removedMiddle: middleOf(low, high, custom) }
}

/** With the observations up to `at` (`keepBelow`) or from it on; buckets that it cuts are shared out by interpolation. */
export function trimHistogram(h: FloatHistogram, at: number, keepBelow: boolean): FloatHistogram {
  const trim: Trim = { at, upper: keepBelow, custom: usesCustomBuckets(h) }
  let removedSum = 0
  const signs = { positive: false, negative: false }
  const trimSide = (buckets: readonly Bucket[]): Float64Array =>
    Float64Array.from(buckets, (b) => {
      if (b.count === 0) return 0
      if (b.lower < 0) signs.negative = true
      if (b.upper > 0) signs.positive = true
      const { kept, removedMiddle } = trimBucket(b, trim)
      removedSum += (b.count - kept) * removedMiddle
      return kept
    })
  const positive = trimSide(positiveBuckets(h))
  const negative = trimSide(negativeBuckets(h))
  const zeroBelow = countBelow({ lower: -h.zeroThreshold, upper: h.zeroThreshold, count: h.zeroCount }, at, true)
  const zeroCount = h.zeroCount === 0 ? 0 : keepBelow ? zeroBelow : h.zeroCount - zeroBelow
  const count = positive.reduce((sum, c) => sum + c, 0) + negative.reduce((sum, c) => sum + c, 0) + zeroCount
  let sum = count === 0 ? 0 : h.sum - removedSum
  if ((!signs.negative && sum < 0) || (!signs.positive && sum > 0)) sum = 0
  return compact({ ...h, positiveBuckets: positive, negativeBuckets: negative, zeroCount, count, sum })
}
