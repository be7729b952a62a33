// A native histogram in Prometheus's JSON. Called once a histogram of an answer. https://prometheus.io/docs/prometheus/latest/querying/api/#native-histograms
import type { FloatHistogram } from '@tidewatch/core/native-histogram.ts'
import { type Bucket, negativeBuckets, positiveBuckets, usesCustomBuckets } from '@tidewatch/promql/native/buckets.ts'
import { numberText } from './number-text.ts'

/** Which bounds belong to a bucket. */
const openLeft = 0
const openRight = 1
const closed = 3

/** Count, sum, and the buckets that hold something: from the lowest, each as rule, bounds and count. */
export function histogramJson(h: FloatHistogram): string {
  const zero = h.zeroThreshold
  const buckets: string[] = []
  const add = (rule: number, { lower, upper, count }: Bucket): void => {
    if (count !== 0) buckets.push(`[${rule},"${numberText(lower)}","${numberText(upper)}","${numberText(count)}"]`)
  }
  for (const b of negativeBuckets(h).reverse()) {
    // those that reach into the zero bucket end at its border
    add(openRight, b.upper < 0 && b.upper > -zero ? { ...b, upper: -zero } : b)
  }
  if (h.zeroCount > 0) add(closed, { lower: -zero, upper: zero, count: h.zeroCount })
  for (const b of positiveBuckets(h)) {
    const isLowest = usesCustomBuckets(h) && b.lower === Number.NEGATIVE_INFINITY
    add(isLowest ? closed : openLeft, b.lower > 0 && b.lower < zero ? { ...b, lower: zero } : b)
  }
  const list = buckets.length === 0 ? '' : `,"buckets":[${buckets.join(',')}]`
  return `{"count":"${numberText(h.count)}","sum":"${numberText(h.sum)}"${list}}`
}
