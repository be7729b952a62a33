// Whether a query's value at a step follows from that step and the samples up to it alone, whatever range was asked for.
import type { DurationExpr, Expr } from '@tidewatch/promql/ast.ts'

/** False where start, end or step of the query have a say, samples after the step are looked at, or the order of series decides. */
export function isStepIndependent(expr: Expr): boolean {
  switch (expr.kind) {
    case 'number':
    case 'string':
      return true
    case 'paren':
    case 'unary':
    case 'step_invariant':
      return isStepIndependent(expr.expr)
    case 'binary':
      return isStepIndependent(expr.left) && isStepIndependent(expr.right)
    case 'aggregate':
      if (expr.op === 'limitk' || expr.op === 'limit_ratio') return false
      return isStepIndependent(expr.expr) && (expr.param === undefined || isStepIndependent(expr.param))
    case 'call':
      // info() may choose among series by what else there is in the window
      return expr.func !== 'info' && !queryTimes.has(expr.func) && expr.args.every(isStepIndependent)
    case 'vector_selector':
      return expr.at === undefined && !expr.anchored && !expr.smoothed && isFixedAndBack(expr.offset)
    case 'matrix_selector':
      return isFixedAndBack(expr.range) && isStepIndependent(expr.selector)
    case 'subquery':
      return (
        expr.at === undefined &&
        [expr.range, expr.step, expr.offset].every(isFixedAndBack) &&
        isStepIndependent(expr.expr)
      )
  }
}

/** Functions of the query's own range. */
const queryTimes: ReadonlySet<string> = new Set(['start', 'end', 'range', 'step'])

function isFixedAndBack(duration: DurationExpr | undefined): boolean {
  return duration === undefined || (duration.kind === 'ms' && duration.ms >= 0)
}
