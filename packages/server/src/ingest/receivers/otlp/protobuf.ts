// Called once a data point, bench/src/ingest-otlp.ts: a walk over an ExportMetricsServiceRequest (opentelemetry/proto/metrics/v1/metrics.proto)
// that fills one point again and again; attributes are decoded where their bytes were not seen before.
import type { ByteRange } from '../../byte-table.ts'
import type { Attribute, MetricHeader, MetricSink, PointKind, ScopeHeader, Temporality } from './point.ts'
import { ProtoCursor } from './proto-cursor.ts'
import { PointReader } from './protobuf-point.ts'

/** Data points between two looks at the clock. */
const slicePoints = 512

const temporalities: readonly Temporality[] = ['unspecified', 'delta', 'cumulative']
const kindOfTag = new Map<number, PointKind>([
  [0x2a, 'gauge'],
  [0x3a, 'sum'],
  [0x4a, 'histogram'],
  [0x52, 'exponential'],
  [0x5a, 'summary'],
])
/** Gives a whole body to the sink, in slices: each yield is a moment to let others have the thread. Throws `ingest.bad_body`. */
export function* readProtobufMetrics(bytes: Uint8Array, sink: MetricSink): Generator<void> {
  const walk = new Walk(bytes, sink)
  yield* walk.request()
}

class Walk {
  readonly #cursor: ProtoCursor
  readonly #sink: MetricSink
  readonly #reader: PointReader

  constructor(bytes: Uint8Array, sink: MetricSink) {
    this.#cursor = new ProtoCursor(bytes)
    this.#sink = sink
    this.#reader = new PointReader(this.#cursor)
  }

  *request(): Generator<void> {
    const cursor = this.#cursor
    const end = cursor.bytes.length
    while (cursor.at < end) {
      const tagAt = cursor.at
      const tag = cursor.varint(end)
      if (tag === 0x0a) yield* this.#resource(cursor.fieldEnd(end))
      else cursor.skip(tag, tagAt, end)
    }
  }

