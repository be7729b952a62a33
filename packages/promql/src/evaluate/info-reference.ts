// As of when `info` looks at info series: where its input looks. Rules: Prometheus 3.15 (promql/info.go).
import type { AtModifier, DurationExpr, Expr } from '../ast.ts'
import { signatures } from '../signatures.ts'
import { atTimeMs, durationMs } from './durations.ts'
import type { QueryTimes } from './evaluator.ts'

/** Fixed in time, or so far before each step. */
export type InfoReference = { readonly atMs: number } | { readonly offsetMs: number }

/** Undefined where the vectors of the input look at different times, or one of them at no time at all: info series are then taken as of each step. */
export function infoReference(expr: Expr, times: QueryTimes): InfoReference | undefined {
  const found = new Map<string, InfoReference>()
  const isWhole = collect(expr, { times, offsetMs: 0, found })
  return isWhole && found.size === 1 ? [...found.values()][0] : undefined
}

interface Walk {
  readonly times: QueryTimes
  /** Of the subqueries around. */
  readonly offsetMs: number
  readonly found: Map<string, InfoReference>
}

/** False where a vector comes from no selector. */
function collect(expr: Expr, walk: Walk): boolean {
  switch (expr.kind) {
    case 'vector_selector':
      return note(expr, walk)
    case 'matrix_selector':
      return note(expr.selector, walk)
    case 'paren':
    case 'unary':
    case 'step_invariant':
    case 'aggregate':
      return collect(expr.expr, walk)
    case 'subquery': {
      const atMs = atTimeMs(expr.at, walk.times)
      if (atMs !== undefined) return note(expr, walk)
      return collect(expr.expr, { ...walk, offsetMs: walk.offsetMs + durationMs(expr.offset) })
    }
    case 'binary': {
      const sides = [expr.left, expr.right].filter((side) => !isScalar(side))
      // no shortcut: every side is to be seen
      return sides.length > 0 && sides.map((side) => collect(side, walk)).every((whole) => whole)
    }
    case 'call': {
      const types = signatures[expr.func]?.args ?? []
      const vectors = expr.args.filter(
        (_, i) => (types[i] === 'vector' || types[i] === 'matrix') && !(expr.func === 'info' && i > 0),
      )
      return vectors.length > 0 && vectors.map((arg) => collect(arg, walk)).every((whole) => whole)
    }
    case 'number':
    case 'string':
      return false
  }
}

function note(
  node: { readonly offset: DurationExpr | undefined; readonly at: AtModifier | undefined },
  walk: Walk,
): boolean {
  const offsetMs = durationMs(node.offset) + walk.offsetMs
  const atMs = atTimeMs(node.at, walk.times)
  const reference = atMs === undefined ? { offsetMs } : { atMs: atMs - durationMs(node.offset) }
  walk.found.set(JSON.stringify(reference), reference)
  return true
}

function isScalar(expr: Expr): boolean {
  switch (expr.kind) {
    case 'number':
      return true
    case 'paren':
    case 'unary':
    case 'step_invariant':
      return isScalar(expr.expr)
    case 'binary':
      return isScalar(expr.left) && isScalar(expr.right)
    case 'call':
      return signatures[expr.func]?.returns === 'scalar'
    default:
      return false
  }
}
