// The *_over_time functions. Hot: once a series, bench/src/promql-evaluate.ts.
import type { Expr } from '../ast.ts'
import { noteTexts } from '../evaluate/notes.ts'
import type { FloatKernel, FloatWindows, MixedKernel, RangeFunction } from '../evaluate/range-windows.ts'
import { float } from '../evaluate/row.ts'
import { averageOfMixed, firstOfMixed, lastOfMixed, sumOfMixed } from './histogram-over-time.ts'
import { SortedWindow } from './sorted-window.ts'

/** Writes `valueFor(first, end)` for each window that is not empty; for kernels whose cost is in the window, not in the call. */
function eachWindow(
  windows: FloatWindows,
  out: { readonly values: Float64Array; readonly present: Uint8Array },
  valueFor: (first: number, end: number, step: number) => number,
): void {
  const { from, until, steps } = windows
  for (let i = 0; i < steps; i++) {
    const first = from[i] as number
    const end = until[i] as number
    if (end <= first) continue
    out.values[i] = valueFor(first, end, i)
    out.present[i] = float
  }
}

let sums = new Float64Array(1024)

/**
 * Prefix sums, if they are exact: all values whole and all sums within 2^53. Then a window's sum is one subtraction and the same to the
 * last bit as adding up with compensation, which has nothing to compensate.
 */
function exactPrefix(values: Float64Array, length: number): Float64Array | undefined {
  if (sums.length <= length) sums = new Float64Array(length * 2)
  let magnitude = 0
  let sum = 0
  sums[0] = 0
  for (let k = 0; k < length; k++) {
    const value = values[k] as number
    magnitude += Math.abs(value)
    if (!(magnitude <= Number.MAX_SAFE_INTEGER) || Math.trunc(value) !== value) return undefined
    sum += value
    sums[k + 1] = sum
  }
  return sums
}

const sumKernel: FloatKernel = (windows, out) => {
  const { values, length } = windows
  const prefix = exactPrefix(values, length)
  eachWindow(windows, out, (first, end) =>
    prefix === undefined ? sumOf(values, first, end) : (prefix[end] as number) - (prefix[first] as number),
  )
}

function sumOf(values: Float64Array, first: number, end: number): number {
  let sum = 0
  let lost = 0
  for (let k = first; k < end; k++) {
    const value = values[k] as number
    const total = sum + value
    if (total === Number.POSITIVE_INFINITY || total === Number.NEGATIVE_INFINITY) lost = 0
    else if (Math.abs(sum) >= Math.abs(value)) lost += sum - total + value
    else lost += value - total + sum
    sum = total
  }
  return sum === Number.POSITIVE_INFINITY || sum === Number.NEGATIVE_INFINITY ? sum : sum + lost
}

const averageKernel: FloatKernel = (windows, out) => {
  const { values, length } = windows
  const prefix = exactPrefix(values, length)
  eachWindow(windows, out, (first, end) =>
    prefix === undefined
      ? averageOf(values, first, end)
      : ((prefix[end] as number) - (prefix[first] as number)) / (end - first),
  )
}

/** The mean by a compensated sum; from where that would overflow on, as a running mean. */
function averageOf(values: Float64Array, first: number, end: number): number {
  let sum = values[first] as number
  let lost = 0
  for (let k = first + 1; k < end; k++) {
    const value = values[k] as number
    const total = sum + value
    if (total === Number.POSITIVE_INFINITY || total === Number.NEGATIVE_INFINITY) {
      return runningMean(values, { first, at: k, end, mean: sum / (k - first), lost: lost / (k - first) })
    }
    if (Math.abs(sum) >= Math.abs(value)) lost += sum - total + value
    else lost += value - total + sum
    sum = total
  }
  const count = end - first
  return sum / count + lost / count
}

interface RunningMean {
  readonly first: number
  readonly at: number
  readonly end: number
  readonly mean: number
  readonly lost: number
}

