// Native histograms that are finer than can be evaluated. Prometheus takes them and halves their resolution until they fit (since 3.7).
import type { NativeHistogram, Span } from './native-histogram.ts'

/** The finest exponential buckets that are evaluated. */
const finestSchema = 8
/** The finest that the format has room for. */
const finestReserved = 52

interface Side {
  readonly spans: readonly Span[]
  readonly buckets: Float64Array
}

/** The histogram with schema 8 where it has a finer one (9 to 52); any other as it is, also one whose spans and buckets do not fit together. */
export function withKnownResolution(h: NativeHistogram): NativeHistogram {
  if (!(h.schema > finestSchema && h.schema <= finestReserved && Number.isInteger(h.schema))) return h
  const width = 2 ** (h.schema - finestSchema)
  const positive = coarser({ spans: h.positiveSpans, buckets: h.positiveBuckets }, width)
  const negative = coarser({ spans: h.negativeSpans, buckets: h.negativeBuckets }, width)
  if (positive === undefined || negative === undefined) return h
  return {
    ...h,
    schema: finestSchema,
    positiveSpans: positive.spans,
    positiveBuckets: positive.buckets,
    negativeSpans: negative.spans,
    negativeBuckets: negative.buckets,
  }
}

/** So many buckets in one: those with the indexes 1 to `width` become bucket 1. */
function coarser({ spans, buckets }: Side, width: number): Side | undefined {
  const merged: { offset: number; length: number }[] = []
  const counts: number[] = []
  let [index, place, next] = [0, 0, 0]
  for (const [i, { offset, length }] of spans.entries()) {
    if ((i > 0 && offset < 0) || place + length > buckets.length) return undefined
    index += offset
    for (let k = 0; k < length; k++) {
      const target = Math.floor((index++ - 1) / width) + 1
      const count = buckets[place++] as number
      const last = merged.at(-1)
      if (last !== undefined && target === next - 1) counts[counts.length - 1] = (counts.at(-1) as number) + count
      else {
        if (last !== undefined && target === next) last.length++
        else merged.push({ offset: target - next, length: 1 })
        counts.push(count)
        next = target + 1
      }
    }
  }
  return place === buckets.length ? { spans: merged, buckets: Float64Array.from(counts) } : undefined
}
