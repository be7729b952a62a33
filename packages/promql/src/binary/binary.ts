import type { BinaryExpr } from '../ast.ts'
import { type Evaluator, executionError, typeOf } from '../evaluate/evaluator.ts'
import type { Grid } from '../evaluate/grid.ts'
import type { RowSink } from '../evaluate/row.ts'
import { compareColumn, computeColumn, isArithmetic, isComparison } from './cells.ts'
import { evaluateSetOperator } from './set-operators.ts'
import { evaluateVectorScalar } from './vector-scalar.ts'
import { evaluateVectorVector } from './vector-vector.ts'

/** A binary expression with a vector on at least one side. */
export function evaluateBinary(ev: Evaluator, expr: BinaryExpr, grid: Grid, sink: RowSink): void {
  if (expr.op === 'and' || expr.op === 'or' || expr.op === 'unless') evaluateSetOperator(ev, expr, grid, sink)
  else if (typeOf(expr.left) === 'scalar') evaluateVectorScalar(ev, expr, grid, sink, true)
  else if (typeOf(expr.right) === 'scalar') evaluateVectorScalar(ev, expr, grid, sink, false)
  else evaluateVectorVector(ev, expr, grid, sink)
}

/** A binary expression of two scalars; comparisons give 1 or 0. */
export function evaluateScalarBinary(ev: Evaluator, expr: BinaryExpr, grid: Grid): Float64Array {
  const left = ev.scalar(expr.left, grid)
  const right = ev.scalar(expr.right, grid)
  const out = new Float64Array(grid.steps)
  if (isArithmetic(expr.op)) computeColumn(expr.op, left, right, out)
  else if (isComparison(expr.op)) {
    const keep = new Uint8Array(grid.steps)
    compareColumn(expr.op, left, right, keep)
    out.set(keep)
  } else throw executionError(`operator "${expr.op}" not allowed for Scalar operations`, expr)
  return out
}
