// Prometheus's XOR chunk: times as differences of differences, values by the bits that changed. Called once a sample, in a query worker;
// bench/src/remote-read.ts. Format: https://github.com/prometheus/prometheus/blob/main/tsdb/docs/format/chunks.md#xor-chunk-data

/** Samples in one chunk, as Prometheus cuts them. */
export const chunkSamples = 120
/** Two bytes of count, two varints and 64 bits, then at most 4 + 64 bits for a time and 2 + 5 + 6 + 64 for a value. */
const maxBytes = 2 + 10 + 10 + 8 + chunkSamples * 19 + 4
const unknown = 0xff
const twoTo32 = 0x1_0000_0000

/** Encodes one chunk after the other into the same memory. */
export class XorChunkEncoder {
  readonly #bytes = new Uint8Array(maxBytes)
  /** Where the next word goes; its bits so far, from the highest on, and how many are free. */
  #at = 0
  #word = 0
  #free = 32
  #leading = unknown
  #trailing = 0

  /**
   * Samples `from` to before `to`, at most `chunkSamples`, times ascending; `words` views the column of values. The result is good until the
   * next call.
   */
  encode(timesMs: Float64Array, words: Uint32Array, from: number, to: number): Uint8Array {
    this.#at = 0
    this.#word = 0
    this.#free = 32
    this.#leading = unknown
    this.#trailing = 0
    this.#bits(to - from, 16)
    let deltaMs = 0
    for (let i = from; i < to; i++) {
      const timeMs = timesMs[i] as number
      const low = words[i * 2] as number
      const high = words[i * 2 + 1] as number
      if (i === from) {
        this.#varint(timeMs < 0 ? -timeMs * 2 - 1 : timeMs * 2)
        this.#bits(high, 32)
        this.#bits(low, 32)
        continue
      }
      const nextDeltaMs = timeMs - (timesMs[i - 1] as number)
      if (i === from + 1) this.#varint(nextDeltaMs)
      else this.#timeChange(nextDeltaMs - deltaMs)
      deltaMs = nextDeltaMs
      this.#valueChange(low ^ (words[i * 2 - 2] as number), high ^ (words[i * 2 - 1] as number))
    }
    const used = Math.ceil((32 - this.#free) / 8)
    this.#flush()
    return this.#bytes.subarray(0, this.#at - 4 + used)
  }

  #timeChange(change: number): void {
    if (change === 0) this.#bits(0, 1)
    else if (change >= -8191 && change <= 8192) {
      this.#bits(0b10, 2)
      this.#bits(change & 0x3fff, 14)
    } else if (change >= -65_535 && change <= 65_536) {
      this.#bits(0b110, 3)
      this.#bits(change & 0x1ffff, 17)
    } else if (change >= -524_287 && change <= 524_288) {
      this.#bits(0b1110, 4)
      this.#bits(change & 0xfffff, 20)
    } else {
      this.#bits(0b1111, 4)
      this.#bits(Math.floor(change / twoTo32) >>> 0, 32)
      this.#bits(change >>> 0, 32)
    }
  }

  /** The two words of the XOR of a value with the one before. */
  #valueChange(low: number, high: number): void {
    if (low === 0 && high === 0) {
      this.#bits(0, 1)
      return
    }
    this.#bits(1, 1)
    // there are five bits for it
    const leading = Math.min(31, high === 0 ? 32 : Math.clz32(high))
    const trailing = low === 0 ? 32 + trailingZeros(high) : trailingZeros(low)
    if (this.#leading !== unknown && leading >= this.#leading && trailing >= this.#trailing) {
      this.#bits(0, 1)
    } else {
      this.#leading = leading
      this.#trailing = trailing
      this.#bits(1, 1)
      this.#bits(leading, 5)
      // 64 bits are written as 0: none at all cannot be
      this.#bits((64 - leading - trailing) & 63, 6)
    }
    const count = 64 - this.#leading - this.#trailing
    const shift = this.#trailing
    if (shift >= 32) {
      this.#bits(high >>> (shift - 32), count)
      return
    }
    const shifted = shift === 0 ? low : (low >>> shift) | (high << (32 - shift))
    if (count > 32) this.#bits(high >>> shift, count - 32)
    this.#bits(shifted, Math.min(count, 32))
  }

  /** Only while whole bytes were written. */
  #varint(value: number): void {
    let rest = value
    while (rest >= 0x80) {
      this.#bits((rest % 128) | 0x80, 8)
      rest = Math.floor(rest / 128)
    }
    this.#bits(rest, 8)
  }

  /** A whole number of `count` bits, 1 to 32, that has no others. */
  #bits(value: number, count: number): void {
    if (count < this.#free) {
      this.#free -= count
      this.#word |= value << this.#free
      return
    }
    const over = count - this.#free
    this.#word |= value >>> over
    this.#flush()
    if (over === 0) return
    this.#free = 32 - over
    this.#word = value << this.#free
  }

  #flush(): void {
    const bytes = this.#bytes
    const word = this.#word
    const at = this.#at
    bytes[at] = word >>> 24
    bytes[at + 1] = word >>> 16
    bytes[at + 2] = word >>> 8
    bytes[at + 3] = word
    this.#at = at + 4
    this.#word = 0
    this.#free = 32
  }
}

/** Of a word that is not 0. */
const trailingZeros = (word: number): number => 31 - Math.clz32(word & -word)