  *#resource(end: number): Generator<void> {
    const cursor = this.#cursor
    const { bytes } = cursor
    const start = cursor.at
    const [resourceStart, resourceEnd] = this.#lastField(0x0a, end)
    this.#sink.resource({ bytes, start: resourceStart, end: resourceEnd }, () =>
      resourceAttributes(bytes, resourceStart, resourceEnd),
    )
    cursor.at = start
    while (cursor.at < end) {
      const tagAt = cursor.at
      const tag = cursor.varint(end)
      if (tag === 0x12) yield* this.#scope(cursor.fieldEnd(end))
      else cursor.skip(tag, tagAt, end)
    }
    this.#sink.endResource()
  }

  *#scope(end: number): Generator<void> {
    const cursor = this.#cursor
    const start = cursor.at
    // the scope with its schema's URL, which may stand anywhere: what is no metric names it
    const identity = this.#without(0x12, end)
    this.#sink.scope(identity, () => scopeHeader(identity))
    cursor.at = start
    while (cursor.at < end) {
      const tagAt = cursor.at
      const tag = cursor.varint(end)
      if (tag === 0x12) yield* this.#metric(cursor.fieldEnd(end))
      else cursor.skip(tag, tagAt, end)
    }
  }

  *#metric(end: number): Generator<void> {
    const cursor = this.#cursor
    const header = {
      name: '',
      unit: '',
      description: '',
      temporality: 'unspecified' as Temporality,
      isMonotonic: false,
    }
    let kind: PointKind | undefined
    let dataStart = 0
    let dataEnd = 0
    while (cursor.at < end) {
      const tagAt = cursor.at
      const tag = cursor.varint(end)
      const found = kindOfTag.get(tag)
      if (tag === 0x0a) header.name = cursor.text(end)
      else if (tag === 0x12) header.description = cursor.text(end)
      else if (tag === 0x1a) header.unit = cursor.text(end)
      else if (found !== undefined) {
        kind = found
        dataEnd = cursor.fieldEnd(end)
        dataStart = cursor.at
        cursor.at = dataEnd
      } else cursor.skip(tag, tagAt, end)
    }
    if (kind === undefined) return
    cursor.at = dataStart
    this.#dataHeader(dataEnd, kind, header)
    this.#sink.metric({ ...header, kind } satisfies MetricHeader)
    cursor.at = dataStart
    yield* this.#points(dataEnd, kind)
    cursor.at = end
    yield
  }

  /** What stands behind the points and is needed before them. */
  #dataHeader(end: number, kind: PointKind, header: { temporality: Temporality; isMonotonic: boolean }): void {
    const cursor = this.#cursor
    if (kind === 'gauge' || kind === 'summary') return
    while (cursor.at < end) {
      const tagAt = cursor.at
      const tag = cursor.varint(end)
      if (tag === 0x10) header.temporality = temporalities[cursor.varint(end)] ?? 'unspecified'
      else if (tag === 0x18 && kind === 'sum') header.isMonotonic = cursor.varint(end) !== 0
      else cursor.skip(tag, tagAt, end)
    }
  }

  *#points(end: number, kind: PointKind): Generator<void> {
    const cursor = this.#cursor
    let sinceYield = 0
    while (cursor.at < end) {
      const tagAt = cursor.at
      const tag = cursor.varint(end)
      if (tag !== 0x0a) {
        cursor.skip(tag, tagAt, end)
        continue
      }
      this.#reader.read(cursor.fieldEnd(end), kind)
      const { point, attributes, decodeAttributes } = this.#reader
      this.#sink.point(point, attributes, decodeAttributes)
      if (++sinceYield % slicePoints === 0) yield
    }
  }

  /** Where the content of the last field of that tag stands; nothing where there is none. */
  #lastField(wanted: number, end: number): readonly [start: number, end: number] {
    const cursor = this.#cursor
    let found: readonly [number, number] = [end, end]
    while (cursor.at < end) {
      const tagAt = cursor.at
      const tag = cursor.varint(end)
      if (tag === wanted) {
        const stop = cursor.fieldEnd(end)
        found = [cursor.at, stop]
        cursor.at = stop
      } else cursor.skip(tag, tagAt, end)
    }
    return found
  }

  /** The message's bytes but for the fields of one tag. */
  #without(left: number, end: number): ByteRange {
    const cursor = this.#cursor
    const parts: Uint8Array[] = []
    while (cursor.at < end) {
      const tagAt = cursor.at
      const tag = cursor.varint(end)
      cursor.skip(tag, tagAt, end)
      if (tag !== left) parts.push(cursor.bytes.subarray(tagAt, cursor.at))
    }
    const bytes = parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts)
    return { bytes, start: 0, end: bytes.length }
  }
}

/** Of a Resource. */
export function resourceAttributes(bytes: Uint8Array, start: number, end: number): Attribute[] {
  const cursor = new ProtoCursor(bytes)
  cursor.at = start
  const found: Attribute[] = []
  while (cursor.at < end) {
    const tagAt = cursor.at
    const tag = cursor.varint(end)
    if (tag === 0x0a) found.push(cursor.attribute(end))
    else cursor.skip(tag, tagAt, end)
  }
  return found
}

function scopeHeader({ bytes }: ByteRange): ScopeHeader {
  const cursor = new ProtoCursor(bytes)
  const end = bytes.length
  const header = { name: '', version: '', schemaUrl: '' }
  const attributes: Attribute[] = []
  const scope = (stop: number): void => {
    while (cursor.at < stop) {
      const tagAt = cursor.at
      const tag = cursor.varint(stop)
      if (tag === 0x0a) header.name = cursor.text(stop)
      else if (tag === 0x12) header.version = cursor.text(stop)
      else if (tag === 0x1a) attributes.push(cursor.attribute(stop))
      else cursor.skip(tag, tagAt, stop)
    }
  }
  while (cursor.at < end) {
    const tagAt = cursor.at
    const tag = cursor.varint(end)
    if (tag === 0x0a) scope(cursor.fieldEnd(end))
    else if (tag === 0x1a) header.schemaUrl = cursor.text(end)
    else cursor.skip(tag, tagAt, end)
  }
  return { ...header, attributes }
}
