// The range functions by their plain definition: each window cut out, walked through from its first sample to its last. Slow and obvious; what
// the sweeps are compared with, to the last bit.

export interface Point {
  readonly t: number
  readonly v: number
}

export interface PlainWindow {
  readonly points: readonly Point[]
  readonly startMs: number
  readonly endMs: number
  /** When it is evaluated; differs from `endMs` by the offset. */
  readonly atMs: number
}

/** Undefined: no result for this window. */
type PlainFunction = (window: PlainWindow, ...scalars: readonly number[]) => number | undefined

const valuesOf = ({ points }: PlainWindow): number[] => points.map(({ v }) => v)

function kahan(values: readonly number[]): { readonly sum: number; readonly lost: number } {
  let sum = 0
  let lost = 0
  for (const value of values) {
    const total = sum + value
    if (Math.abs(total) === Number.POSITIVE_INFINITY) lost = 0
    else if (Math.abs(sum) >= Math.abs(value)) lost += sum - total + value
    else lost += value - total + sum
    sum = total
  }
  return { sum, lost }
}

function compensated(values: readonly number[]): number {
  const { sum, lost } = kahan(values)
  return Math.abs(sum) === Number.POSITIVE_INFINITY ? sum : sum + lost
}

/** Between the two sorted samples at the rank, NaN first. */
function quantile(q: number, values: readonly number[]): number {
  if (values.length === 0 || Number.isNaN(q)) return Number.NaN
  if (q < 0) return Number.NEGATIVE_INFINITY
  if (q > 1) return Number.POSITIVE_INFINITY
  const sorted = [...values].sort((a, b) => Number(Number.isNaN(b)) - Number(Number.isNaN(a)) || a - b)
  const rank = q * (sorted.length - 1)
  const lower = Math.max(0, Math.floor(rank))
  const upper = Math.min(sorted.length - 1, lower + 1)
  const weight = rank - Math.floor(rank)
  return (sorted[lower] as number) * (1 - weight) + (sorted[upper] as number) * weight
}

function extrapolated(isCounter: boolean, perSecond: boolean): PlainFunction {
  return ({ points, startMs, endMs }) => {
    const [first, last] = [points[0], points.at(-1)]
    if (first === undefined || last === undefined || points.length < 2) return undefined
    let difference = last.v - first.v
    for (let k = 1; isCounter && k < points.length; k++) {
      const [before, value] = [(points[k - 1] as Point).v, (points[k] as Point).v]
      if (value < before) difference += before
    }
    let toStart = (first.t - startMs) / 1000
    let toEnd = (endMs - last.t) / 1000
    const sampled = (last.t - first.t) / 1000
    const average = sampled / (points.length - 1)
    if (toStart >= average * 1.1) toStart = average / 2
    if (isCounter && difference > 0 && first.v >= 0) {
      const toZero = sampled * (first.v / difference)
      if (toZero < toStart) toStart = toZero
    }
    if (toEnd >= average * 1.1) toEnd = average / 2
    let factor = (sampled + toStart + toEnd) / sampled
    if (perSecond) factor /= (endMs - startMs) / 1000
    return difference * factor
  }
}

function lastTwo(isRate: boolean): PlainFunction {
  return ({ points }) => {
    const [before, last] = [points.at(-2), points.at(-1)]
    if (before === undefined || last === undefined) return undefined
    const difference = isRate && last.v < before.v ? last.v : last.v - before.v
    return isRate ? difference / ((last.t - before.t) / 1000) : difference
  }
}

function countBetween(isEvent: (before: number, value: number) => boolean): PlainFunction {
  return ({ points }) => {
    if (points.length === 0) return undefined
    return points.slice(1).filter(({ v }, k) => isEvent((points[k] as Point).v, v)).length
  }
}

function fold(pick: (best: number, value: number) => boolean): PlainFunction {
  return (window) => {
    const values = valuesOf(window)
    return values.length === 0 ? undefined : values.reduce((best, value) => (pick(best, value) ? value : best))
  }
}

