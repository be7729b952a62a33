// Called once a series, bench/src/ingest-remote-write.ts: the texts of a remote write 2.0 request, found where they lie, and label sets made of them
// in the form that series are known by (repeated Label fields of 1.0).
import { AppError } from '@tidewatch/core/error.ts'
import { metricNameLabel } from '@tidewatch/core/labels.ts'

/** More texts than this are no request of samples: a sender puts at most 10,000 samples or so into one. */
export const maxSymbols = 1 << 20
/** Names and values of one series; the index of series knows the real limit of labels. */
const maxRefs = 1024
/** Label bytes of one series; above what the index takes. */
const maxLabelBytes = 1 << 17
/** Below it a loop copies faster than a view and a call do. */
const shortCopy = 48

const scratch = new Uint8Array(maxLabelBytes)
const nameBytes = new TextEncoder().encode(metricNameLabel)
const utf8 = new TextDecoder()

/** The symbols of one request by number. */
export class SymbolTable {
  count = 0
  readonly #bytes: Uint8Array
  #starts = new Uint32Array(1024)
  #ends = new Uint32Array(1024)

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  add(start: number, end: number): void {
    if (this.count === this.#starts.length) {
      this.#starts = doubled(this.#starts)
      this.#ends = doubled(this.#ends)
    }
    this.#starts[this.count] = start
    this.#ends[this.count] = end
    this.count++
  }

  /** The text of a symbol that there is. */
  text(ref: number): string {
    return utf8.decode(this.#bytes.subarray(this.#starts[ref], this.#ends[ref]))
  }

  /** What is wrong with the number of a symbol that there is not. */
  missing(ref: number): string {
    return `the reference ${ref} lies outside of the ${this.count} symbols`
  }

  isMetricName(ref: number): boolean {
    const start = this.#starts[ref]
    if (ref >= this.count || this.#ends[ref] - start !== nameBytes.length) return false
    for (let i = 0; i < nameBytes.length; i++) if (this.#bytes[start + i] !== nameBytes[i]) return false
    return true
  }

  /**
   * The labels that the refs name, a name and a value in turn, as label bytes in memory that the next call uses again. Throws `ingest.bad_label`
   * and its kin; which labels are good, the index of series says.
   */
  labels(refs: Uint32Array, count: number): Uint8Array {
    if (count % 2 !== 0)
      throw new AppError('ingest.bad_label', `a series has ${count} label references, which come in pairs`)
    if (count > maxRefs)
      throw new AppError('ingest.too_many_labels', `a series has ${count / 2} labels, more than ${maxRefs / 2}`)
    let at = 0
    for (let i = 0; i < count; i += 2) {
      const name = this.#length(refs[i])
      const value = this.#length(refs[i + 1])
      const inner = 2 + lengthSize(name) + name + lengthSize(value) + value
      if (at + inner + 5 > maxLabelBytes)
        throw new AppError('ingest.label_too_long', `the labels of a series have more than ${maxLabelBytes} bytes`)
      scratch[at++] = 0x0a
      at = putLength(at, inner)
      at = this.#put(refs[i], 0x0a, at)
      at = this.#put(refs[i + 1], 0x12, at)
    }
    return scratch.subarray(0, at)
  }

  #length(ref: number): number {
    if (ref >= this.count) throw new AppError('ingest.bad_label', this.missing(ref))
    return this.#ends[ref] - this.#starts[ref]
  }

  #put(ref: number, tag: number, start: number): number {
    const from = this.#starts[ref]
    const length = this.#ends[ref] - from
    scratch[start] = tag
    const at = putLength(start + 1, length)
    if (length > shortCopy) scratch.set(this.#bytes.subarray(from, from + length), at)
    else for (let i = 0; i < length; i++) scratch[at + i] = this.#bytes[from + i]
    return at + length
  }
}

function lengthSize(length: number): number {
  if (length < 0x80) return 1
  return length < 0x4000 ? 2 : 3
}

function putLength(start: number, length: number): number {
  let at = start
  let rest = length
  for (; rest >= 0x80; rest >>>= 7) scratch[at++] = (rest & 0x7f) | 0x80
  scratch[at++] = rest
  return at
}

function doubled(array: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(array.length * 2)
  larger.set(array)
  return larger
}
