// Instant vector selectors: for each step the newest sample within the lookback. Hot: once a series, bench/src/promql-evaluate.ts.
import { Labels } from '@tidewatch/core/labels.ts'
import { isStaleAt } from '@tidewatch/core/stale.ts'
import type { VectorSelector } from '../ast.ts'
import { interpolateHistograms } from '../functions/extended-histogram-rate.ts'
import type { SampleBuffer } from '../port.ts'
import { referenceTimes } from './durations.ts'
import type { Evaluator } from './evaluator.ts'
import type { Grid } from './grid.ts'
import { settleResetHints } from './reset-hints.ts'
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
    settleResetHints(buffer, ev.statsSelectors.has(selector))
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
  const { timesMs, values, histograms, length } = buffer
  const words = wordsOf(values)
  const put = (step: number, k: number): void => {
    const found = histograms?.[k]
    if (found !== undefined) setHistogram(row, step, found)
    else {
      row.values[step] = values[k] as number
      row.present[step] = float
    }
  }
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
    if (hasAfter && timesMs[after] === reference) put(i, after)
    else if (hasBefore && hasAfter) putBetween(buffer, row, i, { before, after, atMs: reference })
    else if (hasBefore) put(i, before)
  }
}

interface Neighbours {
  readonly before: number
  readonly after: number
  readonly atMs: number
}

/** A float and a histogram have nothing between them. */
function putBetween(buffer: SampleBuffer, row: Row, step: number, { before, after, atMs }: Neighbours): void {
  const { timesMs, values, histograms } = buffer
  const [t1, t2] = [timesMs[before] as number, timesMs[after] as number]
  const [h1, h2] = [histograms?.[before], histograms?.[after]]
  if (h1 === undefined && h2 === undefined) {
    const [y1, y2] = [values[before] as number, values[after] as number]
    row.values[step] = y1 + ((y2 - y1) * (atMs - t1)) / (t2 - t1)
    row.present[step] = float
  } else if (h1 !== undefined && h2 !== undefined) {
    const share = (atMs - t1) / (t2 - t1)
    const found = interpolateHistograms(h1, h2, share, (combined) => (combined.ok ? combined.value : undefined))
    if (found !== undefined) setHistogram(row, step, found)
  }
}