function variance(window: PlainWindow): number | undefined {
  const values = valuesOf(window)
  if (values.length === 0) return undefined
  let mean = { sum: 0, lost: 0 }
  let squares = { sum: 0, lost: 0 }
  const increase = (to: { readonly sum: number; readonly lost: number }, value: number) => {
    const total = to.sum + value
    if (Math.abs(total) === Number.POSITIVE_INFINITY) return { sum: total, lost: 0 }
    const lost = Math.abs(to.sum) >= Math.abs(value) ? to.sum - total + value : value - total + to.sum
    return { sum: total, lost: to.lost + lost }
  }
  values.forEach((value, k) => {
    const delta = value - (mean.sum + mean.lost)
    mean = increase(mean, delta / (k + 1))
    squares = increase(squares, delta * (value - (mean.sum + mean.lost)))
  })
  return (squares.sum + squares.lost) / values.length
}

function line(points: readonly Point[], interceptMs: number): { readonly slope: number; readonly intercept: number } {
  const initial = (points[0] as Point).v
  if (points.every(({ v }, k) => k === 0 || v === initial)) {
    const value = Math.abs(initial) === Number.POSITIVE_INFINITY ? Number.NaN : initial
    return { slope: Number.isNaN(value) && !Number.isNaN(initial) ? Number.NaN : 0, intercept: value }
  }
  const xs = points.map(({ t }) => (t - interceptMs) / 1e3)
  const total = (values: readonly number[]): number => {
    const { sum, lost } = kahan(values)
    return sum + lost
  }
  const n = points.length
  const x = total(xs)
  const y = total(points.map(({ v }) => v))
  const xy = total(points.map(({ v }, k) => (xs[k] as number) * v))
  const xx = total(xs.map((value) => value * value))
  const slope = (xy - (x * y) / n) / (xx - (x * x) / n)
  return { slope, intercept: y / n - (slope * x) / n }
}

const nonEmpty = (fn: (values: number[], window: PlainWindow, scalar: number) => number): PlainFunction => {
  return (window, scalar = 0) => (window.points.length === 0 ? undefined : fn(valuesOf(window), window, scalar))
}

/** By name; scalar arguments follow the window. */
export const plainFunctions: Readonly<Record<string, PlainFunction>> = {
  rate: extrapolated(true, true),
  increase: extrapolated(true, false),
  delta: extrapolated(false, false),
  irate: lastTwo(true),
  idelta: lastTwo(false),
  resets: countBetween((before, value) => value < before),
  changes: countBetween((before, value) => value !== before && !(Number.isNaN(value) && Number.isNaN(before))),
  sum_over_time: nonEmpty(compensated),
  avg_over_time: nonEmpty((values) => {
    const { sum, lost } = kahan(values)
    return sum / values.length + lost / values.length
  }),
  count_over_time: nonEmpty((values) => values.length),
  present_over_time: nonEmpty(() => 1),
  min_over_time: fold((best, value) => value < best || Number.isNaN(best)),
  max_over_time: fold((best, value) => value > best || Number.isNaN(best)),
  first_over_time: nonEmpty((values) => values[0] as number),
  last_over_time: nonEmpty((values) => values.at(-1) as number),
  ts_of_max_over_time: nonEmpty((_values, { points }) => {
    const found = points.reduce((best, point) => (point.v >= best.v || Number.isNaN(best.v) ? point : best))
    return found.t / 1000
  }),
  ts_of_min_over_time: nonEmpty((_values, { points }) => {
    const found = points.reduce((best, point) => (point.v <= best.v || Number.isNaN(best.v) ? point : best))
    return found.t / 1000
  }),
  stddev_over_time: (window) => {
    const result = variance(window)
    return result === undefined ? undefined : Math.sqrt(result)
  },
  stdvar_over_time: variance,
  quantile_over_time: nonEmpty((values, _window, q) => quantile(q, values)),
  mad_over_time: nonEmpty((values) => {
    if (values.some(Number.isNaN)) return Number.NaN
    const median = quantile(0.5, values)
    return quantile(
      0.5,
      values.map((value) => Math.abs(value - median)),
    )
  }),
  integral: ({ points }) => {
    if (points.length < 2) return undefined
    return compensated(
      points.slice(1).map(({ t, v }, k) => {
        const before = points[k] as Point
        return (((before.v + v) / 2) * (t - before.t)) / 1000
      }),
    )
  },
  deriv: ({ points }) => (points.length < 2 ? undefined : line(points, (points[0] as Point).t).slope),
  predict_linear: ({ points, atMs }, seconds = 0) => {
    if (points.length < 2) return undefined
    const { slope, intercept } = line(points, atMs)
    return slope * seconds + intercept
  },
}
