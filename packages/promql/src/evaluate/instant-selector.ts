// Instant vector selectors: for each step the newest sample within the lookback. Hot: once a series, bench/src/promql-evaluate.ts.
import { Labels } from '@tidewatch/core/labels.ts'
import { isStaleAt } from '@tidewatch/core/stale.ts'
import type { VectorSelector } from '../ast.ts'
import type { SampleBuffer } from '../port.ts'
import { referenceTimes } from './durations.ts'
import type { Evaluator } from './evaluator.ts'
import type { Grid } from './grid.ts'
import { settleResetHints } from './reset-hints.ts'
import { createRow, emit, float, type Row, type RowSink, resetRow, setHistogram } from './row.ts'
import { GrowingSampleBuffer, wordsOf } from './sample-buffer.ts'
import { type SmoothedContext, sweepSmoothed } from './smoothed-selector.ts'

/** Fills the row's cells from the samples; `timestamps` puts the samples' own times (in seconds) in place of their values. */
type Sweep = (buffer: SampleBuffer, referenceMs: Float64Array, lookbackMs: number, row: Row) => void

/** Rows of a selector. With `timestamps` the cells are the samples' own times in seconds: what `timestamp(x)` is about. */
export function selectInstant(
  ev: Evaluator,
  selector: VectorSelector,
  grid: Grid,
  sink: RowSink,
  options: { readonly timestamps: boolean } = { timestamps: false },
): void {
  const series = ev.series(selector)
  const referenceMs = referenceTimes(selector, grid, ev.times)
  const smoothed: SmoothedContext = { notes: ev.notes, span: selector.span, lookbackMs: ev.lookbackMs }
  const sweep = options.timestamps ? sweepTimestamps : sweepValues
  const buffer = new GrowingSampleBuffer()
  const row = createRow(Labels.empty, grid.steps)
  for (let s = 0; s < series.count; s++) {
    series.read(s, buffer)
    ev.budget.spendRead(buffer.length)
    if (buffer.length === 0) continue
    settleResetHints(buffer, ev.statsSelectors.has(selector))
    resetRow(row, series.labels(s), false)
    if (selector.smoothed) sweepSmoothed(buffer, referenceMs, row, smoothed)
    else sweep(buffer, referenceMs, ev.lookbackMs, row)
    ev.counts?.addRow(row)
    emit(row, sink)
  }
}

const sweepValues: Sweep = (buffer, referenceMs, lookbackMs, row) => {
  const { timesMs, values, histograms, length } = buffer
  const { values: out, present } = row
  let words: Uint32Array | undefined
  let last = -1
  for (let i = 0; i < referenceMs.length; i++) {
    const reference = referenceMs[i] as number
    while (last + 1 < length && (timesMs[last + 1] as number) <= reference) last++
    if (last < 0 || (timesMs[last] as number) <= reference - lookbackMs) continue
    const value = values[last] as number
    if (Number.isNaN(value)) {
      words ??= wordsOf(values)
      if (isStaleAt(words, last)) continue
    }
    const found = histograms?.[last]
    if (found === undefined) {
      out[i] = value
      present[i] = float
    } else setHistogram(row, i, found)
  }
}

const sweepTimestamps: Sweep = (buffer, referenceMs, lookbackMs, row) => {
  const { timesMs, values, length } = buffer
  const words = wordsOf(values)
  let last = -1
  for (let i = 0; i < referenceMs.length; i++) {
    const reference = referenceMs[i] as number
    while (last + 1 < length && (timesMs[last + 1] as number) <= reference) last++
    if (last < 0 || (timesMs[last] as number) <= reference - lookbackMs || isStaleAt(words, last)) continue
    row.values[i] = (timesMs[last] as number) / 1000
    row.present[i] = float
  }
}
