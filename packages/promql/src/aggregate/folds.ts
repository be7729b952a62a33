// Aggregations that need only one series at a time: a few columns a group. Hot: once a series, bench/src/promql-evaluate.ts.
import { metricNameLabel } from '@tidewatch/core/labels.ts'
import type { AggregateExpr, AggregateOp } from '../ast.ts'
import { type Notes, noteTexts } from '../evaluate/notes.ts'
import { absent, float, histogram, histogramAt, type Row } from '../evaluate/row.ts'
import { HistogramFold } from './histogram-fold.ts'

/** Takes the series of one group and writes the group's row in the end. */
export interface Fold {
  add(row: Row): void
  finish(out: Row): void
}

export interface FoldContext {
  readonly expr: AggregateExpr
  readonly notes: Notes
  readonly steps: number
}

/** What a cell of a sum has met so far, as bits. */
const sawFloat = 1
const sawHistogram = 2

/** sum: compensated, in the order of the series, as Prometheus adds. */
class SumFold implements Fold {
  readonly #context: FoldContext
  readonly #sum: Float64Array
  readonly #lost: Float64Array
  readonly #saw: Uint8Array
  #histograms: HistogramFold | undefined

  constructor(context: FoldContext) {
    this.#context = context
    this.#sum = new Float64Array(context.steps)
    this.#lost = new Float64Array(context.steps)
    this.#saw = new Uint8Array(context.steps)
  }

  add(row: Row): void {
    const sums = this.#sum
    const lost = this.#lost
    const saw = this.#saw
    const { values, present } = this.#histograms?.withoutFailed(row) ?? row
    for (let i = 0; i < sums.length; i++) {
      if (present[i] !== float) continue
      const value = values[i] as number
      if ((saw[i] as number) === 0) {
        saw[i] = sawFloat
        sums[i] = value
        continue
      }
      saw[i] = (saw[i] as number) | sawFloat
      const sum = sums[i] as number
      const total = sum + value
      if (total === Number.POSITIVE_INFINITY || total === Number.NEGATIVE_INFINITY) lost[i] = 0
      else if (Math.abs(sum) >= Math.abs(value)) lost[i] = (lost[i] as number) + (sum - total + value)
      else lost[i] = (lost[i] as number) + (value - total + sum)
      sums[i] = total
    }
    if (row.histograms !== undefined) this.#addHistograms(row)
  }

  #addHistograms(row: Row): void {
    this.#histograms ??= new HistogramFold(this.#context.expr, this.#context.notes)
    foldHistograms(row, this.#histograms, this.#saw)
  }

  finish(out: Row): void {
    finishMixed(this.#context, { saw: this.#saw, histograms: this.#histograms }, out, (i) => {
      return (this.#sum[i] as number) + (this.#lost[i] as number)
    })
  }
}

function foldHistograms(row: Row, into: HistogramFold, saw: Uint8Array): void {
  const name = row.labels.get(metricNameLabel)
  for (let i = 0; i < saw.length; i++) {
    if (row.present[i] !== histogram) continue
    saw[i] = (saw[i] as number) | sawHistogram
    into.fold(i, histogramAt(row, i), name)
  }
}

interface MixedCells {
  readonly saw: Uint8Array
  readonly histograms: HistogramFold | undefined
}

/** Floats and histograms at one step have no sum; says so. */
function finishMixed(context: FoldContext, cells: MixedCells, out: Row, floatAt: (step: number) => number): void {
  const { saw, histograms } = cells
  for (let i = 0; i < saw.length; i++) {
    if (saw[i] === (sawFloat | sawHistogram)) {
      context.notes.warn(noteTexts.mixedFloatsHistogramsAggregation(), context.expr.expr.span)
    } else if (saw[i] === sawHistogram) histograms?.finish(i, out)
    else if (saw[i] === sawFloat) {
      out.values[i] = floatAt(i)
      out.present[i] = float
    }
  }
}

/** avg: a compensated sum and a count; from where the sum would overflow on, a running mean. */
class AverageFold implements Fold {
  readonly #context: FoldContext
  /** Sum, or the mean where `#incremental` is set. */
  readonly #sum: Float64Array
  readonly #lost: Float64Array
  readonly #count: Float64Array
  readonly #saw: Uint8Array
  readonly #incremental: Uint8Array
  #histograms: HistogramFold | undefined

  constructor(context: FoldContext) {
    this.#context = context
    this.#sum = new Float64Array(context.steps)
    this.#lost = new Float64Array(context.steps)
    this.#count = new Float64Array(context.steps)
    this.#saw = new Uint8Array(context.steps)
    this.#incremental = new Uint8Array(context.steps)
  }

