// Called once a sample, bench/src/ingest-remote-write.ts: protobuf as both versions of remote write have it, read in place.
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import { ProtoReader } from '@tidewatch/core/proto-reader.ts'
import type { SampleBatch } from '@tidewatch/core/sample-batch.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** A walk over the bytes of a request. Every method throws `ingest.bad_body` where they are no such thing. */
export class RemoteWriteWire {
  /** Where the walk is. */
  at = 0
  /** Of the sample that was read last: when its counter began, ms; 0 where it does not say. Only 2.0 has it. */
  startMs = 0
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #message: string

  /** `message` says what the body should be, for errors. */
  constructor(bytes: Uint8Array, message: string) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#message = message
  }

  /** One Sample message between here and `end`; fields that are not written are 0, as proto3 has it. */
  sample(batch: SampleBatch, end: number, limit: number): void {
    const start = this.at
    const bytes = this.#bytes
    if (end > limit) throw this.bad(start, 'a Sample that ends within its TimeSeries')
    const i = batch.length
    if (i === batch.refs.length) batch.reserve(i + 1)
    const { words } = batch
    words[i * 2] = 0
    words[i * 2 + 1] = 0
    let timeMs = 0
    while (this.at < end) {
      const at = this.at
      const tag = bytes[at]
      if (tag === 0x09) {
        if (at + 9 > end) throw this.bad(at, 'a value of 8 bytes')
        // copied as two words: as a number the stale marker could lose its bits
        words[i * 2] = this.#view.getUint32(at + 1, true)
        words[i * 2 + 1] = this.#view.getUint32(at + 5, true)
        this.at = at + 9
      } else if (tag === 0x10) {
        this.at = at + 1
        timeMs = this.int64(end)
      } else if (tag === 0x18) {
        this.at = at + 1
        this.startMs = this.int64(end)
      } else {
        const fieldTag = this.varint(end)
        this.skip(fieldTag, at, end)
      }
    }
    batch.timesMs[i] = timeMs
    batch.length = i + 1
  }

  /** A message that is rare enough to be read field by field; moves behind it. */
  message<T>(end: number, what: string, read: (reader: ProtoReader) => T): T {
    const length = this.length(end, what)
    const start = this.at
    this.at += length
    try {
      return read(new ProtoReader(this.#bytes, start, this.at))
    } catch (error) {
      if (error instanceof RangeError || error instanceof TypeError) throw this.bad(start, `${what} (${error.message})`)
      throw error
    }
  }

  text(end: number, what: string): string {
    const length = this.length(end, what)
    const start = this.at
    this.at += length
    try {
      return utf8.decode(this.#bytes.subarray(start, this.at))
    } catch {
      throw this.bad(start, `${what} in UTF-8`)
    }
  }

  /** A length-delimited field's length, checked against what holds it. */
  length(end: number, what: string): number {
    const at = this.at
    const length = this.varint(end)
    if (this.at + length > end) {
      throw this.bad(at, `${what} of ${length} bytes, of which ${Math.max(0, end - this.at)} are there`)
    }
    return length
  }

  /** An unsigned varint; more than 2^53 comes out rounded, which every caller refuses as too long. */
  varint(end: number): number {
    const bytes = this.#bytes
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

  /** A signed 64-bit varint without BigInt: exact within 2^53, beyond that near enough to be refused as a time. */
  int64(end: number): number {
    const bytes = this.#bytes
    const at = this.at
    // six bytes are what a time in ms between 2004 and 2109 takes
    if (at + 6 <= end && bytes[at + 5] < 0x80 && bytes[at + 4] >= 0x80) {
      const b0 = bytes[at]
      const b1 = bytes[at + 1]
      const b2 = bytes[at + 2]
      const b3 = bytes[at + 3]
      if ((b0 & b1 & b2 & b3) >= 0x80) {
        this.at = at + 6
        const low = (b0 & 127) | ((b1 & 127) << 7) | ((b2 & 127) << 14) | ((b3 & 127) << 21)
        return low + ((bytes[at + 4] & 127) | (bytes[at + 5] << 7)) * 0x1000_0000
      }
    }
    const value = this.varint(end)
    if (this.at - at < 10) return value
    return this.#negative(at)
  }

  /** Ten bytes: two's complement of 64 bits, from its low 32 and high 32 bits. */
  #negative(at: number): number {
    const bytes = this.#bytes
    let low = 0
    let high = 0
    for (let i = 0; i < 10; i++) {
      const bits = bytes[at + i] & 0x7f
      const shift = i * 7
      if (shift < 32) low |= bits << shift
      if (shift >= 32) high |= bits << (shift - 32)
      else if (shift > 25) high |= bits >>> (32 - shift)
    }
    return high * 0x1_0000_0000 + (low >>> 0)
  }

  /** Passes over a field that is not ours, by its wire type. */
  skip(tag: number, tagAt: number, end: number): void {
    const wireType = tag % 8
    if (tag < 8) throw this.bad(tagAt, 'the tag of a field')
    if (wireType === 0) this.varint(end)
    else if (wireType === 2) {
      const length = this.length(end, `field ${Math.floor(tag / 8)}`)
      this.at += length
    } else if (wireType === 1 || wireType === 5) {
      const size = wireType === 1 ? 8 : 4
      if (this.at + size > end) throw this.bad(tagAt, `field ${Math.floor(tag / 8)} of ${size} bytes`)
      this.at += size
    } else throw this.bad(tagAt, 'a field of wire type 0, 1, 2 or 5')
  }

  bad(at: number, expected: string): AppError {
    const around = Buffer.from(this.#bytes.subarray(at, at + 8)).toString('hex')
    const found = at >= this.#bytes.length ? 'the end' : `the bytes ${quoteValue(around)}`
    return new AppError('ingest.bad_body', `byte ${at} of the inflated body: expected ${expected}, found ${found}`, {
      fix: `Send ${this.#message} as one snappy block, whole.`,
    })
  }
}
