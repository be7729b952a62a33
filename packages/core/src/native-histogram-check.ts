import { customBucketsSchema, isStaleHistogram, type NativeHistogram, type Span } from './native-histogram.ts'

/** The schemas of exponential buckets: 2^(2^-schema) from one bound to the next. */
const minSchema = -4
const maxSchema = 8
/** Buckets of one side, and custom bounds. A client makes 160 by default. */
export const maxHistogramBuckets = 2500
/** Spans of one side. */
export const maxHistogramSpans = 2500
/** Above it whole numbers are not told apart. */
const maxCount = 2 ** 53

/** What is wrong with a histogram, or undefined (Prometheus: `Histogram.Validate`, and sizes). A stale marker is right. */
export function histogramFault(h: NativeHistogram): string | undefined {
  if (isStaleHistogram(h)) return undefined
  return (
    sizeFault(h) ??
    (h.schema === customBucketsSchema ? customFault(h) : exponentialFault(h)) ??
    sideFault('positive', h.positiveSpans, h.positiveBuckets) ??
    sideFault('negative', h.negativeSpans, h.negativeBuckets) ??
    countsFault(h)
  )
}

function sizeFault(h: NativeHistogram): string | undefined {
  const buckets = Math.max(h.positiveBuckets.length, h.negativeBuckets.length, h.customValues.length)
  const spans = Math.max(h.positiveSpans.length, h.negativeSpans.length)
  if (buckets > maxHistogramBuckets)
    return `it has ${buckets} buckets or bounds, at most ${maxHistogramBuckets} are taken`
  return spans > maxHistogramSpans ? `it has ${spans} spans, at most ${maxHistogramSpans} are taken` : undefined
}

function exponentialFault({ schema, customValues, zeroThreshold }: NativeHistogram): string | undefined {
  if (!Number.isInteger(schema) || schema < minSchema || schema > maxSchema)
    return `its schema is ${schema}, and those from ${minSchema} to ${maxSchema} and ${customBucketsSchema} are known`
  if (customValues.length > 0) return `it has ${customValues.length} custom bounds, which exponential buckets have not`
  return zeroThreshold >= 0 ? undefined : `its zero threshold is ${zeroThreshold}`
}

function customFault(h: NativeHistogram): string | undefined {
  const { customValues, positiveSpans } = h
  for (const [i, bound] of customValues.entries()) {
    const before = customValues[i - 1] ?? Number.NEGATIVE_INFINITY
    if (Number.isNaN(bound) || (i > 0 && bound <= before))
      return `its custom bounds do not ascend: ${bound} follows ${before}`
    if (bound === Number.POSITIVE_INFINITY) return 'its custom bounds hold +Inf, which is left out'
  }
  if (h.zeroCount !== 0 || h.zeroThreshold !== 0) return 'with custom bounds there is no zero bucket'
  if (h.negativeSpans.length > 0 || h.negativeBuckets.length > 0) return 'with custom bounds there is no negative side'
  let end = 0
  for (const { offset, length } of positiveSpans) end += offset + length
  if ((positiveSpans[0]?.offset ?? 0) < 0) return 'its buckets begin before the first custom bound'
  const most = customValues.length + 1
  return end > most ? `its buckets reach to bucket ${end}, and ${most - 1} custom bounds make ${most}` : undefined
}

function sideFault(side: string, spans: readonly Span[], buckets: Float64Array): string | undefined {
  let places = 0
  for (const [i, { offset, length }] of spans.entries()) {
    if (i > 0 && offset < 0) return `span ${i + 1} of its ${side} side has the offset ${offset}`
    places += length
  }
  if (places !== buckets.length) return `its ${side} spans need ${places} buckets, and it has ${buckets.length}`
  for (const [i, count] of buckets.entries())
    if (!(count >= 0)) return `bucket ${i + 1} of its ${side} side has the count ${count}`
  return undefined
}

/** Whole counts add up, but for observations of NaN, which are in no bucket. Others come from calculations and need not. */
function countsFault(h: NativeHistogram): string | undefined {
  for (const count of [h.count, h.zeroCount]) if (!(count >= 0)) return `it has the count ${count}`
  if (!h.isInteger) return undefined
  let inBuckets = h.zeroCount
  for (const buckets of [h.positiveBuckets, h.negativeBuckets]) {
    for (const count of buckets) {
      if (!Number.isInteger(count)) return `it counts whole numbers, and a bucket has the count ${count}`
      inBuckets += count
    }
  }
  if (![h.count, h.zeroCount].every(Number.isInteger) || h.count > maxCount || inBuckets > maxCount)
    return `its counts are no whole numbers of at most 2^53`
  const adds = Number.isNaN(h.sum) ? inBuckets <= h.count : inBuckets === h.count
  return adds ? undefined : `its count is ${h.count}, and its buckets hold ${inBuckets}`
}
