import type { Redactor } from '@tidewatch/redact/kinds.ts'
import { createRedactor } from '@tidewatch/redact/redactor.ts'
import { field, varintField } from '@tidewatch/testkit/write-request.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { arrivedMs, fillRequest, trusting } from '../../logs/testing-request.ts'
import { readJsonLogs } from './json-logs.ts'
import type { LogSink } from './log-sink.ts'
import { LogTranslation } from './log-translation.ts'
import { readProtobufLogs } from './protobuf-logs.ts'

const read = (body: Uint8Array, reader: (bytes: Uint8Array, sink: LogSink) => Generator<void>, redactor: Redactor) =>
  fillRequest(redactor, (request) => {
    for (const _ of reader(body, new LogTranslation(request)));
  })

/** A value as both forms have it. */
interface Value {
  readonly json: Readonly<Record<string, unknown>>
  readonly bytes: Uint8Array
}

const double = (value: number): Uint8Array => {
  const bytes = Buffer.alloc(9, 0x21)
  bytes.writeDoubleLE(value, 1)
  return bytes
}
const inJson = (value: number): unknown => {
  if (Number.isNaN(value)) return 'NaN'
  if (Number.isFinite(value)) return value
  return value > 0 ? 'Infinity' : '-Infinity'
}
const text = (value: string): Value => ({ json: { stringValue: value }, bytes: field(1, value) })
const scalar: fc.Arbitrary<Value> = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }).map(text),
  fc.constantFrom('', 'WARN', '17', '0AF7651916CD43DD8448EB211C80319C', 'XYZ', 'a').map(text),
  fc.boolean().map((value) => ({ json: { boolValue: value }, bytes: varintField(2, value ? 1 : 0) })),
  fc
    .oneof(fc.integer(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }))
    .map((value) => ({ json: { intValue: String(value) }, bytes: varintField(3, value) })),
  // JSON has no zero below zero
  fc
    .oneof(fc.double(), fc.integer())
    .map((value) => (value === 0 ? 0 : value))
    .map((value) => ({ json: { doubleValue: inJson(value) }, bytes: double(value) })),
)
const value: fc.Arbitrary<Value> = fc.oneof(
  { weight: 12, arbitrary: scalar },
  fc.constant({ json: {}, bytes: new Uint8Array(0) }),
  fc.uint8Array({ maxLength: 5 }).map((bytes) => ({
    ...{ json: { bytesValue: Buffer.from(bytes).toString('base64') }, bytes: field(7, bytes) },
  })),
  fc.array(scalar, { maxLength: 3 }).map((values) => ({
    json: { arrayValue: { values: values.map(({ json }) => json) } },
    bytes: field(5, Buffer.concat(values.map(({ bytes }) => field(1, bytes)))),
  })),
  fc.array(fc.tuple(fc.constantFrom('a', 'b', 'user'), scalar), { maxLength: 3 }).map((pairs) => ({
    json: { kvlistValue: { values: pairs.map(([key, { json }]) => ({ key, value: json })) } },
    bytes: field(6, Buffer.concat(pairs.map(([key, { bytes }]) => field(1, pairBytes(key, bytes))))),
  })),
)
const pairBytes = (key: string, bytes: Uint8Array): Uint8Array => Buffer.concat([field(1, key), field(2, bytes)])

const name = fc.oneof(
  fc.constantFrom('trace_id', 'spanId', 'level', 'severity', 'service', 'user', 'user.id', 'time', 'message', 'tx', ''),
  fc.constantFrom('event.name', 'flags', 'otel.scope.name', 'a', 'é'),
  fc.string({ minLength: 1, maxLength: 5 }),
)
const attributes = fc.array(fc.tuple(name, value), { maxLength: 6 })
const hex = (length: number) =>
  fc.constantFrom(
    '',
    '0'.repeat(length),
    'ab'.repeat(length / 2),
    '4111111111111111'.slice(0, length).padEnd(length, 'f'),
  )
const word = fc.constantFrom<string[]>('', 'INFO', 'warn', 'Nonsense', 'é')
const record = fc.record({
  timeMs: fc.constantFrom(0, arrivedMs, arrivedMs - 1, arrivedMs + 9_000_000),
  observedMs: fc.constantFrom(0, arrivedMs),
  severity: fc.constantFrom<number[]>(0, 0, 5, 17, 24, 25, 200),
  severityText: word,
  body: value,
  attributes,
  dropped: fc.constantFrom(0, 3),
  flags: fc.constantFrom(0, 1),
  ...{ traceId: hex(32), spanId: hex(16), eventName: fc.constantFrom<string[]>('', 'signed_in') },
})
type Given = typeof record extends fc.Arbitrary<infer T> ? T : never
type Attributes = typeof attributes extends fc.Arbitrary<infer T> ? T : never

