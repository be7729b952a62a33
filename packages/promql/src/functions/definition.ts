// The kinds of functions. A family file exports its entries by name; registry.ts joins the families.
import type { CallExpr } from '../ast.ts'
import type { Evaluator } from '../evaluate/evaluator.ts'
import type { Grid } from '../evaluate/grid.ts'
import type { RangeFunction } from '../evaluate/range-windows.ts'
import type { Row, RowSink } from '../evaluate/row.ts'

/** Changes one series of its vector argument in place; the metric name is dropped at the end. The other arguments are scalars, one value a step. */
export interface RowFunction {
  readonly kind: 'rows'
  readonly apply: (row: Row, scalars: readonly Float64Array[]) => void
  /** Taken where the vector argument is left out: `hour()` is `hour(vector(time()))`. */
  readonly defaultsToTime?: boolean
}

/** One value a step. */
export interface ScalarFunction {
  readonly kind: 'scalar'
  readonly evaluate: (ev: Evaluator, call: CallExpr, grid: Grid) => Float64Array
}

/** Whatever needs more than one series at a time. */
export interface VectorFunction {
  readonly kind: 'vector'
  readonly evaluate: (ev: Evaluator, call: CallExpr, grid: Grid, sink: RowSink) => void
}

export type FunctionDefinition = RangeFunction | RowFunction | ScalarFunction | VectorFunction
