// rate, increase, delta, irate, idelta, resets, changes. Hot: once a series, bench/src/promql-evaluate.ts.
import type { FloatKernel, FloatWindows, RangeContext, RangeFunction } from '../evaluate/range-windows.ts'
import { absent, float, type Row } from '../evaluate/row.ts'
import { extendedChanges, extendedRate } from './extended-rate.ts'
import { extrapolationFactor, WindowLayout } from './extrapolation.ts'
import { changesOfMixed, instantDifferenceOfMixed, rateOfMixed, resetsOfMixed } from './histogram-rate.ts'
import { rangeSeconds } from './range-seconds.ts'

let resetIndexes = new Int32Array(64)

function growResets(): void {
  const grown = new Int32Array(resetIndexes.length * 2)
  grown.set(resetIndexes)
  resetIndexes = grown
}

/** Where a counter went down: indexes of the samples after each drop, in a buffer that the next call overwrites. */
function findResets(values: Float64Array, length: number): number {
  let count = 0
  for (let i = 1; i < length; i++) {
    if (!((values[i] as number) < (values[i - 1] as number))) continue
    if (count === resetIndexes.length) growResets()
    resetIndexes[count++] = i
  }
  return count
}

/**
 * The difference of a window is one subtraction, and one addition for each reset in it: the same sums in the same order as adding up
 * sample by sample, so the result is the same to the last bit (a prefix of corrections would round differently).
 * The factor of extrapolation is kept while windows lie alike, as they do where scrapes are regular: six divisions a step less (16 to 7 ns).
 */
function counterKernel(perSecond: boolean): FloatKernel {
  return (windows, out, context) => {
    if (context.lookbackMs > 0) {
      extendedRate(windows, out, context, { isCounter: true, perSecond })
      return
    }
    const { timesMs, values, from, until, endsMs, rangeMs, steps } = windows
    const resets = findResets(values, windows.length)
    const resetAt = resetIndexes
    const { values: outValues, present } = out
    const layout = new WindowLayout(perSecond ? rangeSeconds(rangeMs) : 1)
    let nextReset = 0
    for (let i = 0; i < steps; i++) {
      const first = from[i] as number
      const last = (until[i] as number) - 1
      if (last <= first) continue
      const firstValue = values[first] as number
      let result = (values[last] as number) - firstValue
      while (nextReset < resets && (resetAt[nextReset] as number) <= first) nextReset++
      for (let r = nextReset; r < resets && (resetAt[r] as number) <= last; r++) {
        result += values[(resetAt[r] as number) - 1] as number
      }
      const endMs = endsMs[i] as number
      const beforeMs = (timesMs[first] as number) - (endMs - rangeMs)
      const afterMs = endMs - (timesMs[last] as number)
      const gaps = last - first
      if (beforeMs !== layout.beforeMs || afterMs !== layout.afterMs || gaps !== layout.gaps) {
        layout.place(beforeMs, afterMs, gaps, (timesMs[last] as number) - (timesMs[first] as number))
      }
      // a counter does not begin below zero; far above it no division is needed to know that it cannot
      const nearZero = result > 0 && firstValue >= 0 && firstValue <= result * layout.nearZero
      outValues[i] = result * (nearZero ? layout.factorFromZero(firstValue / result) : layout.factor)
      present[i] = float
    }
  }
}

const deltaKernel: FloatKernel = (windows, out, context) => {
  if (context.lookbackMs > 0) {
    extendedRate(windows, out, context, { isCounter: false, perSecond: false })
    return
  }
  const { timesMs, values, from, until, endsMs, rangeMs, steps } = windows
  for (let i = 0; i < steps; i++) {
    const first = from[i] as number
    const last = (until[i] as number) - 1
    if (last <= first) continue
    const firstMs = timesMs[first] as number
    const lastMs = timesMs[last] as number
    const endMs = endsMs[i] as number
    const gaps = last - first
    const window = { firstMs, lastMs, gaps, startMs: endMs - rangeMs, endMs }
    out.values[i] = ((values[last] as number) - (values[first] as number)) * extrapolationFactor(window)
    out.present[i] = float
  }
}

function instantKernel(isRate: boolean): FloatKernel {
  return ({ timesMs, values, from, until, steps }, out) => {
    for (let i = 0; i < steps; i++) {
      const last = (until[i] as number) - 1
      if (last <= (from[i] as number)) continue
      const distanceMs = (timesMs[last] as number) - (timesMs[last - 1] as number)
      if (distanceMs === 0) continue
      const value = values[last] as number
      const before = values[last - 1] as number
      const difference = isRate && value < before ? value : value - before
      out.values[i] = isRate ? difference / (distanceMs / 1000) : difference
      out.present[i] = float
    }
  }
}

let prefix = new Int32Array(1024)

/** Counts events between neighbours; `prefix[k]` is how many there were up to sample k. */
function countPrefix(
  values: Float64Array,
  length: number,
  isEvent: (before: number, value: number) => boolean,
): Int32Array {
  if (prefix.length < length) prefix = new Int32Array(length * 2)
  let count = 0
  prefix[0] = 0
  for (let i = 1; i < length; i++) {
    if (isEvent(values[i - 1] as number, values[i] as number)) count++
    prefix[i] = count
  }
  return prefix
}

function countKernel(isEvent: (before: number, value: number) => boolean): FloatKernel {
  return (windows: FloatWindows, out: Row, context: RangeContext) => {
    const { values, length, from, until, steps } = windows
    const counts = countPrefix(values, length, isEvent)
    if (context.lookbackMs > 0) {
      extendedChanges(windows, out, context, counts)
      return
    }
    for (let i = 0; i < steps; i++) {
      const last = (until[i] as number) - 1
      const first = from[i] as number
      out.present[i] = last < first ? absent : float
      if (last >= first) out.values[i] = (counts[last] as number) - (counts[first] as number)
    }
  }
}

export const rateFunctions = {
  rate: { kind: 'range', floats: counterKernel(true), mixed: rateOfMixed({ isCounter: true, perSecond: true }) },
  increase: { kind: 'range', floats: counterKernel(false), mixed: rateOfMixed({ isCounter: true, perSecond: false }) },
  delta: { kind: 'range', floats: deltaKernel, mixed: rateOfMixed({ isCounter: false, perSecond: false }) },
  irate: { kind: 'range', floats: instantKernel(true), mixed: instantDifferenceOfMixed({ isRate: true }) },
  idelta: { kind: 'range', floats: instantKernel(false), mixed: instantDifferenceOfMixed({ isRate: false }) },
  resets: { kind: 'range', floats: countKernel((before, value) => value < before), mixed: resetsOfMixed },
  changes: {
    kind: 'range',
    floats: countKernel((before, value) => value !== before && !(Number.isNaN(value) && Number.isNaN(before))),
    mixed: changesOfMixed,
  },
} as const satisfies Record<string, RangeFunction>
