// One data point of protobuf, filled again and again: bench/src/ingest-otlp.ts.
import type { ByteRange } from '../../byte-table.ts'
import { type Attribute, type ExponentialBuckets, type OtlpExemplar, Point, type PointKind } from './point.ts'
import { ProtoCursor } from './proto-cursor.ts'

const maxExemplars = 100
const noRecordedValue = 1

/** The tag of `attributes` in each kind of point. */
const attributesTag: Readonly<Record<PointKind, number>> = {
  gauge: 0x3a,
  sum: 0x3a,
  histogram: 0x4a,
  exponential: 0x0a,
  summary: 0x3a,
}

interface MutableRange extends ByteRange {
  bytes: Uint8Array
  start: number
  end: number
}

export class PointReader {
  readonly point = new Point()
  /** Where the point's attributes stand, their tags included. */
  readonly attributes: MutableRange
  readonly decodeAttributes: () => readonly Attribute[]
  readonly #cursor: ProtoCursor

  constructor(cursor: ProtoCursor) {
    this.#cursor = cursor
    this.attributes = { bytes: cursor.bytes, start: 0, end: 0 }
    this.decodeAttributes = () => attributesIn(this.attributes)
  }

  /** Reads the point that ends there. */
  read(end: number, kind: PointKind): void {
    const cursor = this.#cursor
    const point = this.point
    const range = this.attributes
    const wanted = attributesTag[kind]
    point.clear()
    range.bytes = cursor.bytes
    range.start = range.end = 0
    while (cursor.at < end) {
      const tagAt = cursor.at
      const tag = cursor.varint(end)
      if (tag === wanted) {
        cursor.at = cursor.fieldEnd(end)
        this.#extend(tagAt, cursor.at)
      } else if (tag === 0x11) cursor.moment(end, point.start)
      else if (tag === 0x19) cursor.moment(end, point.time)
      else if (kind === 'gauge' || kind === 'sum') this.#numberField(tag, tagAt, end)
      else if (kind === 'histogram') this.#histogramField(tag, tagAt, end)
      else if (kind === 'exponential') this.#exponentialField(tag, tagAt, end)
      else this.#summaryField(tag, tagAt, end)
    }
  }

