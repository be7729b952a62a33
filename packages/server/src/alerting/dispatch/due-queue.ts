// Who is due next. A heap whose entries may be out of date: an entry counts only where its owner still has that time.

interface Entry<T> {
  readonly atMs: number
  readonly owner: T
}

export class DueQueue<T extends { readonly dueAtMs: number; readonly isGone: boolean }> {
  readonly #heap: Entry<T>[] = []

  /** Called again each time an owner's `dueAtMs` has changed. */
  add(owner: T): void {
    const heap = this.#heap
    let i = heap.push({ atMs: owner.dueAtMs, owner }) - 1
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (this.#at(parent) <= this.#at(i)) break
      this.#swap(i, parent)
      i = parent
    }
  }

  /** The time of the first; undefined where nobody waits. */
  nextMs(): number | undefined {
    this.#dropStale()
    return this.#heap[0]?.atMs
  }

  /** The first whose time has come. */
  take(nowMs: number): T | undefined {
    this.#dropStale()
    const first = this.#heap[0]
    if (first === undefined || first.atMs > nowMs) return undefined
    this.#pop()
    return first.owner
  }

  #dropStale(): void {
    for (let first = this.#heap[0]; first !== undefined; first = this.#heap[0]) {
      if (!first.owner.isGone && first.owner.dueAtMs === first.atMs) return
      this.#pop()
    }
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    heap[0] = last
    let i = 0
    for (;;) {
      const left = 2 * i + 1
      if (left >= heap.length) return
      const child = left + 1 < heap.length && this.#at(left + 1) < this.#at(left) ? left + 1 : left
      if (this.#at(i) <= this.#at(child)) return
      this.#swap(i, child)
      i = child
    }
  }

  #at(i: number): number {
    return this.#heap[i]?.atMs ?? Number.POSITIVE_INFINITY
  }

  #swap(i: number, j: number): void {
    const a = this.#heap[i] as Entry<T>
    this.#heap[i] = this.#heap[j] as Entry<T>
    this.#heap[j] = a
  }
}
