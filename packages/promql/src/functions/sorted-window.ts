/**
 * The values of a moving window in order, NaN first as Prometheus sorts them. What leaves and enters is taken out and put in place
 * (a memory move each); where little of the window stays it is sorted anew. Of equal values any may stand first: the result is the same.
 */
export class SortedWindow {
  #sorted = new Float64Array(64)
  #length = 0
  #nan = 0
  #from = 0
  #until = 0

  clear(): void {
    this.#length = 0
    this.#nan = 0
    this.#from = 0
    this.#until = 0
  }

  /** Moves on to samples `from <= k < until`; neither may go back unless `clear` was called. */
  moveTo(values: Float64Array, from: number, until: number): void {
    const leaving = Math.min(from, this.#until) - this.#from
    const entering = until - Math.max(this.#until, from)
    if (from >= this.#until || (leaving + entering) * 2 > until - from) this.#sortAnew(values, from, until)
    else {
      for (let k = this.#from; k < from; k++) this.#remove(values[k] as number)
      for (let k = this.#until; k < until; k++) this.#insert(values[k] as number)
    }
    this.#from = from
    this.#until = until
  }

  /** Between the two samples at the rank, weighted. NaN where there are none. */
  quantile(q: number): number {
    const count = this.#length + this.#nan
    if (count === 0 || Number.isNaN(q)) return Number.NaN
    if (q < 0) return Number.NEGATIVE_INFINITY
    if (q > 1) return Number.POSITIVE_INFINITY
    const rank = q * (count - 1)
    const lower = Math.max(0, Math.floor(rank))
    const upper = Math.min(count - 1, lower + 1)
    const weight = rank - Math.floor(rank)
    return this.#at(lower) * (1 - weight) + this.#at(upper) * weight
  }

  #at(index: number): number {
    return index < this.#nan ? Number.NaN : (this.#sorted[index - this.#nan] as number)
  }

  #sortAnew(values: Float64Array, from: number, until: number): void {
    this.#reserve(until - from)
    const sorted = this.#sorted
    let length = 0
    this.#nan = 0
    for (let k = from; k < until; k++) {
      const value = values[k] as number
      if (Number.isNaN(value)) this.#nan++
      else sorted[length++] = value
    }
    this.#length = length
    if (length > insertionSortUpTo) sorted.subarray(0, length).sort()
    else insertionSort(sorted, length)
  }

  #reserve(size: number): void {
    if (size <= this.#sorted.length) return
    const grown = new Float64Array(size * 2)
    grown.set(this.#sorted.subarray(0, this.#length))
    this.#sorted = grown
  }

  #insert(value: number): void {
    if (Number.isNaN(value)) {
      this.#nan++
      return
    }
    this.#reserve(this.#length + 1)
    const at = this.#find(value)
    this.#sorted.copyWithin(at + 1, at, this.#length)
    this.#sorted[at] = value
    this.#length++
  }

  #remove(value: number): void {
    if (Number.isNaN(value)) {
      this.#nan--
      return
    }
    const at = this.#find(value)
    this.#sorted.copyWithin(at, at + 1, this.#length)
    this.#length--
  }

  /** The first place whose value is not less. */
  #find(value: number): number {
    const sorted = this.#sorted
    let low = 0
    let high = this.#length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((sorted[middle] as number) < value) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** Below this many the call into the engine's sort costs more than sorting by hand. */
const insertionSortUpTo = 32

function insertionSort(values: Float64Array, length: number): void {
  for (let i = 1; i < length; i++) {
    const value = values[i] as number
    let k = i - 1
    while (k >= 0 && (values[k] as number) > value) {
      values[k + 1] = values[k] as number
      k--
    }
    values[k + 1] = value
  }
}
