// A vector and a scalar: each series is changed in place.
import type { BinaryExpr } from '../ast.ts'
import type { Evaluator } from '../evaluate/evaluator.ts'
import type { Grid } from '../evaluate/grid.ts'
import { absent, emit, float, histogram, histogramAt, type Row, type RowSink, setHistogram } from '../evaluate/row.ts'
import { compareColumn, computeColumn, isArithmetic, isComparison } from './cells.ts'
import { combineCells } from './histogram-cells.ts'

interface Sides {
  readonly scalar: Float64Array
  /** Whether the scalar stands on the left. */
  readonly swapped: boolean
}

export function evaluateVectorScalar(
  ev: Evaluator,
  expr: BinaryExpr,
  grid: Grid,
  sink: RowSink,
  swapped: boolean,
): void {
  const scalar = ev.scalar(swapped ? expr.left : expr.right, grid)
  const keep = new Uint8Array(grid.steps)
  const dropsName = isArithmetic(expr.op) || expr.returnBool
  ev.rows(swapped ? expr.right : expr.left, grid, (row) => {
    if (row.histograms === undefined && applyToFloats(expr, row, { scalar, swapped }, keep)) {
      if (dropsName) row.dropName = true
    } else {
      applyToCells(ev, expr, row, { scalar, swapped })
      if (dropsName) row.dropName = true
    }
    emit(row, sink)
  })
}

/** False for operators that floats do not have. */
function applyToFloats(expr: BinaryExpr, row: Row, { scalar, swapped }: Sides, keep: Uint8Array): boolean {
  const { op, returnBool } = expr
  const { values, present } = row
  const [left, right] = swapped ? [scalar, values] : [values, scalar]
  if (isArithmetic(op)) {
    computeColumn(op, left, right, values)
    return true
  }
  if (!isComparison(op)) return false
  compareColumn(op, left, right, keep)
  if (returnBool) for (let i = 0; i < keep.length; i++) values[i] = keep[i] as number
  else for (let i = 0; i < keep.length; i++) if (keep[i] === 0) present[i] = absent
  return true
}

function applyToCells(ev: Evaluator, expr: BinaryExpr, row: Row, { scalar, swapped }: Sides): void {
  for (let i = 0; i < row.present.length; i++) {
    if (row.present[i] === absent) continue
    const cell = row.present[i] === histogram ? histogramAt(row, i) : (row.values[i] as number)
    const number = scalar[i] as number
    const result = swapped ? combineCells(expr, number, cell, ev.notes) : combineCells(expr, cell, number, ev.notes)
    row.present[i] = absent
    if (result === undefined || !(result.keep || expr.returnBool)) continue
    // a comparison keeps the vector's value, on whichever side it stands
    const value = expr.returnBool ? Number(result.keep) : isComparison(expr.op) ? cell : result.value
    if (typeof value === 'number') {
      row.values[i] = value
      row.present[i] = float
    } else setHistogram(row, i, value)
  }
}
