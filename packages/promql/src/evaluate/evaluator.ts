// What functions, aggregations and operators see of the evaluation around them.
import { AppError } from '@tidewatch/core/error.ts'
import type { CallExpr, Expr, ValueType, VectorSelector } from '../ast.ts'
import type { SelectedSeries } from '../port.ts'
import { signatures } from '../signatures.ts'
import type { Grid } from './grid.ts'
import type { Budget } from './limits.ts'
import type { Notes } from './notes.ts'
import type { RowSink } from './row.ts'
import type { SampleCounts } from './sample-counts.ts'

/** The times of the whole query: what `@ start()` and `@ end()` mean. */
export interface QueryTimes {
  readonly startMs: number
  readonly endMs: number
}

export interface Evaluator {
  readonly notes: Notes
  readonly budget: Budget
  /** Undefined where nobody asks how many samples the steps look at. */
  readonly counts: SampleCounts | undefined
  readonly lookbackMs: number
  /** Step of subqueries that name none. */
  readonly defaultStepMs: number
  readonly times: QueryTimes
  /** Selectors of whose histograms nothing but count and sum is wanted. */
  readonly statsSelectors: ReadonlySet<VectorSelector>
  /** Evaluates an instant vector expression, one series after the other. */
  rows(expr: Expr, grid: Grid, sink: RowSink): void
  /** Evaluates a scalar expression: one value a step. Not to be changed by the caller. */
  scalar(expr: Expr, grid: Grid): Float64Array
  /** Runs a part whose steps are not the query's; how many samples it looked at. */
  countedApart(steps: number, run: () => void): number
  /** The series that were selected for a selector, or for the info metrics of an `info` call. */
  series(node: VectorSelector | CallExpr): SelectedSeries
}

/** A failure of the query itself, in Prometheus's words. */
export function executionError(message: string, expr?: Expr): AppError {
  return new AppError('query.execution', message, expr === undefined ? {} : { where: { span: expr.span } })
}

/** Takes parentheses and step-invariant wrappers off. */
export function unwrap(expr: Expr): Expr {
  let inner = expr
  while (inner.kind === 'paren' || inner.kind === 'step_invariant') inner = inner.expr
  return inner
}

/** The text of a string argument; the type check has seen that it is one. */
export function stringArgument(call: CallExpr, index: number): string {
  const arg = unwrap(call.args[index] as Expr)
  return arg.kind === 'string' ? arg.value : ''
}

/** The type of a checked expression. */
export function typeOf(expr: Expr): ValueType {
  switch (expr.kind) {
    case 'number':
      return 'scalar'
    case 'string':
      return 'string'
    case 'matrix_selector':
    case 'subquery':
      return 'matrix'
    case 'vector_selector':
    case 'aggregate':
      return 'vector'
    case 'call':
      return signatures[expr.func]?.returns ?? 'vector'
    case 'binary':
      return typeOf(expr.left) === 'scalar' && typeOf(expr.right) === 'scalar' ? 'scalar' : 'vector'
    case 'paren':
    case 'unary':
    case 'step_invariant':
      return typeOf(expr.expr)
  }
}
