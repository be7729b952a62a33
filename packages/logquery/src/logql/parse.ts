// LogQL's text → typed tree: the grammar's tree read into ast.ts. What the grammar takes and Loki refuses is found by check.ts.
import type { Expr, LogExpr } from './ast.ts'
import { childrenOf, parseError, readTree, spanOf } from './grammar.ts'
import { parseLog } from './parse-log.ts'
import { parseMetric } from './parse-metric.ts'
import type { ParseContext } from './parse-text.ts'

/** The tree of a query. Throws `query.parse` with the place as `where.span`, `query.limit` for what is too long or nested too deep. */
export function parse(text: string): Expr {
  const { root, approximate, offsets } = readTree(text)
  const context: ParseContext = { text, approximate, offsets }
  const expr = root.getChild('Expr')
  const inner =
    expr === null ? undefined : childrenOf(expr).find(({ name }) => name === 'LogExpr' || name === 'MetricExpr')
  if (inner === undefined) throw parseError(text, spanOf(root), 'syntax error: there is no query')
  return inner.name === 'LogExpr' ? parseLog(context, inner) : parseMetric(context, inner)
}

/** As `parse`, for places that take lines alone (`match[]`, tail). */
export function parseLogQuery(text: string): LogExpr {
  const expr = parse(text)
  if (expr.kind === 'log') return expr
  throw parseError(text, expr.span, 'only log queries are supported here, and this gives a metric')
}
