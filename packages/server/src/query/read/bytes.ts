// Bytes that grow as fields are written: protobuf's wire format (https://protobuf.dev/programming-guides/encoding) by hand, since an object
// for a sample would cost more than all the rest. Called a few times a sample, in a query worker; bench/src/remote-read.ts.

const utf8 = new TextEncoder()
const startBytes = 1 << 12

export class ByteWriter {
  length = 0
  #bytes = new Uint8Array(startBytes)
  #view = new DataView(this.#bytes.buffer)

  /** What was written, a copy with memory of its own. */
  copy(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.length)
  }

  /** What was written, until the next write. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.length)
  }

  byte(value: number): void {
    this.#reserve(1)
    this.#bytes[this.length++] = value
  }

  bytes(part: Uint8Array): void {
    this.#reserve(part.length)
    this.#bytes.set(part, this.length)
    this.length += part.length
  }

  uint32BigEndian(value: number): void {
    this.#reserve(4)
    this.#view.setUint32(this.length, value)
    this.length += 4
  }

  /** A whole number from 0 to 2^53. */
  varint(value: number): void {
    this.#reserve(10)
    let rest = value
    while (rest >= 0x80) {
      this.#bytes[this.length++] = (rest % 128) | 0x80
      rest = Math.floor(rest / 128)
    }
    this.#bytes[this.length++] = rest
  }

  /** An `int64`: what is below zero takes ten bytes, two's complement of 64 bits. */
  int64(value: number): void {
    if (value >= 0) {
      this.varint(value)
      return
    }
    this.#reserve(10)
    // seven bits at a time; floor keeps the sign, so the last bits come out as ones
    let rest = value
    for (let i = 0; i < 9; i++) {
      const next = Math.floor(rest / 128)
      this.#bytes[this.length++] = (rest - next * 128) | 0x80
      rest = next
    }
    this.#bytes[this.length++] = 1
  }

  /** A float64's eight bytes, little-endian, from its two words: as a number a stale marker could lose its bits. */
  float64Words(low: number, high: number): void {
    this.#reserve(8)
    this.#view.setUint32(this.length, low, true)
    this.#view.setUint32(this.length + 4, high, true)
    this.length += 8
  }

  /** UTF-8 without its length. */
  text(text: string): void {
    // a UTF-16 unit takes at most three bytes
    this.#reserve(text.length * 3)
    this.length += utf8.encodeInto(text, this.#bytes.subarray(this.length)).written
  }

  /** A field of bytes: tag, length, content. */
  field(tag: number, content: Uint8Array): void {
    this.byte(tag)
    this.varint(content.length)
    this.bytes(content)
  }

  #reserve(count: number): void {
    const needed = this.length + count
    if (needed <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2))
    grown.set(this.#bytes.subarray(0, this.length))
    this.#bytes = grown
    this.#view = new DataView(grown.buffer)
  }
}

/** Bytes of an `int64` as a varint. */
export function int64Length(value: number): number {
  if (value < 0) return 10
  let length = 1
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 128)) length++
  return length
}
