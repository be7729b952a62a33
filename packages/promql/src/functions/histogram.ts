// histogram_quantile and histogram_fraction over classic and native histograms, and what native ones tell of themselves.
import { type Labels, metricNameLabel } from '@tidewatch/core/labels.ts'
import type { FloatHistogram } from '@tidewatch/core/native-histogram.ts'
import type { Expr } from '../ast.ts'
import { type Evaluator, stringArgument } from '../evaluate/evaluator.ts'
import type { Grid } from '../evaluate/grid.ts'
import { goNumber, noteTexts } from '../evaluate/notes.ts'
import { copyRow, createRow, emit, float, histogram, histogramAt, type Row, type RowSink } from '../evaluate/row.ts'
import { histogramFraction, histogramQuantile, histogramVariance } from '../native/quantile.ts'
import { ClassicBuckets } from './classic-buckets.ts'
import type { FunctionDefinition, RowFunction, VectorFunction } from './definition.ts'
import { parseGoFloat } from './go-float.ts'

const bucketLabel = 'le'
const withoutBucket = new Set([bucketLabel])

interface BucketRow {
  readonly bound: number
  readonly row: Row
}

/** One histogram: its classic buckets, ascending, and its native form, if it has both or either. */
interface HistogramSeries {
  readonly labels: Labels
  readonly classic: BucketRow[]
  native: Row[]
}

/** Reads a vector and puts together what belongs to one histogram; the bucket layout is found once, not at each step. */
function collectHistograms(ev: Evaluator, expr: Expr, grid: Grid): readonly HistogramSeries[] {
  const series = new Map<string, HistogramSeries>()
  const seriesOf = (labels: Labels): HistogramSeries => {
    const key = labels.key()
    let found = series.get(key)
    if (found === undefined) {
      found = { labels, classic: [], native: [] }
      series.set(key, found)
    }
    return found
  }
  ev.rows(expr, grid, (row) => {
    ev.budget.spend(grid.steps)
    const own = copyRow(row)
    if (row.present.includes(histogram)) seriesOf(row.labels).native.push(own)
    if (!row.present.includes(float)) return
    const le = row.labels.get(bucketLabel)
    const bound = parseGoFloat(le)
    if (bound === undefined) ev.notes.warn(noteTexts.badBucketLabel(row.labels.get(metricNameLabel), le), expr.span)
    else seriesOf(row.labels.without(withoutBucket)).classic.push({ bound, row: own })
  })
  for (const { classic } of series.values()) classic.sort((a, b) => a.bound - b.bound)
  return [...series.values()]
}

interface HistogramReader {
  readonly ofClassic: (buckets: ClassicBuckets, step: number) => number
  readonly ofNative: (h: FloatHistogram, step: number, metricName: string) => number
}

/** Sends one row for a histogram; a step that has it in both forms has no result. */
function readHistogram(ev: Evaluator, series: HistogramSeries, expr: Expr, grid: Grid, reader: HistogramReader): Row {
  const row = createRow(series.labels, grid.steps)
  row.dropName = true
  const buckets = new ClassicBuckets(series.classic.length)
  const name = series.labels.get(metricNameLabel)
  for (let i = 0; i < grid.steps; i++) {
    buckets.clear()
    for (const { bound, row: source } of series.classic) {
      if (source.present[i] === float) buckets.push(bound, source.values[i] as number)
    }
    const native = series.native.find((source) => source.present[i] === histogram)
    if (native !== undefined && buckets.length > 0) {
      ev.notes.warn(noteTexts.mixedClassicNative(name), expr.span)
      continue
    }
    if (native === undefined && buckets.length === 0) continue
    row.values[i] =
      native === undefined ? reader.ofClassic(buckets, i) : reader.ofNative(histogramAt(native, i), i, name)
    row.present[i] = float
  }
  return row
}

function noteQuantiles(ev: Evaluator, quantiles: Float64Array, expr: Expr): void {
  for (const q of quantiles) if (!(q >= 0 && q <= 1)) ev.notes.warn(noteTexts.invalidQuantile(q), expr.span)
}

interface QuantileArguments {
  readonly grid: Grid
  readonly vector: Expr
  readonly quantiles: Float64Array
}

