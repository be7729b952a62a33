// Arithmetic of native histograms: new ones come out, none is changed. Rules: model/histogram/float_histogram.go.
import type { CounterResetHint, FloatHistogram } from '@tidewatch/core/native-histogram.ts'
import {
  addSides,
  type Bucket,
  dropEmpty,
  emptySide,
  negativeBuckets,
  negativeSide,
  positiveBuckets,
  positiveSide,
  reduceSide,
  type Side,
  upperBound,
  usesCustomBuckets,
  withSides,
} from './buckets.ts'
import { sharedBounds, withBounds } from './custom-bounds.ts'

/**
 * Two histograms combined, `reconciled` where their custom bounds differed; or why they cannot be: exponential with custom buckets, or custom ones
 * without a bound in common.
 */
export type Combined =
  | {
      readonly ok: true
      readonly value: FloatHistogram
      readonly resetCollision: boolean
      readonly reconciled: boolean
    }
  | { readonly ok: false; readonly why: 'schema' | 'bounds' }

/** Multiplies counts and sum. What may have become negative is no counter any more. */
export function scale(h: FloatHistogram, factor: number): FloatHistogram {
  const scaled = mapCounts(h, (count) => count * factor)
  return factor < 0 ? withHint(scaled, 'gauge') : scaled
}

/** Divides counts and sum. By 0 they are infinite or NaN, and no buckets are left: nothing is known of them. */
export function divide(h: FloatHistogram, divisor: number): FloatHistogram {
  const quotients = mapCounts(h, (count) => count / divisor)
  const divided = divisor < 0 ? withHint(quotients, 'gauge') : quotients
  return divisor === 0 ? withSides(divided, emptySide, emptySide) : divided
}

function mapCounts(h: FloatHistogram, change: (count: number) => number): FloatHistogram {
  return {
    ...h,
    count: change(h.count),
    sum: change(h.sum),
    zeroCount: change(h.zeroCount),
    positiveBuckets: h.positiveBuckets.map(change),
    negativeBuckets: h.negativeBuckets.map(change),
  }
}

export function withHint(h: FloatHistogram, counterResetHint: CounterResetHint): FloatHistogram {
  return h.counterResetHint === counterResetHint ? h : { ...h, counterResetHint }
}

/** Without buckets that hold nothing. */
export function compact(h: FloatHistogram): FloatHistogram {
  if (!h.positiveBuckets.includes(0) && !h.negativeBuckets.includes(0)) return h
  return withSides(h, dropEmpty(positiveSide(h)), dropEmpty(negativeSide(h)))
}

export function sameBounds(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((bound, i) => bound === b[i])
}

export const add = (a: FloatHistogram, b: FloatHistogram): Combined => combine(a, b, 1)
export const subtract = (a: FloatHistogram, b: FloatHistogram): Combined => combine(a, b, -1)

function combine(a: FloatHistogram, b: FloatHistogram, factor: 1 | -1): Combined {
  const aligned = align(a, b)
  if (!aligned.ok) return aligned
  const { left, right, reconciled } = aligned
  const { hint, collision } = combineHints(a.counterResetHint, b.counterResetHint)
  const value = withSides(
    left,
    addSides(positiveSide(left), positiveSide(right), factor),
    addSides(negativeSide(left), negativeSide(right), factor),
    {
      counterResetHint: hint,
      count: a.count + factor * b.count,
      sum: a.sum + factor * b.sum,
      zeroCount: left.zeroCount + factor * right.zeroCount,
    },
  )
  return { ok: true, value, resetCollision: collision, reconciled }
}

type Aligned =
  | Extract<Combined, { ok: false }>
  | { readonly ok: true; readonly left: FloatHistogram; readonly right: FloatHistogram; readonly reconciled: boolean }

/** Both with the same schema, zero bucket and custom bounds: the coarser of each. */
export function align(a: FloatHistogram, b: FloatHistogram): Aligned {
  if (usesCustomBuckets(a) !== usesCustomBuckets(b)) return { ok: false, why: 'schema' }
  if (usesCustomBuckets(a)) {
    if (sameBounds(a.customValues, b.customValues)) return { ok: true, left: a, right: b, reconciled: false }
    const bounds = sharedBounds(a.customValues, b.customValues)
    if (bounds.length === 0) return { ok: false, why: 'bounds' }
    return { ok: true, left: withBounds(a, bounds), right: withBounds(b, bounds), reconciled: true }
  }
  const [left, right] = alignZeroBuckets(a, b)
  const schema = Math.min(a.schema, b.schema)
  return { ok: true, left: toSchema(left, schema), right: toSchema(right, schema), reconciled: false }
}

/** With the buckets of one that was aligned, for counts that belong to the same buckets as that one had before. */
export function likeAligned(h: FloatHistogram, like: FloatHistogram): FloatHistogram {
  if (usesCustomBuckets(like))
    return sameBounds(h.customValues, like.customValues) ? h : withBounds(h, like.customValues)
  return toSchema(intoZeroBucket(h, like.zeroThreshold), like.schema)
}