  /** Attributes come in one run from every sender; where they do not, they are copied together. */
  #extend(start: number, end: number): void {
    const range = this.attributes
    const { bytes } = this.#cursor
    if (range.end === 0) {
      range.start = start
      range.end = end
    } else if (range.bytes === bytes && range.end === start) range.end = end
    else {
      range.bytes = Buffer.concat([range.bytes.subarray(range.start, range.end), bytes.subarray(start, end)])
      range.start = 0
      range.end = range.bytes.length
    }
  }

  #numberField(tag: number, tagAt: number, end: number): void {
    const cursor = this.#cursor
    const point = this.point
    if (tag === 0x21 || tag === 0x31) {
      point.value = tag === 0x21 ? cursor.double(end) : cursor.sfixed64(end)
      point.hasValue = true
    } else if (tag === 0x2a) this.#exemplar(end)
    else if (tag === 0x40) this.#flags(end)
    else cursor.skip(tag, tagAt, end)
  }

  #histogramField(tag: number, tagAt: number, end: number): void {
    const cursor = this.#cursor
    const point = this.point
    if (tag === 0x21) point.count = cursor.fixed64(end)
    else if (tag === 0x29) this.#sum(end)
    else if (tag === 0x32) cursor.packed(end, 'fixed64', point.counts)
    else if (tag === 0x31) point.counts.push(cursor.fixed64(end))
    else if (tag === 0x3a) cursor.packed(end, 'double', point.bounds)
    else if (tag === 0x39) point.bounds.push(cursor.double(end))
    else if (tag === 0x42) this.#exemplar(end)
    else if (tag === 0x50) this.#flags(end)
    else cursor.skip(tag, tagAt, end)
  }

  #exponentialField(tag: number, tagAt: number, end: number): void {
    const cursor = this.#cursor
    const point = this.point
    if (tag === 0x21) point.count = cursor.fixed64(end)
    else if (tag === 0x29) this.#sum(end)
    else if (tag === 0x30) point.scale = cursor.zigzag(end)
    else if (tag === 0x39) point.zeroCount = cursor.fixed64(end)
    else if (tag === 0x42) this.#buckets(end, point.positive)
    else if (tag === 0x4a) this.#buckets(end, point.negative)
    else if (tag === 0x50) this.#flags(end)
    else if (tag === 0x5a) this.#exemplar(end)
    else if (tag === 0x71) point.zeroThreshold = cursor.double(end)
    else cursor.skip(tag, tagAt, end)
  }

  #summaryField(tag: number, tagAt: number, end: number): void {
    const cursor = this.#cursor
    const point = this.point
    if (tag === 0x21) point.count = cursor.fixed64(end)
    else if (tag === 0x29) this.#sum(end)
    else if (tag === 0x32) this.#quantile(end)
    else if (tag === 0x40) this.#flags(end)
    else cursor.skip(tag, tagAt, end)
  }

  #sum(end: number): void {
    this.point.sum = this.#cursor.double(end)
    this.point.hasSum = true
  }

  #flags(end: number): void {
    this.point.hasRecordedValue = this.#cursor.varint(end) % 2 !== noRecordedValue
  }

  #buckets(end: number, into: ExponentialBuckets): void {
    const cursor = this.#cursor
    const stop = cursor.fieldEnd(end)
    while (cursor.at < stop) {
      const tagAt = cursor.at
      const tag = cursor.varint(stop)
      if (tag === 0x08) into.offset = cursor.zigzag(stop)
      else if (tag === 0x12) cursor.packed(stop, 'varint', into.counts)
      else if (tag === 0x10) into.counts.push(cursor.varint(stop))
      else cursor.skip(tag, tagAt, stop)
    }
  }

  #quantile(end: number): void {
    const cursor = this.#cursor
    const stop = cursor.fieldEnd(end)
    let quantile = 0
    let value = 0
    while (cursor.at < stop) {
      const tagAt = cursor.at
      const tag = cursor.varint(stop)
      if (tag === 0x09) quantile = cursor.double(stop)
      else if (tag === 0x11) value = cursor.double(stop)
      else cursor.skip(tag, tagAt, stop)
    }
    this.point.quantiles.push(quantile)
    this.point.quantiles.push(value)
  }

  #exemplar(end: number): void {
    const cursor = this.#cursor
    const stop = cursor.fieldEnd(end)
    if (this.point.exemplars.length >= maxExemplars) {
      cursor.at = stop
      return
    }
    const time = { ms: 0, restNs: 0 }
    const found = { value: 0, traceId: '', spanId: '' }
    const attributes: Attribute[] = []
    while (cursor.at < stop) {
      const tagAt = cursor.at
      const tag = cursor.varint(stop)
      if (tag === 0x11) cursor.moment(stop, time)
      else if (tag === 0x19) found.value = cursor.double(stop)
      else if (tag === 0x31) found.value = cursor.sfixed64(stop)
      else if (tag === 0x22) found.spanId = cursor.hex(stop)
      else if (tag === 0x2a) found.traceId = cursor.hex(stop)
      else if (tag === 0x3a) attributes.push(cursor.attribute(stop))
      else cursor.skip(tag, tagAt, stop)
    }
    this.point.exemplars.push({ timeMs: time.ms, ...found, attributes } satisfies OtlpExemplar)
  }
}

/** Attributes behind one another, each with its tag. */
function attributesIn({ bytes, start, end }: ByteRange): Attribute[] {
  const cursor = new ProtoCursor(bytes)
  cursor.at = start
  const found: Attribute[] = []
  while (cursor.at < end) {
    cursor.varint(end)
    found.push(cursor.attribute(end))
  }
  return found
}
