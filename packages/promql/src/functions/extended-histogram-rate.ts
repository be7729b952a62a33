// rate, increase, delta, changes and resets of `anchored` and `smoothed` selectors over native histograms, alone or beside floats.
import type { FloatHistogram } from '@tidewatch/core/native-histogram.ts'
import { noteTexts } from '../evaluate/notes.ts'
import type { FloatWindows, HistogramWindows, RangeContext } from '../evaluate/range-windows.ts'
import { add, type Combined, compact, detectReset, divide, scale, subtract, withHint } from '../native/arithmetic.ts'
import { usesCustomBuckets } from '../native/buckets.ts'
import { isSmoothed } from './extended-rate.ts'
import { noteCombined } from './histogram-notes.ts'
import { rangeSeconds } from './range-seconds.ts'

interface Point<Value> {
  readonly atMs: number
  readonly value: Value
}

type HistogramPoint = Point<FloatHistogram>

/** What a step looks at: from the lookback before its window on, for `smoothed` to that after it. */
export interface ExtendedWindow {
  readonly floats: readonly Point<number>[]
  readonly histograms: readonly HistogramPoint[]
  readonly startMs: number
  readonly endMs: number
}

export function extendedWindow(
  floats: FloatWindows,
  histograms: HistogramWindows,
  step: number,
  context: RangeContext,
): ExtendedWindow {
  const endMs = floats.endsMs[step] as number
  const startMs = endMs - floats.rangeMs
  const fromMs = startMs - context.lookbackMs
  const untilMs = isSmoothed(context) ? endMs + context.lookbackMs : endMs
  return {
    floats: between(floats.timesMs, floats.values, floats.length, fromMs, untilMs),
    histograms: between(histograms.timesMs, histograms.items, histograms.items.length, fromMs, untilMs),
    startMs,
    endMs,
  }
}

function between<Value>(
  timesMs: Float64Array,
  values: ArrayLike<Value>,
  length: number,
  fromMs: number,
  untilMs: number,
): Point<Value>[] {
  const found: Point<Value>[] = []
  for (let i = 0; i < length; i++) {
    const atMs = timesMs[i] as number
    if (atMs > fromMs && atMs <= untilMs) found.push({ atMs, value: values[i] as Value })
  }
  return found
}

/** The samples that count: from the one at or before the start (else the first) to the one that stands for the end. */
function borders(
  points: readonly Point<unknown>[],
  { startMs, endMs }: ExtendedWindow,
  smoothed: boolean,
): { readonly first: number; readonly last: number } | undefined {
  const top = points.length - 1
  if (top < 0) return undefined
  let first = 0
  while (first + 1 <= top && (points[first + 1] as Point<unknown>).atMs <= startMs) first++
  const reaching = smoothed ? points.findIndex(({ atMs }) => atMs >= endMs) : top
  const last = reaching < 0 ? top : reaching
  if ((points[last] as Point<unknown>).atMs <= startMs) return undefined
  if (smoothed && (points[first] as Point<unknown>).atMs > endMs) return undefined
  return { first, last }
}

/** The value at the end less that at the start, resets added back; without extrapolation. */
export function extendedHistogramRate(
  window: ExtendedWindow,
  { isCounter, perSecond }: { readonly isCounter: boolean; readonly perSecond: boolean },
  context: RangeContext,
): FloatHistogram | undefined {
  const smoothed = isSmoothed(context)
  const { startMs, endMs, histograms } = window
  if (window.floats.length > 0) {
    context.notes.warn(noteTexts.mixedFloatsHistograms(context.metricName), context.range.span)
    return undefined
  }
  const found = borders(histograms, window, smoothed)
  if (found === undefined) return undefined
  const points = histograms.slice(found.first, found.last + 1)
  if (!fitTogether(points, isCounter, context)) return undefined
  const [before, after] = [points[0], points.at(-1)] as [HistogramPoint, HistogramPoint]
  const at = (atMs: number, a: HistogramPoint, b: HistogramPoint): FloatHistogram | undefined =>
    interpolate(a, b, atMs, isCounter, context)
  const left = smoothed && before.atMs < startMs ? at(startMs, before, points[1] as HistogramPoint) : before.value
  const right =
    smoothed && points.length > 1 && after.atMs > endMs
      ? at(endMs, points.at(-2) as HistogramPoint, after)
      : after.value
  if (left === undefined || right === undefined) return undefined
  if (!isCounter && (left.counterResetHint !== 'gauge' || right.counterResetHint !== 'gauge'))
    context.notes.warn(noteTexts.notGauge(context.metricName), context.range.span)
  let result = noted(subtract(right, left), 'subtraction', context)
  if (isCounter && result !== undefined) {
    for (const lost of lostByResets(points, left, right, smoothed && before.atMs < startMs)) {
      result = result === undefined ? undefined : noted(add(result, lost), 'addition', context)
    }
  }
  if (result === undefined) return undefined
  const whole = perSecond ? divide(result, rangeSeconds(endMs - startMs)) : result
  return compact(withHint(whole, 'gauge'))
}

