// The rate family over windows with native histograms. Rules: promql/functions.go, histogramRate and instantValue.

import type { FloatHistogram } from '@tidewatch/core/native-histogram.ts'
import { noteTexts } from '../evaluate/notes.ts'
import type { FloatWindows, HistogramWindows, MixedKernel, RangeContext } from '../evaluate/range-windows.ts'
import { add, compact, detectReset, divide, equal, scale, subtract, toSchema, withHint } from '../native/arithmetic.ts'
import { usesCustomBuckets } from '../native/buckets.ts'
import { anchoredPoints, extendedHistogramRate, extendedWindow } from './extended-histogram-rate.ts'
import { extrapolationFactor } from './extrapolation.ts'
import { noteCombined } from './histogram-notes.ts'
import { rangeSeconds } from './range-seconds.ts'

/** A window's histograms in order. */
export function windowOf(histograms: HistogramWindows, step: number): readonly FloatHistogram[] {
  return histograms.items.slice(histograms.from[step], histograms.until[step])
}

/** Whether the window holds floats beside its histograms; says so. */
export function mixesFloats(floats: FloatWindows, step: number, context: RangeContext): boolean {
  if (floats.from[step] === floats.until[step]) return false
  context.notes.warn(noteTexts.mixedFloatsHistograms(context.metricName), context.range.span)
  return true
}

export function rateOfMixed(options: { readonly isCounter: boolean; readonly perSecond: boolean }): MixedKernel {
  return (floats, histograms, step, context) => {
    if (context.lookbackMs > 0)
      return extendedHistogramRate(extendedWindow(floats, histograms, step, context), options, context)
    if (mixesFloats(floats, step, context)) return undefined
    const points = windowOf(histograms, step)
    if (points.length < 2) return undefined
    const difference = histogramDifference(points, options.isCounter, context)
    if (difference === undefined) return undefined
    const first = histograms.from[step] as number
    const endMs = floats.endsMs[step] as number
    const zeroShare = options.isCounter ? zeroShareOf(points, difference) : undefined
    const factor = extrapolationFactor({
      firstMs: histograms.timesMs[first] as number,
      lastMs: histograms.timesMs[(histograms.until[step] as number) - 1] as number,
      gaps: points.length - 1,
      startMs: endMs - floats.rangeMs,
      endMs,
      ...(zeroShare === undefined ? {} : { zeroShare }),
    })
    return scale(difference, options.perSecond ? factor / rangeSeconds(floats.rangeMs) : factor)
  }
}

/** Where the count was zero, in parts of the sampled time before the first sample. One with buckets of another kind tells nothing of this counter. */
function zeroShareOf(points: readonly FloatHistogram[], difference: FloatHistogram): number | undefined {
  const [first, second] = points as [FloatHistogram, FloatHistogram]
  if (!(difference.count > 0) || !(first.count >= 0)) return undefined
  return usesCustomBuckets(first) === usesCustomBuckets(second) ? first.count / difference.count : undefined
}

function noteGauges(points: readonly FloatHistogram[], isCounter: boolean, context: RangeContext): void {
  const [first, last] = [points[0], points.at(-1)]
  if (isCounter && points.some((h) => h.counterResetHint === 'gauge')) {
    context.notes.warn(noteTexts.notCounter(context.metricName), context.range.span)
  }
  if (!isCounter && (first?.counterResetHint !== 'gauge' || last?.counterResetHint !== 'gauge')) {
    context.notes.warn(noteTexts.notGauge(context.metricName), context.range.span)
  }
}

const emptyLike = (h: FloatHistogram): FloatHistogram => ({
  schema: h.schema,
  counterResetHint: 'unknown',
  count: 0,
  sum: 0,
  zeroThreshold: 0,
  zeroCount: 0,
  positiveSpans: [],
  positiveBuckets: new Float64Array(0),
  negativeSpans: [],
  negativeBuckets: new Float64Array(0),
  customValues: h.customValues,
})

