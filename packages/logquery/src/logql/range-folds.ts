// What becomes of the samples in a range, for all steps at once: a sample is added to each step whose window it lies in, so that none must be kept
// (but for quantiles). Samples come in the order of time.
import type { RangeOp } from './ast.ts'

/** One series under way. */
export interface SeriesFold {
  /** A sample of the steps first <= step < end. */
  add(first: number, end: number, value: number, atMs: number): void
  /** Fills in the results; called once. */
  finish(values: Float64Array, present: Uint8Array): void
}

export interface RangeFold {
  /** Numbers of 8 bytes that one step of one series takes. */
  readonly cellsPerStep: number
  /** `spend` is told of numbers that are kept beyond that, negative when they are let go. */
  create(steps: number, spend: (cells: number) => void): SeriesFold
}

/** `rangeMs`: the length of the windows; `stepMs` and `startMs`: where they end, for quantiles. */
export interface FoldContext {
  readonly rangeMs: number
  readonly quantile: number
  readonly startMs: number
  readonly stepMs: number
}

export function foldOf(op: Exclude<RangeOp, 'absent_over_time'>, context: FoldContext): RangeFold {
  const seconds = context.rangeMs / 1000
  switch (op) {
    case 'count_over_time':
    case 'bytes_over_time':
    case 'sum_over_time':
      return { cellsPerStep: 2, create: (steps) => new SumFold(steps, 1) }
    case 'rate':
    case 'bytes_rate':
      return { cellsPerStep: 2, create: (steps) => new SumFold(steps, seconds) }
    case 'avg_over_time':
      return { cellsPerStep: 4, create: (steps) => new MomentsFold(steps, (_count, mean) => mean) }
    case 'stdvar_over_time':
      return { cellsPerStep: 4, create: (steps) => new MomentsFold(steps, (count, _mean, squares) => squares / count) }
    case 'stddev_over_time':
      return {
        cellsPerStep: 4,
        create: (steps) => new MomentsFold(steps, (count, _mean, squares) => Math.sqrt(squares / count)),
      }
    case 'min_over_time':
      return {
        cellsPerStep: 2,
        create: (steps) => new ChoiceFold(steps, (old, value) => value < old || Number.isNaN(old)),
      }
    case 'max_over_time':
      return {
        cellsPerStep: 2,
        create: (steps) => new ChoiceFold(steps, (old, value) => value > old || Number.isNaN(old)),
      }
    case 'first_over_time':
      return { cellsPerStep: 2, create: (steps) => new ChoiceFold(steps, () => false) }
    case 'last_over_time':
      return { cellsPerStep: 2, create: (steps) => new ChoiceFold(steps, () => true) }
    case 'rate_counter':
      return { cellsPerStep: 3, create: (steps) => new CounterFold(steps, seconds) }
    case 'quantile_over_time':
      return { cellsPerStep: 2, create: (steps, spend) => new QuantileFold(steps, context, spend) }
    default:
      return op satisfies never
  }
}

class SumFold implements SeriesFold {
  readonly #sums: Float64Array
  readonly #seen: Uint8Array
  readonly #divisor: number

  constructor(steps: number, divisor: number) {
    this.#sums = new Float64Array(steps)
    this.#seen = new Uint8Array(steps)
    this.#divisor = divisor
  }

  add(first: number, end: number, value: number): void {
    for (let i = first; i < end; i++) {
      this.#sums[i] += value
      this.#seen[i] = 1
    }
  }

  finish(values: Float64Array, present: Uint8Array): void {
    present.set(this.#seen)
    for (let i = 0; i < values.length; i++) values[i] = this.#sums[i] / this.#divisor
  }
}

/** One of the samples: the first, unless a later one is better. */
class ChoiceFold implements SeriesFold {
  readonly #chosen: Float64Array
  readonly #seen: Uint8Array
  readonly #isBetter: (old: number, value: number) => boolean

  constructor(steps: number, isBetter: (old: number, value: number) => boolean) {
    this.#chosen = new Float64Array(steps)
    this.#seen = new Uint8Array(steps)
    this.#isBetter = isBetter
  }

