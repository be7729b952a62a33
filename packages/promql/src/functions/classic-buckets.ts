// Quantiles and fractions of classic histograms at one step. Rules: promql/quantile.go. Hot: once a histogram and step.

/** Differences between neighbouring buckets below this share are rounding, not data. */
const smallDelta = 1e-12
const smallestNormal = 2 ** -1022

function almostEqual(a: number, b: number): boolean {
  if (a === b) return true
  const magnitude = Math.abs(a) + Math.abs(b)
  const difference = Math.abs(a - b)
  if (a === 0 || b === 0 || magnitude < smallestNormal) return difference < smallDelta * smallestNormal
  return difference / Math.min(magnitude, Number.MAX_VALUE) < smallDelta
}

/** Cumulative buckets of one histogram at one step, ascending; reused from step to step. */
export class ClassicBuckets {
  readonly #bounds: Float64Array
  readonly #counts: Float64Array
  #length = 0
  /** Whether the last quantile had to raise counts that went down from one bucket to the next; `forced` tells which. */
  forcedMonotonic = false
  readonly forced = { lowest: 0, highest: 0, difference: 0 }

  constructor(capacity: number) {
    this.#bounds = new Float64Array(capacity)
    this.#counts = new Float64Array(capacity)
  }

  get length(): number {
    return this.#length
  }

  clear(): void {
    this.#length = 0
  }

  /** Bounds must not go down; counts of one bound that comes twice (`1` and `1.0`) are added. */
  push(bound: number, count: number): void {
    const last = this.#length - 1
    if (last >= 0 && this.#bounds[last] === bound) this.#counts[last] = (this.#counts[last] as number) + count
    else {
      this.#bounds[this.#length] = bound
      this.#counts[this.#length++] = count
    }
  }

  /** Linear within the bucket; the lowest begins at 0 if its bound is above; NaN without a +Inf bucket. */
  quantile(q: number): number {
    this.forcedMonotonic = false
    if (Number.isNaN(q)) return Number.NaN
    if (q < 0) return Number.NEGATIVE_INFINITY
    if (q > 1) return Number.POSITIVE_INFINITY
    const bounds = this.#bounds
    const counts = this.#counts
    const top = this.#length - 1
    if (bounds[top] !== Number.POSITIVE_INFINITY) return Number.NaN
    this.#smooth()
    const observations = counts[top] as number
    if (this.#length < 2 || observations === 0) return Number.NaN
    let rank = q * observations
    const b = this.#firstReaching(rank)
    if (b === top) return bounds[top - 1] as number
    const end = bounds[b] as number
    if (b === 0 && end <= 0) return end
    let start = 0
    let count = counts[b] as number
    if (b > 0) {
      start = bounds[b - 1] as number
      count -= counts[b - 1] as number
      rank -= counts[b - 1] as number
    }
    return start + (end - start) * (rank / count)
  }

  /** The first bucket but the last whose count is at least the rank, else the last. */
  #firstReaching(rank: number): number {
    let low = 0
    let high = this.#length - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#counts[middle] as number) >= rank) high = middle
      else low = middle + 1
    }
    return low
  }

  /** Levels out rounding, and lifts counts that go down. */
  #smooth(): void {
    const counts = this.#counts
    let before = counts[0] as number
    for (let i = 1; i < this.#length; i++) {
      const count = counts[i] as number
      if (count === before) continue
      if (almostEqual(before, count)) counts[i] = before
      else if (count < before) {
        counts[i] = before
        this.#noteForced(this.#bounds[i] as number, before - count)
      } else before = count
    }
  }

  #noteForced(bound: number, difference: number): void {
    const { forced } = this
    // bounds come in ascending order
    if (!this.forcedMonotonic) forced.lowest = bound
    forced.highest = bound
    forced.difference = this.forcedMonotonic ? Math.max(forced.difference, difference) : difference
    this.forcedMonotonic = true
  }

  /** The share of observations between two values. */
  fraction(lower: number, upper: number): number {
    const top = this.#length - 1
    if (this.#bounds[top] !== Number.POSITIVE_INFINITY) return Number.NaN
    const observations = this.#counts[top] as number
    if (observations === 0 || Number.isNaN(lower) || Number.isNaN(upper)) return Number.NaN
    if (lower >= upper) return 0
    return (this.#rankOf(upper, observations) - this.#rankOf(lower, observations)) / observations
  }

  /** How many observations lie below a value. */
  #rankOf(value: number, observations: number): number {
    let rank = 0
    for (let i = 0; i < this.#length; i++) {
      const upper = this.#bounds[i] as number
      const lower = this.#lowerBound(i)
      if (lower >= value) break
      if (upper > value) {
        // of a bucket without a lower end all lies below whatever is in it, of one without an upper end nothing
        if (lower === Number.NEGATIVE_INFINITY) rank = this.#counts[i] as number
        else if (upper !== Number.POSITIVE_INFINITY)
          rank += (((this.#counts[i] as number) - rank) * (value - lower)) / (upper - lower)
        break
      }
      rank = this.#counts[i] as number
    }
    return Math.min(rank, observations)
  }

  #lowerBound(i: number): number {
    if (i > 0) return this.#bounds[i - 1] as number
    return (this.#bounds[0] as number) > 0 ? 0 : Number.NEGATIVE_INFINITY
  }
}
