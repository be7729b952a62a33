// deriv, predict_linear and double_exponential_smoothing: lines through the samples of a window. Hot: once a series.
import { executionError } from '../evaluate/evaluator.ts'
import { KahanSum } from '../evaluate/kahan.ts'
import type { FloatKernel, RangeFunction } from '../evaluate/range-windows.ts'
import { float } from '../evaluate/row.ts'

const sumX = new KahanSum()
const sumY = new KahanSum()
const sumXY = new KahanSum()
const sumXX = new KahanSum()

interface Line {
  slope: number
  intercept: number
}

const line: Line = { slope: 0, intercept: 0 }

interface Points {
  readonly timesMs: Float64Array
  readonly values: Float64Array
}

/** Least squares through samples `first <= k < end`; the intercept is the line's value at `interceptMs`. The answer is overwritten by the next call. */
function fitLine({ timesMs, values }: Points, first: number, end: number, interceptMs: number): Line {
  for (const sum of [sumX, sumY, sumXY, sumXX]) sum.reset()
  const initial = values[first] as number
  let constant = true
  for (let k = first; k < end; k++) {
    const y = values[k] as number
    if (k > first && y !== initial) constant = false
    const x = ((timesMs[k] as number) - interceptMs) / 1e3
    sumX.add(x)
    sumY.add(y)
    sumXY.add(x * y)
    sumXX.add(x * x)
  }
  if (constant) {
    const finite = Math.abs(initial) !== Number.POSITIVE_INFINITY
    line.slope = finite ? 0 : Number.NaN
    line.intercept = finite ? initial : Number.NaN
    return line
  }
  const n = end - first
  const [x, y] = [sumX.total, sumY.total]
  const covariance = sumXY.total - (x * y) / n
  const variance = sumXX.total - (x * x) / n
  line.slope = covariance / variance
  line.intercept = y / n - (line.slope * x) / n
  return line
}

const derivKernel: FloatKernel = (windows, out) => {
  const { timesMs, from, until, steps } = windows
  for (let i = 0; i < steps; i++) {
    const first = from[i] as number
    const end = until[i] as number
    if (end - first < 2) continue
    // seen from a time near the samples: times since 1970 would eat the digits
    out.values[i] = fitLine(windows, first, end, timesMs[first] as number).slope
    out.present[i] = float
  }
}

const predictKernel: FloatKernel = (windows, out, context) => {
  const { from, until, steps } = windows
  const seconds = context.scalars[0] as Float64Array
  for (let i = 0; i < steps; i++) {
    const first = from[i] as number
    const end = until[i] as number
    if (end - first < 2) continue
    const { slope, intercept } = fitLine(windows, first, end, context.timesMs[i] as number)
    out.values[i] = slope * (seconds[i] as number) + intercept
    out.present[i] = float
  }
}

function checkFactor(name: 'smoothing' | 'trend', short: string, factor: number): void {
  if (factor <= 0 || factor >= 1) {
    throw executionError(`invalid ${name} factor. Expected: 0 < ${short} < 1, got: ${factor.toFixed(6)}`)
  }
}

/** Holt's linear method: a weighted mean that follows the trend. */
const smoothingKernel: FloatKernel = ({ values, from, until, steps }, out, context) => {
  const smoothing = context.scalars[0] as Float64Array
  const trend = context.scalars[1] as Float64Array
  for (let i = 0; i < steps; i++) {
    const first = from[i] as number
    const end = until[i] as number
    if (end <= first) continue
    const sf = smoothing[i] as number
    const tf = trend[i] as number
    checkFactor('smoothing', 'sf', sf)
    checkFactor('trend', 'tf', tf)
    if (end - first < 2) continue
    let before = 0
    let smoothed = values[first] as number
    let slope = (values[first + 1] as number) - smoothed
    for (let k = first + 1; k < end; k++) {
      const x = sf * (values[k] as number)
      if (k > first + 1) slope = tf * (smoothed - before) + (1 - tf) * slope
      const y = (1 - sf) * (smoothed + slope)
      before = smoothed
      smoothed = x + y
    }
    out.values[i] = smoothed
    out.present[i] = float
  }
}

export const trendFunctions = {
  deriv: { kind: 'range', floats: derivKernel },
  predict_linear: { kind: 'range', floats: predictKernel },
  double_exponential_smoothing: { kind: 'range', floats: smoothingKernel },
} as const satisfies Record<string, RangeFunction>
