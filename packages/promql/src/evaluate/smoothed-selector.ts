// `smoothed` instant selectors: linear between the samples around the moment, within the lookback to both sides. Hot: once a series.
import { metricNameLabel } from '@tidewatch/core/labels.ts'
import type { FloatHistogram } from '@tidewatch/core/native-histogram.ts'
import { isStaleAt } from '@tidewatch/core/stale.ts'
import type { Span } from '../ast.ts'
import { interpolateHistograms } from '../functions/extended-histogram-rate.ts'
import { type Combined, detectReset, scale } from '../native/arithmetic.ts'
import type { SampleBuffer } from '../port.ts'
import { type HistogramOperation, type Notes, noteTexts } from './notes.ts'
import { float, type Row, setHistogram } from './row.ts'
import { wordsOf } from './sample-buffer.ts'

export interface SmoothedContext {
  readonly notes: Notes
  /** Where the selector stands. */
  readonly span: Span
  readonly lookbackMs: number
}

/** Fills the row's cells for the moments that the steps look at. */
export function sweepSmoothed(
  buffer: SampleBuffer,
  referenceMs: Float64Array,
  row: Row,
  context: SmoothedContext,
): void {
  const { timesMs, values, histograms, length } = buffer
  const { lookbackMs } = context
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
    if (histograms !== undefined && mixesTypes(buffer, words, reference, lookbackMs)) {
      context.notes.warn(noteTexts.mixedFloatsHistograms(row.labels.get(metricNameLabel)), context.span)
      continue
    }
    let after = next
    while (after < length && isStaleAt(words, after)) after++
    const hasBefore = before >= 0 && (timesMs[before] as number) > reference - lookbackMs
    const hasAfter = after < length && (timesMs[after] as number) <= reference + lookbackMs
    if (hasAfter && timesMs[after] === reference) put(i, after)
    else if (hasBefore && hasAfter) putBetween(buffer, row, i, { before, after, atMs: reference }, context)
    else if (hasBefore) put(i, before)
  }
}

/** Whether floats and histograms are in reach of a moment. */
function mixesTypes(buffer: SampleBuffer, words: Uint32Array, atMs: number, lookbackMs: number): boolean {
  const { timesMs, histograms, length } = buffer
  let [floats, others] = [false, false]
  for (let k = 0; k < length && (timesMs[k] as number) <= atMs + lookbackMs; k++) {
    if ((timesMs[k] as number) <= atMs - lookbackMs || isStaleAt(words, k)) continue
    if (histograms?.[k] === undefined) floats = true
    else others = true
  }
  return floats && others
}

interface Neighbours {
  readonly before: number
  readonly after: number
  readonly atMs: number
}

/** Both neighbours are floats, or both are histograms. */
function putBetween(
  buffer: SampleBuffer,
  row: Row,
  step: number,
  { before, after, atMs }: Neighbours,
  context: SmoothedContext,
): void {
  const { timesMs, values, histograms } = buffer
  const [t1, t2] = [timesMs[before] as number, timesMs[after] as number]
  const [h1, h2] = [histograms?.[before], histograms?.[after]]
  if (h1 === undefined || h2 === undefined) {
    const [y1, y2] = [values[before] as number, values[after] as number]
    row.values[step] = y1 + ((y2 - y1) * (atMs - t1)) / (t2 - t1)
    row.present[step] = float
    return
  }
  const found = between(h1, h2, (atMs - t1) / (t2 - t1), row.labels.get(metricNameLabel), context)
  if (found !== undefined) setHistogram(row, step, found)
}

/** Of counters that were reset between the two the second began empty. Undefined where they do not go together; says so. */
function between(
  h1: FloatHistogram,
  h2: FloatHistogram,
  share: number,
  metricName: string,
  { notes, span }: SmoothedContext,
): FloatHistogram | undefined {
  const isCounter = h1.counterResetHint !== 'gauge' || h2.counterResetHint !== 'gauge'
  if (isCounter && detectReset(h2, h1)) return scale(h2, share)
  return interpolateHistograms(h1, h2, share, (combined: Combined, operation: HistogramOperation) => {
    if (combined.ok) {
      if (combined.reconciled) notes.info(noteTexts.reconciledCustomBuckets(operation), span)
      return combined.value
    }
    const text =
      combined.why === 'schema'
        ? noteTexts.mixedExponentialCustom(metricName)
        : noteTexts.incompatibleCustomBuckets(metricName)
    notes.warn(text, span)
    return undefined
  })
}
