// What a broken or malicious sender does to POST /v1/metrics: real HTTP, head and spool.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { systemClock } from '@tidewatch/core/clock.ts'
import { field } from '@tidewatch/testkit/write-request.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createHead, type Head } from '../../packages/server/src/head/head.ts'
import { type ServedForTest, serveForTest } from '../../packages/server/src/http/testing/serve.ts'
import { createSampleAcceptor } from '../../packages/server/src/ingest/accept.ts'
import { usualSettings } from '../../packages/server/src/ingest/receivers/otlp/testing/receiver.ts'
import { otlp } from '../../packages/server/src/ingest/receivers/otlp.ts'
import { createSpool, type Spool } from '../../packages/server/src/spool/spool.ts'
import { createMetricTablesEncoder } from '../../packages/server/src/store/metric-encoder.ts'

const directory = mkdtempSync(join(tmpdir(), 'tidewatch-hostile-'))
const clock = systemClock
const maxSeries = 2000
let head: Head
let spool: Spool
let served: ServedForTest

beforeAll(async () => {
  spool = await createSpool({ dir: directory, clock, durability: 'group', readers: ['loader'], log: () => {} })
  head = createHead({ clock, hashKey: new Uint8Array(16), maxSeries })
  const acceptor = createSampleAcceptor({
    ...{ index: head.index, head: head.writer, spool, encoder: createMetricTablesEncoder(), clock },
    retentionMs: 86_400_000,
  })
  const parts = { acceptor, clock, countLeftOut: () => undefined, otlp: () => usualSettings }
  served = await serveForTest(otlp.routes(parts as unknown as Parameters<typeof otlp.routes>[0]))
})
afterAll(async () => {
  await served[Symbol.asyncDispose]()
  head[Symbol.dispose]()
  await spool[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true })
})

const json = 'application/json'
const protobuf = 'application/x-protobuf'

const post = async (body: string | Uint8Array, type = json, headers: Record<string, string> = {}) =>
  served.call('/v1/metrics', { method: 'POST', body, headers: { 'content-type': type, ...headers } })

const gauge = (name: string, points: string): string =>
  `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"${name}","gauge":{"dataPoints":[${points}]}}]}]}]}`
const point = (attributes = '', value = 1): string =>
  `{"timeUnixNano":"${Date.now()}000000","asDouble":${value},"attributes":[${attributes}]}`

/** Still takes what is right, and at once. */
async function isWell(): Promise<void> {
  const before = head.stats().appended
  expect((await post(gauge('well', point()))).status).toBe(200)
  expect(head.stats().appended).toBeGreaterThan(before)
}

describe('protobuf', () => {
  test('cut off anywhere, or with bits turned, answers 200 or 400 and nothing else', async () => {
    const whole = Buffer.concat([
      field(
        1,
        Buffer.concat([field(1, field(1, Buffer.concat([field(1, text('k')), field(2, field(1, text('v')))])))]),
      ),
      field(1, field(2, field(2, Buffer.concat([field(1, text('cut')), field(5, field(1, numberPoint()))])))),
    ])
    expect((await post(whole, protobuf)).status).toBe(200)
    for (let length = 1; length < whole.length; length++)
      expect([200, 400]).toContain((await post(whole.subarray(0, length), protobuf)).status)
    for (let bit = 0; bit < whole.length * 8; bit += 3) {
      const turned = Buffer.from(whole)
      turned[bit >> 3] = (turned[bit >> 3] as number) ^ (1 << (bit & 7))
      expect([200, 400]).toContain((await post(turned, protobuf)).status)
    }
    await isWell()
  })

  test('of chance is refused with a status that its client can read', async () => {
    for (let i = 0; i < 50; i++) {
      const { status, headers } = await post(randomBytes(1 + i * 97), protobuf)
      expect([200, 400]).toContain(status)
      expect(headers['content-type']).toBe(protobuf)
    }
    await isWell()
  })

  test('values in one another without end are refused, not followed', async () => {
    let value: Uint8Array = field(1, text('deep'))
    for (let i = 0; i < 20_000; i++) value = field(5, field(1, value))
    const attribute = Buffer.concat([field(1, text('k')), field(2, value)])
    const body = field(1, field(1, field(1, attribute)))
    const answer = await post(Buffer.concat([body, field(1, field(2, field(2, field(1, text('x')))))]), protobuf)
    expect([200, 400]).toContain(answer.status)
    await isWell()
  })

  test('a histogram that says it has more buckets than bytes is refused', async () => {
    const lengths = Uint8Array.of(0x32, 0xff, 0xff, 0xff, 0xff, 0x0f)
    const body = field(1, field(2, field(2, Buffer.concat([field(1, text('h')), field(9, field(1, lengths))]))))
    expect((await post(body, protobuf)).status).toBe(400)
  })
})

