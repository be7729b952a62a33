// A native histogram as bytes: what is spooled, stored, and kept in the head. Called once a histogram.
//
//   flags      bits 0-1 hint, 2 whole counts, 3 stale marker (nothing follows)
//   schema     zigzag
//   count, zero count, sum                        a number each
//   zero threshold, unless buckets are custom     0: 0; 1-254: 2^(byte - 243); 255: the double follows
//   positive side, negative side                  number of spans, then offset (zigzag) and length of each; then a count for each place:
//                                                 whole ones as the signed difference to the one before, others as numbers
//   custom bounds, if buckets are custom          how many, then each: 0 and the double, or 1000 times it and 1 more
//
// A number is a varint one more than it where it is whole and from 0 to below 2^53, else 0 and its double. Equal histograms have equal bytes.
import { AppError } from './error.ts'
import {
  type CounterResetHint,
  customBucketsSchema,
  isStaleHistogram,
  type NativeHistogram,
  type Span,
  staleHistogram,
} from './native-histogram.ts'
import { maxHistogramBuckets, maxHistogramSpans } from './native-histogram-check.ts'

const hints: readonly CounterResetHint[] = ['unknown', 'reset', 'not_reset', 'gauge']
const wholeFlag = 4
const staleFlag = 8
const wholeLimit = 2 ** 53
const maxScaledBound = 2 ** 50
/** More than any histogram that passed the check takes. */
export const maxHistogramBytes = 64 + maxHistogramBuckets * 9 + maxHistogramSpans * 10

const scratch = new Uint8Array(maxHistogramBytes)
const scratchView = new DataView(scratch.buffer)
let at = 0

/** The bytes, with memory of their own. The histogram must have passed `histogramFault`. */
export function encodeHistogram(h: NativeHistogram): Uint8Array<ArrayBuffer> {
  at = 0
  const flags = hints.indexOf(h.counterResetHint) | (h.isInteger ? wholeFlag : 0)
  if (isStaleHistogram(h)) return Uint8Array.of(flags | staleFlag)
  scratch[at++] = flags
  writeVarint(zigzag(h.schema))
  writeNumber(h.count)
  writeNumber(h.zeroCount)
  writeNumber(h.sum)
  const isCustom = h.schema === customBucketsSchema
  if (!isCustom) writeThreshold(h.zeroThreshold)
  writeSide(h.positiveSpans, h.positiveBuckets, h.isInteger)
  writeSide(h.negativeSpans, h.negativeBuckets, h.isInteger)
  if (isCustom) writeBounds(h.customValues)
  return scratch.slice(0, at)
}

function zigzag(value: number): number {
  return value < 0 ? -value * 2 - 1 : value * 2
}

function writeVarint(value: number): void {
  let rest = value
  while (rest >= 0x80) {
    scratch[at++] = (rest % 0x80) | 0x80
    rest = Math.floor(rest / 0x80)
  }
  scratch[at++] = rest
}

function writeDouble(value: number): void {
  scratchView.setFloat64(at, value, true)
  at += 8
}

function writeNumber(value: number): void {
  if (value >= 0 && value < wholeLimit && Number.isInteger(value) && !Object.is(value, -0)) {
    writeVarint(value + 1)
    return
  }
  scratch[at++] = 0
  writeDouble(value)
}

function writeThreshold(value: number): void {
  const exponent = Math.log2(value)
  if (Object.is(value, 0)) scratch[at++] = 0
  else if (Number.isInteger(exponent) && exponent >= -242 && exponent <= 11 && 2 ** exponent === value)
    scratch[at++] = exponent + 243
  else {
    scratch[at++] = 255
    writeDouble(value)
  }
}

function writeSide(spans: readonly Span[], buckets: Float64Array, isInteger: boolean): void {
  writeVarint(spans.length)
  for (const { offset, length } of spans) {
    writeVarint(zigzag(offset))
    writeVarint(length)
  }
  let before = 0
  for (let i = 0; i < buckets.length; i++) {
    const count = buckets[i] as number
    if (isInteger) writeDifference(count - before)
    else writeNumber(count)
    before = count
  }
}

/** Sign, six bits, then the rest: a zigzag number could need 54 bits, which a double does not have. */
function writeDifference(value: number): void {
  const size = Math.abs(value)
  const first = (value < 0 ? 1 : 0) | ((size % 64) << 1)
  if (size < 64) {
    scratch[at++] = first
    return
  }
  scratch[at++] = first | 0x80
  writeVarint(Math.floor(size / 64))
}

function writeBounds(bounds: readonly number[]): void {
  writeVarint(bounds.length)
  for (const bound of bounds) {
    const scaled = Math.round(bound * 1000)
    if (bound > 0 && scaled < maxScaledBound && scaled / 1000 === bound) {
      writeVarint(scaled + 1)
      continue
    }
    scratch[at++] = 0
    writeDouble(bound)
  }
}

