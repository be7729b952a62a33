// Called once a line of a scrape, bench/src/exposition.ts: texts that come again are found by their bytes and never parsed twice.

/** Distinct byte strings under small numbers (slots), in one arena. Scrapes repeat their order, so the next text is guessed first. */
export class ByteTable {
  #arena = new Uint8Array(4096)
  /** Slot i lies at offsets[i] .. offsets[i + 1] of the arena. */
  #offsets = new Uint32Array(64)
  #hashes = new Uint32Array(64)
  /** Open addressing: slot + 1, 0 for none; a power of two, at most half full. */
  #index = new Uint32Array(128)
  #size = 0
  #next = 0
  /** Differs by process, so that no target can prepare texts that all meet in one place. */
  readonly #seed = (Math.random() * 0x1_0000_0000) >>> 0

  get size(): number {
    return this.#size
  }

  /** Forgets the place in the order: a scrape begins. */
  rewind(): void {
    this.#next = 0
  }

  /** The slot of the text that starts here if it is the one expected next, else -1. What follows it is the caller's to check. */
  guess(bytes: Uint8Array, start: number): number {
    const slot = this.#next
    if (slot >= this.#size) return -1
    const arena = this.#arena
    const from = this.#offsets[slot]
    const length = this.#offsets[slot + 1] - from
    if (start + length > bytes.length) return -1
    for (let i = 0; i < length; i++) if (arena[from + i] !== bytes[start + i]) return -1
    return slot
  }

  /** The text after this slot is the one to expect. */
  expectAfter(slot: number): void {
    this.#next = slot + 1
  }

  length(slot: number): number {
    return this.#offsets[slot + 1] - this.#offsets[slot]
  }

  /** The text itself; a view until the next `add`. */
  text(slot: number): Uint8Array {
    return this.#arena.subarray(this.#offsets[slot], this.#offsets[slot + 1])
  }

  /** The slot of a text, -1 where it is not known. */
  find(bytes: Uint8Array, start: number, end: number): number {
    const hash = this.#hash(bytes, start, end)
    const mask = this.#index.length - 1
    for (let at = hash & mask; ; at = (at + 1) & mask) {
      const slot = this.#index[at] - 1
      if (slot < 0) return -1
      if (this.#hashes[slot] === hash && this.#equals(slot, bytes, start, end)) return slot
    }
  }

  /** Adds a text that is not known; its slot is the size before. */
  add(bytes: Uint8Array, start: number, end: number): number {
    const slot = this.#size
    const from = this.#offsets[slot]
    this.#reserve(from + end - start)
    this.#arena.set(bytes.subarray(start, end), from)
    this.#offsets[slot + 1] = from + end - start
    this.#hashes[slot] = this.#hash(bytes, start, end)
    this.#size++
    this.#insert(slot)
    return slot
  }

  /** Keeps these slots only, in this order: the first gets number 0. */
  compact(keep: Uint32Array): void {
    const arena = this.#arena
    const offsets = this.#offsets
    this.#arena = new Uint8Array(4096)
    this.#offsets = new Uint32Array(64)
    this.#hashes = new Uint32Array(64)
    this.#index = new Uint32Array(128)
    this.#size = 0
    this.#next = 0
    for (const slot of keep) this.add(arena, offsets[slot], offsets[slot + 1])
  }

  #equals(slot: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = this.#offsets[slot]
    if (this.#offsets[slot + 1] - from !== end - start) return false
    const arena = this.#arena
    for (let i = 0; i < end - start; i++) if (arena[from + i] !== bytes[start + i]) return false
    return true
  }

  #insert(slot: number): void {
    const mask = this.#index.length - 1
    let at = this.#hashes[slot] & mask
    while (this.#index[at] !== 0) at = (at + 1) & mask
    this.#index[at] = slot + 1
  }

  #reserve(arenaBytes: number): void {
    if (arenaBytes > this.#arena.length) {
      const arena = new Uint8Array(Math.max(arenaBytes, this.#arena.length * 2))
      arena.set(this.#arena)
      this.#arena = arena
    }
    if (this.#size + 2 <= this.#offsets.length) return
    const offsets = new Uint32Array(this.#offsets.length * 2)
    offsets.set(this.#offsets)
    this.#offsets = offsets
    const hashes = new Uint32Array(offsets.length)
    hashes.set(this.#hashes)
    this.#hashes = hashes
    this.#index = new Uint32Array(offsets.length * 2)
    for (let slot = 0; slot < this.#size; slot++) this.#insert(slot)
  }

  #hash(bytes: Uint8Array, start: number, end: number): number {
    let hash = this.#seed
    for (let i = start; i < end; i++) {
      hash = Math.imul(hash ^ bytes[i], 0x5bd1e995)
      hash ^= hash >>> 13
    }
    hash = Math.imul(hash, 0x85ebca6b)
    return (hash ^ (hash >>> 16)) >>> 0
  }
}