  add(first: number, end: number, value: number): void {
    for (let i = first; i < end; i++) {
      if (this.#seen[i] === 1 && !this.#isBetter(this.#chosen[i], value)) continue
      this.#chosen[i] = value
      this.#seen[i] = 1
    }
  }

  finish(values: Float64Array, present: Uint8Array): void {
    values.set(this.#chosen)
    present.set(this.#seen)
  }
}

/** Mean and squares of the distance from it (Welford). */
class MomentsFold implements SeriesFold {
  readonly #counts: Float64Array
  readonly #means: Float64Array
  readonly #squares: Float64Array
  readonly #result: (count: number, mean: number, squares: number) => number

  constructor(steps: number, result: (count: number, mean: number, squares: number) => number) {
    this.#counts = new Float64Array(steps)
    this.#means = new Float64Array(steps)
    this.#squares = new Float64Array(steps)
    this.#result = result
  }

  add(first: number, end: number, value: number): void {
    for (let i = first; i < end; i++) {
      const count = this.#counts[i] + 1
      const delta = value - this.#means[i]
      this.#counts[i] = count
      this.#means[i] += delta / count
      this.#squares[i] += delta * (value - this.#means[i])
    }
  }

  finish(values: Float64Array, present: Uint8Array): void {
    for (let i = 0; i < values.length; i++) {
      if (this.#counts[i] === 0) continue
      present[i] = 1
      values[i] = this.#result(this.#counts[i], this.#means[i], this.#squares[i])
    }
  }
}

/**
 * The increase of a counter per second of the range; after a reset it counts from 0. A single sample has no increase. Nothing is extended to the
 * range's borders: Loki means to, but mixes units there, so that it comes to the same.
 */
class CounterFold implements SeriesFold {
  readonly #seconds: number
  readonly #increases: Float64Array
  readonly #lasts: Float64Array
  readonly #seen: Uint8Array

  constructor(steps: number, seconds: number) {
    this.#seconds = seconds
    this.#increases = new Float64Array(steps)
    this.#lasts = new Float64Array(steps)
    this.#seen = new Uint8Array(steps)
  }

  add(first: number, end: number, value: number): void {
    for (let i = first; i < end; i++) {
      const last = this.#lasts[i]
      if (this.#seen[i] === 1) this.#increases[i] += value < last ? value : value - last
      this.#seen[i] = 1
      this.#lasts[i] = value
    }
  }

  finish(values: Float64Array, present: Uint8Array): void {
    present.set(this.#seen)
    for (let i = 0; i < values.length; i++) values[i] = this.#increases[i] / this.#seconds
  }
}

/** Keeps the samples of the windows that are not past yet; a step is reckoned when the first sample behind it comes. */
class QuantileFold implements SeriesFold {
  readonly #steps: number
  readonly #context: FoldContext
  readonly #spend: (cells: number) => void
  readonly #results: Float64Array
  readonly #seen: Uint8Array
  #values = new Float64Array(16)
  #times = new Float64Array(16)
  #from = 0
  #to = 0
  #next = 0

  constructor(steps: number, context: FoldContext, spend: (cells: number) => void) {
    this.#steps = steps
    this.#context = context
    this.#spend = spend
    this.#results = new Float64Array(steps)
    this.#seen = new Uint8Array(steps)
  }

  add(first: number, _end: number, value: number, atMs: number): void {
    this.#finishBefore(first)
    if (this.#to === this.#values.length) this.#makeRoom()
    this.#values[this.#to] = value
    this.#times[this.#to++] = atMs
  }

  finish(values: Float64Array, present: Uint8Array): void {
    this.#finishBefore(this.#steps)
    values.set(this.#results)
    present.set(this.#seen)
    this.#spend(-2 * this.#values.length)
  }

  #makeRoom(): void {
    const kept = this.#to - this.#from
    const size = kept * 2 > this.#values.length ? this.#values.length * 2 : this.#values.length
    if (size > this.#values.length) this.#spend(2 * (size - this.#values.length))
    const values = new Float64Array(size)
    const times = new Float64Array(size)
    values.set(this.#values.subarray(this.#from, this.#to))
    times.set(this.#times.subarray(this.#from, this.#to))
    this.#values = values
    this.#times = times
    this.#from = 0
    this.#to = kept
  }

  #finishBefore(step: number): void {
    const { startMs, stepMs, rangeMs, quantile } = this.#context
    for (; this.#next < step; this.#next++) {
      if (this.#from === this.#to) {
        this.#next = step
        return
      }
      const end = startMs + this.#next * stepMs
      while (this.#from < this.#to && this.#times[this.#from] <= end - rangeMs) this.#from++
      if (this.#from === this.#to) continue
      this.#results[this.#next] = quantileOf(quantile, this.#values.slice(this.#from, this.#to).sort())
      this.#seen[this.#next] = 1
    }
  }
}

/** Of ascending values, between two of them by their distance. */
export function quantileOf(quantile: number, sorted: Float64Array): number {
  if (Number.isNaN(quantile)) return Number.NaN
  if (quantile < 0) return -Infinity
  if (quantile > 1) return Infinity
  const rank = quantile * (sorted.length - 1)
  const lower = Math.max(0, Math.floor(rank))
  const upper = Math.min(sorted.length - 1, lower + 1)
  const weight = rank - Math.floor(rank)
  return sorted[lower] * (1 - weight) + sorted[upper] * weight
}
