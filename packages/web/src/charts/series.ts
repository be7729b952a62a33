// From Prometheus's matrix to aligned columns that a chart draws, with each series' figures for the legend. No React here.
import type { MatrixSeries } from '@tidewatch/api/prometheus.ts'
import { assignColours } from './colours.ts'

export type LabelSet = Readonly<Record<string, string>>

interface SeriesStats {
  readonly last: number
  readonly lastAtMs: number
  readonly least: number
  readonly mean: number
  readonly most: number
}

export interface ChartSeries {
  /** Equal for equal labels: identity over refreshes, for colour, hover and isolation. */
  readonly key: string
  /** What tells it from its neighbours. */
  readonly name: string
  readonly labels: LabelSet
  /** One a step; null is a gap. */
  readonly values: readonly (number | null)[]
  /** Place in the palette, see colours.ts. */
  readonly place: number
  readonly stats: SeriesStats
}

export interface ChartData {
  readonly timesMs: readonly number[]
  readonly series: readonly ChartSeries[]
  /** How many series the answer had; the ones with the highest values are drawn. */
  readonly total: number
  /** Labels that all drawn series share, said once instead of in each name. */
  readonly shared: LabelSet
}

export interface ChartGrid {
  readonly startMs: number
  readonly endMs: number
  readonly stepMs: number
}

/** More lines than this tell nobody anything and make drawing slow. */
export const maxDrawnSeries = 200

/** Aligned columns of a range answer over its grid. */
export function toChartData(matrix: readonly MatrixSeries[], grid: ChartGrid): ChartData {
  const steps = Math.max(0, Math.floor((grid.endMs - grid.startMs) / grid.stepMs) + 1)
  const timesMs = Array.from({ length: steps }, (_, i) => grid.startMs + i * grid.stepMs)
  const columns = matrix.flatMap((series) => {
    const values = toColumn(series, grid, steps)
    const stats = statsOf(values, timesMs)
    return stats === undefined ? [] : [{ key: labelsKey(series.metric), labels: series.metric, values, stats }]
  })
  const drawn =
    columns.length <= maxDrawnSeries
      ? columns
      : columns.toSorted((a, b) => b.stats.most - a.stats.most).slice(0, maxDrawnSeries)
  const places = assignColours(drawn.map((column) => column.key))
  const shared = sharedLabels(drawn.map((column) => column.labels))
  const series = drawn.map((column) => ({
    ...column,
    name: nameSeries(column.labels, shared),
    place: places.get(column.key) ?? 0,
  }))
  return { timesMs, series, total: columns.length, shared }
}

function toColumn(series: MatrixSeries, grid: ChartGrid, steps: number): (number | null)[] {
  const values = new Array<number | null>(steps).fill(null)
  for (const [seconds, text] of series.values ?? []) {
    const index = Math.round((seconds * 1000 - grid.startMs) / grid.stepMs)
    const value = Number(text)
    // neither NaN nor an infinity has a place on an axis: both are gaps
    if (index >= 0 && index < steps && Number.isFinite(value)) values[index] = value
  }
  return values
}

/** Undefined where the column has no value at all. */
function statsOf(values: readonly (number | null)[], timesMs: readonly number[]): SeriesStats | undefined {
  let [least, most, sum, count, lastIndex] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0, -1]
  for (const [i, value] of values.entries()) {
    if (value === null) continue
    if (value < least) least = value
    if (value > most) most = value
    sum += value
    count++
    lastIndex = i
  }
  if (count === 0) return undefined
  return { last: values[lastIndex] ?? Number.NaN, lastAtMs: timesMs[lastIndex] ?? 0, least, mean: sum / count, most }
}

function labelsKey(labels: LabelSet): string {
  return Object.keys(labels)
    .sort()
    .map((name) => `${name}=${labels[name]}`)
    .join('\u0000')
}

/** What every set has with the same value; with one set nothing is shared, since the name is all there is. */
function sharedLabels(sets: readonly LabelSet[]): LabelSet {
  const [first, ...rest] = sets
  if (first === undefined || rest.length === 0) return {}
  return Object.fromEntries(Object.entries(first).filter(([name, value]) => rest.every((set) => set[name] === value)))
}

/** As Prometheus writes a series, without what is shared: `{code="200", route="/v1/orders"}`; a single label as its value alone. */
export function nameSeries(labels: LabelSet, shared: LabelSet = {}): string {
  const own = Object.entries(labels).filter(([name]) => !(name in shared))
  const metric = own.find(([name]) => name === '__name__')?.[1] ?? ''
  const rest = own.filter(([name]) => name !== '__name__')
  if (rest.length === 0) return metric === '' ? (shared.__name__ ?? 'value') : metric
  const [only] = rest
  if (
    rest.length === 1 &&
    metric === '' &&
    only !== undefined &&
    Object.keys(shared).length + 1 >= Object.keys(labels).length
  )
    return only[1]
  return `${metric}{${rest.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(', ')}}`
}

/** The exact text of a series, as a query can use it. */
export function formatSeries(labels: LabelSet): string {
  const metric = labels.__name__ ?? ''
  const rest = Object.entries(labels).filter(([name]) => name !== '__name__')
  if (rest.length === 0) return metric === '' ? '{}' : metric
  return `${metric}{${rest.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(', ')}}`
}

export type LegendColumn = 'name' | keyof Pick<SeriesStats, 'last' | 'least' | 'mean' | 'most'>

/** For the legend table: numbers from the greatest, names from A, or the other way round. */
export function sortSeries(series: readonly ChartSeries[], column: LegendColumn, descending: boolean): ChartSeries[] {
  const direction = descending ? -1 : 1
  return series.toSorted((a, b) => {
    const order =
      column === 'name' ? a.name.localeCompare(b.name, 'en', { numeric: true }) : a.stats[column] - b.stats[column]
    return direction * order || (a.key < b.key ? -1 : 1)
  })
}

/** Indexes of values with a gap on both sides: a line cannot show them, a dot can. */
export function lonePoints(values: readonly (number | null | undefined)[]): number[] {
  const lone: number[] = []
  for (let i = 0; i < values.length; i++) {
    if (values[i] != null && values[i - 1] == null && values[i + 1] == null) lone.push(i)
  }
  return lone
}
