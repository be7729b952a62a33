// Histograms with custom buckets whose bounds differ: both are brought to the bounds they share (Prometheus since 3.8).
import { customBucketsSchema, type FloatHistogram } from '@tidewatch/core/native-histogram.ts'
import { negativeSide, positiveSide, type Side, withSides } from './buckets.ts'

/** Bounds that both have, ascending. */
export function sharedBounds(a: readonly number[], b: readonly number[]): readonly number[] {
  const other = new Set(b)
  return a.filter((bound) => other.has(bound))
}

/** With fewer bounds: what lay between two of the old ones lies below the next of the new ones, or in the last bucket. */
export function withBounds(h: FloatHistogram, bounds: readonly number[]): FloatHistogram {
  if (h.schema !== customBucketsSchema) return h
  return withSides(h, moved(positiveSide(h), h.customValues, bounds), negativeSide(h), { customValues: bounds })
}

function moved(side: Side, from: readonly number[], to: readonly number[]): Side {
  const indexes: number[] = []
  const counts: number[] = []
  let target = 0
  side.indexes.forEach((index, i) => {
    const bound = from[index] ?? Number.POSITIVE_INFINITY
    while (target < to.length && (to[target] as number) < bound) target++
    const count = side.counts[i] as number
    if (indexes.at(-1) === target) counts[counts.length - 1] = (counts.at(-1) as number) + count
    else {
      indexes.push(target)
      counts.push(count)
    }
  })
  return { indexes, counts }
}
