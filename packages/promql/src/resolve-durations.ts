// Duration expressions to milliseconds, once the query's window is known (Prometheus's promql/durations.go).
import { AppError } from '@tidewatch/core/error.ts'
import type { DurationExpr, Expr, VectorSelector } from './ast.ts'
import { maxDurationSeconds, secondsToWholeMs } from './parse-number.ts'

/** When and how finely a query is evaluated. For an instant query start and end are the same and the step counts as 0. */
export interface QueryWindow {
  readonly startMs: number
  readonly endMs: number
  readonly stepMs: number
}

/**
 * The expression with every duration in ms. Throws `query.parse` for one that divides by zero, is too great, or is not positive where it must be
 * (ranges and steps; an offset may be anything).
 */
export function resolveDurations(expr: Expr, window: QueryWindow): Expr {
  const resolve = (inner: Expr): Expr => resolveDurations(inner, window)
  switch (expr.kind) {
    case 'number':
    case 'string':
      return expr
    case 'paren':
    case 'unary':
    case 'step_invariant':
      return { ...expr, expr: resolve(expr.expr) }
    case 'binary':
      return { ...expr, left: resolve(expr.left), right: resolve(expr.right) }
    case 'aggregate': {
      const param = expr.param === undefined ? undefined : resolve(expr.param)
      return { ...expr, expr: resolve(expr.expr), param }
    }
    case 'call':
      return { ...expr, args: expr.args.map(resolve) }
    case 'vector_selector':
      return resolveSelector(expr, window)
    case 'matrix_selector': {
      const selector = resolveSelector(expr.selector, window)
      return { ...expr, selector, range: positive(expr.range, window) }
    }
    case 'subquery': {
      const step = expr.step === undefined ? undefined : positive(expr.step, window)
      const range = positive(expr.range, window)
      return { ...expr, expr: resolve(expr.expr), range, step, offset: resolveOffset(expr.offset, window) }
    }
  }
}

function resolveSelector(selector: VectorSelector, window: QueryWindow): VectorSelector {
  return { ...selector, offset: resolveOffset(selector.offset, window) }
}

function resolveOffset(offset: DurationExpr | undefined, window: QueryWindow): DurationExpr | undefined {
  if (offset === undefined || offset.kind === 'ms') return offset
  return { kind: 'ms', ms: toMs(offset, window) }
}

function positive(duration: DurationExpr, window: QueryWindow): DurationExpr {
  if (duration.kind === 'ms') return duration
  if (!(evaluate(duration, window) > 0)) return refuse(duration, 'duration must be greater than 0')
  return { kind: 'ms', ms: toMs(duration, window) }
}

function toMs(duration: DurationExpr, window: QueryWindow): number {
  const seconds = evaluate(duration, window)
  if (!(Math.abs(seconds) <= maxDurationSeconds)) return refuse(duration, 'duration is out of range')
  return secondsToWholeMs(seconds)
}

function refuse(duration: DurationExpr, message: string): never {
  throw new AppError('query.parse', message, duration.kind === 'ms' ? {} : { where: { span: duration.span } })
}

/** Seconds of a duration. */
function evaluate(duration: DurationExpr, window: QueryWindow): number {
  switch (duration.kind) {
    case 'ms':
      return duration.ms / 1000
    case 'literal':
      return duration.seconds
    case 'paren':
      return evaluate(duration.expr, window)
    case 'unary':
      return duration.op === '-' ? -evaluate(duration.expr, window) : evaluate(duration.expr, window)
    case 'call':
      return call(duration, window)
    case 'binary':
      return binary(duration, evaluate(duration.left, window), evaluate(duration.right, window))
  }
}

function call({ func, args }: Extract<DurationExpr, { kind: 'call' }>, window: QueryWindow): number {
  switch (func) {
    case 'step':
      return window.stepMs / 1000
    case 'range':
      return (window.endMs - window.startMs) / 1000
    case 'min':
      return Math.min(...args.map((arg) => evaluate(arg, window)))
    case 'max':
      return Math.max(...args.map((arg) => evaluate(arg, window)))
  }
}

function binary(duration: Extract<DurationExpr, { kind: 'binary' }>, left: number, right: number): number {
  switch (duration.op) {
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    case '/':
      return right === 0 ? refuse(duration, 'division by zero') : left / right
    case '%':
      return right === 0 ? refuse(duration, 'modulo by zero') : left % right
    case '^':
      return left ** right
  }
}
