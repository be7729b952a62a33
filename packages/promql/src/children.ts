// One way down a tree for all who look at every expression of it.
import type { Expr } from './ast.ts'

/** The expressions that one is made of, in the order of the text; an aggregation's parameter before what it aggregates. */
export function children(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'number':
    case 'string':
    case 'vector_selector':
      return []
    case 'paren':
    case 'unary':
    case 'subquery':
    case 'step_invariant':
      return [expr.expr]
    case 'matrix_selector':
      return [expr.selector]
    case 'binary':
      return [expr.left, expr.right]
    case 'aggregate':
      return expr.param === undefined ? [expr.expr] : [expr.param, expr.expr]
    case 'call':
      return expr.args
  }
}
