// Metric queries over a grid of times: ranges of lines become series, and those are aggregated and combined.
import { AppError } from '@tidewatch/core/error.ts'
import { Labels } from '@tidewatch/core/labels.ts'
import { compileCapturingRegex, ExpandTemplate } from '@tidewatch/core/regexp-capture.ts'
import type { BinaryExpr, Grouping, LabelReplace, MetricExpr, VectorAggregation } from './ast.ts'
import { combineScalars, combineVectors, combineWithScalar } from './binary.ts'
import { check } from './check.ts'
import { checkCancelled, defaultLogQueryLimits, type LogQueryLimits, tooManySteps } from './limits.ts'
import { evaluateRange, type MetricContext } from './range-aggregate.ts'
import { constantRow, type Grid, hasPoints, type Row } from './rows.ts'
import type { LineSource } from './source.ts'
import { aggregate } from './vector-aggregate.ts'

export interface MetricQueryOptions {
  /** ms since 1970, both ends inclusive; equal for one moment alone. */
  readonly startMs: number
  readonly endMs: number
  /** ms; more than 0. */
  readonly stepMs: number
  readonly nowMs: () => number
  readonly signal: AbortSignal
  readonly limits?: LogQueryLimits
}

export type MetricResult =
  | { readonly kind: 'scalar'; readonly value: number; readonly grid: Grid }
  | {
      readonly kind: 'vector'
      /** Series with a point at least; where the query sorts, in that order. */
      readonly rows: readonly Row[]
      readonly grid: Grid
    }

/**
 * The value of a metric query at each step. Throws `query.parse` for what cannot be evaluated, `query.execution` for lines with an error that the
 * query did not filter out and for operators without a match, `query.limit` for too many series or steps.
 */
export async function evaluateMetrics(
  expr: MetricExpr,
  source: LineSource,
  options: MetricQueryOptions,
): Promise<MetricResult> {
  check(expr)
  const { startMs, endMs, stepMs, nowMs, signal, limits = defaultLogQueryLimits } = options
  if (stepMs <= 0 || endMs < startMs) {
    throw new AppError('query.execution', 'the step must be more than 0 and the end not before the start')
  }
  const steps = Math.floor((endMs - startMs) / stepMs) + 1
  if (steps > limits.maxSteps) throw tooManySteps(steps, limits.maxSteps)
  const grid: Grid = { startMs, stepMs, steps }
  const value = await evaluate(expr, { source, grid, limits, nowMs, signal })
  return typeof value === 'number'
    ? { kind: 'scalar', value, grid }
    : { kind: 'vector', rows: value.filter(hasPoints), grid }
}

type Value = number | readonly Row[]

async function evaluate(expr: MetricExpr, context: MetricContext): Promise<Value> {
  checkCancelled(context.signal)
  switch (expr.kind) {
    case 'literal':
      return expr.value
    case 'vector':
      return [constantRow(Labels.empty, expr.value, context.grid.steps)]
    case 'range_aggregation':
      return evaluateRange(expr, expr.grouping, context)
    case 'vector_aggregation':
      return evaluateAggregation(expr, context)
    case 'label_replace':
      return replaceLabels(expr, rowsOf(await evaluate(expr.expr, context), context.grid))
    case 'binary':
      return evaluateBinary(expr, context)
    default:
      return expr satisfies never
  }
}

/** A number where a vector is awaited has no labels. */
const rowsOf = (value: Value, { steps }: Grid): readonly Row[] =>
  typeof value === 'number' ? [constantRow(Labels.empty, value, steps)] : value

async function evaluateAggregation(expr: VectorAggregation, context: MetricContext): Promise<readonly Row[]> {
  const pushed = pushedGrouping(expr)
  const { expr: inner } = expr
  const rows =
    pushed !== undefined && inner.kind === 'range_aggregation'
      ? await evaluateRange(inner, pushed, context)
      : rowsOf(await evaluate(inner, context), context.grid)
  return aggregate(expr, rows, context.grid.steps)
}

const summable = new Set(['count_over_time', 'rate', 'bytes_over_time', 'bytes_rate', 'sum_over_time'])

/** A sum's groups, where the range below it may be folded by them at once: else there might be a series for every line first. */
function pushedGrouping({ op, expr, grouping }: VectorAggregation): Grouping | undefined {
  if (op !== 'sum' || expr.kind !== 'range_aggregation' || !summable.has(expr.op)) return undefined
  return grouping ?? { without: false, labels: [] }
}

async function evaluateBinary(expr: BinaryExpr, context: MetricContext): Promise<Value> {
  const left = await evaluate(expr.left, context)
  const right = await evaluate(expr.right, context)
  if (typeof left === 'number' && typeof right === 'number') return combineScalars(expr.op, left, right)
  if (typeof left === 'number') return combineWithScalar(expr, rowsOf(right, context.grid), left, true)
  if (typeof right === 'number') return combineWithScalar(expr, left, right, false)
  return combineVectors(expr, left, right)
}

function replaceLabels({ target, replacement, source, pattern }: LabelReplace, rows: readonly Row[]): readonly Row[] {
  const regex = compileCapturingRegex(pattern)
  const template = new ExpandTemplate(replacement)
  const seen = new Set<string>()
  return rows.map((row) => {
    const value = regex.expand(row.labels.get(source), template)
    const labels = value === undefined ? row.labels : row.labels.with(target, value)
    if (seen.has(labels.key())) {
      throw new AppError('query.execution', `label_replace makes two series with the same labels: ${labels}`)
    }
    seen.add(labels.key())
    return { ...row, labels }
  })
}