function runningMean(values: Float64Array, state: RunningMean): number {
  let { mean, lost } = state
  for (let k = state.at; k < state.end; k++) {
    const count = k - state.first + 1
    const q = (count - 1) / count
    const share = (values[k] as number) / count
    const sum = q * mean
    lost *= q
    const total = sum + share
    if (total === Number.POSITIVE_INFINITY || total === Number.NEGATIVE_INFINITY) lost = 0
    else if (Math.abs(sum) >= Math.abs(share)) lost += sum - total + share
    else lost += share - total + sum
    mean = total
  }
  return mean + lost
}

let deque = new Int32Array(1024)

/**
 * Greatest or least of each window by a monotone queue of candidates: each sample enters and leaves once. Of equal values the first
 * counts (as 0 and -0 differ), for the `ts_of_` functions the last; NaN only where nothing else is.
 */
function extremeKernel(options: {
  readonly sign: 1 | -1
  readonly lastOfEqual?: boolean
  readonly time?: boolean
}): FloatKernel {
  const { sign, lastOfEqual = false, time = false } = options
  return ({ values, timesMs, length, from, until, steps }, out) => {
    if (deque.length < length) deque = new Int32Array(length * 2)
    let head = 0
    let tail = 0
    let next = 0
    for (let i = 0; i < steps; i++) {
      const first = from[i] as number
      const end = until[i] as number
      for (; next < end; next++) {
        const value = sign * (values[next] as number)
        if (Number.isNaN(value)) continue
        while (tail > head) {
          const last = sign * (values[deque[tail - 1] as number] as number)
          if (last < value || (lastOfEqual && last === value)) tail--
          else break
        }
        deque[tail++] = next
      }
      if (end <= first) continue
      while (head < tail && (deque[head] as number) < first) head++
      // all NaN: a comparison by value keeps the first of them, one by time goes on to the last
      const found = head < tail ? (deque[head] as number) : lastOfEqual ? end - 1 : first
      out.values[i] = time ? (timesMs[found] as number) / 1000 : (values[found] as number)
      out.present[i] = float
    }
  }
}

const varianceKernel = (root: boolean): FloatKernel => {
  return (windows, out) => {
    const { values } = windows
    eachWindow(windows, out, (first, end) => {
      const variance = varianceOf(values, first, end)
      return root ? Math.sqrt(variance) : variance
    })
  }
}

/** Welford's method with compensated sums. */
function varianceOf(values: Float64Array, first: number, end: number): number {
  let mean = 0
  let meanLost = 0
  let squares = 0
  let squaresLost = 0
  for (let k = first; k < end; k++) {
    const value = values[k] as number
    const delta = value - (mean + meanLost)
    const share = delta / (k - first + 1)
    let total = mean + share
    if (total === Number.POSITIVE_INFINITY || total === Number.NEGATIVE_INFINITY) meanLost = 0
    else if (Math.abs(mean) >= Math.abs(share)) meanLost += mean - total + share
    else meanLost += share - total + mean
    mean = total
    const square = delta * (value - (mean + meanLost))
    total = squares + square
    if (total === Number.POSITIVE_INFINITY || total === Number.NEGATIVE_INFINITY) squaresLost = 0
    else if (Math.abs(squares) >= Math.abs(square)) squaresLost += squares - total + square
    else squaresLost += square - total + squares
    squares = total
  }
  return (squares + squaresLost) / (end - first)
}

const quantileKernel: FloatKernel = (windows, out, context) => {
  const { values } = windows
  const quantiles = context.scalars[0] as Float64Array
  const sorted = new SortedWindow()
  eachWindow(windows, out, (first, end, step) => {
    const q = quantiles[step] as number
    if (!(q >= 0 && q <= 1)) context.notes.warn(noteTexts.invalidQuantile(q), (context.call.args[0] as Expr).span)
    sorted.moveTo(values, first, end)
    return sorted.quantile(q)
  })
}

