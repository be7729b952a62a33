// Bits as Prometheus's chunks have them, the highest first. Called a few times a sample.
// Formats: https://github.com/prometheus/prometheus/blob/main/tsdb/docs/format/chunks.md

const twoTo32 = 0x1_0000_0000

/** 64 bits as two unsigned words. */
export interface Words {
  low: number
  high: number
}

/** Sizes of numbers by how many ones stand before the first zero, in histogram chunks. */
const varbitSizes = [0, 3, 6, 9, 12, 18, 25, 56, 64]

export class BitReader {
  readonly #bytes: Uint8Array
  /** In bits. */
  #at: number

  constructor(bytes: Uint8Array, startBit: number) {
    this.#bytes = bytes
    this.#at = startBit
  }

  /** Up to 32 bits. Throws RangeError at the end. */
  bits(count: number): number {
    let left = count
    let value = 0
    while (left > 0) {
      const byte = this.#bytes[this.#at >> 3]
      if (byte === undefined) throw new RangeError('a chunk ends too early')
      const free = 8 - (this.#at & 7)
      const take = Math.min(left, free)
      value = value * (1 << take) + ((byte >> (free - take)) & ((1 << take) - 1))
      this.#at += take
      left -= take
    }
    return value
  }

  words(count: number): Words {
    const high = count > 32 ? this.bits(count - 32) : 0
    return { high, low: this.bits(Math.min(count, 32)) }
  }

  /** How many ones come before a zero, at most `most`; the zero is passed over. */
  ones(most: number): number {
    let count = 0
    while (count < most && this.bits(1) === 1) count++
    return count
  }

  /** A varint as Go's encoding/binary has it, on a byte's border or not; exact within 2^53. */
  uvarint(): number {
    let value = 0
    for (let factor = 1, n = 0; n < 10; n++, factor *= 128) {
      const byte = this.bits(8)
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
    throw new RangeError('a number in a chunk has more than 10 bytes')
  }

  varint(): number {
    const value = this.uvarint()
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  /** Two's complement, but with the greatest number of its size positive, as the chunks have it. */
  signed(size: number): number {
    if (size === 0) return 0
    const { high, low } = this.words(size)
    if (size === 64) return (high | 0) * twoTo32 + low
    const value = high * twoTo32 + low
    return value > 2 ** (size - 1) ? value - 2 ** size : value
  }

  varbitInt(): number {
    return this.signed(this.#varbitSize())
  }

  varbitUint(): number {
    const { high, low } = this.words(this.#varbitSize())
    return high * twoTo32 + low
  }

  #varbitSize(): number {
    return varbitSizes[this.ones(8)] as number
  }
}

/** A value that is written as what changed since the one before. */
export class XorValue implements Words {
  low = 0
  high = 0
  #leading = 0
  #trailing = 0

  /** The first one stands there whole. */
  first(reader: BitReader): void {
    this.high = reader.bits(32)
    this.low = reader.bits(32)
  }

  next(reader: BitReader): void {
    if (reader.bits(1) === 0) return
    if (reader.bits(1) === 1) {
      this.#leading = reader.bits(5)
      const count = reader.bits(6)
      this.#trailing = 64 - this.#leading - (count === 0 ? 64 : count)
    }
    const shift = this.#trailing
    const { high, low } = reader.words(64 - this.#leading - shift)
    if (shift >= 32) this.high = (this.high ^ (low << (shift - 32))) >>> 0
    else {
      this.high = (this.high ^ (shift === 0 ? high : (high << shift) | (low >>> (32 - shift)))) >>> 0
      this.low = (this.low ^ (low << shift)) >>> 0
    }
  }

  get value(): number {
    scratch.setUint32(0, this.high)
    scratch.setUint32(4, this.low)
    return scratch.getFloat64(0)
  }
}

const scratch = new DataView(new ArrayBuffer(8))
