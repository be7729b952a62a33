// A range selector or subquery by itself: `x[5m]` shows the samples as they are.
import type { MatrixSelector, SubqueryExpr } from '../ast.ts'
import { durationMs, referenceTimes } from './durations.ts'
import type { Evaluator } from './evaluator.ts'
import type { Grid } from './grid.ts'
import { subqueryGrid } from './range-call.ts'
import { finishRows, type ResultSeries } from './result.ts'
import { float, histogram } from './row.ts'
import { RowTable } from './row-table.ts'
import { dropStale, GrowingSampleBuffer } from './sample-buffer.ts'

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
    ev.budget.spend(buffer.length)
    dropStale(buffer)
    const { timesMs, values, histograms, length } = buffer
    let from = 0
    while (from < length && (timesMs[from] as number) <= startMs) from++
    let until = from
    while (until < length && (timesMs[until] as number) <= endMs) until++
    if (until === from) continue
    const items = histograms?.slice(from, until)
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
