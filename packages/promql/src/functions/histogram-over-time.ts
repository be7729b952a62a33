// The *_over_time functions over windows with native histograms.

import type { FloatHistogram } from '@tidewatch/core/native-histogram.ts'
import { noteTexts } from '../evaluate/notes.ts'
import type { FloatWindows, HistogramWindows, MixedKernel, RangeContext } from '../evaluate/range-windows.ts'
import { HistogramMean, HistogramSum } from '../native/sum.ts'
import { noteCombined } from './histogram-notes.ts'
import { mixesFloats, windowOf } from './histogram-rate.ts'

type Fold = new (first: FloatHistogram) => Pick<HistogramSum, 'add' | 'total'>

function foldOfMixed(Folded: Fold): MixedKernel {
  return (floats, histograms, step, context) => {
    if (mixesFloats(floats, step, context)) return undefined
    const points = windowOf(histograms, step)
    const fold = new Folded(points[0] as FloatHistogram)
    for (let k = 1; k < points.length; k++) {
      const next = fold.add(points[k] as FloatHistogram)
      noteCombined(next, 'aggregation', context)
      if (!next.ok) return undefined
    }
    noteCollision(points, context)
    return fold.total
  }
}

function noteCollision(points: readonly FloatHistogram[], context: RangeContext): void {
  const seen = (hint: FloatHistogram['counterResetHint']): boolean => points.some((h) => h.counterResetHint === hint)
  if (seen('reset') && seen('not_reset'))
    context.notes.warn(noteTexts.counterResetCollision('aggregation'), context.range.span)
}

export const sumOfMixed = foldOfMixed(HistogramSum)
export const averageOfMixed = foldOfMixed(HistogramMean)

/** The first or last sample; of a float and a histogram at one time the histogram. */
function pick(which: 'first' | 'last'): MixedKernel {
  const edge = ({ from, until }: FloatWindows | HistogramWindows, step: number): number =>
    which === 'first' ? (from[step] as number) : (until[step] as number) - 1
  return (floats, histograms, step) => {
    const k = edge(histograms, step)
    const found = histograms.items[k] as FloatHistogram
    if (floats.from[step] === floats.until[step]) return found
    const f = edge(floats, step)
    const [floatMs, histogramMs] = [floats.timesMs[f] as number, histograms.timesMs[k] as number]
    const floatWins = which === 'first' ? floatMs < histogramMs : floatMs > histogramMs
    return floatWins ? (floats.values[f] as number) : found
  }
}

export const firstOfMixed = pick('first')
export const lastOfMixed = pick('last')
