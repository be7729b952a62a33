// Whether a query's value at a step follows from that step and the samples up to it alone, whatever range was asked for.
import type { DurationExpr, Expr } from '@tidewatch/promql/ast.ts'
import { children } from '@tidewatch/promql/children.ts'

/** False where start, end or step of the query have a say, samples after the step are looked at, or the order of series decides. */
export function isStepIndependent(expr: Expr): boolean {
  return isItself(expr) && children(expr).every(isStepIndependent)
}

function isItself(expr: Expr): boolean {
  switch (expr.kind) {
    case 'aggregate':
      return expr.op !== 'limitk' && expr.op !== 'limit_ratio'
    case 'call':
      // info() may choose among series by what else there is in the window
      return expr.func !== 'info' && !queryTimes.has(expr.func)
    case 'vector_selector':
      return expr.at === undefined && !expr.anchored && !expr.smoothed && isFixedAndBack(expr.offset)
    case 'matrix_selector':
      return isFixedAndBack(expr.range)
    case 'subquery':
      return expr.at === undefined && [expr.range, expr.step, expr.offset].every(isFixedAndBack)
    default:
      return true
  }
}

/** Functions of the query's own range. */
const queryTimes: ReadonlySet<string> = new Set(['start', 'end', 'range', 'step'])

function isFixedAndBack(duration: DurationExpr | undefined): boolean {
  return duration === undefined || (duration.kind === 'ms' && duration.ms >= 0)
}
