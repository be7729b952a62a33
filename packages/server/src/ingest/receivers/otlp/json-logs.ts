// ExportLogsServiceRequest in OTLP's JSON.
import { LineSteps } from '../../slices.ts'
import { anyValueLength } from './any-value.ts'
import {
  anyValue,
  attributesOf,
  type Json,
  listOf,
  moment,
  number,
  parseJson,
  record,
  severityNumber,
  text,
} from './json-fields.ts'
import { readJsonLine } from './json-line.ts'
import { type LogSink, OtlpRecord } from './log-sink.ts'
import { OtlpLine } from './otlp-line.ts'

/** Gives a whole body to the sink, in steps as `readProtobufLogs` does. Throws `ingest.bad_body` and `http.body_too_large`. */
export function* readJsonLogs(bytes: Uint8Array, sink: LogSink): Generator<void> {
  const line = new OtlpLine()
  const into = new OtlpRecord()
  const steps = new LineSteps()
  for (const resourceLogs of listOf(parseJson(bytes), 'resourceLogs')) {
    sink.resource(attributesOf(record(resourceLogs.resource, 'resource').attributes))
    for (const scopeLogs of listOf(resourceLogs, 'scopeLogs')) {
      const { name, version, attributes } = record(scopeLogs.scope, 'scope')
      sink.scope({
        name: text(name, 'name'),
        version: text(version, 'version'),
        schemaUrl: text(scopeLogs.schemaUrl, 'schemaUrl'),
        attributes: attributesOf(attributes),
      })
      for (const one of listOf(scopeLogs, 'logRecords')) {
        if (steps.endWith(give(one, sink, line, into))) yield
      }
    }
    yield
  }
}

/** About how many characters of the body it is. */
function give(one: Json, sink: LogSink, line: OtlpLine, into: OtlpRecord): number {
  if (readJsonLine(one, line) && sink.line(line)) return line.texts.length
  fill(into, one)
  sink.record(into)
  return lengthOf(into)
}

function fill(into: OtlpRecord, from: Json): void {
  into.clear()
  moment(from.timeUnixNano, into.time)
  moment(from.observedTimeUnixNano, into.observed)
  into.severity = severityNumber(from.severityNumber)
  into.severityText = text(from.severityText, 'severityText')
  into.body = anyValue(from.body, 0)
  into.attributes = attributesOf(from.attributes)
  into.dropped = number(from.droppedAttributesCount, 'droppedAttributesCount')
  into.flags = number(from.flags, 'flags')
  into.traceId = text(from.traceId, 'traceId').toLowerCase()
  into.spanId = text(from.spanId, 'spanId').toLowerCase()
  into.eventName = text(from.eventName, 'eventName')
}

/** What only stands for a field's name or a number hardly takes time. */
function lengthOf({ body, attributes }: OtlpRecord): number {
  let length = anyValueLength(body)
  for (const [name, value] of attributes) length += name.length + anyValueLength(value)
  return length
}
