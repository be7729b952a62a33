// The buckets of native histograms one by one: bounds, spans, order. Formulas: model/histogram/generic.go.
import { customBucketsSchema, type FloatHistogram, type Span } from '@tidewatch/core/native-histogram.ts'
import { exponentialBound } from './bounds.ts'

/** One side's buckets as index and count, ascending by index; explicit zeros are kept. */
export interface Side {
  readonly indexes: readonly number[]
  readonly counts: readonly number[]
}

export const emptySide: Side = { indexes: [], counts: [] }

/** A bucket with its bounds; which of them belong to it follows from its sign. */
export interface Bucket {
  readonly lower: number
  readonly upper: number
  readonly count: number
}

export function usesCustomBuckets(h: FloatHistogram): boolean {
  return h.schema === customBucketsSchema
}

export function sideOf(spans: readonly Span[], buckets: Float64Array): Side {
  const indexes: number[] = []
  const counts: number[] = []
  let index = 0
  for (const span of spans) {
    index += span.offset
    for (let i = 0; i < span.length; i++) {
      counts.push(buckets[indexes.length] ?? 0)
      indexes.push(index++)
    }
  }
  return { indexes, counts }
}

export const positiveSide = (h: FloatHistogram): Side => sideOf(h.positiveSpans, h.positiveBuckets)
export const negativeSide = (h: FloatHistogram): Side => sideOf(h.negativeSpans, h.negativeBuckets)

/** Spans and counts for a side; neighbours share a span. */
export function spansOf(side: Side): { readonly spans: readonly Span[]; readonly buckets: Float64Array } {
  const spans: { offset: number; length: number }[] = []
  let next = 0
  for (const index of side.indexes) {
    const last = spans.at(-1)
    if (last !== undefined && index === next) last.length++
    else spans.push({ offset: index - next, length: 1 })
    next = index + 1
  }
  return { spans, buckets: Float64Array.from(side.counts) }
}

/** A histogram with other buckets (and other fields, if given). */
export function withSides(
  h: FloatHistogram,
  positive: Side,
  negative: Side,
  fields: Partial<FloatHistogram> = {},
): FloatHistogram {
  const p = spansOf(positive)
  const n = spansOf(negative)
  return {
    ...h,
    ...fields,
    positiveSpans: p.spans,
    positiveBuckets: p.buckets,
    negativeSpans: n.spans,
    negativeBuckets: n.buckets,
  }
}

/** Without buckets that hold nothing. */
export function dropEmpty(side: Side): Side {
  if (!side.counts.includes(0)) return side
  const kept = side.indexes.map((_, i) => i).filter((i) => side.counts[i] !== 0)
  return { indexes: kept.map((i) => side.indexes[i] as number), counts: kept.map((i) => side.counts[i] as number) }
}

/** Merges buckets to a lower resolution. */
export function reduceSide(side: Side, fromSchema: number, toSchema: number): Side {
  if (fromSchema === toSchema) return side
  const shift = fromSchema - toSchema
  const indexes: number[] = []
  const counts: number[] = []
  side.indexes.forEach((index, i) => {
    const target = ((index - 1) >> shift) + 1
    const count = side.counts[i] as number
    if (indexes.at(-1) === target) counts[counts.length - 1] = (counts.at(-1) as number) + count
    else {
      indexes.push(target)
      counts.push(count)
    }
  })
  return { indexes, counts }
}

/** Adds `factor` times the other side, bucket by bucket. */
export function addSides(a: Side, b: Side, factor: number): Side {
  const indexes: number[] = []
  const counts: number[] = []
  let i = 0
  let j = 0
  while (i < a.indexes.length || j < b.indexes.length) {
    const x = a.indexes[i] ?? Number.POSITIVE_INFINITY
    const y = b.indexes[j] ?? Number.POSITIVE_INFINITY
    indexes.push(Math.min(x, y))
    let count = 0
    if (x <= y) count += a.counts[i++] as number
    if (y <= x) count += factor * (b.counts[j++] as number)
    counts.push(count)
  }
  return { indexes, counts }
}

/** Upper bound of a bucket on the positive side. */
export function upperBound(h: FloatHistogram, index: number): number {
  if (!usesCustomBuckets(h)) return exponentialBound(index, h.schema)
  if (index < 0) return Number.NEGATIVE_INFINITY
  return h.customValues[index] ?? Number.POSITIVE_INFINITY
}

export function positiveBuckets(h: FloatHistogram): Bucket[] {
  const { indexes, counts } = positiveSide(h)
  return indexes.map((index, i) => ({
    lower: upperBound(h, index - 1),
    upper: upperBound(h, index),
    count: counts[i] as number,
  }))
}

/** From the one next to zero downwards. */
export function negativeBuckets(h: FloatHistogram): Bucket[] {
  const { indexes, counts } = negativeSide(h)
  return indexes.map((index, i) => ({
    lower: -upperBound(h, index),
    upper: -upperBound(h, index - 1),
    count: counts[i] as number,
  }))
}

/** All buckets from the lowest to the highest; those that reach into the zero bucket are cut at its border. */
export function allBuckets(h: FloatHistogram): Bucket[] {
  const zero = h.zeroThreshold
  const below = negativeBuckets(h)
    .reverse()
    .map((b) => (b.upper < 0 && b.upper > -zero ? { ...b, upper: -zero } : b))
  const above = positiveBuckets(h).map((b) => (b.lower > 0 && b.lower < zero ? { ...b, lower: zero } : b))
  const middle = h.zeroCount > 0 ? [{ lower: -zero, upper: zero, count: h.zeroCount }] : []
  return [...below, ...middle, ...above]
}