/** What `encodeHistogram` wrote. Throws `internal.bug` for other bytes. */
export function decodeHistogram(bytes: Uint8Array): NativeHistogram {
  const reader = new Reader(bytes)
  const flags = reader.byte()
  const counterResetHint = hints[flags & 3] as CounterResetHint
  const isInteger = (flags & wholeFlag) !== 0
  if ((flags & staleFlag) !== 0) return { ...staleHistogram, counterResetHint, isInteger }
  const schema = reader.signed()
  const count = reader.number()
  const zeroCount = reader.number()
  const sum = reader.number()
  const isCustom = schema === customBucketsSchema
  const zeroThreshold = isCustom ? 0 : reader.threshold()
  const positiveSpans = reader.spans()
  const positiveBuckets = reader.buckets(positiveSpans, isInteger)
  const negativeSpans = reader.spans()
  const negativeBuckets = reader.buckets(negativeSpans, isInteger)
  const customValues = isCustom ? reader.bounds() : []
  return {
    schema,
    counterResetHint,
    count,
    sum,
    zeroThreshold,
    zeroCount,
    positiveSpans,
    positiveBuckets,
    negativeSpans,
    negativeBuckets,
    customValues,
    isInteger,
  }
}

/**
 * Of two histograms of one series at one moment, given by their bytes, the one that counts: one that is no stale marker, then the one with the
 * greater count, then that whose bytes are greater. So the outcome never depends on which came first.
 */
export function replacesHistogram(candidate: Uint8Array, held: Uint8Array): boolean {
  const isStale = isStaleEncoded(candidate)
  if (isStale !== isStaleEncoded(held)) return !isStale
  if (!isStale) {
    const difference = countOf(candidate) - countOf(held)
    if (difference > 0 || difference < 0) return difference > 0
  }
  const common = Math.min(candidate.length, held.length)
  for (let i = 0; i < common; i++) {
    const difference = (candidate[i] as number) - (held[i] as number)
    if (difference !== 0) return difference > 0
  }
  return candidate.length > held.length
}

/** Whether the bytes are a stale marker's. */
export function isStaleEncoded(bytes: Uint8Array): boolean {
  return ((bytes[0] ?? 0) & staleFlag) !== 0
}

function countOf(bytes: Uint8Array): number {
  const reader = new Reader(bytes)
  reader.byte()
  reader.signed()
  const count = reader.number()
  return Number.isNaN(count) ? Number.NEGATIVE_INFINITY : count
}

class Reader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  byte(): number {
    const byte = this.#bytes[this.#at++]
    if (byte === undefined) throw broken()
    return byte
  }

  varint(): number {
    let value = 0
    for (let factor = 1; factor <= wholeLimit; factor *= 0x80) {
      const byte = this.byte()
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
    throw broken()
  }

  signed(): number {
    const value = this.varint()
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2
  }

  double(): number {
    if (this.#at + 8 > this.#bytes.length) throw broken()
    const value = new DataView(this.#bytes.buffer, this.#bytes.byteOffset + this.#at, 8).getFloat64(0, true)
    this.#at += 8
    return value
  }

  number(): number {
    const value = this.varint()
    return value === 0 ? this.double() : value - 1
  }

  threshold(): number {
    const byte = this.byte()
    if (byte === 0) return 0
    return byte === 255 ? this.double() : 2 ** (byte - 243)
  }

  spans(): Span[] {
    const count = this.varint()
    if (count > maxHistogramSpans) throw broken()
    const spans: Span[] = []
    for (let i = 0; i < count; i++) spans.push({ offset: this.signed(), length: this.varint() })
    return spans
  }

  buckets(spans: readonly Span[], isInteger: boolean): Float64Array {
    let length = 0
    for (const span of spans) length += span.length
    if (length > maxHistogramBuckets) throw broken()
    const buckets = new Float64Array(length)
    let count = 0
    for (let i = 0; i < length; i++) {
      count = isInteger ? count + this.#difference() : this.number()
      buckets[i] = count
    }
    return buckets
  }

  bounds(): number[] {
    const count = this.varint()
    if (count > maxHistogramBuckets) throw broken()
    const bounds: number[] = []
    for (let i = 0; i < count; i++) {
      const scaled = this.varint()
      bounds.push(scaled === 0 ? this.double() : (scaled - 1) / 1000)
    }
    return bounds
  }

  #difference(): number {
    const first = this.byte()
    let size = (first >>> 1) & 63
    if (first >= 0x80) size += this.varint() * 64
    return (first & 1) === 1 ? -size : size
  }
}

function broken(): AppError {
  return new AppError('internal.bug', 'the bytes of a stored native histogram are not whole')
}
