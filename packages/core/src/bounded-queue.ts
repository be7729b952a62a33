/** What a full queue does with one more item. */
export type WhenFull = 'refuse' | 'drop-oldest'

/** A first-in first-out queue with a bound in whatever unit `sizeOf` counts (bytes where items differ in size). */
export class BoundedQueue<T> {
  readonly #items: T[] = []
  readonly #maxSize: number
  readonly #sizeOf: (item: T) => number
  readonly #whenFull: WhenFull
  #first = 0
  #size = 0
  #dropped = 0

  constructor(options: {
    readonly maxSize: number
    readonly sizeOf?: (item: T) => number
    readonly whenFull: WhenFull
  }) {
    this.#maxSize = options.maxSize
    this.#sizeOf = options.sizeOf ?? (() => 1)
    this.#whenFull = options.whenFull
  }

  get length(): number {
    return this.#items.length - this.#first
  }
  get size(): number {
    return this.#size
  }
  /** How many items were dropped or refused. */
  get dropped(): number {
    return this.#dropped
  }

  /** False where the item was refused. */
  push(item: T): boolean {
    const size = this.#sizeOf(item)
    while (this.#size + size > this.#maxSize) {
      this.#dropped++
      if (this.#whenFull === 'refuse' || this.length === 0) return false
      this.shift()
    }
    this.#items.push(item)
    this.#size += size
    return true
  }

  shift(): T | undefined {
    if (this.length === 0) return undefined
    const item = this.#items[this.#first] as T
    this.#items[this.#first] = undefined as T
    this.#first++
    this.#size -= this.#sizeOf(item)
    if (this.#first > 1024 && this.#first * 2 > this.#items.length) {
      this.#items.splice(0, this.#first)
      this.#first = 0
    }
    return item
  }
}
