/** The encoded labels of the series of one target by number, in one arena. */
export class EncodedLabelTable {
  #arena = Buffer.alloc(4096)
  #used = 0
  #starts = new Uint32Array(64)
  #ends = new Uint32Array(64)

  get arena(): Buffer {
    return this.#arena
  }
  start(slot: number): number {
    return this.#starts[slot]
  }
  end(slot: number): number {
    return this.#ends[slot]
  }
  /** A copy. */
  bytes(slot: number): Buffer {
    return Buffer.from(this.#arena.subarray(this.#starts[slot], this.#ends[slot]))
  }

  set(slot: number, encoded: Uint8Array): void {
    if (this.#used + encoded.length > this.#arena.length) {
      const arena = Buffer.alloc(Math.max(this.#used + encoded.length, this.#arena.length * 2))
      arena.set(this.#arena)
      this.#arena = arena
    }
    if (slot >= this.#starts.length) {
      this.#starts = grown(this.#starts, slot + 1)
      this.#ends = grown(this.#ends, slot + 1)
    }
    this.#arena.set(encoded, this.#used)
    this.#starts[slot] = this.#used
    this.#used += encoded.length
    this.#ends[slot] = this.#used
  }
}

function grown(array: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(Math.max(length, array.length * 2))
  larger.set(array)
  return larger
}
