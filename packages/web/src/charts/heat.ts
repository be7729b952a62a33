// From histograms over time to the cells of a heat map: one column a step, one row a bucket, how many fell into it. Native histograms bring their
// buckets; of classic ones each `le` series is what lies at or below its bound. No React here.
import type { HistogramPair, MatrixSeries } from '@tidewatch/api/prometheus.ts'
import type { ChartGrid } from './series.ts'

export interface HeatBucket {
  readonly lower: number
  readonly upper: number
}

export interface Heat {
  readonly timesMs: readonly number[]
  /** From the lowest to the highest; they may have been joined. */
  readonly buckets: readonly HeatBucket[]
  /** Counts by step and bucket: `counts[step * buckets.length + bucket]`. */
  readonly counts: Float64Array
  readonly most: number
}

/** More rows than this are thinner than a pixel or two: neighbours are joined. */
const maxRows = 60

/** Undefined where there is no histogram. All series are added up. */
export function heatOf(matrix: readonly MatrixSeries[], grid: ChartGrid): Heat | undefined {
  const steps = Math.max(0, Math.floor((grid.endMs - grid.startMs) / grid.stepMs) + 1)
  const columns = Array.from({ length: steps }, () => new Map<string, HeatBucket & { count: number }>())
  const stepOf = (seconds: number): Map<string, HeatBucket & { count: number }> | undefined =>
    columns[Math.round((seconds * 1000 - grid.startMs) / grid.stepMs)]
  for (const { histograms = [] } of matrix)
    for (const [seconds, { buckets }] of histograms) {
      const column = stepOf(seconds)
      if (column !== undefined) addNative(column, buckets ?? [])
    }
  addClassic(matrix, (seconds, bucket, count) => add(stepOf(seconds), bucket, count))
  const known = new Map<string, HeatBucket>()
  for (const column of columns) for (const [key, { lower, upper }] of column) known.set(key, { lower, upper })
  if (known.size === 0) return undefined
  const sorted = [...known].sort(([, a], [, b]) => a.upper - b.upper || a.lower - b.lower)
  const join = Math.ceil(sorted.length / maxRows)
  const rows = Math.ceil(sorted.length / join)
  const rowOf = new Map(sorted.map(([key], i) => [key, Math.floor(i / join)]))
  const counts = new Float64Array(steps * rows)
  columns.forEach((column, step) => {
    for (const [key, { count }] of column) {
      const at = step * rows + (rowOf.get(key) ?? 0)
      counts[at] = (counts[at] ?? 0) + count
    }
  })
  const buckets = Array.from({ length: rows }, (_, row) => ({
    lower: sorted[row * join]?.[1].lower ?? 0,
    upper: sorted[Math.min((row + 1) * join, sorted.length) - 1]?.[1].upper ?? 0,
  }))
  const timesMs = Array.from({ length: steps }, (_, i) => grid.startMs + i * grid.stepMs)
  return { timesMs, buckets, counts, most: counts.reduce((a, b) => Math.max(a, b), 0) }
}

type Column = Map<string, HeatBucket & { count: number }>

function add(column: Column | undefined, { lower, upper }: HeatBucket, count: number): void {
  if (column === undefined || !(count >= 0)) return
  const key = `${lower} ${upper}`
  const known = column.get(key)
  if (known === undefined) column.set(key, { lower, upper, count })
  else known.count += count
}

function addNative(column: Column, buckets: NonNullable<HistogramPair[1]['buckets']>): void {
  for (const [, lower, upper, count] of buckets)
    add(column, { lower: boundOf(lower), upper: boundOf(upper) }, Number(count))
}

const boundOf = (text: string): number => Number(text.replace('Inf', 'Infinity'))

/** Series with `le` and otherwise the same labels are one histogram; what lies between two bounds is their difference. */
function addClassic(
  matrix: readonly MatrixSeries[],
  put: (seconds: number, bucket: HeatBucket, count: number) => void,
): void {
  const groups = new Map<string, { le: number; values: MatrixSeries['values'] }[]>()
  for (const { metric, values } of matrix) {
    const le = boundOf(metric.le ?? '')
    if (metric.le === undefined || metric.le === '' || Number.isNaN(le)) continue
    const { le: _, ...rest } = metric
    const key = JSON.stringify(Object.entries(rest).sort())
    groups.set(key, [...(groups.get(key) ?? []), { le, values }])
  }
  for (const group of groups.values()) {
    group.sort((a, b) => a.le - b.le)
    const below = new Map<number, number>()
    let lower = group[0] !== undefined && group[0].le > 0 ? 0 : Number.NEGATIVE_INFINITY
    for (const { le, values = [] } of group) {
      for (const [seconds, text] of values) {
        const count = Number(text)
        put(seconds, { lower, upper: le }, count - (below.get(seconds) ?? 0))
        below.set(seconds, count)
      }
      lower = le
    }
  }
}

/** How strong a cell's colour is, 0.12 to 1: by the logarithm, since a few cells mostly have nearly all. */
export const heatShare = (count: number, most: number): number =>
  most <= 0 || count <= 0 ? 0 : 0.12 + 0.88 * (Math.log1p((count / most) * 100) / Math.log1p(100))

/** The lower bounds that are written beside the rows, at most so many. */
export function rowTicks({ buckets }: Heat, most: number): { readonly row: number; readonly value: number }[] {
  const every = Math.max(1, Math.ceil(buckets.length / Math.max(1, most)))
  return buckets.flatMap(({ lower }, row) =>
    row % every === 0 && Number.isFinite(lower) ? [{ row, value: lower }] : [],
  )
}