const madKernel: FloatKernel = (windows, out) => {
  const { values } = windows
  const sorted = new SortedWindow()
  const deviations = new SortedWindow()
  let distances = new Float64Array(64)
  eachWindow(windows, out, (first, end) => {
    sorted.moveTo(values, first, end)
    // of a NaN nothing lies at any distance
    for (let k = first; k < end; k++) if (Number.isNaN(values[k] as number)) return Number.NaN
    const median = sorted.quantile(0.5)
    if (distances.length < end - first) distances = new Float64Array((end - first) * 2)
    for (let k = first; k < end; k++) distances[k - first] = Math.abs((values[k] as number) - median)
    deviations.clear()
    deviations.moveTo(distances, 0, end - first)
    return deviations.quantile(0.5)
  })
}

const pickKernel = (which: 'first' | 'last', what: 'value' | 'time'): FloatKernel => {
  return (windows, out) => {
    const { values, timesMs } = windows
    eachWindow(windows, out, (first, end) => {
      const k = which === 'first' ? first : end - 1
      return what === 'value' ? (values[k] as number) : (timesMs[k] as number) / 1000
    })
  }
}

const presentOfMixed: MixedKernel = () => 1
const countOfMixed: MixedKernel = (floats, histograms, step) => {
  const count = (w: { readonly from: Int32Array; readonly until: Int32Array }): number =>
    (w.until[step] as number) - (w.from[step] as number)
  return count(floats) + count(histograms)
}

const timeOfMixed = (which: 'first' | 'last'): MixedKernel => {
  return (floats, histograms, step) => {
    const times = [floats, histograms].flatMap(({ timesMs, from, until }) => {
      const [first, end] = [from[step] as number, until[step] as number]
      return end > first ? [timesMs[which === 'first' ? first : end - 1] as number] : []
    })
    return (which === 'first' ? Math.min(...times) : Math.max(...times)) / 1000
  }
}

const countKernel: FloatKernel = (windows, out) => eachWindow(windows, out, (first, end) => end - first)
const presentKernel: FloatKernel = (windows, out) => eachWindow(windows, out, () => 1)

export const overTimeFunctions = {
  sum_over_time: { kind: 'range', floats: sumKernel, mixed: sumOfMixed },
  avg_over_time: { kind: 'range', floats: averageKernel, mixed: averageOfMixed },
  count_over_time: { kind: 'range', floats: countKernel, mixed: countOfMixed },
  present_over_time: { kind: 'range', floats: presentKernel, mixed: presentOfMixed },
  min_over_time: { kind: 'range', floats: extremeKernel({ sign: -1 }) },
  max_over_time: { kind: 'range', floats: extremeKernel({ sign: 1 }) },
  ts_of_min_over_time: { kind: 'range', floats: extremeKernel({ sign: -1, lastOfEqual: true, time: true }) },
  ts_of_max_over_time: { kind: 'range', floats: extremeKernel({ sign: 1, lastOfEqual: true, time: true }) },
  stddev_over_time: { kind: 'range', floats: varianceKernel(true) },
  stdvar_over_time: { kind: 'range', floats: varianceKernel(false) },
  quantile_over_time: { kind: 'range', floats: quantileKernel },
  mad_over_time: { kind: 'range', floats: madKernel },
  first_over_time: { kind: 'range', keepsName: true, floats: pickKernel('first', 'value'), mixed: firstOfMixed },
  last_over_time: { kind: 'range', keepsName: true, floats: pickKernel('last', 'value'), mixed: lastOfMixed },
  ts_of_first_over_time: { kind: 'range', floats: pickKernel('first', 'time'), mixed: timeOfMixed('first') },
  ts_of_last_over_time: { kind: 'range', floats: pickKernel('last', 'time'), mixed: timeOfMixed('last') },
} as const satisfies Record<string, RangeFunction>
