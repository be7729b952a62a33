// As what the evaluator sees a bucket of samples: the function around a selector decides, so that it gives the right value without knowing of buckets.
// What is exact and what is not: docs/decisions/014-rollups.md.
import type { SelectHints } from '@tidewatch/promql/port.ts'

/** `everyMs`: points of a bucket lie no further apart; undefined where each window holds whole buckets, and fewer do. */
export type RollupShape =
  /** Its first and its last sample; the first again and again. */
  | { readonly kind: 'held'; readonly everyMs: number | undefined }
  /** A line from the first to the last sample; of a counter one that counted the same. Windows are `rangeMs` long. */
  | { readonly kind: 'line' | 'counter'; readonly everyMs: number | undefined; readonly rangeMs: number }
  | { readonly kind: 'lowest' | 'highest'; readonly everyMs: number | undefined }
  | { readonly kind: 'sum' }
  /** As many samples as there were, each the mean; fewer where they would be very many and only their share counts. */
  | { readonly kind: 'spread'; readonly isCounted: boolean }

export interface ShapeChoice {
  readonly shape: RollupShape
  /** The value is that of the samples themselves but for rounding. */
  readonly isExact: boolean
}

export function shapeFor(hints: SelectHints, widthMs: number, lookbackMs: number): ShapeChoice {
  const { func = '', rangeMs } = hints
  const isWhole = fallsOnBuckets(hints, widthMs)
  // who reads raw samples gets those that are left
  if (hints.stepMs === undefined) return { shape: { kind: 'held', everyMs: undefined }, isExact: false }
  if (rangeMs === undefined)
    return { shape: { kind: 'held', everyMs: isWhole ? undefined : lookbackMs }, isExact: isWhole }
  const everyMs = isWhole ? undefined : rangeMs
  switch (func) {
    case 'min_over_time':
      return { shape: { kind: 'lowest', everyMs }, isExact: isWhole }
    case 'max_over_time':
      return { shape: { kind: 'highest', everyMs }, isExact: isWhole }
    case 'sum_over_time':
      return { shape: isWhole ? { kind: 'sum' } : { kind: 'spread', isCounted: true }, isExact: isWhole }
    case 'count_over_time':
      return { shape: { kind: 'spread', isCounted: true }, isExact: isWhole }
    case 'avg_over_time':
      return { shape: { kind: 'spread', isCounted: false }, isExact: isWhole }
    case 'quantile_over_time':
    case 'stddev_over_time':
    case 'stdvar_over_time':
    case 'mad_over_time':
      return { shape: { kind: 'spread', isCounted: false }, isExact: false }
    case 'rate':
    case 'increase':
      return { shape: { kind: 'counter', everyMs: apart(everyMs), rangeMs }, isExact: isWhole }
    case 'irate':
    case 'resets':
      return { shape: { kind: 'counter', everyMs: apart(everyMs), rangeMs }, isExact: false }
    case 'delta':
      return { shape: { kind: 'line', everyMs: apart(everyMs), rangeMs }, isExact: isWhole }
    case 'idelta':
    case 'deriv':
    case 'predict_linear':
    case 'double_exponential_smoothing':
      return { shape: { kind: 'line', everyMs: apart(everyMs), rangeMs }, isExact: false }
    default:
      return { shape: { kind: 'held', everyMs }, isExact: isWhole && ofEnds.has(func) }
  }
}

/** Functions that only look at a window's first or last sample, or whether there is one. */
const ofEnds: ReadonlySet<string> = new Set([
  'last_over_time',
  'first_over_time',
  'present_over_time',
  'absent_over_time',
  'ts_of_last_over_time',
  'ts_of_first_over_time',
])

/** A slope needs some points in each window, near enough to its ends. */
const apart = (rangeMs: number | undefined): number | undefined => (rangeMs === undefined ? undefined : rangeMs / 3)

/** Whether all windows begin and end where buckets do. */
function fallsOnBuckets({ gridMs, stepMs = 0, rangeMs = 0 }: SelectHints, widthMs: number): boolean {
  return gridMs !== undefined && [gridMs, stepMs, rangeMs].every((ms) => ms % widthMs === 0)
}
