// Before anything is evaluated: which samples does the whole query need?
import type { Matcher } from '@tidewatch/core/matcher.ts'
import type { CallExpr, Expr, VectorSelector } from '../ast.ts'
import type { SelectHints, SelectRequest } from '../port.ts'
import { atTimeMs, durationMs } from './durations.ts'
import { type QueryTimes, unwrap } from './evaluator.ts'
import { infoReference } from './info-reference.ts'

export interface SelectPlan {
  /** Each different selection once. */
  readonly requests: readonly SelectRequest[]
  /** Which request answers a selector, or the info metrics of an `info` call. */
  readonly requestOf: ReadonlyMap<VectorSelector | CallExpr, number>
}

export interface SelectPlanOptions extends QueryTimes {
  readonly stepMs: number
  readonly lookbackMs: number
  readonly defaultStepMs: number
}

/** The evaluation times an expression is asked for, and what stands around it. */
interface Around {
  readonly startMs: number
  readonly endMs: number
  readonly stepMs: number
  /** One of the times; a subquery's are multiples of its step. */
  readonly gridMs: number
  readonly func?: string
  readonly grouping?: readonly string[]
  readonly by?: boolean
  /** Whether a function stands between the selector and the grouping; with two the grouping is not told. */
  readonly viaCall?: boolean
}

export const targetInfo = 'target_info'

/** A selector's matchers, the one on the metric name among them. */
export function matchersOf(selector: VectorSelector): readonly Matcher[] {
  const { name, matchers } = selector
  const named = matchers.some((m) => m.name === '__name__' && m.op === '=' && m.value === name)
  return name === '' || named ? matchers : [{ name: '__name__', op: '=', value: name }, ...matchers]
}

/** The matchers that choose the info series of an `info` call. What a name must not be does not say which metrics are meant: then all that end in `_info`. */
export function infoMatchersOf(call: CallExpr): readonly Matcher[] {
  const chosen = call.args[1] === undefined ? undefined : unwrap(call.args[1])
  const matchers = chosen?.kind === 'vector_selector' ? matchersOf(chosen) : []
  const names = matchers.filter((m) => m.name === '__name__')
  if (names.length === 0) return [{ name: '__name__', op: '=', value: targetInfo }, ...matchers]
  if (names.some((m) => m.op === '=' || m.op === '=~')) return matchers
  return [{ name: '__name__', op: '=~', value: '.+_info' }, ...matchers]
}

class Planner {
  readonly requests: SelectRequest[] = []
  readonly requestOf = new Map<VectorSelector | CallExpr, number>()
  readonly #known = new Map<string, number>()
  readonly #options: SelectPlanOptions

  constructor(options: SelectPlanOptions) {
    this.#options = options
  }

  visit(expr: Expr, around: Around): void {
    switch (expr.kind) {
      case 'number':
      case 'string':
        return
      case 'paren':
      case 'unary':
      case 'step_invariant':
        this.visit(expr.expr, around)
        return
      case 'binary':
        this.visit(expr.left, times(around))
        this.visit(expr.right, times(around))
        return
      case 'aggregate':
        if (expr.param !== undefined) this.visit(expr.param, times(around))
        this.visit(expr.expr, { ...times(around), func: expr.op, grouping: expr.grouping, by: !expr.without })
        return
      case 'call':
        this.#call(expr, around)
        return
      case 'vector_selector':
        this.#selector(expr, around, 0)
        return
      case 'matrix_selector':
        this.#selector(expr.selector, around, durationMs(expr.range))
        return
      case 'subquery': {
        const stepMs = durationMs(expr.step) || this.#options.defaultStepMs
        this.visit(expr.expr, { ...this.#shifted(expr, around, durationMs(expr.range)), stepMs, gridMs: 0 })
      }
    }
  }

  #call(call: CallExpr, around: Around): void {
    if (call.func !== 'info') {
      const grouped = around.grouping !== undefined && around.viaCall !== true
      const inner = grouped ? { ...around, viaCall: true } : times(around)
      for (const arg of call.args) this.visit(arg, { ...inner, func: call.func })
      return
    }
    const base = call.args[0] as Expr
    this.visit(base, { ...times(around), func: 'info' })
    const reference = infoReference(base, this.#options) ?? { offsetMs: 0 }
    const [firstMs, lastMs] =
      'atMs' in reference
        ? [reference.atMs, reference.atMs]
        : [around.startMs - reference.offsetMs, around.endMs - reference.offsetMs]
    this.#request(call, infoMatchersOf(call), firstMs - this.#options.lookbackMs + 1, lastMs, {
      func: 'info',
      stepMs: around.stepMs,
    })
  }

  #selector(selector: VectorSelector, around: Around, rangeMs: number): void {
    const { lookbackMs } = this.#options
    const window = this.#shifted(selector, around, 0)
    const widened = selector.anchored === true || selector.smoothed === true
    const backMs = rangeMs === 0 ? lookbackMs : rangeMs + (widened ? lookbackMs : 0)
    const { func, stepMs, grouping, by } = around
    this.#request(
      selector,
      matchersOf(selector),
      window.startMs - backMs + 1,
      window.endMs + (selector.smoothed ? lookbackMs : 0),
      {
        stepMs,
        ...(widened
          ? {}
          : { gridMs: (atTimeMs(selector.at, this.#options) ?? around.gridMs) - durationMs(selector.offset) }),
        ...(func === undefined ? {} : { func }),
        ...(rangeMs === 0 ? {} : { rangeMs }),
        ...(grouping === undefined ? {} : { grouping, by: by === true }),
      },
    )
  }

  /** The times a selector or subquery is evaluated at, with its offset and `@`, and reaching back by its range. */
  #shifted(node: Pick<VectorSelector, 'offset' | 'at'>, around: Around, rangeMs: number): QueryTimes {
    const offsetMs = durationMs(node.offset)
    const atMs = atTimeMs(node.at, this.#options)
    return { startMs: (atMs ?? around.startMs) - offsetMs - rangeMs, endMs: (atMs ?? around.endMs) - offsetMs }
  }

  #request(
    node: VectorSelector | CallExpr,
    matchers: readonly Matcher[],
    startMs: number,
    endMs: number,
    hints: SelectHints,
  ): void {
    const key = JSON.stringify([matchers.map((m) => [m.name, m.op, m.value]), startMs, endMs, hints])
    let index = this.#known.get(key)
    if (index === undefined) {
      index = this.requests.length
      this.requests.push({
        matchers: matchers.map(({ name, op, value }) => ({ name, op, value })),
        startMs,
        endMs,
        hints,
      })
      this.#known.set(key, index)
    }
    this.requestOf.set(node, index)
  }
}

function times({ startMs, endMs, stepMs, gridMs }: Around): Around {
  return { startMs, endMs, stepMs, gridMs }
}

/** Walks a preprocessed expression and tells every selection that its evaluation will read, offsets, `@`, ranges, subqueries and lookback included. */
export function planSelects(expr: Expr, options: SelectPlanOptions): SelectPlan {
  const planner = new Planner(options)
  const { startMs, endMs, stepMs } = options
  planner.visit(expr, { startMs, endMs, stepMs, gridMs: startMs })
  return planner
}
