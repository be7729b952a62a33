// Aggregations: series are folded into their groups as they come, so what is aggregated never stands in memory as a whole.
import type { Labels } from '@tidewatch/core/labels.ts'
import type { AggregateExpr, Expr } from '../ast.ts'
import { type Evaluator, executionError, unwrap } from '../evaluate/evaluator.ts'
import type { Grid } from '../evaluate/grid.ts'
import { noteTexts } from '../evaluate/notes.ts'
import { absent, createRow, emit, float, histogram, histogramAt, type Row, type RowSink } from '../evaluate/row.ts'
import { RowTable } from '../evaluate/row-table.ts'
import { SortedWindow } from '../functions/sorted-window.ts'
import { histogramText } from '../native/text.ts'
import { printNumber } from '../print.ts'
import { goQuote } from '../quote.ts'
import { type Fold, foldFactories } from './folds.ts'
import { createGrouping, groupingOf } from './grouping.ts'
import { selectSome } from './select-some.ts'

export function evaluateAggregate(ev: Evaluator, expr: AggregateExpr, grid: Grid, sink: RowSink): void {
  switch (expr.op) {
    case 'count_values':
      countValues(ev, expr, grid, sink)
      return
    case 'quantile':
      aggregateQuantile(ev, expr, grid, sink)
      return
    case 'topk':
    case 'bottomk':
    case 'limitk':
    case 'limit_ratio':
      selectSome(ev, expr, grid, sink)
      return
    case 'sum':
    case 'avg':
    case 'min':
    case 'max':
    case 'count':
    case 'group':
    case 'stddev':
    case 'stdvar':
      aggregateFolded(ev, expr, grid, sink)
  }
}

interface Group {
  readonly labels: Labels
  readonly fold: Fold
  dropName: boolean
}

function aggregateFolded(ev: Evaluator, expr: AggregateExpr, grid: Grid, sink: RowSink): void {
  const grouping = groupingOf(expr)
  const context = { expr, notes: ev.notes, steps: grid.steps }
  const createFold = foldFactories[expr.op]
  if (createFold === undefined) throw executionError(`unexpected aggregation ${expr.op}`, expr)
  const groups = new Map<string, Group>()
  ev.rows(expr.expr, grid, (row) => {
    const key = grouping.keyOf(row.labels)
    let group = groups.get(key)
    if (group === undefined) {
      ev.budget.spend(grid.steps)
      group = { labels: grouping.labelsOf(row.labels), fold: createFold(context), dropName: false }
      groups.set(key, group)
    }
    group.fold.add(row)
    if (row.dropName) group.dropName = true
  })
  for (const { labels, fold, dropName } of groups.values()) {
    const out = createRow(labels, grid.steps)
    out.dropName = dropName
    fold.finish(out)
    emit(out, sink)
  }
}

function aggregateQuantile(ev: Evaluator, expr: AggregateExpr, grid: Grid, sink: RowSink): void {
  const param = expr.param as Expr
  const quantiles = ev.scalar(param, grid)
  noteQuantiles(ev, quantiles, param)
  const grouping = groupingOf(expr)
  const table = new RowTable(grid.steps, ev.budget)
  const groups = new Map<string, Row[]>()
  ev.rows(expr.expr, grid, (row) => {
    const key = grouping.keyOf(row.labels)
    const own = table.append(row)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [own])
    else group.push(own)
    if (row.present.includes(histogram)) {
      ev.notes.info(noteTexts.histogramIgnoredInAggregation('quantile'), expr.expr.span)
    }
  })
  const sorted = new SortedWindow()
  for (const rows of groups.values()) {
    ev.budget.checkCancelled()
    const out = createRow(grouping.labelsOf((rows[0] as Row).labels), grid.steps)
    out.dropName = rows.some((row) => row.dropName)
    const cells = new Float64Array(rows.length)
    for (let i = 0; i < grid.steps; i++) {
      let count = 0
      for (const row of rows) if (row.present[i] === float) cells[count++] = row.values[i] as number
      if (count === 0) continue
      sorted.clear()
      sorted.moveTo(cells, 0, count)
      out.values[i] = sorted.quantile(quantiles[i] as number)
      out.present[i] = float
    }
    emit(out, sink)
  }
}

function noteQuantiles(ev: Evaluator, quantiles: Float64Array, param: Expr): void {
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const q of quantiles) {
    if (Number.isNaN(q)) ev.notes.warn(noteTexts.invalidQuantile(q), param.span)
    least = Math.min(least, q)
    greatest = Math.max(greatest, q)
  }
  if (greatest > 1) ev.notes.warn(noteTexts.invalidQuantile(greatest), param.span)
  if (least < 0) ev.notes.warn(noteTexts.invalidQuantile(least), param.span)
}

/** One series a group and value, the value written into a label. */
function countValues(ev: Evaluator, expr: AggregateExpr, grid: Grid, sink: RowSink): void {
  const param = unwrap(expr.param as Expr)
  const label = param.kind === 'string' ? param.value : ''
  if (label === '' || !label.isWellFormed()) {
    throw executionError(`invalid label name ${goQuote(label)}`, param)
  }
  const grouping = createGrouping(expr.without ? expr.grouping : [...expr.grouping, label], expr.without)
  const table = new RowTable(grid.steps, ev.budget)
  const counted = new Map<string, Row>()
  ev.rows(expr.expr, grid, (row) => {
    let lastText: string | undefined
    let counts: Row | undefined
    for (let i = 0; i < grid.steps; i++) {
      if (row.present[i] === absent) continue
      const text =
        row.present[i] === histogram ? histogramText(histogramAt(row, i)) : printNumber(row.values[i] as number)
      if (counts === undefined || text !== lastText) {
        const labels = row.labels.with(label, text)
        const key = grouping.keyOf(labels)
        counts = counted.get(key)
        if (counts === undefined) {
          counts = table.create(grouping.labelsOf(labels))
          counted.set(key, counts)
        }
        lastText = text
      }
      counts.values[i] = (counts.values[i] as number) + 1
      counts.present[i] = float
    }
  })
  for (const row of table.rows) emit(row, sink)
}
