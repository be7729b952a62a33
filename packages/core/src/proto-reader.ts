// Protobuf messages field by field: for messages that are few; samples are walked by code of their own.

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** A walk over one message. Throws RangeError where the bytes end too early or are no message, TypeError for text that is not UTF-8. */
export class ProtoReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #end: number
  #at: number
  #field = 0
  #wire = 0

  constructor(bytes: Uint8Array, start = 0, end = bytes.length, view?: DataView) {
    this.#bytes = bytes
    this.#view = view ?? new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#at = start
    this.#end = end
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#end
  }

  /** Reads the next field's tag; false at the end. */
  next(): boolean {
    if (this.isAtEnd) return false
    const tag = this.varint()
    this.#field = Math.floor(tag / 8)
    this.#wire = tag % 8
    if (this.#field === 0) throw new RangeError('a field has the number 0')
    return true
  }

  is(field: number, wire: number): boolean {
    return this.#field === field && this.#wire === wire
  }

  /** Exact up to 2^53. */
  varint(): number {
    let value = 0
    for (let factor = 1, n = 0; n < 10; n++, factor *= 128) {
      const byte = this.#bytes[this.#take(1)] as number
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
    throw new RangeError('a number has more than 10 bytes')
  }

  /** A signed number of 32 or 64 bits (`int32`, `int64`); exact within 2^53. */
  signed(): number {
    const value = this.varint()
    if (value < 2 ** 53) return value
    return Number(BigInt.asIntN(64, this.#again()))
  }

  /** A signed number in zigzag form (`sint32`, `sint64`); exact within 2^53. */
  zigzag(): number {
    const value = this.varint()
    if (value < 2 ** 53) return value % 2 === 0 ? value / 2 : -(value + 1) / 2
    const exact = this.#again()
    return Number((exact >> 1n) ^ -(exact & 1n))
  }

  double(): number {
    return this.#view.getFloat64(this.#take(8), true)
  }

  /** A field that is a message, or numbers in one run (packed). */
  message(): ProtoReader {
    const length = this.varint()
    const start = this.#take(length)
    return new ProtoReader(this.#bytes, start, start + length, this.#view)
  }

  /** The same for who reads it twice. */
  messageTwice(): readonly [ProtoReader, ProtoReader] {
    const first = this.message()
    return [first, new ProtoReader(this.#bytes, first.#at, first.#end, this.#view)]
  }

  /** A field of bytes, as a view of them. */
  bytes(): Uint8Array {
    const length = this.varint()
    const start = this.#take(length)
    return this.#bytes.subarray(start, start + length)
  }

  text(): string {
    const length = this.varint()
    const start = this.#take(length)
    return utf8.decode(this.#bytes.subarray(start, start + length))
  }

  skip(): void {
    if (this.#wire === 0) this.varint()
    else if (this.#wire === 1) this.#take(8)
    else if (this.#wire === 2) this.#take(this.varint())
    else if (this.#wire === 5) this.#take(4)
    else throw new RangeError(`field ${this.#field} has the wire type ${this.#wire}`)
  }

  /** The varint just read, whole. */
  #again(): bigint {
    let start = this.#at - 1
    while (start > 0 && this.#at - start < 10 && (this.#bytes[start - 1] as number) >= 128) start--
    let value = 0n
    for (let at = this.#at - 1; at >= start; at--) value = (value << 7n) | BigInt((this.#bytes[at] as number) & 127)
    return BigInt.asUintN(64, value)
  }

  #take(length: number): number {
    const start = this.#at
    if (start + length > this.#end) throw new RangeError('it ends too early')
    this.#at = start + length
    return start
  }
}