const attributesJson = (of: Attributes) => of.map(([key, { json }]) => ({ key, value: json }))
const attributesBytes = (number: number, of: Attributes): Uint8Array =>
  Buffer.concat(of.map(([key, { bytes }]) => field(number, pairBytes(key, bytes))))
const fixed64 = (tag: number, ms: number): Uint8Array => {
  const bytes = Buffer.alloc(9, tag)
  bytes.writeBigUInt64LE(BigInt(ms) * 1_000_000n, 1)
  return bytes
}
const fixed32 = (tag: number, value: number): Uint8Array => {
  const bytes = Buffer.alloc(5, tag)
  bytes.writeUInt32LE(value, 1)
  return bytes
}

function jsonRecord({ timeMs, observedMs, body, severity, dropped, ...of }: Given) {
  return {
    ...{ timeUnixNano: `${timeMs}000000`, observedTimeUnixNano: `${observedMs}000000`, severityNumber: severity },
    ...{ droppedAttributesCount: dropped, body: body.json },
    ...{ ...of, traceId: of.traceId.toUpperCase(), attributes: attributesJson(of.attributes) },
  }
}

function protobufRecord(of: Given): Uint8Array {
  return Buffer.concat([
    ...[fixed64(0x09, of.timeMs), fixed64(0x59, of.observedMs), varintField(2, of.severity)],
    ...[field(3, of.severityText), field(5, of.body.bytes), attributesBytes(6, of.attributes)],
    ...[varintField(7, of.dropped), fixed32(0x45, of.flags), field(12, of.eventName)],
    ...[field(9, Buffer.from(of.traceId, 'hex')), field(10, Buffer.from(of.spanId, 'hex'))],
  ])
}

const request = fc.record({ resource: attributes, scope: attributes, records: fc.array(record, { maxLength: 3 }) })
type Request = typeof request extends fc.Arbitrary<infer T> ? T : never

const jsonBody = ({ resource, scope, records }: Request): Uint8Array => {
  const scopeLogs = [{ scope: { name: 'lib', attributes: attributesJson(scope) }, logRecords: records.map(jsonRecord) }]
  return Buffer.from(
    JSON.stringify({ resourceLogs: [{ resource: { attributes: attributesJson(resource) }, scopeLogs }] }),
  )
}
const protobufBody = ({ resource, scope, records }: Request): Uint8Array => {
  const scopeBytes = field(1, Buffer.concat([field(1, 'lib'), attributesBytes(3, scope)]))
  const logs = Buffer.concat([scopeBytes, ...records.map((one) => field(2, protobufRecord(one)))])
  return field(1, Buffer.concat([field(1, attributesBytes(1, resource)), field(2, logs)]))
}

describe('records of either form', () => {
  it('are the same by the short and by the long way', () => {
    let short = 0
    fc.assert(
      fc.property(request, (given) => {
        const protobuf = protobufBody(given)
        const byBytes = read(protobuf, readProtobufLogs, trusting(false))
        expect(byBytes.records).toEqual(read(protobuf, readProtobufLogs, trusting(true)).records)
        const json = jsonBody(given)
        const byJson = read(json, readJsonLogs, trusting(false))
        expect(byJson.records).toEqual(read(json, readJsonLogs, trusting(true)).records)
        expect(byJson.records).toEqual(byBytes.records)
        short += byBytes.short
      }),
      { numRuns: 1500 },
    )
    expect(short).toBeGreaterThan(100)
  })

  it('have secrets taken out', () => {
    const plain: Given = {
      ...{ timeMs: arrivedMs, observedMs: 0, severity: 9, severityText: '', dropped: 0, flags: 0 },
      ...{ traceId: 'ab'.repeat(16), spanId: '', eventName: '', body: text('x'), attributes: [] },
    }
    const records: Given[] = [
      plain,
      { ...plain, body: text('Authorization: Bearer abcdefghijklmnop1234567890') },
      { ...plain, attributes: [['password', text('hunter22222')]] },
      { ...plain, attributes: [['note', text('card 4111 1111 1111 1111')]] },
      { ...plain, eventName: 'Bearer abcdefghijklmnop1234567890' },
    ]
    const given = { resource: [], scope: [], records }
    for (const found of [
      read(protobufBody(given), readProtobufLogs, createRedactor()),
      read(jsonBody(given), readJsonLogs, createRedactor()),
    ]) {
      expect(found.short).toBe(1)
      const all = found.records.map(({ body, attributes: of }) => `${body} ${[...of].join(' ')}`).join('\n')
      expect(all).not.toMatch(/abcdefghijklmnop|hunter|4111/)
    }
  })

  it('of a resource with a secret are looked at one by one', () => {
    const secret: Attributes = [['password', text('hunter22222')]]
    const given: Request = { resource: secret, scope: [], records: [] }
    fc.assert(
      fc.property(record, (one) => {
        expect(read(protobufBody({ ...given, records: [one] }), readProtobufLogs, createRedactor()).short).toBe(0)
      }),
      { numRuns: 20 },
    )
  })
})
