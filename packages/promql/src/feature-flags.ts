// What Prometheus keeps behind `--enable-feature`. Here all of it is always on; a team that also runs Prometheus can ask whether that would take an expression.
import type { DurationExpr, Expr, Span } from './ast.ts'
import { children } from './children.ts'
import { parseError } from './parse-error.ts'
import { goQuote } from './quote.ts'
import { signatures } from './signatures.ts'

/** The features that change which expressions Prometheus takes. */
export const expressionFeatures = [
  'promql-experimental-functions',
  'promql-duration-expr',
  'promql-extended-range-selectors',
  'promql-binop-fill-modifiers',
] as const

export type ExpressionFeature = (typeof expressionFeatures)[number]

/** Throws `query.parse` where an expression needs a feature that is not among the enabled ones. */
export function requireFeatures(expr: Expr, text: string, enabled: ReadonlySet<string>): void {
  const need = (feature: ExpressionFeature, span: Span, message: string): void => {
    if (!enabled.has(feature)) throw parseError(text, span, message)
  }
  visit(expr, need)
}

type Need = (feature: ExpressionFeature, span: Span, message: string) => void

function visit(expr: Expr, need: Need): void {
  switch (expr.kind) {
    case 'binary':
      if (expr.matching?.fillLeft !== undefined || expr.matching?.fillRight !== undefined)
        need('promql-binop-fill-modifiers', expr.span, 'binop fill modifiers are experimental and not enabled')
      break
    case 'aggregate':
      if (expr.op === 'limitk' || expr.op === 'limit_ratio')
        need(
          'promql-experimental-functions',
          expr.span,
          `${expr.op}() is experimental and must be enabled with --enable-feature=promql-experimental-functions`,
        )
      break
    case 'call':
      if (signatures[expr.func]?.experimental === true)
        need('promql-experimental-functions', expr.span, `function ${goQuote(expr.func)} is not enabled`)
      break
    case 'vector_selector':
      if (expr.anchored || expr.smoothed) {
        const modifier = expr.anchored ? 'anchored' : 'smoothed'
        need('promql-extended-range-selectors', expr.span, `${modifier} modifier is experimental and not enabled`)
      }
      duration(expr.offset, need)
      break
    case 'matrix_selector':
      duration(expr.range, need)
      break
    case 'subquery':
      for (const part of [expr.range, expr.step, expr.offset]) duration(part, need)
  }
  for (const child of children(expr)) visit(child, need)
}

function duration(written: DurationExpr | undefined, need: Need): void {
  const span = written === undefined ? undefined : computed(written)
  if (span !== undefined) need('promql-duration-expr', span, 'experimental duration expression is not enabled')
}

/** Where a duration is first computed, in the order in which Prometheus's parser comes upon it: at what stands left of the operator. */
function computed(written: DurationExpr): Span | undefined {
  switch (written.kind) {
    case 'ms':
    case 'literal':
      return undefined
    case 'unary':
    case 'paren':
      return computed(written.expr) ?? spanOf(written.expr)
    case 'binary':
      return computed(written.left) ?? computed(written.right) ?? spanOf(written.left)
    case 'call':
      return written.args.map(computed).find((span) => span !== undefined) ?? written.span
  }
}

/** Parentheses are not counted among what they enclose. */
function spanOf(written: DurationExpr): Span | undefined {
  if (written.kind === 'ms') return undefined
  return written.kind === 'paren' ? spanOf(written.expr) : written.span
}