describe('JSON', () => {
  test.each([
    ['broken', '{"resourceMetrics":['],
    ['no object', '[]'],
    ['a number', '1'],
    ['no UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d])],
    ['lists where objects belong', '{"resourceMetrics":[[]]}'],
    ['text where a list belongs', '{"resourceMetrics":"all"}'],
    ['a count below zero', gauge('m', '{"timeUnixNano":"1","asInt":"1.5"}')],
    ['a time that is none', gauge('m', '{"timeUnixNano":"yesterday","asInt":"1"}')],
  ])('%s answers 400 with a Status', async (_, body) => {
    const { status, json: said } = await post(body)
    expect(status).toBe(400)
    expect(said()).toMatchObject({ code: 3, message: expect.stringMatching(/./) })
  })

  test.each([
    ['deep', '{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000)],
    ['deep, in names of the .proto file', '{"a_b":'.repeat(100_000) + '1' + '}'.repeat(100_000)],
    ['dangerous keys', '{"__proto__":{"resource_metrics":[1]},"constructor":{"prototype":{"x_y":1}}}'],
  ])('%s changes nothing for others', async (_, body) => {
    expect([200, 400]).toContain((await post(body)).status)
    expect(({} as Record<string, unknown>).x_y).toBeUndefined()
    await isWell()
  })

  test('values within one another without end answer 400', async () => {
    const deep = `${'{"arrayValue":{"values":['.repeat(50)}{"intValue":"1"}${']}}'.repeat(50)}`
    const { status, text: said } = await post(gauge('m', point(`{"key":"k","value":${deep}}`)))
    expect(status).toBe(400)
    expect(said).toContain('at most 16 deep')
  })

  test('more than there may be, as it is and inflated, answers 413 with the way out', async () => {
    const large = gauge('m', point()) + ' '.repeat(17 << 20)
    const plain = await post(large)
    expect([plain.status, plain.text]).toEqual([413, expect.stringContaining('Send less in one request')])
    const packed = await post(gzipSync(large), json, { 'content-encoding': 'gzip' })
    expect([packed.status, packed.text]).toEqual([413, expect.stringContaining('http/protobuf')])
  })
})

test('a gzip bomb ends at the limit', async () => {
  const bomb = gzipSync(Buffer.alloc(300 << 20, 0x20))
  expect(bomb.length).toBeLessThan(1 << 20)
  for (const type of [json, protobuf]) expect((await post(bomb, type, { 'content-encoding': 'gzip' })).status).toBe(413)
  await isWell()
})

test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/grpc'])(
  'content type %j answers 415 and says which there are',
  async (type) => {
    const { status, text: said } = await post(gauge('m', point()), type)
    expect(status).toBe(415)
    expect(said).toContain('application/x-protobuf')
  },
)

test('attributes beyond every limit are left out with the reason, and the rest is taken', async () => {
  const many = Array.from({ length: 500 }, (_, i) => `{"key":"k${i}","value":{"stringValue":"v"}}`).join(',')
  const long = `{"key":"k","value":{"stringValue":"${'x'.repeat(2 << 20)}"}}`
  const before = head.stats().appended
  const { status, json: said } = await post(gauge('limits', [point(many), point(long), point()].join(',')))
  expect(status).toBe(200)
  expect(said()).toMatchObject({
    partialSuccess: { rejectedDataPoints: '2', errorMessage: expect.stringMatching(/./) },
  })
  expect(head.stats().appended).toBe(before + 1)
})

test('new series over the limit are left out while known ones go on', async () => {
  await isWell()
  const points = Array.from({ length: maxSeries }, (_, i) => point(`{"key":"i","value":{"intValue":"${i}"}}`)).join(',')
  const { status, json: said } = await post(gauge('flood', points))
  expect(status).toBe(200)
  expect(said()).toMatchObject({ partialSuccess: { errorMessage: expect.stringMatching(/series/) } })
  await isWell()
})

const text = (value: string): Uint8Array => Buffer.from(value)

/** NumberDataPoint with time (field 3) and a double (field 4). */
function numberPoint(): Uint8Array {
  const bytes = Buffer.alloc(18)
  bytes[0] = 0x19
  bytes.writeBigUInt64LE(BigInt(Date.now()) * 1_000_000n, 1)
  bytes[9] = 0x21
  bytes.writeDoubleLE(1, 10)
  return bytes
}
