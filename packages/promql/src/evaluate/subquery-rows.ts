// The series of a subquery. Where two of them may have the same labels at different steps they are one series to the function around them.
import type { Expr } from '../ast.ts'
import { sameLabelset } from './duplicates.ts'
import { type Evaluator, executionError } from './evaluator.ts'
import type { Grid } from './grid.ts'
import { absent, type Row, type RowSink } from './row.ts'
import { RowTable } from './row-table.ts'

const relabels: ReadonlySet<string> = new Set(['label_replace', 'label_join', 'info'])

/** Whether two rows of an expression can have the same labels; aggregations and functions over ranges make one row of them. */
function mayRepeatLabels(expr: Expr): boolean {
  switch (expr.kind) {
    case 'paren':
    case 'unary':
    case 'step_invariant':
      return mayRepeatLabels(expr.expr)
    case 'binary':
      return expr.op === 'or' || mayRepeatLabels(expr.left) || mayRepeatLabels(expr.right)
    case 'call':
      return relabels.has(expr.func) || expr.args.some(mayRepeatLabels)
    case 'aggregate':
      // some of them give their input's series
      return mayRepeatLabels(expr.expr)
    case 'number':
    case 'string':
    case 'vector_selector':
    case 'matrix_selector':
    case 'subquery':
      return false
  }
}

/** Evaluates the expression of a subquery: each label set once. Throws `query.execution` where two series with the same labels have a value at one step. */
export function eachSubqueryRow(ev: Evaluator, expr: Expr, grid: Grid, sink: RowSink): void {
  if (!mayRepeatLabels(expr)) {
    ev.rows(expr, grid, sink)
    return
  }
  const table = new RowTable(grid.steps, ev.budget)
  const byLabels = new Map<string, Row>()
  ev.rows(expr, grid, (row) => {
    const key = row.labels.key()
    const before = byLabels.get(key)
    if (before === undefined) byLabels.set(key, table.append(row))
    else mergeInto(before, row)
  })
  for (const row of byLabels.values()) sink(row)
}

/** Puts the cells of a row into those that the target does not have. */
export function mergeInto(target: Row, row: Row): void {
  for (let i = 0; i < row.present.length; i++) {
    if (row.present[i] === absent) continue
    if (target.present[i] !== absent) throw executionError(sameLabelset)
    target.present[i] = row.present[i] as number
    target.values[i] = row.values[i] as number
    const item = row.histograms?.[i]
    if (item === undefined) continue
    target.histograms ??= []
    target.histograms[i] = item
  }
}
