/** What extrapolation needs to know of a window. */
export interface Extrapolation {
  readonly firstMs: number
  readonly lastMs: number
  readonly gaps: number
  readonly startMs: number
  readonly endMs: number
  /** How far before the first sample a counter was at zero, in parts of the sampled time. */
  readonly zeroShare?: number
}

/**
 * By what the difference of a window is multiplied: to the boundaries where samples are near enough (1.1 of their average distance),
 * else by half a distance. Formula: promql/functions.go, extrapolatedRate. Counters stop at zero besides; those of floats in rate.ts.
 */
export function extrapolationFactor(window: Extrapolation): number {
  const { firstMs, lastMs, gaps, startMs, endMs, zeroShare } = window
  let toStart = (firstMs - startMs) / 1000
  let toEnd = (endMs - lastMs) / 1000
  const sampled = (lastMs - firstMs) / 1000
  const average = sampled / gaps
  const threshold = average * 1.1
  if (toStart >= threshold) toStart = average / 2
  if (zeroShare !== undefined && sampled * zeroShare < toStart) toStart = sampled * zeroShare
  if (toEnd >= threshold) toEnd = average / 2
  return (sampled + toStart + toEnd) / sampled
}

/**
 * How samples lie in the window of a counter, and the factor that follows from it: computed once for all windows in a row that lie alike.
 * The arithmetic is that of `extrapolationFactor`, operation by operation.
 */
export class WindowLayout {
  beforeMs = Number.NaN
  afterMs = Number.NaN
  gaps = 0
  factor = 0
  /** A first value above this share of the difference is certainly too far from zero to matter. */
  nearZero = 0
  readonly #seconds: number
  #sampled = 0
  #toStart = 0
  #toEnd = 0

  /** By how many seconds the result is divided; 1 for none. */
  constructor(seconds: number) {
    this.#seconds = seconds
  }

  /** Milliseconds from the window's start to the first sample, from the last to its end, and between the two. */
  place(beforeMs: number, afterMs: number, gaps: number, sampledMs: number): void {
    this.beforeMs = beforeMs
    this.afterMs = afterMs
    this.gaps = gaps
    const sampled = sampledMs / 1000
    const average = sampled / gaps
    const threshold = average * 1.1
    const toStart = beforeMs / 1000
    const toEnd = afterMs / 1000
    this.#sampled = sampled
    this.#toStart = toStart >= threshold ? average / 2 : toStart
    this.#toEnd = toEnd >= threshold ? average / 2 : toEnd
    this.factor = (sampled + this.#toStart + this.#toEnd) / sampled / this.#seconds
    this.nearZero = (this.#toStart / sampled) * (1 + 1e-9)
  }

  /** The factor where zero lies `share` of the sampled time before the first sample, if that is inside the window. */
  factorFromZero(share: number): number {
    const toZero = this.#sampled * share
    if (!(toZero < this.#toStart)) return this.factor
    return (this.#sampled + toZero + this.#toEnd) / this.#sampled / this.#seconds
  }
}
