// A LogRecord of OTLP's JSON as a line in bytes. Once a record (bench/src/ingest-log-formats.ts).
import { type Json, moment, number, severityNumber } from './json-fields.ts'
import type { OtlpLine } from './otlp-line.ts'

/** Fills the line. False where the record is none of this kind, or is refused. Throws `ingest.bad_body`. */
export function readJsonLine(from: Json, line: OtlpLine): boolean {
  const { severityText = null, traceId = null, spanId = null, eventName = null, attributes = null } = from
  line.clear()
  moment(from.timeUnixNano, line.time)
  moment(from.observedTimeUnixNano, line.observed)
  line.severity = severityNumber(from.severityNumber)
  line.dropped = number(from.droppedAttributesCount, 'droppedAttributesCount')
  line.flags = number(from.flags, 'flags')
  if (eventName !== null) {
    if (typeof eventName !== 'string') return false
    line.eventName = eventName
  }
  const { texts } = line
  if (severityText !== null) {
    if (typeof severityText !== 'string') return false
    line.severityFrom = texts.length
    line.severityTo = texts.write(severityText)
  }
  if (traceId !== null) {
    if (typeof traceId !== 'string') return false
    line.traceFrom = texts.length
    line.traceTo = texts.write(traceId.toLowerCase())
  }
  if (spanId !== null) {
    if (typeof spanId !== 'string') return false
    line.spanFrom = texts.length
    line.spanTo = texts.write(spanId.toLowerCase())
  }
  if (!readBody(from.body ?? null, line)) return false
  if (attributes !== null) {
    if (!Array.isArray(attributes)) return false
    for (const attribute of attributes as readonly unknown[]) if (!readAttribute(attribute, line)) return false
  }
  line.end()
  return true
}

function readBody(body: unknown, line: OtlpLine): boolean {
  if (body === null) return true
  if (!isObject(body) || typeof body.stringValue !== 'string') return false
  line.from = line.texts.length
  line.to = line.texts.write(body.stringValue)
  return true
}

function readAttribute(attribute: unknown, line: OtlpLine): boolean {
  if (!isObject(attribute) || typeof attribute.key !== 'string') return false
  const { key, value = null } = attribute
  if (value === null) return true
  if (!isObject(value)) return false
  const nameFrom = line.texts.length
  line.texts.write(key)
  line.name(nameFrom)
  const { stringValue, boolValue, intValue = null, doubleValue = null } = value
  if (typeof stringValue === 'string') {
    line.texts.write(stringValue)
    return line.addText()
  }
  if (typeof boolValue === 'boolean') return line.addBoolean(boolValue)
  if (intValue !== null) {
    const whole = typeof intValue === 'string' && /^-?\d{1,15}$/.test(intValue) ? Number(intValue) : intValue
    return typeof whole === 'number' && line.addWhole(whole)
  }
  return typeof doubleValue === 'number' && line.addNumber(doubleValue)
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
