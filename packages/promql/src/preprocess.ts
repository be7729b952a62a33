// The last step before evaluation: durations, `@ start()` and `start()` become numbers, and what has the same value at every step is marked, so
// that it is evaluated once (Prometheus's PreprocessExpr).
import type { AtModifier, CallExpr, Expr, NumberLiteral, StepInvariantExpr, VectorSelector } from './ast.ts'
import { infoReference } from './evaluate/info-reference.ts'
import { type QueryWindow, resolveDurations } from './resolve-durations.ts'

/** The expression as the evaluator takes it. Throws `query.parse` for durations that turn out wrong. */
export function preprocess(expr: Expr, window: QueryWindow): Expr {
  const result = settle(resolveDurations(expr, window), window)
  return result.wrap ? invariant(result.expr) : result.expr
}

interface Settled<T extends Expr = Expr> {
  readonly expr: T
  /** Whether the value is the same at every step. */
  readonly invariant: boolean
  /** Whether marking it is worth it: not for literals, and a range is read by its function. */
  readonly wrap: boolean
}

const invariant = (expr: Expr): StepInvariantExpr => ({ kind: 'step_invariant', expr, span: expr.span })
const marked = ({ expr, wrap }: Settled): Expr => (wrap ? invariant(expr) : expr)
const varying = (expr: Expr): Settled => ({ expr, invariant: false, wrap: false })
const constant = (expr: Expr): Settled => ({ expr, invariant: true, wrap: true })

/** Functions of the step's own time, whatever their arguments. */
const dependOnStep: ReadonlySet<string> = new Set([
  'days_in_month',
  'day_of_month',
  'day_of_week',
  'day_of_year',
  'hour',
  'minute',
  'month',
  'year',
  'predict_linear',
  'time',
  'timestamp',
])

function settle(expr: Expr, window: QueryWindow): Settled {
  switch (expr.kind) {
    case 'number':
    case 'string':
      return { expr, invariant: true, wrap: false }
    case 'step_invariant':
      return settle(expr.expr, window)
    case 'paren':
    case 'unary': {
      const inner = settle(expr.expr, window)
      return { ...inner, expr: { ...expr, expr: inner.expr } }
    }
    case 'vector_selector':
      return settleSelector(expr, window)
    case 'matrix_selector': {
      const selector = settleSelector(expr.selector, window)
      return { expr: { ...expr, selector: selector.expr }, invariant: selector.invariant, wrap: false }
    }
    case 'subquery': {
      const inner = settle(expr.expr, window)
      const at = settleAt(expr.at, window)
      // marked even where the subquery itself moves: its own steps see the same value
      const body = inner.invariant ? invariant(inner.expr) : inner.expr
      const subquery: Expr = { ...expr, expr: body, at }
      return at === undefined ? varying(subquery) : constant(subquery)
    }
    case 'binary': {
      const left = settle(expr.left, window)
      const right = settle(expr.right, window)
      if (left.invariant && right.invariant) return constant({ ...expr, left: left.expr, right: right.expr })
      return varying({ ...expr, left: marked(left), right: marked(right) })
    }
    case 'aggregate': {
      const inner = settle(unwrap(expr.expr), window)
      const param = expr.param === undefined ? undefined : settle(unwrap(expr.param), window)
      if (inner.invariant && param?.invariant !== false)
        return constant({ ...expr, expr: inner.expr, param: param?.expr })
      return varying({ ...expr, expr: marked(inner), param: param === undefined ? undefined : marked(param) })
    }
    case 'call':
      return settleCall(expr, window)
  }
}

function settleAt(at: AtModifier | undefined, window: QueryWindow): AtModifier | undefined {
  if (at === undefined || at.kind === 'time') return at
  return { kind: 'time', ms: at.kind === 'start' ? window.startMs : window.endMs }
}

function settleSelector(selector: VectorSelector, window: QueryWindow): Settled<VectorSelector> {
  const at = settleAt(selector.at, window)
  return { expr: { ...selector, at }, invariant: at !== undefined, wrap: at !== undefined }
}

function unwrap(expr: Expr): Expr {
  let inner = expr
  while (inner.kind === 'paren') inner = inner.expr
  return inner
}

function settleCall(call: CallExpr, window: QueryWindow): Settled {
  const value = windowValue(call.func, window)
  if (value !== undefined) {
    const number: NumberLiteral = { kind: 'number', value, isDuration: false, span: call.span }
    return { expr: number, invariant: true, wrap: false }
  }
  const args = call.args.map((arg) => settle(unwrap(arg), window))
  const areInvariant = args.every((arg) => arg.invariant)
  // the time of a sample that is always the same does not move; that of a computed value is the step's
  const isFixedTimestamp = call.func === 'timestamp' && args.every((arg) => arg.expr.kind === 'vector_selector')
  // with inputs of different times info series are those of each step
  const isMovingInfo = call.func === 'info' && infoReference(call.args[0] as Expr, window) === undefined
  if (areInvariant && !isMovingInfo && (!dependOnStep.has(call.func) || isFixedTimestamp)) {
    return constant({ ...call, args: args.map((arg) => arg.expr) })
  }
  return varying({ ...call, args: args.map(marked) })
}

/** Seconds of `start()`, `end()`, `range()` and `step()`; undefined for other functions. */
function windowValue(func: string, { startMs, endMs, stepMs }: QueryWindow): number | undefined {
  switch (func) {
    case 'start':
      return startMs / 1000
    case 'end':
      return endMs / 1000
    case 'range':
      return (endMs - startMs) / 1000
    case 'step':
      return startMs === endMs ? 0 : stepMs / 1000
    default:
      return undefined
  }
}
