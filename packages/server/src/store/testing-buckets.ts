// For tests: buckets as one would make them by hand, to hold the store's statement and the reading of buckets against.
import { isStale } from '@tidewatch/core/stale.ts'

export interface PlainSample {
  readonly timeMs: number
  readonly value: number
}

export interface PlainBucket {
  readonly startMs: number
  readonly firstMs: number
  readonly lastMs: number
  readonly staleBeforeMs: number
  readonly staleAfterMs: number
  readonly count: number
  readonly first: number
  readonly last: number
  readonly lowest: number
  readonly highest: number
  readonly sum: number
  readonly resets: number
}

/** Of one series' samples, times ascending and unique. */
export function plainBuckets(
  samples: readonly PlainSample[],
  widthMs: number,
  isMarker = ({ value }: PlainSample): boolean => isStale(value),
): PlainBucket[] {
  const startOf = ({ timeMs }: PlainSample): number => (Math.ceil(timeMs / widthMs) - 1) * widthMs
  return [...Map.groupBy(samples, startOf)].map(([startMs, all]) => {
    const stale = all.filter(isMarker).map(({ timeMs }) => timeMs)
    const taken = all.filter((one) => !isMarker(one))
    const values = taken.map(({ value }) => value)
    const numbers = values.filter((value) => !Number.isNaN(value))
    const [first, last] = [taken[0], taken.at(-1)]
    return {
      startMs,
      firstMs: first?.timeMs ?? Number.NaN,
      lastMs: last?.timeMs ?? Number.NaN,
      staleBeforeMs: stale.find((ms) => first !== undefined && ms < first.timeMs) ?? Number.NaN,
      staleAfterMs: stale.find((ms) => last === undefined || ms > last.timeMs) ?? Number.NaN,
      count: taken.length,
      first: first?.value ?? 0,
      last: last?.value ?? 0,
      // of 0 and -0 the first, as sorting keeps their order
      lowest: numbers.toSorted((a, b) => a - b)[0] ?? first?.value ?? 0,
      highest: numbers.toSorted((a, b) => b - a)[0] ?? last?.value ?? 0,
      sum: values.reduce((sum, value) => sum + value, 0),
      resets: values.reduce(
        (sum, value, i) => sum + (value < (values[i - 1] ?? 0) && i > 0 ? (values[i - 1] as number) : 0),
        0,
      ),
    }
  })
}
