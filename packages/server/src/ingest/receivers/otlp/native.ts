// OTLP's dense buckets as the spans of a native histogram.
import { customBucketsSchema, type NativeHistogram, type Span } from '@tidewatch/core/native-histogram.ts'
import { setStale } from '@tidewatch/core/stale.ts'
import type { NumberColumn } from './point.ts'

/** The finest and the coarsest schema that native histograms have. */
export const maxSchema = 8
export const minSchema = -4
/** For histograms that name none: as Prometheus's clients have it (2^-128). */
export const defaultZeroThreshold = 1e-128
/** Empty buckets in between that are cheaper than a new span. */
const maxGap = 2

/** Puts counts into spans, from the lowest index up. */
export class SpanBuilder {
  readonly spans: { readonly offset: number; length: number }[] = []
  readonly #counts: number[] = []
  #next = 0

  add(index: number, count: number): void {
    if (count === 0) return
    const gap = index - this.#next
    const last = this.spans.at(-1)
    if (last === undefined || gap > maxGap) this.spans.push({ offset: gap, length: 1 })
    else {
      for (let i = 0; i < gap; i++) this.#counts.push(0)
      last.length += gap + 1
    }
    this.#counts.push(count)
    this.#next = index + 1
  }

  buckets(): Float64Array {
    return Float64Array.from(this.#counts)
  }
}

/**
 * Dense counts from `offset` on, 2^`scaleDown` of them merged into one. OTLP's bucket i ends at base^(i+1), Prometheus's at base^i, so an index
 * is one more here.
 */
export function exponentialSpans(
  { offset, counts }: { offset: number; counts: NumberColumn },
  scaleDown: number,
): SpanBuilder {
  const builder = new SpanBuilder()
  const { values, length } = counts
  const width = 2 ** scaleDown
  let index = Math.floor(offset / width)
  let sum = 0
  for (let i = 0; i < length; i++) {
    const next = Math.floor((offset + i) / width)
    if (next !== index) {
      builder.add(index + 1, sum)
      index = next
      sum = 0
    }
    sum += values[i]
  }
  builder.add(index + 1, sum)
  return builder
}

/** Counts by OTLP's index, in any order. */
export function sparseSpans(counts: ReadonlyMap<number, number>): SpanBuilder {
  const builder = new SpanBuilder()
  for (const [index, count] of [...counts].sort(([a], [b]) => a - b)) builder.add(index + 1, count)
  return builder
}

interface Exponential {
  readonly schema: number
  readonly count: number
  readonly sum: number
  readonly zeroThreshold: number
  readonly zeroCount: number
  readonly positive: SpanBuilder
  readonly negative: SpanBuilder
}

export function exponentialHistogram(from: Exponential): NativeHistogram {
  const { positive, negative, zeroThreshold, ...rest } = from
  return {
    ...rest,
    isInteger: true,
    counterResetHint: 'unknown',
    zeroThreshold: zeroThreshold > 0 ? zeroThreshold : defaultZeroThreshold,
    positiveSpans: positive.spans,
    positiveBuckets: positive.buckets(),
    negativeSpans: negative.spans,
    negativeBuckets: negative.buckets(),
    customValues: [],
  }
}

/** A histogram with explicit bounds as a native one with custom buckets. */
export function customHistogram(
  bounds: NumberColumn,
  counts: NumberColumn,
  of: { count: number; sum: number },
): NativeHistogram {
  const builder = new SpanBuilder()
  for (let i = 0; i < counts.length; i++) builder.add(i, counts.values[i])
  return {
    schema: customBucketsSchema,
    isInteger: true,
    counterResetHint: 'unknown',
    ...of,
    zeroThreshold: 0,
    zeroCount: 0,
    positiveSpans: builder.spans,
    positiveBuckets: builder.buckets(),
    ...noNegative,
    customValues: Array.from(bounds.values.subarray(0, bounds.length)),
  }
}

const noSpans: readonly Span[] = []
const noNegative = { negativeSpans: noSpans, negativeBuckets: new Float64Array(0) }

const staleSum = new Float64Array(1)
setStale(new Uint32Array(staleSum.buffer), 0)

/** Nothing counted, in the layout of another; `isStale`: the series has ended. */
export function emptyHistogram(
  schema: number,
  { customValues, isStale }: { customValues: readonly number[]; isStale: boolean },
): NativeHistogram {
  return {
    schema,
    isInteger: true,
    counterResetHint: 'unknown',
    count: 0,
    sum: isStale ? (staleSum[0] as number) : 0,
    zeroThreshold: schema === customBucketsSchema ? 0 : defaultZeroThreshold,
    zeroCount: 0,
    positiveSpans: noSpans,
    positiveBuckets: new Float64Array(0),
    ...noNegative,
    customValues,
  }
}
