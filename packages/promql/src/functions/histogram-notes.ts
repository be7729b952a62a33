import { type HistogramOperation, noteTexts } from '../evaluate/notes.ts'
import type { RangeContext } from '../evaluate/range-windows.ts'
import type { Combined } from '../native/arithmetic.ts'

/** Notes why two histograms do not go together, or that their bounds were brought together. */
export function noteCombined(combined: Combined, operation: HistogramOperation, context: RangeContext): void {
  if (combined.ok) {
    if (combined.reconciled) context.notes.info(noteTexts.reconciledCustomBuckets(operation), context.range.span)
    return
  }
  const text =
    combined.why === 'schema'
      ? noteTexts.mixedExponentialCustom(context.metricName)
      : noteTexts.incompatibleCustomBuckets(context.metricName)
  context.notes.warn(text, context.range.span)
}
