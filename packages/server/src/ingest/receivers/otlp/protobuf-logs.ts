// A walk over an ExportLogsServiceRequest (opentelemetry/proto/logs/v1/logs.proto).
import { LineSteps } from '../../slices.ts'
import { type LogSink, OtlpRecord } from './log-sink.ts'
import { OtlpLine } from './otlp-line.ts'
import type { Attribute, ScopeHeader } from './point.ts'
import { ProtoCursor } from './proto-cursor.ts'
import { resourceAttributes } from './protobuf.ts'
import { readProtobufLine } from './protobuf-line.ts'

/** Gives a whole body to the sink, in steps. Throws `ingest.bad_body`. */
export function* readProtobufLogs(bytes: Uint8Array, sink: LogSink): Generator<void> {
  const walk = new Walk(new ProtoCursor(bytes), sink)
  yield* walk.request()
}

class Walk {
  readonly #cursor: ProtoCursor
  readonly #sink: LogSink
  readonly #line = new OtlpLine()
  readonly #record = new OtlpRecord()
  readonly #steps = new LineSteps()

  constructor(cursor: ProtoCursor, sink: LogSink) {
    this.#cursor = cursor
    this.#sink = sink
  }

  *request(): Generator<void> {
    for (const end of this.#fields(0x0a, this.#cursor.bytes.length)) yield* this.#resource(end)
  }

  *#resource(end: number): Generator<void> {
    const cursor = this.#cursor
    const start = cursor.at
    const attributes: Attribute[] = []
    // what names the records may stand behind them
    for (const resourceEnd of this.#fields(0x0a, end))
      attributes.push(...resourceAttributes(cursor.bytes, cursor.at, resourceEnd))
    this.#sink.resource(attributes)
    cursor.at = start
    for (const scopeEnd of this.#fields(0x12, end)) yield* this.#scope(scopeEnd)
    yield
  }

  *#scope(end: number): Generator<void> {
    const cursor = this.#cursor
    const start = cursor.at
    let header: ScopeHeader = { name: '', version: '', schemaUrl: '', attributes: [] }
    for (const scopeEnd of this.#fields(0x0a, end)) header = this.#scopeHeader(scopeEnd)
    this.#sink.scope(header)
    cursor.at = start
    for (const recordEnd of this.#fields(0x12, end)) {
      const recordStart = cursor.at
      this.#giveRecord(recordStart, recordEnd)
      if (this.#steps.endWith(recordEnd - recordStart)) yield
    }
  }

  #scopeHeader(end: number): ScopeHeader {
    const cursor = this.#cursor
    const header = { name: '', version: '', schemaUrl: '' }
    const attributes: Attribute[] = []
    while (cursor.at < end) {
      const tagAt = cursor.at
      const tag = cursor.varint(end)
      if (tag === 0x0a) header.name = cursor.text(end)
      else if (tag === 0x12) header.version = cursor.text(end)
      else if (tag === 0x1a) attributes.push(cursor.attribute(end))
      else cursor.skip(tag, tagAt, end)
    }
    return { ...header, attributes }
  }

  #giveRecord(start: number, end: number): void {
    const cursor = this.#cursor
    if (readProtobufLine(cursor, end, this.#line) && this.#sink.line(this.#line)) return
    cursor.at = start
    this.#readRecord(end)
    this.#sink.record(this.#record)
  }

  #readRecord(end: number): void {
    const cursor = this.#cursor
    const record = this.#record
    record.clear()
    while (cursor.at < end) {
      const tagAt = cursor.at
      const tag = cursor.varint(end)
      if (tag === 0x09) cursor.moment(end, record.time)
      else if (tag === 0x59) cursor.moment(end, record.observed)
      else if (tag === 0x10) record.severity = cursor.varint(end)
      else if (tag === 0x1a) record.severityText = cursor.text(end)
      else if (tag === 0x2a) record.body = cursor.anyValue(end)
      else if (tag === 0x32) record.attributes.push(cursor.attribute(end))
      else if (tag === 0x38) record.dropped = cursor.varint(end)
      else if (tag === 0x45) record.flags = cursor.fixed32(end)
      else if (tag === 0x4a) record.traceId = cursor.hex(end)
      else if (tag === 0x52) record.spanId = cursor.hex(end)
      else if (tag === 0x62) record.eventName = cursor.text(end)
      else cursor.skip(tag, tagAt, end)
    }
  }

  /** The ends of the messages of that tag, each while the walk is at its beginning; the walk is behind it when the next is asked for. */
  *#fields(wanted: number, end: number): Generator<number> {
    const cursor = this.#cursor
    while (cursor.at < end) {
      const tagAt = cursor.at
      const tag = cursor.varint(end)
      if (tag !== wanted) {
        cursor.skip(tag, tagAt, end)
        continue
      }
      const stop = cursor.fieldEnd(end)
      yield stop
      cursor.at = stop
    }
  }
}
