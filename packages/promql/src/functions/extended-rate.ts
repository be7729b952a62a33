// rate, increase, delta, changes and resets of `anchored` and `smoothed` selectors: from border to border, without extrapolation.
import type { FloatWindows, RangeContext } from '../evaluate/range-windows.ts'
import { float, type Row } from '../evaluate/row.ts'
import { rangeSeconds } from './range-seconds.ts'

interface ExtendedOptions {
  readonly isCounter: boolean
  readonly perSecond: boolean
}

export function isSmoothed({ range }: RangeContext): boolean {
  return range.kind === 'matrix_selector' && range.selector.smoothed
}

/** The last sample at or before the start and within the lookback, else the first one of the window. */
function anchor(windows: FloatWindows, step: number, lookbackMs: number): number {
  const first = windows.from[step] as number
  const startMs = (windows.endsMs[step] as number) - windows.rangeMs
  return first > 0 && (windows.timesMs[first - 1] as number) > startMs - lookbackMs ? first - 1 : first
}

/** Per window: the value at its end less the value at its start, resets added back. */
export function extendedRate(windows: FloatWindows, out: Row, context: RangeContext, options: ExtendedOptions): void {
  const { timesMs, endsMs, rangeMs, steps } = windows
  const smoothed = isSmoothed(context)
  const seconds = rangeSeconds(rangeMs)
  for (let i = 0; i < steps; i++) {
    const endMs = endsMs[i] as number
    const startMs = endMs - rangeMs
    const first = anchor(windows, i, context.lookbackMs)
    const last = smoothed ? sampleAtOrAfterEnd(windows, i, context.lookbackMs) : (windows.until[i] as number) - 1
    if (last < first || (timesMs[last] as number) <= startMs) continue
    if (smoothed && (timesMs[first] as number) > endMs) continue
    const difference = borderDifference(windows, {
      first,
      last,
      startMs,
      endMs,
      smoothed,
      isCounter: options.isCounter,
    })
    out.values[i] = options.perSecond ? difference / seconds : difference
    out.present[i] = float
  }
}

function sampleAtOrAfterEnd(windows: FloatWindows, step: number, lookbackMs: number): number {
  const { timesMs, length } = windows
  const endMs = windows.endsMs[step] as number
  const next = windows.until[step] as number
  if (next > 0 && timesMs[next - 1] === endMs) return next - 1
  return next < length && (timesMs[next] as number) <= endMs + lookbackMs ? next : next - 1
}

interface Borders {
  readonly first: number
  readonly last: number
  readonly startMs: number
  readonly endMs: number
  readonly smoothed: boolean
  readonly isCounter: boolean
}

function borderDifference(windows: FloatWindows, borders: Borders): number {
  const { timesMs, values } = windows
  const { startMs, endMs, smoothed, isCounter } = borders
  let { first, last } = borders
  const left =
    smoothed && (timesMs[first] as number) < startMs
      ? interpolate(windows, first, startMs, isCounter)
      : (values[first] as number)
  const right =
    smoothed && last > 0 && (timesMs[last] as number) > endMs
      ? interpolate(windows, last - 1, endMs, isCounter)
      : (values[last] as number)
  let difference = right - left
  if (!isCounter) return difference
  if ((timesMs[first] as number) <= startMs) first++
  if ((timesMs[last] as number) >= endMs) last--
  let before = left
  let correction = 0
  for (let k = first; k <= last; k++) {
    const value = values[k] as number
    if (value < before) correction += before
    before = value
  }
  if (right < before) correction += before
  difference += correction
  return difference
}

/** Linear between two neighbours; a counter that was reset between them is taken to have begun at 0. */
function interpolate(windows: FloatWindows, index: number, atMs: number, isCounter: boolean): number {
  const { timesMs, values } = windows
  const y2 = values[index + 1] as number
  const first = values[index] as number
  const y1 = isCounter && y2 < first ? 0 : first
  const [t1, t2] = [timesMs[index] as number, timesMs[index + 1] as number]
  return y1 + ((y2 - y1) * (atMs - t1)) / (t2 - t1)
}

/** Counts since the sample that the window is anchored at; `counts[k]` is how many there were up to sample k. */
export function extendedChanges(windows: FloatWindows, out: Row, context: RangeContext, counts: Int32Array): void {
  for (let i = 0; i < windows.steps; i++) {
    const last = (windows.until[i] as number) - 1
    if (last < (windows.from[i] as number)) continue
    out.values[i] = (counts[last] as number) - (counts[anchor(windows, i, context.lookbackMs)] as number)
    out.present[i] = float
  }
}
