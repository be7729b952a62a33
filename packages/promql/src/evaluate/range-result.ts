// A range selector or subquery by itself: `x[5m]` shows the samples as they are.
import type { Labels } from '@tidewatch/core/labels.ts'
import type { FloatHistogram } from '@tidewatch/core/native-histogram.ts'
import type { MatrixSelector, SubqueryExpr } from '../ast.ts'
import { durationMs, referenceTimes } from './durations.ts'
import { type Evaluator, executionError } from './evaluator.ts'
import type { Grid } from './grid.ts'
import { subqueryGrid } from './range-call.ts'
import { settleResetHints } from './reset-hints.ts'
import { finishRows, type ResultSeries } from './result.ts'
import { float, histogram } from './row.ts'
import { RowTable } from './row-table.ts'
import { dropStale, GrowingSampleBuffer } from './sample-buffer.ts'
import { sizeInSamples } from './sample-counts.ts'

/** The series of a range expression at the grid's only step. */
export function evaluateRange(ev: Evaluator, expr: MatrixSelector | SubqueryExpr, grid: Grid): ResultSeries[] {
  if (expr.kind === 'matrix_selector') return selectRange(ev, expr, grid)
  const inner = subqueryGrid(ev, expr, grid)
  const table = new RowTable(inner.steps, ev.budget)
  ev.rows(expr.expr, inner, (row) => table.append(row))
  return finishRows(table.rows, inner.timesMs)
}

function selectRange(ev: Evaluator, { selector, range }: MatrixSelector, grid: Grid): ResultSeries[] {
  const endMs = referenceTimes(selector, grid, ev.times)[0] as number
  const startMs = endMs - durationMs(range)
  const series = ev.series(selector)
  const buffer = new GrowingSampleBuffer()
  const results: ResultSeries[] = []
  for (let s = 0; s < series.count; s++) {
    series.read(s, buffer)
    ev.budget.spendRead(buffer.length)
    dropStale(buffer)
    settleResetHints(buffer, false)
    if (selector.anchored || selector.smoothed) {
      const extended = extendRange(buffer, series.labels(s), { startMs, endMs, smoothed: selector.smoothed })
      if (extended !== undefined) results.push(extended)
      continue
    }
    const { timesMs, values, histograms, length } = buffer
    let from = 0
    while (from < length && (timesMs[from] as number) <= startMs) from++
    let until = from
    while (until < length && (timesMs[until] as number) <= endMs) until++
    if (until === from) continue
    const items = histograms?.slice(from, until)
    ev.counts?.add(0, sizeOf(items, until - from))
    const present = new Uint8Array(until - from).fill(float)
    items?.forEach((item, i) => {
      if (item !== undefined) present[i] = histogram
    })
    results.push({
      labels: series.labels(s),
      timesMs: timesMs.slice(from, until),
      values: values.slice(from, until),
      present,
      histograms: items,
    })
  }
  return results
}

interface Borders {
  readonly startMs: number
  readonly endMs: number
  readonly smoothed: boolean
}

function sizeOf(items: readonly (FloatHistogram | undefined)[] | undefined, length: number): number {
  return items?.reduce((sum, item) => sum + (item === undefined ? 1 : sizeInSamples(item)), 0) ?? length
}

/** The samples inside, and one at each border: the sample before (`anchored`), or the value interpolated there (`smoothed`). */
function extendRange(buffer: GrowingSampleBuffer, labels: Labels, borders: Borders): ResultSeries | undefined {
  const { startMs, endMs, smoothed } = borders
  const { timesMs, values, length } = buffer
  if (buffer.histograms?.some((h) => h !== undefined) === true) {
    throw executionError(`${smoothed ? 'smoothed' : 'anchored'} modifier is not supported with histograms`)
  }
  let first = 0
  while (first + 1 < length && (timesMs[first + 1] as number) <= startMs) first++
  let last = length - 1
  if (smoothed) while (last > 0 && (timesMs[last - 1] as number) >= endMs) last--
  if (length === 0 || (timesMs[last] as number) <= startMs) return undefined
  const points: [number, number][] = [[startMs, smoothed ? valueAt(buffer, first, startMs) : (values[first] as number)]]
  for (let k = first; k <= last; k++) {
    const atMs = timesMs[k] as number
    if (atMs > startMs && atMs < endMs) points.push([atMs, values[k] as number])
  }
  points.push([endMs, smoothed && last > 0 ? valueAt(buffer, last - 1, endMs) : (values[last] as number)])
  return {
    labels,
    timesMs: Float64Array.from(points, ([atMs]) => atMs),
    values: Float64Array.from(points, ([, value]) => value),
    present: new Uint8Array(points.length).fill(float),
    histograms: undefined,
  }
}

/** Linear between two neighbours where the moment lies between them, else the nearer one's value. */
function valueAt({ timesMs, values, length }: GrowingSampleBuffer, index: number, atMs: number): number {
  const [t1, y1] = [timesMs[index] as number, values[index] as number]
  if (atMs <= t1 || index + 1 >= length) return y1
  const [t2, y2] = [timesMs[index + 1] as number, values[index + 1] as number]
  return atMs >= t2 ? y2 : y1 + ((y2 - y1) * (atMs - t1)) / (t2 - t1)
}