/** The last less the first, and what was lost by resets added back. */
function histogramDifference(
  points: readonly FloatHistogram[],
  isCounter: boolean,
  context: RangeContext,
): FloatHistogram | undefined {
  noteGauges(points, isCounter, context)
  const last = points.at(-1) as FloatHistogram
  const second = points[1] as FloatHistogram
  let before = points[0] as FloatHistogram
  // the first is not looked at where a reset follows, so its buckets need not fit either
  if (isCounter && detectReset(second, before)) before = emptyLike(second)
  const custom = usesCustomBuckets(before)
  const relevant = isCounter ? points.slice(1) : [last]
  if (relevant.some((h) => usesCustomBuckets(h) !== custom)) {
    context.notes.warn(noteTexts.mixedExponentialCustom(context.metricName), context.range.span)
    return undefined
  }
  const schema = relevant.reduce((least, h) => Math.min(least, h.schema), before.schema)
  let result = subtract(toSchema(last, schema), before)
  noteCombined(result, 'subtraction', context)
  if (isCounter) {
    for (const current of points.slice(1)) {
      if (result.ok && detectReset(current, before)) {
        result = add(result.value, before)
        noteCombined(result, 'addition', context)
      }
      before = current
    }
  }
  return result.ok ? withHint(compact(result.value), 'gauge') : undefined
}

/** irate and idelta: the last two samples, whatever they are. */
export function instantDifferenceOfMixed({ isRate }: { readonly isRate: boolean }): MixedKernel {
  return (floats, histograms, step, context) => {
    const last = newest(floats, histograms, step, 0)
    const before = newest(floats, histograms, step, 1)
    if (last === undefined || before === undefined || last.atMs === before.atMs) return undefined
    const seconds = (last.atMs - before.atMs) / 1000
    if (typeof last.value === 'number' && typeof before.value === 'number') {
      const difference = isRate && last.value < before.value ? last.value : last.value - before.value
      return isRate ? difference / seconds : difference
    }
    if (typeof last.value === 'number' || typeof before.value === 'number') {
      context.notes.warn(noteTexts.mixedFloatsHistograms(context.metricName), context.range.span)
      return undefined
    }
    noteGauges([before.value, last.value], isRate, context)
    let result = last.value
    if (!isRate || !detectReset(last.value, before.value)) {
      const difference = subtract(last.value, before.value)
      noteCombined(difference, 'subtraction', context)
      if (!difference.ok) return undefined
      result = difference.value
    }
    const gauge = withHint(compact(result), 'gauge')
    return isRate ? divide(gauge, seconds) : gauge
  }
}

interface Point {
  readonly atMs: number
  readonly value: number | FloatHistogram
}

/** The newest sample of a window (`back` 0), or the one before (`back` 1). */
function newest(floats: FloatWindows, histograms: HistogramWindows, step: number, back: 0 | 1): Point | undefined {
  return pointsOf(floats, histograms, step, 2).at(-1 - back)
}

/** Floats and histograms of a window in the order of their times; with `limit` only the newest of each. */
function pointsOf(floats: FloatWindows, histograms: HistogramWindows, step: number, limit?: number): Point[] {
  const points: Point[] = []
  const untilFloat = floats.until[step] as number
  const fromFloat = floats.from[step] as number
  for (let k = Math.max(fromFloat, limit === undefined ? 0 : untilFloat - limit); k < untilFloat; k++) {
    points.push({ atMs: floats.timesMs[k] as number, value: floats.values[k] as number })
  }
  const until = histograms.until[step] as number
  const from = histograms.from[step] as number
  for (let k = Math.max(from, limit === undefined ? 0 : until - limit); k < until; k++) {
    points.push({ atMs: histograms.timesMs[k] as number, value: histograms.items[k] as FloatHistogram })
  }
  return points.sort((a, b) => a.atMs - b.atMs)
}

type Event = (before: Point['value'], value: Point['value']) => boolean

function countOfMixed(isEvent: Event): MixedKernel {
  return (floats, histograms, step, context) => {
    const points =
      context.lookbackMs > 0
        ? anchoredPoints(extendedWindow(floats, histograms, step, context))
        : pointsOf(floats, histograms, step)
    if (points === undefined) return undefined
    let count = 0
    for (let k = 1; k < points.length; k++) {
      if (isEvent((points[k - 1] as Point).value, (points[k] as Point).value)) count++
    }
    return count
  }
}

export const resetsOfMixed = countOfMixed((before, value) => {
  if (typeof before === 'number' && typeof value === 'number') return value < before
  if (typeof before === 'number' || typeof value === 'number') return true
  return detectReset(value, before)
})

export const changesOfMixed = countOfMixed((before, value) => {
  if (typeof before === 'number' && typeof value === 'number') {
    return value !== before && !(Number.isNaN(value) && Number.isNaN(before))
  }
  if (typeof before === 'number' || typeof value === 'number') return true
  return !equal(value, before)
})
