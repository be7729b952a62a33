// What the grammar takes and Loki refuses: wrong combinations, and expressions, patterns and templates that are none.

import { compileCapturingRegex } from '@tidewatch/core/regexp-capture.ts'
import type { Expr, LogExpr, MetricExpr, RangeAggregation, RangeOp, VectorAggregation } from './ast.ts'
import { compileLabelFilter } from './label-filter.ts'
import { compilePipeline } from './pipeline.ts'
import { compileSelector, takesEmpty } from './selector.ts'
import { compileOrRefuse, stageError } from './stage.ts'

/** Throws `query.parse` with the place for a query that cannot be evaluated. */
export function check(expr: Expr): void {
  if (expr.kind === 'log') checkLog(expr)
  else checkMetric(expr)
}

function checkLog(log: LogExpr): void {
  compileSelector(log.matchers)
  if (log.matchers.every(takesEmpty)) {
    throw stageError(
      'queries require at least one regexp or equality matcher that does not have an empty-compatible value. For instance, app=~".*" does not meet this requirement, but app=~".+" will',
      log.span,
    )
  }
  compilePipeline(log, { nowMs: () => 0 })
}

function checkMetric(expr: MetricExpr): void {
  switch (expr.kind) {
    case 'literal':
    case 'vector':
      return
    case 'range_aggregation':
      checkRange(expr)
      return
    case 'vector_aggregation':
      checkVector(expr)
      return
    case 'label_replace':
      compileOrRefuse(() => compileCapturingRegex(expr.pattern), expr.span)
      if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(expr.target)) {
        throw stageError(`invalid label name in label_replace: ${JSON.stringify(expr.target)}`, expr.span)
      }
      checkMetric(expr.expr)
      return
    case 'binary':
      checkMetric(expr.left)
      checkMetric(expr.right)
      if (expr.op === 'and' || expr.op === 'or' || expr.op === 'unless') {
        for (const side of [expr.left, expr.right]) {
          if (side.kind === 'literal') {
            throw stageError(
              `unexpected literal for a leg of logical/set binary operation (${expr.op}): ${side.value}`,
              side.span,
            )
          }
        }
        if (expr.matching?.group !== undefined)
          throw stageError(`no grouping allowed for ${expr.op} operation`, expr.span)
      }
      if (expr.isBool && !['==', '!=', '>', '>=', '<', '<='].includes(expr.op)) {
        throw stageError('bool modifier can only be used on comparison operators', expr.span)
      }
      return
    default:
      expr satisfies never
  }
}

const withGrouping = new Set<RangeOp>([
  'avg_over_time',
  'stddev_over_time',
  'stdvar_over_time',
  'quantile_over_time',
  'max_over_time',
  'min_over_time',
  'first_over_time',
  'last_over_time',
])
const withoutUnwrap = new Set<RangeOp>(['bytes_over_time', 'bytes_rate', 'count_over_time', 'rate', 'absent_over_time'])
const notUnwrapped = new Set<RangeOp>(['bytes_over_time', 'bytes_rate', 'count_over_time'])

function checkRange(expr: RangeAggregation): void {
  const { op, unwrap, grouping, param, span } = expr
  if (grouping !== undefined && !withGrouping.has(op))
    throw stageError(`grouping not allowed for ${op} aggregation`, span)
  if (unwrap === undefined && !withoutUnwrap.has(op)) throw stageError(`invalid aggregation ${op} without unwrap`, span)
  if (unwrap !== undefined && notUnwrapped.has(op)) throw stageError(`invalid aggregation ${op} with unwrap`, span)
  if (op === 'quantile_over_time' ? param === undefined : param !== undefined) {
    throw stageError(
      `${param === undefined ? 'parameter required' : 'unsupported parameter'} for operation ${op}`,
      span,
    )
  }
  if (expr.rangeMs <= 0) throw stageError('the range must be 1ms at least', span)
  for (const filter of unwrap?.filters ?? []) compileLabelFilter(filter)
  checkLog(expr.log)
}

function checkVector({ op, param, grouping, expr, span }: VectorAggregation): void {
  const takesParam = op === 'topk' || op === 'bottomk' || op === 'approx_topk'
  if (takesParam !== (param !== undefined)) {
    throw stageError(`${takesParam ? 'parameter required' : 'unsupported parameter'} for operation ${op}`, span)
  }
  if (param !== undefined && (!Number.isInteger(param) || param < 1)) {
    throw stageError(`invalid parameter (must be a whole number greater than 0) ${op}(${param}, …)`, span)
  }
  if (grouping !== undefined && (op === 'sort' || op === 'sort_desc' || op === 'approx_topk')) {
    throw stageError(`grouping not allowed for ${op} aggregation`, span)
  }
  if (expr.kind === 'literal') throw stageError(`unexpected literal for ${op}: it takes a vector`, expr.span)
  checkMetric(expr)
}