  add(row: Row): void {
    const sums = this.#sum
    const lost = this.#lost
    const counts = this.#count
    const { values, present } = this.#histograms?.withoutFailed(row) ?? row
    for (let i = 0; i < sums.length; i++) {
      if (present[i] !== float) continue
      const value = values[i] as number
      const count = (counts[i] as number) + 1
      counts[i] = count
      this.#saw[i] = (this.#saw[i] as number) | sawFloat
      if (count === 1) {
        sums[i] = value
        continue
      }
      const sum = sums[i] as number
      const total = sum + value
      if (this.#incremental[i] === 1 || total === Number.POSITIVE_INFINITY || total === Number.NEGATIVE_INFINITY) {
        this.#addIncrementally(i, value)
        continue
      }
      if (Math.abs(sum) >= Math.abs(value)) lost[i] = (lost[i] as number) + (sum - total + value)
      else lost[i] = (lost[i] as number) + (value - total + sum)
      sums[i] = total
    }
    if (row.histograms === undefined) return
    this.#histograms ??= new HistogramFold(this.#context.expr, this.#context.notes)
    foldHistograms(row, this.#histograms, this.#saw)
  }

  #addIncrementally(i: number, value: number): void {
    const count = this.#count[i] as number
    if (this.#incremental[i] === 0) {
      this.#incremental[i] = 1
      this.#sum[i] = (this.#sum[i] as number) / (count - 1)
      this.#lost[i] = (this.#lost[i] as number) / (count - 1)
    }
    const q = (count - 1) / count
    const mean = q * (this.#sum[i] as number)
    const lost = q * (this.#lost[i] as number)
    const share = value / count
    const total = mean + share
    if (total === Number.POSITIVE_INFINITY || total === Number.NEGATIVE_INFINITY) this.#lost[i] = 0
    else if (Math.abs(mean) >= Math.abs(share)) this.#lost[i] = lost + (mean - total + share)
    else this.#lost[i] = lost + (share - total + mean)
    this.#sum[i] = total
  }

  finish(out: Row): void {
    finishMixed(this.#context, { saw: this.#saw, histograms: this.#histograms }, out, (i) => {
      const [sum, lost, count] = [this.#sum[i] as number, this.#lost[i] as number, this.#count[i] as number]
      return this.#incremental[i] === 1 ? sum + lost : sum / count + lost / count
    })
  }
}

function noteIgnored(row: Row, { expr, notes }: FoldContext): void {
  if (row.histograms === undefined || !row.present.includes(histogram)) return
  notes.info(noteTexts.histogramIgnoredInAggregation(expr.op), expr.expr.span)
}

/** min (sign -1) and max (sign 1). NaN only where nothing else is. */
class ExtremeFold implements Fold {
  readonly #context: FoldContext
  readonly #sign: 1 | -1
  readonly #values: Float64Array
  readonly #present: Uint8Array

  constructor(context: FoldContext, sign: 1 | -1) {
    this.#context = context
    this.#sign = sign
    this.#values = new Float64Array(context.steps)
    this.#present = new Uint8Array(context.steps)
  }

  add(row: Row): void {
    noteIgnored(row, this.#context)
    const best = this.#values
    const sign = this.#sign
    for (let i = 0; i < best.length; i++) {
      if (row.present[i] !== float) continue
      const value = row.values[i] as number
      const current = best[i] as number
      if (this.#present[i] === absent || sign * current < sign * value || Number.isNaN(current)) best[i] = value
      this.#present[i] = float
    }
  }

  finish(out: Row): void {
    out.values.set(this.#values)
    out.present.set(this.#present)
  }
}

/** count and group: histograms count like floats. */
class CountFold implements Fold {
  readonly #counts: Float64Array
  readonly #grouped: boolean

  constructor(context: FoldContext) {
    this.#counts = new Float64Array(context.steps)
    this.#grouped = context.expr.op === 'group'
  }

  add({ present }: Row): void {
    const counts = this.#counts
    for (let i = 0; i < counts.length; i++) if (present[i] !== absent) counts[i] = (counts[i] as number) + 1
  }

  finish(out: Row): void {
    for (let i = 0; i < this.#counts.length; i++) {
      if (this.#counts[i] === 0) continue
      out.values[i] = this.#grouped ? 1 : (this.#counts[i] as number)
      out.present[i] = float
    }
  }
}

/** stddev and stdvar by Welford's method. */
class VarianceFold implements Fold {
  readonly #context: FoldContext
  readonly #count: Float64Array
  readonly #mean: Float64Array
  readonly #squares: Float64Array

  constructor(context: FoldContext) {
    this.#context = context
    this.#count = new Float64Array(context.steps)
    this.#mean = new Float64Array(context.steps)
    this.#squares = new Float64Array(context.steps)
  }

  add(row: Row): void {
    noteIgnored(row, this.#context)
    const counts = this.#count
    const means = this.#mean
    const squares = this.#squares
    for (let i = 0; i < counts.length; i++) {
      if (row.present[i] !== float) continue
      const value = row.values[i] as number
      const count = (counts[i] as number) + 1
      counts[i] = count
      if (count === 1) {
        means[i] = value
        // one infinity makes the whole variance NaN
        squares[i] = Number.isFinite(value) ? 0 : Number.NaN
        continue
      }
      const delta = value - (means[i] as number)
      means[i] = (means[i] as number) + delta / count
      squares[i] = (squares[i] as number) + delta * (value - (means[i] as number))
    }
  }

  finish(out: Row): void {
    const root = this.#context.expr.op === 'stddev'
    for (let i = 0; i < this.#count.length; i++) {
      if (this.#count[i] === 0) continue
      const variance = (this.#squares[i] as number) / (this.#count[i] as number)
      out.values[i] = root ? Math.sqrt(variance) : variance
      out.present[i] = float
    }
  }
}

/** Makes an empty group; undefined for aggregations that are not folded series by series. */
export const foldFactories: Partial<Record<AggregateOp, (context: FoldContext) => Fold>> = {
  sum: (context) => new SumFold(context),
  avg: (context) => new AverageFold(context),
  min: (context) => new ExtremeFold(context, -1),
  max: (context) => new ExtremeFold(context, 1),
  count: (context) => new CountFold(context),
  group: (context) => new CountFold(context),
  stddev: (context) => new VarianceFold(context),
  stdvar: (context) => new VarianceFold(context),
}
