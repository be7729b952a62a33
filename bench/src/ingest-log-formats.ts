// The same lines in each format of a body of logs, from its bytes to columns: CPU time a line beside that of our JSON lines, the best of the rounds.
// node scripts/with-node.mjs node bench/src/ingest-log-formats.ts
import { logRecord } from '@tidewatch/core/log-record.ts'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import type { LogRequest } from '@tidewatch/server/ingest/logs/port.ts'
import { readNdjson } from '@tidewatch/server/ingest/receivers/logs/lines.ts'
import { problemsOf } from '@tidewatch/server/ingest/receivers/logs/problems.ts'
import { readJsonPush } from '@tidewatch/server/ingest/receivers/loki/json.ts'
import { readProtobufPush } from '@tidewatch/server/ingest/receivers/loki/protobuf.ts'
import { RefusedStreams } from '@tidewatch/server/ingest/receivers/loki/push.ts'
import { KnownStreams } from '@tidewatch/server/ingest/receivers/loki/stream.ts'
import { readJsonLogs } from '@tidewatch/server/ingest/receivers/otlp/json-logs.ts'
import { LogTranslation } from '@tidewatch/server/ingest/receivers/otlp/log-translation.ts'
import { readProtobufLogs } from '@tidewatch/server/ingest/receivers/otlp/protobuf-logs.ts'
import { field, varintField } from '@tidewatch/testkit/write-request.ts'
import { intake, madeUpLines } from './log-lines.ts'

const rounds = 12
const lines = madeUpLines(5000)
const texts = lines.toString().trimEnd().split('\n')
const records = texts.map((text) => JSON.parse(text) as Readonly<Record<string, string | number>>)
const timeNs = BigInt(Date.parse('2026-11-21T00:10:00.432Z')) * 1_000_000n

const attributeNames = ['request_id', 'user_id', 'route', 'status', 'duration_ms'] as const
const jsonValue = (value: string | number | undefined) =>
  typeof value === 'number' ? { doubleValue: value } : { stringValue: value }
const attribute = (key: string, value: string | number | undefined): Uint8Array => {
  if (typeof value !== 'number') return Buffer.concat([field(1, key), field(2, field(1, String(value)))])
  const double = Buffer.alloc(9, 0x21)
  double.writeDoubleLE(value, 1)
  return Buffer.concat([field(1, key), field(2, double)])
}

function otlpJson(): Uint8Array {
  const logRecords = records.map((record) => ({
    ...{ timeUnixNano: String(timeNs), severityNumber: 9, severityText: 'info' },
    body: { stringValue: record.message },
    attributes: attributeNames.map((key) => ({ key, value: jsonValue(record[key]) })),
  }))
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'orders' } }] }
  return Buffer.from(JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] }))
}

function otlpProtobuf(): Uint8Array {
  const time = Buffer.alloc(9, 0x09)
  time.writeBigUInt64LE(timeNs, 1)
  const logRecords = records.map((record) =>
    field(
      2,
      Buffer.concat([
        ...[time, varintField(2, 9), field(3, 'info'), field(5, field(1, String(record.message)))],
        ...attributeNames.map((key) => field(6, attribute(key, record[key]))),
      ]),
    ),
  )
  const resource = field(1, field(1, attribute('service.name', 'orders')))
  return field(1, Buffer.concat([resource, field(2, Buffer.concat(logRecords))]))
}

function lokiProtobuf(): Uint8Array {
  const time = field(1, varintField(1, timeNs / 1_000_000_000n))
  const entries = texts.map((text) => field(2, Buffer.concat([time, field(2, text)])))
  return field(1, Buffer.concat([field(1, '{service="orders"}'), ...entries]))
}

const lokiJson = (): Uint8Array =>
  Buffer.from(
    JSON.stringify({
      streams: [{ stream: { service: 'orders' }, values: texts.map((text) => [String(timeNs), text]) }],
    }),
  )

/** What parsers of lines hand over: syslog, GELF, access logs, files of Docker, pipelines. */
const parsed = records.map(({ message, request_id, user_id, ...rest }) =>
  logRecord({
    ...{ timeNs, severity: 9, severityText: 'info', body: String(message), service: 'orders' },
    ...{ requestId: String(request_id), user: String(user_id) },
    attributes: new Map(['route', 'status', 'duration_ms'].map((name) => [name, rest[name] ?? ''])),
  }),
)
function addParsed(_: Uint8Array, request: LogRequest): Iterable<void> {
  for (const record of parsed) request.add(record)
  return []
}

type Read = (request: LogRequest) => Iterable<void>
const pushed = (request: LogRequest) => ({ request, refused: new RefusedStreams(), known: new KnownStreams() })
const format = (body: Uint8Array, read: (body: Uint8Array, request: LogRequest) => Iterable<void>): [number, Read] => [
  body.length,
  (request) => read(body, request),
]
const formats: Readonly<Record<string, [number, Read]>> = {
  'JSON lines': format(lines, (body, request) => readNdjson(request, body, problemsOf())),
  'Loki protobuf': format(lokiProtobuf(), (body, request) => readProtobufPush(body, pushed(request))),
  'Loki JSON': format(lokiJson(), (body, request) => readJsonPush(body, pushed(request))),
  'OTLP protobuf': format(otlpProtobuf(), (body, request) => readProtobufLogs(body, new LogTranslation(request))),
  'parsed records': format(lines, addParsed),
  'OTLP JSON': format(otlpJson(), (body, request) => readJsonLogs(body, new LogTranslation(request))),
}

const best = new Map<string, number>()
for (let round = 0; round < rounds; round++) {
  for (const [name, [, read]] of Object.entries(formats)) {
    const before = process.cpuUsage()
    using request = intake.begin({ project: defaultProject, sender: 'bench' })
    for (const _ of read(request));
    if (request.length !== texts.length) throw new Error(`${name}: ${request.length} of ${texts.length} lines`)
    const { user, system } = process.cpuUsage(before)
    best.set(name, Math.min(best.get(name) ?? Number.POSITIVE_INFINITY, (user + system) / texts.length))
  }
}
const ours = best.get('JSON lines') as number
for (const [name, micros] of best) {
  const size = (formats[name] as [number, Read])[0] / texts.length
  console.log(
    `${name.padEnd(14)} ${micros.toFixed(2)} µs a line of ${size.toFixed(0)} bytes, ${(size / micros).toFixed(0)} MB/s, ${(micros / ours).toFixed(2)} of JSON lines`,
  )
}
