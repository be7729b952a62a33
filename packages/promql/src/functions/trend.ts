// deriv, predict_linear and double_exponential_smoothing: lines through the samples of a window. Hot: once a series.
import { executionError } from '../evaluate/evaluator.ts'
import { KahanSum } from '../evaluate/kahan.ts'
import type { FloatKernel, RangeFunction } from '../evaluate/range-windows.ts'
import { float } from '../evaluate/row.ts'

interface Line {
  slope: number
  intercept: number
}

const line: Line = { slope: 0, intercept: 0 }

interface Points {
  readonly timesMs: Float64Array
  readonly values: Float64Array
}

/** Sums over a window: of x, of y, of their product, of the square of x. */
interface Sums {
  x: number
  y: number
  xy: number
  xx: number
}

const sums: Sums = { x: 0, y: 0, xy: 0, xx: 0 }

/**
 * Kahan sums as Prometheus has them, without a branch: what rounding loses of a sum is a double itself, and Knuth's two-sum finds the same one. Only where
 * something is infinite or not a number do the two differ; then the sums say so and are made again.
 */
function addUp({ timesMs, values }: Points, first: number, end: number, originMs: number): void {
  let [sx, sy, sxy, sxx] = [0, 0, 0, 0]
  let [cx, cy, cxy, cxx] = [0, 0, 0, 0]
  for (let k = first; k < end; k++) {
    const y = values[k] as number
    const x = ((timesMs[k] as number) - originMs) / 1e3
    const xy = x * y
    const xx = x * x
    let t = sx + x
    let b = t - sx
    cx += sx - (t - b) + (x - b)
    sx = t
    t = sy + y
    b = t - sy
    cy += sy - (t - b) + (y - b)
    sy = t
    t = sxy + xy
    b = t - sxy
    cxy += sxy - (t - b) + (xy - b)
    sxy = t
    t = sxx + xx
    b = t - sxx
    cxx += sxx - (t - b) + (xx - b)
    sxx = t
  }
  sums.x = sx + cx
  sums.y = sy + cy
  sums.xy = sxy + cxy
  sums.xx = sxx + cxx
}

const [sumX, sumY, sumXY, sumXX] = [new KahanSum(), new KahanSum(), new KahanSum(), new KahanSum()]

/** The same to the letter of Prometheus, for what is not finite. */
function addUpCarefully({ timesMs, values }: Points, first: number, end: number, originMs: number): void {
  for (const sum of [sumX, sumY, sumXY, sumXX]) sum.reset()
  for (let k = first; k < end; k++) {
    const y = values[k] as number
    const x = ((timesMs[k] as number) - originMs) / 1e3
    sumX.add(x)
    sumY.add(y)
    sumXY.add(x * y)
    sumXX.add(x * x)
  }
  sums.x = sumX.total
  sums.y = sumY.total
  sums.xy = sumXY.total
  sums.xx = sumXX.total
}

function isConstant(values: Float64Array, first: number, end: number): boolean {
  const initial = values[first] as number
  for (let k = first + 1; k < end; k++) if (values[k] !== initial) return false
  return true
}

/** Least squares through samples `first <= k < end`; the intercept is the line's value at `interceptMs`. The answer is overwritten by the next call. */
function fitLine(points: Points, first: number, end: number, interceptMs: number): Line {
  if (isConstant(points.values, first, end)) {
    const value = points.values[first] as number
    const finite = Math.abs(value) !== Number.POSITIVE_INFINITY
    line.slope = finite ? 0 : Number.NaN
    line.intercept = finite ? value : Number.NaN
    return line
  }
  addUp(points, first, end, interceptMs)
  if (!Number.isFinite(sums.x + sums.y + sums.xy + sums.xx)) addUpCarefully(points, first, end, interceptMs)
  const n = end - first
  const { x, y } = sums
  line.slope = (sums.xy - (x * y) / n) / (sums.xx - (x * x) / n)
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
