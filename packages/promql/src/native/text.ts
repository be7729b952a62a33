import type { FloatHistogram } from '@tidewatch/core/native-histogram.ts'
import { goNumber } from '../evaluate/notes.ts'
import { negativeBuckets, positiveBuckets, usesCustomBuckets } from './buckets.ts'

/** As Prometheus prints a histogram: `{count:3, sum:4.5, (0.5,1]:2, (1,2]:1}`. */
export function histogramText(h: FloatHistogram): string {
  const parts = [`count:${goNumber(h.count)}`, `sum:${goNumber(h.sum)}`]
  const push = (open: string, bounds: readonly [number, number], close: string, count: number): void => {
    if (count !== 0) parts.push(`${open}${goNumber(bounds[0])},${goNumber(bounds[1])}${close}:${goNumber(count)}`)
  }
  for (const b of negativeBuckets(h).reverse()) push('[', [b.lower, b.upper], ')', b.count)
  push('[', [-h.zeroThreshold, h.zeroThreshold], ']', h.zeroCount)
  for (const b of positiveBuckets(h)) {
    const open = usesCustomBuckets(h) && b.lower === Number.NEGATIVE_INFINITY ? '[' : '('
    push(open, [b.lower, b.upper], ']', b.count)
  }
  return `{${parts.join(', ')}}`
}
