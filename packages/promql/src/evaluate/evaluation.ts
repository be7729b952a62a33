// Walks the expression tree. Vectors flow as rows from sources (selectors, range functions) through sinks; nothing is evaluated step by step.
import { AppError } from '@tidewatch/core/error.ts'
import { Labels } from '@tidewatch/core/labels.ts'
import { evaluateAggregate } from '../aggregate/aggregate.ts'
import type { CallExpr, Expr, UnaryExpr, VectorSelector } from '../ast.ts'
import { evaluateBinary, evaluateScalarBinary } from '../binary/binary.ts'
import { functionDefinitions } from '../functions/registry.ts'
import { scale } from '../native/arithmetic.ts'
import type { SelectedSeries } from '../port.ts'
import { type Evaluator, executionError, type QueryTimes, typeOf } from './evaluator.ts'
import { createGrid, type Grid } from './grid.ts'
import { selectInstant } from './instant-selector.ts'
import type { Budget } from './limits.ts'
import type { Notes } from './notes.ts'
import { evaluateRangeCall } from './range-call.ts'
import { createRow, emit, float, histogram, histogramAt, isEmpty, type Row, type RowSink, setHistogram } from './row.ts'
import { SampleCounts } from './sample-counts.ts'

export interface EvaluationOptions {
  readonly notes: Notes
  readonly budget: Budget
  readonly counts?: SampleCounts | undefined
  readonly lookbackMs: number
  readonly defaultStepMs: number
  readonly times: QueryTimes
  readonly statsSelectors: ReadonlySet<VectorSelector>
  readonly selected: ReadonlyMap<VectorSelector | CallExpr, SelectedSeries>
}

export class Evaluation implements Evaluator {
  readonly notes: Notes
  readonly budget: Budget
  readonly lookbackMs: number
  readonly defaultStepMs: number
  readonly times: QueryTimes
  readonly statsSelectors: ReadonlySet<VectorSelector>
  counts: SampleCounts | undefined
  readonly #selected: ReadonlyMap<VectorSelector | CallExpr, SelectedSeries>

  constructor(options: EvaluationOptions) {
    this.notes = options.notes
    this.budget = options.budget
    this.counts = options.counts
    this.lookbackMs = options.lookbackMs
    this.defaultStepMs = options.defaultStepMs
    this.times = options.times
    this.statsSelectors = options.statsSelectors
    this.#selected = options.selected
  }

  countedApart(steps: number, run: () => void): number {
    const { counts } = this
    if (counts === undefined) {
      run()
      return 0
    }
    const apart = new SampleCounts(steps)
    this.counts = apart
    try {
      run()
    } finally {
      this.counts = counts
    }
    return apart.total
  }

  series(node: VectorSelector | CallExpr): SelectedSeries {
    const series = this.#selected.get(node)
    if (series === undefined) throw new AppError('internal.bug', 'a selector was evaluated that had not been selected')
    return series
  }

  rows(expr: Expr, grid: Grid, sink: RowSink): void {
    this.budget.checkCancelled()
    if (grid.steps === 0) return
    switch (expr.kind) {
      case 'paren':
        this.rows(expr.expr, grid, sink)
        return
      case 'unary':
        this.rows(expr.expr, grid, expr.op === '-' ? (row) => sink(negate(row)) : sink)
        return
      case 'step_invariant':
        this.#repeat(expr.expr, grid, sink)
        return
      case 'vector_selector':
        selectInstant(this, expr, grid, sink)
        return
      case 'binary':
        evaluateBinary(this, expr, grid, sink)
        return
      case 'aggregate':
        evaluateAggregate(this, expr, grid, sink)
        return
      case 'call':
        this.#call(expr, grid, sink)
        return
      case 'number':
      case 'string':
      case 'matrix_selector':
      case 'subquery':
        throw new AppError('internal.bug', `a ${typeOf(expr)} expression was evaluated as a vector`)
    }
  }

  scalar(expr: Expr, grid: Grid): Float64Array {
    switch (expr.kind) {
      case 'number':
        return new Float64Array(grid.steps).fill(expr.value)
      case 'paren':
        return this.scalar(expr.expr, grid)
      case 'unary':
        return this.#negatedScalar(expr, grid)
      case 'step_invariant':
        return new Float64Array(grid.steps).fill(this.scalar(expr.expr, firstStep(grid))[0] ?? Number.NaN)
      case 'binary':
        return evaluateScalarBinary(this, expr, grid)
      case 'call': {
        const definition = functionDefinitions.get(expr.func)
        if (definition?.kind === 'scalar') return definition.evaluate(this, expr, grid)
      }
    }
    throw new AppError('internal.bug', `a ${typeOf(expr)} expression was evaluated as a scalar`)
  }

  #negatedScalar(expr: UnaryExpr, grid: Grid): Float64Array {
    const values = this.scalar(expr.expr, grid)
    return expr.op === '-' ? values.map((value) => -value) : values
  }

  #call(call: CallExpr, grid: Grid, sink: RowSink): void {
    const definition = functionDefinitions.get(call.func)
    switch (definition?.kind) {
      case 'range':
        evaluateRangeCall(this, call, definition, grid, sink)
        return
      case 'vector':
        definition.evaluate(this, call, grid, sink)
        return
      case 'rows': {
        const scalars = call.args.slice(1).map((arg) => this.scalar(arg, grid))
        const apply: RowSink = (row) => {
          row.dropName = true
          definition.apply(row, scalars)
          emit(row, sink)
        }
        const vector = call.args[0]
        if (vector === undefined) apply(timeRow(grid))
        else this.rows(vector, grid, apply)
        return
      }
      default:
        throw executionError(`unknown function with name "${call.func}"`, call)
    }
  }

  /** Evaluates once and fills every step with the result. */
  #repeat(expr: Expr, grid: Grid, sink: RowSink): void {
    if (grid.steps === 1) {
      this.rows(expr, grid, sink)
      return
    }
    const row = createRow(Labels.empty, grid.steps)
    const repeat: RowSink = (single) => {
      row.labels = single.labels
      row.dropName = single.dropName
      row.histograms = undefined
      row.present.fill(single.present[0] as number)
      if (single.present[0] === histogram) {
        const value = histogramAt(single, 0)
        for (let i = 0; i < grid.steps; i++) setHistogram(row, i, value)
      } else row.values.fill(single.values[0] as number)
      if (!isEmpty(row)) sink(row)
    }
    const samples = this.countedApart(1, () => this.rows(expr, firstStep(grid), repeat))
    if (samples > 0) for (let step = 0; step < grid.steps; step++) this.counts?.add(step, samples)
  }
}

function firstStep(grid: Grid): Grid {
  return createGrid(grid.startMs, grid.startMs, grid.stepMs)
}

/** What `vector(time())` is. */
function timeRow(grid: Grid): Row {
  const row = createRow(Labels.empty, grid.steps)
  for (let i = 0; i < grid.steps; i++) row.values[i] = (grid.timesMs[i] as number) / 1000
  row.present.fill(float)
  return row
}

function negate(row: Row): Row {
  const { values, present } = row
  row.dropName = true
  for (let i = 0; i < values.length; i++) values[i] = -(values[i] as number)
  if (row.histograms !== undefined) {
    for (let i = 0; i < values.length; i++) {
      if (present[i] === histogram) setHistogram(row, i, scale(histogramAt(row, i), -1))
    }
  }
  return row
}
