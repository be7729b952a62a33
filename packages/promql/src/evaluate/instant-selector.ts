// Instant vector selectors: for each step the newest sample within the lookback. Hot: once a series, bench/src/promql-evaluate.ts.
import { Labels } from '@tidewatch/core/labels.ts'
import { isStaleAt } from '@tidewatch/core/stale.ts'
import type { VectorSelector } from '../ast.ts'
import type { SampleBuffer } from '../port.ts'
import { referenceTimes } from './durations.ts'
import { type Evaluator, executionError } from './evaluator.ts'
import type { Grid } from './grid.ts'
import { createRow, emit, float, type Row, type RowSink, resetRow, setHistogram } from './row.ts'
import { GrowingSampleBuffer, wordsOf } from './sample-buffer.ts'

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
  const sweep = selector.smoothed ? sweepSmoothed : options.timestamps ? sweepTimestamps : sweepValues
  const buffer = new GrowingSampleBuffer()
  const row = createRow(Labels.empty, grid.steps)
  for (let s = 0; s < series.count; s++) {
    series.read(s, buffer)
    ev.budget.spendRead(buffer.length)
    if (buffer.length === 0) continue
    resetRow(row, series.labels(s), false)
    sweep(buffer, referenceMs, ev.lookbackMs, row)
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

/** `smoothed`: linear between the samples around the moment, within the lookback to both sides. */
const sweepSmoothed: Sweep = (buffer, referenceMs, lookbackMs, row) => {
  const { timesMs, values, length } = buffer
  if (buffer.histograms?.some((h) => h !== undefined) === true) {
    throw executionError('smoothed and anchored modifiers do not work with native histograms')
  }
  const words = wordsOf(values)
  let next = 0
  let before = -1
  for (let i = 0; i < referenceMs.length; i++) {
    const reference = referenceMs[i] as number
    while (next < length && (timesMs[next] as number) < reference) {
      if (!isStaleAt(words, next)) before = next
      next++
    }
    let after = next
    while (after < length && isStaleAt(words, after)) after++
    const hasBefore = before >= 0 && (timesMs[before] as number) > reference - lookbackMs
    const hasAfter = after < length && (timesMs[after] as number) <= reference + lookbackMs
    if (hasAfter && timesMs[after] === reference) row.values[i] = values[after] as number
    else if (hasBefore && hasAfter) row.values[i] = between(timesMs, values, before, after, reference)
    else if (hasBefore) row.values[i] = values[before] as number
    else continue
    row.present[i] = float
  }
}

function between(timesMs: Float64Array, values: Float64Array, a: number, b: number, atMs: number): number {
  const [y1, y2] = [values[a] as number, values[b] as number]
  const [t1, t2] = [timesMs[a] as number, timesMs[b] as number]
  return y1 + ((y2 - y1) * (atMs - t1)) / (t2 - t1)
}
