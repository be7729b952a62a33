// A LogRecord (opentelemetry/proto/logs/v1/logs.proto) as a line in bytes. Once a record (bench/src/ingest-log-formats.ts).
import type { OtlpLine } from './otlp-line.ts'
import type { ProtoCursor } from './proto-cursor.ts'

/** Fills the line. False where the record is none of this kind: the walk may be anywhere then. Throws `ingest.bad_body`. */
export function readProtobufLine(cursor: ProtoCursor, end: number, line: OtlpLine): boolean {
  line.clear()
  while (cursor.at < end) {
    const tagAt = cursor.at
    const tag = cursor.varint(end)
    if (tag === 0x32) {
      if (!readAttribute(cursor, cursor.fieldEnd(end), line)) return false
    } else if (tag === 0x2a) {
      if (!readBody(cursor, cursor.fieldEnd(end), line)) return false
    } else if (tag === 0x1a) {
      line.severityFrom = line.texts.length
      if (!readText(cursor, end, line)) return false
      line.severityTo = line.texts.length
    } else readScalar(cursor, tag, tagAt, end, line)
  }
  line.end()
  return true
}

function readScalar(cursor: ProtoCursor, tag: number, tagAt: number, end: number, line: OtlpLine): void {
  if (tag === 0x09) cursor.moment(end, line.time)
  else if (tag === 0x59) cursor.moment(end, line.observed)
  else if (tag === 0x10) line.severity = cursor.varint(end)
  else if (tag === 0x38) line.dropped = cursor.varint(end)
  else if (tag === 0x45) line.flags = cursor.fixed32(end)
  else if (tag === 0x4a) {
    line.traceFrom = line.texts.length
    readHex(cursor, end, line)
    line.traceTo = line.texts.length
  } else if (tag === 0x52) {
    line.spanFrom = line.texts.length
    readHex(cursor, end, line)
    line.spanTo = line.texts.length
  } else if (tag === 0x62) line.eventName = cursor.text(end)
  else cursor.skip(tag, tagAt, end)
}

function readText(cursor: ProtoCursor, end: number, line: OtlpLine): boolean {
  const stop = cursor.fieldEnd(end)
  const from = cursor.at
  cursor.at = stop
  return line.texts.copy(cursor.bytes, from, stop)
}

function readHex(cursor: ProtoCursor, end: number, line: OtlpLine): void {
  const stop = cursor.fieldEnd(end)
  line.texts.hex(cursor.bytes, cursor.at, stop)
  cursor.at = stop
}

/** An AnyValue that is a text, or nothing. */
function readBody(cursor: ProtoCursor, end: number, line: OtlpLine): boolean {
  line.from = line.texts.length
  if (cursor.at < end && (cursor.varint(end) !== 0x0a || !readText(cursor, end, line))) return false
  line.to = line.texts.length
  return cursor.at === end
}

/** A KeyValue as all write it: the key, then a value of one field, or none. */
function readAttribute(cursor: ProtoCursor, end: number, line: OtlpLine): boolean {
  const nameFrom = line.texts.length
  if (cursor.at === end || cursor.varint(end) !== 0x0a || !readText(cursor, end, line)) return false
  line.name(nameFrom)
  if (cursor.at === end) return true
  if (cursor.varint(end) !== 0x12) return false
  const stop = cursor.fieldEnd(end)
  return stop === end && (cursor.at === stop || (readValue(cursor, stop, line) && cursor.at === stop))
}

function readValue(cursor: ProtoCursor, end: number, line: OtlpLine): boolean {
  const tag = cursor.varint(end)
  if (tag === 0x0a) return readText(cursor, end, line) && line.addText()
  if (tag === 0x10) return line.addBoolean(cursor.varint(end) !== 0)
  // one that is not exact, or below zero, is no safe number here
  if (tag === 0x18) return line.addWhole(cursor.varint(end))
  return tag === 0x21 && line.addNumber(cursor.double(end))
}
