// Prometheus's XOR chunk: times as differences of differences, values by the bits that changed. Called once a sample, in a query worker;
// bench/src/remote-read.ts. Format: https://github.com/prometheus/prometheus/blob/main/tsdb/docs/format/chunks.md#xor-chunk-data

/** Samples in one chunk, as Prometheus cuts them. */
export const chunkSamples = 120
/** Two bytes of count, two varints and 64 bits, then at most 4 + 64 bits for a time and 2 + 5 + 6 + 64 for a value. */
const maxBytes = 2 + 10 + 10 + 8 + chunkSamples * 19
const unknown = 0xff
const twoTo32 = 0x1_0000_0000

/** Encodes one chunk after the other into the same memory. */
export class XorChunkEncoder {
  readonly #bytes = new Uint8Array(maxBytes)
  /** The byte that is being filled, and how many of its bits are still free. */
  #at = 0
  #free = 8
  #leading = unknown
  #trailing = 0

  /**
   * Samples `from` to before `to`, at most `chunkSamples`, times ascending; `words` views the column of values. The result is good until the
   * next call.
   */
  encode(timesMs: Float64Array, words: Uint32Array, from: number, to: number): Uint8Array {
    const bytes = this.#bytes.fill(0)
    const count = to - from
    bytes[0] = count >>> 8
    bytes[1] = count
    this.#at = 2
    this.#free = 8
    this.#leading = unknown
    this.#trailing = 0
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
    return bytes.subarray(0, this.#free === 8 ? this.#at : this.#at + 1)
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

  /** The lowest `count` bits, at most 32, highest first. */
  #bits(value: number, count: number): void {
    const bytes = this.#bytes
    let left = count
    while (left > 0) {
      const take = Math.min(this.#free, left)
      const part = (value >>> (left - take)) & ((1 << take) - 1)
      this.#free -= take
      left -= take
      bytes[this.#at] = (bytes[this.#at] as number) | (part << this.#free)
      if (this.#free > 0) continue
      this.#at++
      this.#free = 8
    }
  }
}

/** Of a word that is not 0. */
const trailingZeros = (word: number): number => 31 - Math.clz32(word & -word)
