// Bits one after the other, highest first, with Prometheus's numbers of variable length (tsdb/chunkenc/varbit.go). Called some times a bucket.

const startBytes = 1 << 12
const twoTo32 = 0x1_0000_0000
/** Bits that a number has behind its prefix of ones, by how many ones there are. */
const widths = [0, 3, 6, 9, 12, 18, 25, 56, 64] as const

export class BitWriter {
  #bytes = new Uint8Array(startBytes)
  #length = 0
  #free = 0

  /** What was written, the last byte filled up with zeros; good until the next write. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  clear(): void {
    this.#length = 0
    this.#free = 0
  }

  /** The lowest `count` bits, 1 to 32. */
  bits(value: number, count: number): void {
    for (let left = count; left > 0; ) {
      if (this.#free === 0) this.#grow()
      const taken = Math.min(left, this.#free)
      const part = (value >>> (left - taken)) & ((1 << taken) - 1)
      const at = this.#length - 1
      this.#bytes[at] = (this.#bytes[at] as number) | (part << (this.#free - taken))
      this.#free -= taken
      left -= taken
    }
  }

  /** The lowest `count` bits of two words, 1 to 64. */
  bits64(low: number, high: number, count: number): void {
    if (count > 32) this.bits(high, count - 32)
    this.bits(low, Math.min(count, 32))
  }

  /** A whole number within 2^53. */
  varbitInt(value: number): void {
    let ones = 0
    if (value !== 0) {
      ones = 1
      while (ones < 8 && !(value >= 1 - 2 ** (widthOf(ones) - 1) && value <= 2 ** (widthOf(ones) - 1))) ones++
    }
    this.#varbit(value, ones)
  }

  /** The same for one that is not below zero. */
  varbitUint(value: number): void {
    let ones = 0
    while (ones < 8 && value >= 2 ** widthOf(ones)) ones++
    this.#varbit(value, ones)
  }

  #varbit(value: number, ones: number): void {
    for (let i = 0; i < ones; i++) this.bits(1, 1)
    if (ones < 8) this.bits(0, 1)
    if (ones > 0) this.bits64(value >>> 0, Math.floor(value / twoTo32), widthOf(ones))
  }

  #grow(): void {
    if (this.#length === this.#bytes.length) {
      const bigger = new Uint8Array(this.#length * 2)
      bigger.set(this.#bytes)
      this.#bytes = bigger
    }
    this.#bytes[this.#length++] = 0
    this.#free = 8
  }
}

const widthOf = (ones: number): number => widths[ones] ?? 64
