// A function over a range selector or subquery: series by series, each window swept once.
import { Labels } from '@tidewatch/core/labels.ts'
import type { FloatHistogram } from '@tidewatch/core/native-histogram.ts'
import type { CallExpr, Expr, MatrixSelector, SubqueryExpr } from '../ast.ts'
import type { SampleBuffer } from '../port.ts'
import { atTimeMs, durationMs, referenceTimes } from './durations.ts'
import { type Evaluator, executionError, unwrap } from './evaluator.ts'
import { createGrid, type Grid } from './grid.ts'
import { noteTexts } from './notes.ts'
import {
  type FloatWindows,
  type HistogramWindows,
  placeWindows,
  type RangeContext,
  type RangeFunction,
} from './range-windows.ts'
import { settleResetHints } from './reset-hints.ts'
import { absent, createRow, emit, float, histogram, type Row, type RowSink, resetRow, setHistogram } from './row.ts'
import { dropStale, GrowingSampleBuffer } from './sample-buffer.ts'
import { type SampleCounts, sizeInSamples } from './sample-counts.ts'
import { eachSubqueryRow } from './subquery-rows.ts'

type RangeExpr = MatrixSelector | SubqueryExpr

/** The range argument of a call, if it has one. */
export function rangeArgument(call: CallExpr): RangeExpr | undefined {
  for (const arg of call.args) {
    const inner = unwrap(arg)
    if (inner.kind === 'matrix_selector' || inner.kind === 'subquery') return inner
  }
  return undefined
}

/** Sends one row a series that has a result at any step. */
export function evaluateRangeCall(ev: Evaluator, call: CallExpr, fn: RangeFunction, grid: Grid, sink: RowSink): void {
  const range = rangeArgument(call) as RangeExpr
  checkModifiers(call, range)
  const scalars: Float64Array[] = []
  for (const arg of call.args) if (unwrap(arg) !== range) scalars.push(ev.scalar(arg, grid))
  const runner = new RangeRunner(ev, call, fn, { grid, range, scalars, sink })
  if (range.kind === 'subquery') {
    const buffer = new GrowingSampleBuffer()
    const inner = subqueryGrid(ev, range, grid)
    // only what the function sees counts, not what the steps inside looked at
    ev.countedApart(inner.steps, () =>
      eachSubqueryRow(ev, range.expr, inner, (row) => {
        fillFromRow(buffer, row, inner)
        runner.run(buffer, row.labels, row.dropName)
      }),
    )
    return
  }
  const series = ev.series(range.selector)
  const buffer = new GrowingSampleBuffer()
  for (let s = 0; s < series.count; s++) {
    series.read(s, buffer)
    ev.budget.spendRead(buffer.length)
    if (buffer.length === 0) continue
    dropStale(buffer)
    settleResetHints(buffer, ev.statsSelectors.has(range.selector))
    runner.run(buffer, series.labels(s), false)
  }
}

const anchoredSafe = ['changes', 'delta', 'increase', 'rate', 'resets']
const smoothedSafe = ['delta', 'increase', 'rate']

function checkModifiers(call: CallExpr, range: RangeExpr): void {
  if (range.kind === 'subquery') return
  const { anchored, smoothed } = range.selector
  const [word, safe] = anchored ? ['anchored', anchoredSafe] : ['smoothed', smoothedSafe]
  if ((anchored || smoothed) && !safe.includes(call.func)) {
    throw executionError(`${word} modifier can only be used with: ${safe.join(', ')} - not with ${call.func}`, call)
  }
}

/** The steps inside a subquery: multiples of its own step after the earliest window's start, up to the latest window's end. */
export function subqueryGrid(ev: Evaluator, subquery: SubqueryExpr, grid: Grid): Grid {
  const offsetMs = durationMs(subquery.offset)
  const atMs = atTimeMs(subquery.at, ev.times)
  const stepMs = durationMs(subquery.step) || ev.defaultStepMs
  const firstMs = (atMs ?? grid.startMs) - offsetMs - durationMs(subquery.range)
  const lastMs = (atMs ?? grid.startMs + (grid.steps - 1) * grid.stepMs) - offsetMs
  let startMs = stepMs * Math.trunc(firstMs / stepMs)
  if (startMs <= firstMs) startMs += stepMs
  ev.budget.spend(lastMs < startMs ? 0 : Math.floor((lastMs - startMs) / stepMs) + 1)
  return createGrid(startMs, lastMs, stepMs)
}

