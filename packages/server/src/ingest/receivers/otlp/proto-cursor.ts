// Reads protobuf fields without making objects: where the walk is stands in `at`, and who calls says where its message ends.
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import type { AnyValue } from './any-value.ts'
import { maxDepth } from './any-value.ts'
import type { Attribute, Moment, NumberColumn } from './point.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })

export class ProtoCursor {
  at = 0
  readonly bytes: Uint8Array
  readonly #view: DataView
  readonly #message: string

  /** `message` says what the bytes should be, for errors. */
  constructor(bytes: Uint8Array, message = 'an OTLP export request') {
    this.bytes = bytes
    this.#message = message
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** Exact up to 2^53. */
  varint(end: number): number {
    const { bytes } = this
    const start = this.at
    let value = 0
    let factor = 1
    for (let at = start; at < end && at < start + 10; at++) {
      const byte = bytes[at]
      value += (byte & 0x7f) * factor
      if (byte < 0x80) {
        this.at = at + 1
        return value
      }
      factor *= 128
    }
    throw this.bad(start, 'a varint of at most 10 bytes')
  }

  /** Reads the length of a field; where the field ends. */
  fieldEnd(end: number): number {
    const start = this.at
    const length = this.varint(end)
    if (this.at + length > end) {
      throw this.bad(start, `${length} bytes, of which ${Math.max(0, end - this.at)} are there`)
    }
    return this.at + length
  }

  /** An unsigned number of 8 bytes; exact up to 2^53. */
  fixed64(end: number): number {
    const at = this.#eight(end)
    return this.#view.getUint32(at + 4, true) * 0x1_0000_0000 + this.#view.getUint32(at, true)
  }

  fixed32(end: number): number {
    const { at } = this
    if (at + 4 > end) throw this.bad(at, 'a number of 4 bytes')
    this.at = at + 4
    return this.#view.getUint32(at, true)
  }

  sfixed64(end: number): number {
    const at = this.#eight(end)
    return this.#view.getInt32(at + 4, true) * 0x1_0000_0000 + this.#view.getUint32(at, true)
  }

  double(end: number): number {
    return this.#view.getFloat64(this.#eight(end), true)
  }

  /** Nanoseconds of 8 bytes. */
  moment(end: number, into: Moment): void {
    const at = this.#eight(end)
    // the high half is a multiple of 2^32 and so exact, as is its remainder
    const high = this.#view.getUint32(at + 4, true) * 0x1_0000_0000
    const highRest = high % 1e6
    const rest = highRest + this.#view.getUint32(at, true)
    into.restNs = rest % 1e6
    // the difference has more than 53 bits: divided it may lie beside the whole number that it is
    into.ms = Math.round((high - highRest) / 1e6) + (rest - into.restNs) / 1e6
  }

  zigzag(end: number): number {
    const value = this.varint(end)
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  packed(end: number, read: 'fixed64' | 'double' | 'varint', into: NumberColumn): void {
    const stop = this.fieldEnd(end)
    while (this.at < stop) into.push(this[read](stop))
  }

  text(end: number): string {
    const stop = this.fieldEnd(end)
    const start = this.at
    this.at = stop
    try {
      return utf8.decode(this.bytes.subarray(start, stop))
    } catch {
      throw this.bad(start, 'text in UTF-8')
    }
  }

  hex(end: number): string {
    const stop = this.fieldEnd(end)
    const start = this.at
    this.at = stop
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + start, stop - start).toString('hex')
  }

  /** A KeyValue. */
  attribute(end: number, depth = 0): Attribute {
    const stop = this.fieldEnd(end)
    let name = ''
    let value: AnyValue = null
    while (this.at < stop) {
      const tagAt = this.at
      const tag = this.varint(stop)
      if (tag === 0x0a) name = this.text(stop)
      else if (tag === 0x12) value = this.anyValue(stop, depth)
      else this.skip(tag, tagAt, stop)
    }
    return [name, value]
  }

  anyValue(end: number, depth = 0): AnyValue {
    const stop = this.fieldEnd(end)
    if (depth > maxDepth) throw this.bad(this.at, `values within one another at most ${maxDepth} deep`)
    let value: AnyValue = null
    while (this.at < stop) {
      const tagAt = this.at
      const tag = this.varint(stop)
      if (tag === 0x0a) value = this.text(stop)
      else if (tag === 0x10) value = this.varint(stop) !== 0
      else if (tag === 0x18) value = this.#int64(stop)
      else if (tag === 0x21) value = this.double(stop)
      else if (tag === 0x2a) value = this.#list(stop, depth)
      else if (tag === 0x32) value = this.#map(stop, depth)
      else if (tag === 0x3a) {
        const bytesEnd = this.fieldEnd(stop)
        value = this.bytes.slice(this.at, bytesEnd)
        this.at = bytesEnd
      } else this.skip(tag, tagAt, stop)
    }
    return value
  }

  #list(end: number, depth: number): AnyValue[] {
    const stop = this.fieldEnd(end)
    const items: AnyValue[] = []
    while (this.at < stop) {
      const tagAt = this.at
      const tag = this.varint(stop)
      if (tag === 0x0a) items.push(this.anyValue(stop, depth + 1))
      else this.skip(tag, tagAt, stop)
    }
    return items
  }

  #map(end: number, depth: number): Map<string, AnyValue> {
    const stop = this.fieldEnd(end)
    const items = new Map<string, AnyValue>()
    while (this.at < stop) {
      const tagAt = this.at
      const tag = this.varint(stop)
      if (tag === 0x0a) items.set(...this.attribute(stop, depth + 1))
      else this.skip(tag, tagAt, stop)
    }
    return items
  }

  #int64(end: number): bigint {
    const start = this.at
    this.varint(end)
    let value = 0n
    for (let at = this.at - 1; at >= start; at--) value = (value << 7n) | BigInt(this.bytes[at] & 0x7f)
    return BigInt.asIntN(64, value)
  }

  /** Passes over a field that is not ours, by its wire type. */
  skip(tag: number, tagAt: number, end: number): void {
    const wireType = tag % 8
    if (tag < 8) throw this.bad(tagAt, 'the tag of a field')
    if (wireType === 0) this.varint(end)
    else if (wireType === 2) this.at = this.fieldEnd(end)
    else if (wireType === 1) this.#eight(end)
    else if (wireType === 5) this.fixed32(end)
    else throw this.bad(tagAt, 'a field of wire type 0, 1, 2 or 5')
  }

  bad(at: number, expected: string): AppError {
    const around = Buffer.from(this.bytes.subarray(at, at + 8)).toString('hex')
    const found = at >= this.bytes.length ? 'the end' : `the bytes ${quoteValue(around)}`
    return new AppError('ingest.bad_body', `byte ${at} of the inflated body: expected ${expected}, found ${found}`, {
      fix: `Send ${this.#message} in protobuf, whole, or say what else it is by Content-Type.`,
    })
  }

  /** Takes 8 bytes; where they begin. */
  #eight(end: number): number {
    const { at } = this
    if (at + 8 > end) throw this.bad(at, 'a number of 8 bytes')
    this.at = at + 8
    return at
  }
}
