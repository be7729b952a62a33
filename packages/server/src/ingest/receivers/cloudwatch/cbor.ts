// CBOR (RFC 8949) as far as AWS's SDKs use it (https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html).
import { AppError } from '@tidewatch/core/error.ts'

const maxDepth = 16
const utf8 = new TextDecoder('utf-8', { fatal: true })
const breakCode = Symbol('break')

/** Maps become objects, tagged values the value itself. Throws `ingest.bad_body`. An empty body is an empty map. */
export function readCbor(bytes: Uint8Array): unknown {
  if (bytes.length === 0) return {}
  const reader = new CborReader(bytes)
  const value = reader.value(0)
  if (!reader.isAtEnd) throw bad('there is more behind the value.')
  return value
}

class CborReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  value(depth: number): unknown {
    const value = this.#item(depth)
    if (value === breakCode) throw bad('a list or map ends that did not begin.')
    return value
  }

  #item(depth: number): unknown {
    if (depth > maxDepth) throw bad(`values lie within one another more than ${maxDepth} deep.`)
    const head = this.#view.getUint8(this.#take(1))
    const major = head >> 5
    const info = head & 31
    if (major === 7) return this.#simple(info)
    if (info === 31) return this.#indefinite(major, depth)
    const length = this.#length(info)
    switch (major) {
      case 0:
        return length
      case 1:
        return -1 - length
      case 2:
        return this.#slice(length)
      case 3:
        return this.#text(length)
      case 4:
        return this.#list(length, depth)
      case 5:
        return this.#map(length, depth)
      default:
        // a tag: what AWS tags are times, in seconds
        return this.value(depth + 1)
    }
  }

  #length(info: number): number {
    if (info < 24) return info
    if (info === 24) return this.#view.getUint8(this.#take(1))
    if (info === 25) return this.#view.getUint16(this.#take(2))
    if (info === 26) return this.#view.getUint32(this.#take(4))
    if (info === 27) {
      const at = this.#take(8)
      return this.#view.getUint32(at) * 0x1_0000_0000 + this.#view.getUint32(at + 4)
    }
    throw bad(`the length ${info} is reserved.`)
  }

  #simple(info: number): unknown {
    if (info === 20) return false
    if (info === 21) return true
    if (info === 22 || info === 23) return undefined
    if (info === 25) return halfFloat(this.#view.getUint16(this.#take(2)))
    if (info === 26) return this.#view.getFloat32(this.#take(4))
    if (info === 27) return this.#view.getFloat64(this.#take(8))
    if (info === 31) return breakCode
    throw bad(`the simple value ${info} is not known.`)
  }

  #list(length: number, depth: number): unknown[] {
    const items: unknown[] = []
    for (let i = 0; i < length; i++) items.push(this.value(depth + 1))
    return items
  }

  #map(length: number, depth: number): Record<string, unknown> {
    const object: Record<string, unknown> = Object.create(null)
    for (let i = 0; i < length; i++) object[String(this.value(depth + 1))] = this.value(depth + 1)
    return object
  }

  /** Ended by a break. */
  #indefinite(major: number, depth: number): unknown {
    const items: unknown[] = []
    for (;;) {
      const item = this.#item(depth + 1)
      if (item === breakCode) break
      items.push(item)
    }
    if (major === 4) return items
    if (major === 3) return items.map(String).join('')
    if (major === 5 && items.length % 2 === 0) {
      const object: Record<string, unknown> = Object.create(null)
      for (let i = 0; i < items.length; i += 2) object[String(items[i])] = items[i + 1]
      return object
    }
    throw bad('a value without a length is neither text, list nor map.')
  }

  #text(length: number): string {
    try {
      return utf8.decode(this.#slice(length))
    } catch (cause) {
      if (cause instanceof AppError) throw cause
      throw bad('a text is not UTF-8.')
    }
  }

  #slice(length: number): Uint8Array {
    const start = this.#take(length)
    return this.#bytes.subarray(start, start + length)
  }

  #take(length: number): number {
    const start = this.#at
    if (start + length > this.#bytes.length) throw bad('it ends too early.')
    this.#at = start + length
    return start
  }
}

function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** A map of texts, for answers. */
export function writeCborTexts(texts: Readonly<Record<string, string>>): Uint8Array {
  const entries = Object.entries(texts)
  const parts = [head(5, entries.length)]
  for (const text of entries.flat()) {
    const bytes = Buffer.from(text)
    parts.push(head(3, bytes.length), bytes)
  }
  return Buffer.concat(parts)
}

function head(major: number, length: number): Buffer {
  if (length < 24) return Buffer.from([(major << 5) | length])
  const bytes = Buffer.alloc(5)
  bytes[0] = (major << 5) | 26
  bytes.writeUInt32BE(length, 1)
  return bytes
}

const bad = (message: string): AppError =>
  new AppError('ingest.bad_body', `the body is no CBOR: ${message}`, { fix: 'Send PutMetricData as the AWS SDKs do.' })