/** Takes a row of a subquery for samples. */
export function fillFromRow(buffer: GrowingSampleBuffer, row: Row, grid: Grid): void {
  buffer.length = 0
  buffer.reserve(grid.steps)
  const { timesMs, values } = buffer
  let length = 0
  buffer.histograms = row.histograms === undefined ? undefined : []
  for (let i = 0; i < grid.steps; i++) {
    if (row.present[i] === absent) continue
    timesMs[length] = grid.timesMs[i] as number
    values[length] = row.values[i] as number
    if (buffer.histograms !== undefined)
      buffer.histograms[length] = row.present[i] === histogram ? withoutResetHint(row.histograms?.[i]) : undefined
    length++
  }
  buffer.length = length
}

// A subquery may skip or repeat samples, so what they say of resets before them is not true any more.
function withoutResetHint(value: FloatHistogram | undefined): FloatHistogram | undefined {
  if (value === undefined || value.counterResetHint === 'gauge') return value
  return { ...value, counterResetHint: 'unknown' }
}

interface RunnerOptions {
  readonly grid: Grid
  readonly range: RangeExpr
  readonly scalars: readonly Float64Array[]
  readonly sink: RowSink
}

const counterSuffix = /_(?:total|sum|count|bucket)$/

/** Runs one function over one series after the other, reusing its columns. */
class RangeRunner {
  readonly #ev: Evaluator
  readonly #call: CallExpr
  readonly #fn: RangeFunction
  readonly #options: RunnerOptions
  readonly #row: Row
  readonly #endsMs: Float64Array
  readonly #rangeMs: number
  readonly #from: Int32Array
  readonly #until: Int32Array
  /** Where notes point to: the range argument as it was written. */
  readonly #rangeExpr: Expr
  /** Windows of anchored and smoothed selectors reach further than the range. */
  readonly #widenedMs: number
  /** The times that `#from` and `#until` are for. */
  #placedTimes: Float64Array = new Float64Array(0)
  #placedLength = -1
  readonly #counts: SampleCounts | undefined

  constructor(ev: Evaluator, call: CallExpr, fn: RangeFunction, options: RunnerOptions) {
    const { grid, range } = options
    this.#ev = ev
    this.#call = call
    this.#fn = fn
    this.#options = options
    this.#counts = ev.counts
    this.#row = createRow(Labels.empty, grid.steps)
    const node = range.kind === 'subquery' ? range : range.selector
    this.#endsMs = referenceTimes(node, grid, ev.times)
    this.#rangeMs = durationMs(range.range)
    this.#from = new Int32Array(grid.steps)
    this.#until = new Int32Array(grid.steps)
    this.#rangeExpr = range
    this.#widenedMs =
      range.kind === 'matrix_selector' && (range.selector.anchored || range.selector.smoothed) ? ev.lookbackMs : 0
  }

