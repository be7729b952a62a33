// The evaluator's door: an expression, a source of samples and a time range in, columns out.

import { AppError } from '@tidewatch/core/error.ts'
import { Labels } from '@tidewatch/core/labels.ts'
import type { CallExpr, Expr, ValueType, VectorSelector } from '../ast.ts'
import type { SampleSource, SelectedSeries } from '../port.ts'
import { preprocess } from '../preprocess.ts'
import { Evaluation } from './evaluation.ts'
import { typeOf, unwrap } from './evaluator.ts'
import { countSteps, createGrid, type Grid } from './grid.ts'
import { Budget, defaultLimits, type EvaluateLimits } from './limits.ts'
import { Notes } from './notes.ts'
import { planSelects } from './plan-selects.ts'
import { evaluateRange } from './range-result.ts'
import { selectorsOfStats } from './reset-hints.ts'
import { type EvaluateResult, finishRows, type ResultSeries, sortByLabels } from './result.ts'
import { float } from './row.ts'
import { RowTable } from './row-table.ts'
import { SampleCounts } from './sample-counts.ts'

export interface EvaluateOptions {
  readonly startMs: number
  readonly endMs: number
  /** Ignored by an instant query. */
  readonly stepMs: number
  /** How old the newest sample of a series may be to count. Prometheus's default is 5 minutes. */
  readonly lookbackMs: number
  readonly signal: AbortSignal
  /** Default: an instant query where start and end are the same. A range query over one step is possible. */
  readonly kind?: 'instant' | 'range'
  readonly limits?: EvaluateLimits
  /** Asked between series: evaluation is synchronous, so a signal alone would not be seen. */
  readonly cancelled?: () => boolean
  /** The query's text, for the positions in warnings. */
  readonly query?: string
  /** Step of subqueries without one: Prometheus's global evaluation interval. Default 1 minute. */
  readonly defaultStepMs?: number
  /** Counts the samples that each step looks at, as Prometheus's `stats` says them. */
  readonly countSamples?: boolean
  /** Told when everything is selected: what follows is evaluation alone. */
  readonly onSelected?: () => void
}

const defaultSubqueryStepMs = 60_000

/**
 * Evaluates a checked expression (as `parse` gives it). Everything the query needs is selected at once; then evaluation is synchronous.
 * Throws AppError `query.execution` in Prometheus's words, `query.limit`, `query.cancelled`, `query.parse` for a range query of a range.
 */
export async function evaluate(expr: Expr, source: SampleSource, options: EvaluateOptions): Promise<EvaluateResult> {
  const { startMs, endMs, lookbackMs, signal, defaultStepMs = defaultSubqueryStepMs } = options
  const kind = options.kind ?? (startMs === endMs ? 'instant' : 'range')
  const stepMs = kind === 'instant' ? 0 : options.stepMs
  const budget = new Budget(options.limits ?? defaultLimits, options.cancelled ?? (() => signal.aborted))
  const notes = new Notes(options.query ?? '')
  const type = typeOf(expr)
  if (kind === 'range') checkRange(options, type)
  budget.spend(countSteps(startMs, endMs, stepMs))
  const prepared = preprocess(expr, { startMs, endMs, stepMs })
  const times = { startMs, endMs }
  const plan = planSelects(prepared, { ...times, stepMs, lookbackMs, defaultStepMs })
  const answers = plan.requests.length === 0 ? [] : await source.select(plan.requests, { signal })
  const selected = new Map<VectorSelector | CallExpr, SelectedSeries>()
  for (const [node, request] of plan.requestOf) selected.set(node, answers[request] as SelectedSeries)
  options.onSelected?.()
  const grid = createGrid(startMs, endMs, stepMs)
  const counts = options.countSamples === true ? new SampleCounts(grid.steps) : undefined
  const statsSelectors = selectorsOfStats(prepared)
  const shared = { notes, budget, counts, lookbackMs, defaultStepMs, times }
  const evaluation = new Evaluation({ ...shared, statsSelectors, selected })
  const result =
    kind === 'instant' ? instant(evaluation, prepared, type, grid) : range(evaluation, prepared, type, grid)
  const told = { warnings: notes.warnings, infos: notes.infos, ...(notes.tellSteps ? { notesTellSteps: true } : {}) }
  const whole = { ...result, ...told, samples: budget.samples }
  return counts === undefined ? whole : { ...whole, counted: { counts, peakSamples: budget.peakSamples } }
}

function checkRange({ stepMs }: EvaluateOptions, type: ValueType): void {
  if (!(stepMs > 0)) {
    throw new AppError(
      'query.parse',
      'zero or negative query resolution step widths are not accepted. Try a positive integer',
    )
  }
  if (type === 'scalar' || type === 'vector') return
  const name = type === 'matrix' ? 'range vector' : type
  throw new AppError(
    'query.parse',
    `invalid expression type "${name}" for range query, must be Scalar or instant Vector`,
  )
}

type Bare =
  | { readonly type: 'vector' | 'matrix'; readonly series: readonly ResultSeries[] }
  | { readonly type: 'scalar'; readonly atMs: number; readonly value: number }
  | { readonly type: 'string'; readonly atMs: number; readonly value: string }

function instant(evaluation: Evaluation, expr: Expr, type: ValueType, grid: Grid): Bare {
  const inner = unwrap(expr)
  const atMs = grid.startMs
  if (inner.kind === 'string') return { type: 'string', atMs, value: inner.value }
  if (inner.kind === 'matrix_selector' || inner.kind === 'subquery') {
    return { type: 'matrix', series: sortByLabels(evaluateRange(evaluation, inner, grid)) }
  }
  if (type === 'scalar') return { type: 'scalar', atMs, value: evaluation.scalar(expr, grid)[0] as number }
  return { type: 'vector', series: vectorSeries(evaluation, expr, grid) }
}

function range(evaluation: Evaluation, expr: Expr, type: ValueType, grid: Grid): Bare {
  if (type === 'vector') return { type: 'matrix', series: sortByLabels(vectorSeries(evaluation, expr, grid)) }
  if (grid.steps === 0) return { type: 'matrix', series: [] }
  const values = evaluation.scalar(expr, grid)
  const present = new Uint8Array(grid.steps).fill(float)
  const series = { labels: Labels.empty, timesMs: grid.timesMs, values, present, histograms: undefined }
  return { type: 'matrix', series: [series] }
}

function vectorSeries(evaluation: Evaluation, expr: Expr, grid: Grid): ResultSeries[] {
  const table = new RowTable(grid.steps, evaluation.budget)
  evaluation.rows(expr, grid, (row) => table.append(row))
  return finishRows(table.rows, grid.timesMs)
}
