import { customBucketsSchema, type NativeHistogram, type Span } from './native-histogram.ts'

/** The schemas of exponential buckets: 2^(2^-schema) from one bound to the next. */
export const minSchema = -4
export const maxSchema = 8

/** Why a histogram is none that could be evaluated, or undefined (Prometheus: `Histogram.Validate`). */
export function histogramFault(h: NativeHistogram): string | undefined {
  const fault = h.schema === customBucketsSchema ? customFault(h) : exponentialFault(h)
  return (
    fault ??
    sideFault('positive', h.positiveSpans, h.positiveBuckets) ??
    sideFault('negative', h.negativeSpans, h.negativeBuckets) ??
    (isCount(h.zeroCount) ? undefined : `the zero bucket holds ${h.zeroCount} observations`) ??
    (isCount(h.count) ? undefined : `it counts ${h.count} observations`) ??
    countFault(h)
  )
}

function exponentialFault({ schema, customValues, zeroThreshold }: NativeHistogram): string | undefined {
  if (!Number.isInteger(schema) || schema < minSchema || schema > maxSchema)
    return `the schema ${schema} is none of ${minSchema} to ${maxSchema} and ${customBucketsSchema}`
  if (customValues.length > 0) return `the schema ${schema} has no listed bounds, yet ${customValues.length} are there`
  return Number.isNaN(zeroThreshold) || zeroThreshold < 0 ? `the zero threshold is ${zeroThreshold}` : undefined
}

function customFault(h: NativeHistogram): string | undefined {
  const { customValues } = h
  for (const [i, bound] of customValues.entries()) {
    if (Number.isNaN(bound) || bound === Number.POSITIVE_INFINITY) return `a listed bound is ${bound}`
    if (i > 0 && bound <= (customValues[i - 1] as number)) return `the listed bounds do not ascend at ${bound}`
  }
  if (h.zeroCount !== 0 || h.zeroThreshold !== 0 || h.negativeSpans.length > 0 || h.negativeBuckets.length > 0)
    return 'with listed bounds there is neither a zero bucket nor a negative one'
  let end = 0
  for (const { offset, length } of h.positiveSpans) end += offset + length
  if ((h.positiveSpans[0]?.offset ?? 0) < 0 || end > customValues.length + 1)
    return `its buckets reach beyond its ${customValues.length} listed bounds`
  return undefined
}

function sideFault(side: string, spans: readonly Span[], buckets: Float64Array): string | undefined {
  let places = 0
  for (const [i, { offset, length }] of spans.entries()) {
    if (i > 0 && offset < 0) return `span ${i + 1} of its ${side} buckets goes back by ${-offset}`
    places += length
  }
  if (places !== buckets.length) return `its ${side} spans have ${places} places for ${buckets.length} buckets`
  for (const count of buckets) if (!isCount(count)) return `a ${side} bucket holds ${count} observations`
  return undefined
}

/** Whole counts add up, but for observations of NaN, which are in no bucket. Those of floats come from calculations and need not. */
function countFault(h: NativeHistogram): string | undefined {
  if (!h.isInteger) return undefined
  let inBuckets = h.zeroCount
  for (const count of h.positiveBuckets) inBuckets += count
  for (const count of h.negativeBuckets) inBuckets += count
  if (Number.isNaN(h.sum) ? inBuckets <= h.count : inBuckets === h.count) return undefined
  return `its buckets hold ${inBuckets} observations and it counts ${h.count}`
}

const isCount = (count: number): boolean => count >= 0
