import type { Expr, LabelMatcher } from './ast.ts'
import { children } from './children.ts'

/** The matchers of every selector in an expression, in the order they are written. */
export function selectorsOf(expr: Expr): readonly (readonly LabelMatcher[])[] {
  return expr.kind === 'vector_selector' ? [expr.matchers] : children(expr).flatMap(selectorsOf)
}