export function combineHints(
  a: CounterResetHint,
  b: CounterResetHint,
): { readonly hint: CounterResetHint; readonly collision: boolean } {
  if (a === b || a === 'gauge') return { hint: a, collision: false }
  if (b === 'gauge') return { hint: 'gauge', collision: false }
  return { hint: 'unknown', collision: a !== 'unknown' && b !== 'unknown' }
}

/** Both with the same zero bucket, wide enough for either. */
function alignZeroBuckets(a: FloatHistogram, b: FloatHistogram): readonly [FloatHistogram, FloatHistogram] {
  let left = a
  let right = b
  while (left.zeroThreshold !== right.zeroThreshold) {
    if (left.zeroThreshold > right.zeroThreshold) right = widenZeroBucket(right, left.zeroThreshold)
    else left = widenZeroBucket(left, right.zeroThreshold)
  }
  return [left, right]
}

/** With a zero bucket of at least that width, and to the end of any populated bucket that it would cut. */
export function widenZeroBucket(h: FloatHistogram, threshold: number): FloatHistogram {
  if (threshold === h.zeroThreshold) return h
  const magnitudes = [...positiveBuckets(h), ...negativeBuckets(h).map(mirrored)]
  let wide = threshold
  for (let cut = true; cut; ) {
    cut = false
    for (const { lower, upper, count } of magnitudes) {
      if (count === 0 || lower >= wide || upper <= wide) continue
      wide = upper
      cut = true
    }
  }
  return intoZeroBucket(h, wide)
}

/** What lies within the threshold goes into the zero bucket. */
function intoZeroBucket(h: FloatHistogram, wide: number): FloatHistogram {
  if (wide === h.zeroThreshold) return h
  const magnitudes = [...positiveBuckets(h), ...negativeBuckets(h).map(mirrored)]
  let zeroCount = h.zeroCount
  for (const { upper, count } of magnitudes) if (upper <= wide) zeroCount += count
  const outside = (side: Side): Side => {
    const kept = side.indexes.map((_, i) => i).filter((i) => upperBound(h, side.indexes[i] as number) > wide)
    return { indexes: kept.map((i) => side.indexes[i] as number), counts: kept.map((i) => side.counts[i] as number) }
  }
  return withSides(h, outside(positiveSide(h)), outside(negativeSide(h)), { zeroThreshold: wide, zeroCount })
}

const mirrored = ({ lower, upper, count }: Bucket): Bucket => ({ lower: -upper, upper: -lower, count })

/** With the resolution of a lower schema. */
export function toSchema(h: FloatHistogram, schema: number): FloatHistogram {
  if (schema === h.schema) return h
  return withSides(h, reduceSide(positiveSide(h), h.schema, schema), reduceSide(negativeSide(h), h.schema, schema), {
    schema,
  })
}

/** Whether the counter was reset between the two: something that had been counted is not there any more. */
export function detectReset(current: FloatHistogram, previous: FloatHistogram): boolean {
  if (current.counterResetHint === 'reset') return true
  if (current.counterResetHint === 'not_reset') return false
  if (current.count < previous.count) return true
  if (usesCustomBuckets(current)) {
    if (!usesCustomBuckets(previous)) return true
    if (!sameBounds(current.customValues, previous.customValues)) {
      const bounds = sharedBounds(current.customValues, previous.customValues)
      return bounds.length === 0 || detectReset(withBounds(current, bounds), withBounds(previous, bounds))
    }
  }
  if (current.schema > previous.schema || current.zeroThreshold < previous.zeroThreshold) return true
  const before = usesCustomBuckets(current) ? previous : widenZeroBucket(previous, current.zeroThreshold)
  if (before.zeroThreshold !== current.zeroThreshold || current.zeroCount < before.zeroCount) return true
  const lost = (now: Side, then: Side): boolean => {
    const difference = addSides(now, reduceSide(then, previous.schema, current.schema), -1)
    return difference.counts.some((count) => count < 0)
  }
  return lost(positiveSide(current), positiveSide(before)) || lost(negativeSide(current), negativeSide(before))
}

/** The same in every field and bucket; NaN equals NaN. Both are expected to be compact. */
export function equal(a: FloatHistogram, b: FloatHistogram): boolean {
  const same = Object.is
  if (a.schema !== b.schema || !same(a.count, b.count) || !same(a.sum, b.sum)) return false
  if (usesCustomBuckets(a) && !sameBounds(a.customValues, b.customValues)) return false
  if (a.zeroThreshold !== b.zeroThreshold || !same(a.zeroCount, b.zeroCount)) return false
  const equalSides = (x: Side, y: Side): boolean =>
    x.indexes.length === y.indexes.length &&
    x.indexes.every((index, i) => index === y.indexes[i] && same(x.counts[i], y.counts[i]))
  return equalSides(positiveSide(a), positiveSide(b)) && equalSides(negativeSide(a), negativeSide(b))
}
