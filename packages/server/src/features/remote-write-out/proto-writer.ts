// Protocol Buffers, written front to back into one growing buffer. Called several times a sample, bench/src/remote-write-out.ts.

/** Bytes of a varint. */
export function varintLength(value: number): number {
  let length = 1
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) length++
  return length
}

export class ProtoWriter {
  #bytes: Buffer
  #at = 0

  constructor(capacity = 1 << 16) {
    this.#bytes = Buffer.allocUnsafe(capacity)
  }

  get length(): number {
    return this.#at
  }

  /** A copy of what was written; then it is empty. */
  take(): Buffer {
    const taken = Buffer.from(this.#bytes.subarray(0, this.#at))
    this.#at = 0
    return taken
  }

  /** What was written, until it is written to again. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#at)
  }

  clear(): void {
    this.#at = 0
  }

  reserve(count: number): void {
    if (this.#at + count <= this.#bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(this.#at + count, this.#bytes.length * 2))
    this.#bytes.copy(larger, 0, 0, this.#at)
    this.#bytes = larger
  }

  byte(value: number): void {
    this.reserve(1)
    this.#bytes[this.#at++] = value
  }

  /** A whole number from 0 to 2^53. */
  varint(value: number): void {
    this.reserve(10)
    let rest = value
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#bytes[this.#at++] = (rest % 0x80) | 0x80
    this.#bytes[this.#at++] = rest
  }

  /** `sint32` and `sint64`. */
  zigzag(value: number): void {
    this.varint(value < 0 ? -value * 2 - 1 : value * 2)
  }

  /** The eight bytes of a double, by its words: a stale marker must not pass through a number. */
  words(low: number, high: number): void {
    this.reserve(8)
    this.#at = this.#bytes.writeUInt32LE(low >>> 0, this.#at)
    this.#at = this.#bytes.writeUInt32LE(high >>> 0, this.#at)
  }

  double(value: number): void {
    this.reserve(8)
    this.#at = this.#bytes.writeDoubleLE(value, this.#at)
  }

  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length)
    this.#bytes.set(bytes, this.#at)
    this.#at += bytes.length
  }

  /** Tag, length and content. */
  delimited(tag: number, content: Uint8Array): void {
    this.byte(tag)
    this.varint(content.length)
    this.raw(content)
  }

  text(tag: number, value: string): void {
    const length = Buffer.byteLength(value)
    this.byte(tag)
    this.varint(length)
    this.reserve(length)
    this.#at += this.#bytes.write(value, this.#at, 'utf8')
  }
}