function noted(
  combined: Combined,
  operation: 'addition' | 'subtraction',
  context: RangeContext,
): FloatHistogram | undefined {
  noteCombined(combined, operation, context)
  return combined.ok ? combined.value : undefined
}

function fitTogether(points: readonly HistogramPoint[], isCounter: boolean, context: RangeContext): boolean {
  const custom = usesCustomBuckets((points[0] as HistogramPoint).value)
  for (const { value } of points) {
    if (usesCustomBuckets(value) !== custom) {
      context.notes.warn(noteTexts.mixedExponentialCustom(context.metricName), context.range.span)
      return false
    }
    if (isCounter && value.counterResetHint === 'gauge')
      context.notes.warn(noteTexts.notCounter(context.metricName), context.range.span)
  }
  return true
}

/** Linear between two; a counter that was reset between them is taken to have begun empty. Undefined where they do not fit. */
function interpolate(
  a: HistogramPoint,
  b: HistogramPoint,
  atMs: number,
  isCounter: boolean,
  context: RangeContext,
): FloatHistogram | undefined {
  if (atMs === b.atMs) return b.value
  const share = (atMs - a.atMs) / (b.atMs - a.atMs)
  if (isCounter && detectReset(b.value, a.value)) return scale(b.value, share)
  return interpolateHistograms(a.value, b.value, share, (combined, operation) => noted(combined, operation, context))
}

/** `a` and that share of the way to `b`; `take` is told of each step's outcome and gives its value. */
export function interpolateHistograms(
  a: FloatHistogram,
  b: FloatHistogram,
  share: number,
  take: (combined: Combined, operation: 'addition' | 'subtraction') => FloatHistogram | undefined,
): FloatHistogram | undefined {
  const difference = take(subtract(b, a), 'subtraction')
  return difference === undefined ? undefined : take(add(scale(difference, share), a), 'addition')
}

/** What had been counted before each reset between the borders. One that the left border was interpolated across is in it already. */
function lostByResets(
  points: readonly HistogramPoint[],
  left: FloatHistogram,
  right: FloatHistogram,
  leftBetween: boolean,
): FloatHistogram[] {
  const lost: FloatHistogram[] = []
  let before = left
  let next = 1
  const [first, second] = [points[0] as HistogramPoint, points[1]]
  if (leftBetween && second !== undefined && detectReset(second.value, first.value)) {
    before = second.value
    next = 2
  }
  // the last is the right border, or was interpolated from
  if (next > points.length - 1) return lost
  for (const { value } of points.slice(next, -1)) {
    if (detectReset(value, before)) lost.push(before)
    before = value
  }
  if (detectReset(right, before)) lost.push(before)
  return lost
}

/** For counting changes: the newest sample at or before the start, and those of the window. Undefined where the window is empty. */
export function anchoredPoints({
  floats,
  histograms,
  startMs,
}: ExtendedWindow): readonly Point<number | FloatHistogram>[] | undefined {
  const points: Point<number | FloatHistogram>[] = [...floats, ...histograms]
  points.sort((a, b) => a.atMs - b.atMs)
  const first = points.findIndex(({ atMs }) => atMs > startMs)
  if (first < 0) return undefined
  return points.slice(Math.max(0, first - 1))
}