function quantileReader(ev: Evaluator, args: QuantileArguments, series: HistogramSeries): HistogramReader {
  const { quantiles, vector } = args
  return {
    ofClassic: (buckets, step) => {
      const value = buckets.quantile(quantiles[step] as number)
      if (buckets.forcedMonotonic) {
        const name = series.labels.get(metricNameLabel)
        ev.notes.forcedMonotonicity(name, buckets.forced, args.grid.timesMs[step] as number, vector.span)
      }
      return value
    },
    ofNative: (h, step, name) => {
      const { value, note } = histogramQuantile(quantiles[step] as number, h)
      if (note === 'NaN result') ev.notes.info(noteTexts.quantileNaNResult(name), vector.span)
      if (note === 'skewed') ev.notes.info(noteTexts.quantileNaNSkew(name), vector.span)
      return value
    },
  }
}

const quantileFunction: VectorFunction = {
  kind: 'vector',
  evaluate: (ev, call, grid, sink) => {
    const [quantile, vector] = call.args as [Expr, Expr]
    const quantiles = ev.scalar(quantile, grid)
    noteQuantiles(ev, quantiles, quantile)
    for (const series of collectHistograms(ev, vector, grid)) {
      const reader = quantileReader(ev, { grid, vector, quantiles }, series)
      emit(readHistogram(ev, series, vector, grid, reader), sink)
    }
  },
}

/** Several quantiles at once, each a series with the quantile in the label. */
const quantilesFunction: VectorFunction = {
  kind: 'vector',
  evaluate: (ev, call, grid, sink) => {
    const vector = call.args[0] as Expr
    const label = stringArgument(call, 1)
    const histograms = collectHistograms(ev, vector, grid)
    for (const quantile of call.args.slice(2)) {
      const quantiles = ev.scalar(quantile, grid)
      noteQuantiles(ev, quantiles, quantile)
      for (const series of histograms) {
        const reader = quantileReader(ev, { grid, vector, quantiles }, series)
        const row = readHistogram(ev, series, vector, grid, reader)
        emitByQuantile(row, label, quantiles, sink)
      }
    }
  },
}

/** A quantile may change over the steps; each of its values is a series of its own. */
function emitByQuantile(row: Row, label: string, quantiles: Float64Array, sink: RowSink): void {
  for (const q of new Set(quantiles)) {
    const part = copyRow(row)
    part.labels = row.labels.with(label, openMetricsFloat(q))
    for (let i = 0; i < quantiles.length; i++) if (!Object.is(quantiles[i], q)) part.present[i] = 0
    emit(part, sink)
  }
}

/** OpenMetrics writes whole numbers with `.0`. */
function openMetricsFloat(value: number): string {
  const text = goNumber(value)
  return Number.isInteger(value) && !text.includes('e') ? `${text}.0` : text
}

const fractionFunction: VectorFunction = {
  kind: 'vector',
  evaluate: (ev, call, grid, sink) => {
    const [lower, upper, vector] = call.args as [Expr, Expr, Expr]
    const lowers = ev.scalar(lower, grid)
    const uppers = ev.scalar(upper, grid)
    const reader: HistogramReader = {
      ofClassic: (buckets, step) => buckets.fraction(lowers[step] as number, uppers[step] as number),
      ofNative: (h, step, name) => {
        const { value, leavesOutNaN } = histogramFraction(lowers[step] as number, uppers[step] as number, h)
        if (leavesOutNaN) ev.notes.info(noteTexts.fractionNaNs(name), vector.span)
        return value
      },
    }
    for (const series of collectHistograms(ev, vector, grid)) {
      emit(readHistogram(ev, series, vector, grid, reader), sink)
    }
  },
}

/** A number that a native histogram tells; floats have none. */
function ofNative(fn: (h: FloatHistogram) => number): RowFunction {
  return {
    kind: 'rows',
    apply: (row) => {
      for (let i = 0; i < row.present.length; i++) {
        if (row.present[i] !== histogram) {
          row.present[i] = 0
          continue
        }
        row.values[i] = fn(histogramAt(row, i))
        row.present[i] = float
      }
      row.histograms = undefined
    },
  }
}

export const histogramFunctions = {
  histogram_quantile: quantileFunction,
  histogram_quantiles: quantilesFunction,
  histogram_fraction: fractionFunction,
  histogram_count: ofNative((h) => h.count),
  histogram_sum: ofNative((h) => h.sum),
  histogram_avg: ofNative((h) => h.sum / h.count),
  histogram_stddev: ofNative((h) => Math.sqrt(histogramVariance(h))),
  histogram_stdvar: ofNative(histogramVariance),
} as const satisfies Record<string, FunctionDefinition>
