/** A name and how many there are of it. */
export interface Counted {
  readonly name: string
  readonly count: number
}

/** Keeps the largest of many, in memory for `limit` of them. */
export class Largest {
  readonly #limit: number
  #kept: Counted[] = []
  #least = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** The name is asked for only where the count is large enough to be kept. */
  offer(count: number, name: () => string): void {
    if (count <= this.#least) return
    this.#kept.push({ name: name(), count })
    // sorted once for as many again: a step a candidate on average
    if (this.#kept.length >= this.#limit * 2 + 16) this.#cut()
  }

  /** Largest first, names ascending where counts are equal. */
  list(): readonly Counted[] {
    this.#cut()
    return this.#kept
  }

  #cut(): void {
    this.#kept.sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1))
    if (this.#kept.length < this.#limit) return
    this.#kept.length = this.#limit
    this.#least = this.#kept.at(-1)?.count ?? 0
  }
}