  /** Evaluates the samples of one series (no stale markers) and sends its row. */
  run(buffer: SampleBuffer, labels: Labels, dropName: boolean): void {
    const row = this.#row
    resetRow(row, labels, dropName || this.#fn.keepsName !== true)
    const context = this.#context(labels)
    if (buffer.histograms?.some((h) => h !== undefined) === true) this.#runMixed(buffer, row, context)
    else {
      this.#place(buffer.timesMs, buffer.length)
      this.#fn.floats(this.#windows(buffer.timesMs, buffer.values, buffer.length), row, context)
    }
    if (this.#counts !== undefined) this.#count(this.#counts)
    this.#noteNonCounter(row, context)
    emit(row, this.#options.sink)
  }

  /** The windows as they were placed last, for the series' floats. */
  #count(counts: SampleCounts): void {
    for (let step = 0; step < this.#from.length; step++)
      counts.add(step, (this.#until[step] as number) - (this.#from[step] as number))
  }

  /** Series of one target are scraped together: with the times of the series before, the windows are its windows. */
  #place(timesMs: Float64Array, length: number): void {
    const placed = this.#placedTimes
    if (this.#placedLength === length) {
      let same = 0
      while (same < length && placed[same] === timesMs[same]) same++
      if (same === length) return
    }
    placeWindows(timesMs, length, this.#endsMs, this.#rangeMs, this.#from, this.#until)
    if (placed.length < length) this.#placedTimes = timesMs.slice(0, length)
    else placed.set(timesMs.subarray(0, length))
    this.#placedLength = length
  }

  #context(labels: Labels): RangeContext {
    return {
      call: this.#call,
      range: this.#rangeExpr,
      metricName: labels.get('__name__'),
      notes: this.#ev.notes,
      scalars: this.#options.scalars,
      timesMs: this.#options.grid.timesMs,
      lookbackMs: this.#widenedMs,
    }
  }

  #windows(timesMs: Float64Array, values: Float64Array, length: number): FloatWindows {
    return {
      timesMs,
      values,
      length,
      from: this.#from,
      until: this.#until,
      endsMs: this.#endsMs,
      rangeMs: this.#rangeMs,
      steps: this.#endsMs.length,
    }
  }

  #runMixed(buffer: SampleBuffer, row: Row, context: RangeContext): void {
    const { floats, histograms } = this.#split(buffer)
    if (this.#counts !== undefined) countHistograms(this.#counts, histograms)
    const { mixed } = this.#fn
    this.#fn.floats(floats, row, context)
    if (mixed === undefined) {
      this.#noteIgnored(floats, histograms, context)
      return
    }
    for (let i = 0; i < floats.steps; i++) {
      if (!this.#hasHistograms(histograms, i)) continue
      const result = mixed(floats, histograms, i, context)
      row.present[i] = absent
      if (result === undefined) continue
      if (typeof result === 'number') {
        row.values[i] = result
        row.present[i] = float
      } else setHistogram(row, i, result)
    }
  }

  /** Whether a step looks at histograms: those of its window, and of the lookback around where the selector is widened. */
  #hasHistograms({ timesMs, from, until }: HistogramWindows, step: number): boolean {
    if (from[step] !== until[step]) return true
    if (this.#widenedMs === 0) return false
    const endMs = this.#endsMs[step] as number
    const [before, after] = [timesMs[(from[step] as number) - 1], timesMs[until[step] as number]]
    if (before !== undefined && before > endMs - this.#rangeMs - this.#widenedMs) return true
    return this.#isSmoothed && after !== undefined && after <= endMs + this.#widenedMs
  }

  get #isSmoothed(): boolean {
    const { range } = this.#options
    return range.kind === 'matrix_selector' && range.selector.smoothed
  }

  #split(buffer: SampleBuffer): { readonly floats: FloatWindows; readonly histograms: HistogramWindows } {
    const { timesMs, values, length } = buffer
    const all = buffer.histograms ?? []
    const items: FloatHistogram[] = []
    const itemTimes: number[] = []
    const floatTimes = new Float64Array(length)
    const floatValues = new Float64Array(length)
    let floats = 0
    for (let i = 0; i < length; i++) {
      const item = all[i]
      if (item !== undefined) {
        items.push(item)
        itemTimes.push(timesMs[i] as number)
      } else {
        floatTimes[floats] = timesMs[i] as number
        floatValues[floats++] = values[i] as number
      }
    }
    const from = new Int32Array(this.#endsMs.length)
    const until = new Int32Array(this.#endsMs.length)
    const histogramTimes = Float64Array.from(itemTimes)
    placeWindows(histogramTimes, items.length, this.#endsMs, this.#rangeMs, from, until)
    this.#place(floatTimes, floats)
    return {
      floats: this.#windows(floatTimes, floatValues, floats),
      histograms: { timesMs: histogramTimes, items, from, until },
    }
  }

  #noteIgnored(floats: FloatWindows, histograms: HistogramWindows, context: RangeContext): void {
    for (let i = 0; i < floats.steps; i++) {
      if (floats.from[i] === floats.until[i] || histograms.from[i] === histograms.until[i]) continue
      context.notes.info(noteTexts.histogramIgnoredInMixedRange(context.metricName), (this.#call.args[0] as Expr).span)
      return
    }
  }

  #noteNonCounter(row: Row, context: RangeContext): void {
    const { func } = this.#call
    const name = context.metricName
    if ((func !== 'rate' && func !== 'increase') || name === '' || counterSuffix.test(name)) return
    if (row.present.includes(float)) context.notes.info(noteTexts.possibleNonCounter(name), this.#rangeExpr.span)
  }
}

function countHistograms(counts: SampleCounts, { items, from, until }: HistogramWindows): void {
  for (let step = 0; step < from.length; step++) {
    for (let i = from[step] as number; i < (until[step] as number); i++)
      counts.add(step, sizeInSamples(items[i] as FloatHistogram))
  }
}
