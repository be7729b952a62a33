import type { Expr, LabelMatcher } from './ast.ts'

/** The matchers of every selector in an expression, in the order they are written. */
export function selectorsOf(expr: Expr): readonly (readonly LabelMatcher[])[] {
  switch (expr.kind) {
    case 'number':
    case 'string':
      return []
    case 'paren':
    case 'unary':
    case 'step_invariant':
    case 'subquery':
      return selectorsOf(expr.expr)
    case 'binary':
      return [...selectorsOf(expr.left), ...selectorsOf(expr.right)]
    case 'aggregate':
      return [...(expr.param === undefined ? [] : selectorsOf(expr.param)), ...selectorsOf(expr.expr)]
    case 'call':
      return expr.args.flatMap(selectorsOf)
    case 'matrix_selector':
      return selectorsOf(expr.selector)
    case 'vector_selector':
      return [expr.matchers]
    default:
      return expr satisfies never
  }
}
