// What a broken or malicious sender does to Loki's push and to OTLP logs: real HTTP over the real intake.
import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { field, snappyBlock, varintField } from '@tidewatch/testkit/write-request.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ServedForTest, serveForTest } from '../../packages/server/src/http/testing/serve.ts'
import { type FakeLogs, fakeLogs } from '../../packages/server/src/ingest/logs/fakes.ts'
import { loki } from '../../packages/server/src/ingest/receivers/loki.ts'
import { otlpLogRoutes } from '../../packages/server/src/ingest/receivers/otlp/logs.ts'

let logs: FakeLogs
let served: ServedForTest

beforeAll(async () => {
  logs = fakeLogs()
  const parts = { logs: logs.intake, clock: logs.clock }
  served = await serveForTest([
    ...loki.routes(parts as unknown as Parameters<typeof loki.routes>[0]),
    ...otlpLogRoutes(parts),
  ])
})
afterAll(() => served[Symbol.asyncDispose]())

const protobuf = 'application/x-protobuf'
const json = 'application/json'
const post = (path: string, body: string | Uint8Array, headers: Record<string, string>) =>
  served.call(path, { method: 'POST', body, headers })
const push = (body: string | Uint8Array, type = protobuf, headers: Record<string, string> = {}) =>
  post('/loki/api/v1/push', body, { 'content-type': type, ...headers })

const entry = (line: string | Uint8Array, ...more: readonly Uint8Array[]): Uint8Array =>
  field(2, Buffer.concat([field(1, varintField(1, Math.floor(logs.clock.nowMs() / 1000))), field(2, line), ...more]))
const stream = (labels: string | Uint8Array, ...entries: readonly Uint8Array[]): Uint8Array =>
  field(1, Buffer.concat([field(1, labels), ...entries]))

/** Still takes what is right. */
async function isWell(): Promise<void> {
  const before = logs.lines.length
  expect((await push(snappyBlock(stream('{app="well"}', entry('fine'))))).status).toBe(204)
  expect(logs.lines.at(-1)?.body).toBe('fine')
  expect(logs.lines).toHaveLength(before + 1)
}

test('protobuf cut off anywhere, or with bits turned, answers 204 or 400 and nothing else', async () => {
  const pair = field(3, Buffer.concat([field(1, 'k'), field(2, 'v')]))
  const whole = Buffer.from(stream('{app="x"}', entry('a line', pair), entry('b')))
  for (let length = 1; length < whole.length; length++)
    expect([204, 400]).toContain((await push(snappyBlock(whole.subarray(0, length)))).status)
  for (let bit = 0; bit < whole.length * 8; bit += 3) {
    const turned = Buffer.from(whole)
    turned[bit >> 3] = (turned[bit >> 3] as number) ^ (1 << (bit & 7))
    expect([204, 400]).toContain((await push(snappyBlock(turned))).status)
  }
  for (let i = 0; i < 30; i++) {
    expect([204, 400, 413]).toContain((await push(randomBytes(1 + i * 97))).status)
    expect([200, 400]).toContain((await post('/v1/logs', randomBytes(1 + i * 97), { 'content-type': protobuf })).status)
  }
  await isWell()
})

test('bombs end at the limit', async () => {
  const bomb = gzipSync(Buffer.alloc(200 << 20, 0x20))
  for (const type of [json, protobuf]) expect((await push(bomb, type, { 'content-encoding': 'gzip' })).status).toBe(413)
  // a block that claims 4 GB
  expect([400, 413]).toContain((await push(Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 1, 2, 3]))).status)
  expect((await push(`${' '.repeat(17 << 20)}{}`, json)).status).toBe(413)
  await isWell()
})

test('100,000 labels, values of 1 MB, names that are none are refused, and the other streams kept', async () => {
  const many = `{${Array.from({ length: 100_000 }, (_, i) => `l${i}="1"`).join(',')}}`
  const bad = [many, `{a="${'x'.repeat(1 << 20)}"}`, '{"a b"="1"}', '{', '', Buffer.from([0x7b, 0xff, 0xfe, 0x7d])]
  const before = logs.lines.length
  const body = Buffer.concat([
    ...bad.map((labels) => stream(labels, entry('x'))),
    stream('{app="good"}', entry('kept')),
  ])
  const answer = await push(snappyBlock(body))
  expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('6 streams left out')])
  expect(answer.text.length).toBeLessThan(1000)
  expect(logs.lines.slice(before).map((line) => line.body)).toEqual(['kept'])
  const streams = [
    { stream: Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`l${i}`, '1'])), values: [] },
  ]
  expect((await push(JSON.stringify({ streams }), json)).status).toBe(400)
})

test('what stands beside a line is bounded like every other field', async () => {
  const pairs = Array.from({ length: 5000 }, (_, i) => field(3, Buffer.concat([field(1, `k${i}`), field(2, 'v')])))
  const long = field(3, Buffer.concat([field(1, 'long'), field(2, 'x'.repeat(1 << 20))]))
  expect((await push(snappyBlock(stream('{app="x"}', entry('many', ...pairs), entry('long', long))))).status).toBe(204)
  const [many, cut] = logs.lines.slice(-2)
  expect(many?.attributes.size).toBeLessThanOrEqual(1024)
  expect(String(cut?.attributes.get('long')).length).toBeLessThanOrEqual(1 << 16)
  await isWell()
})

test('lines of no UTF-8, of 2 MB, and of nothing are lines', async () => {
  const lines = [Buffer.from([0x61, 0xff, 0xc3, 0x28]), 'y'.repeat(2 << 20), '']
  expect((await push(snappyBlock(stream('{app="odd"}', ...lines.map((line) => entry(line)))))).status).toBe(204)
  const [broken, long, empty] = logs.lines.slice(-3)
  expect(broken?.body).toMatch(/^a/)
  expect(long?.body.length).toBeLessThanOrEqual(1 << 20)
  expect(empty?.body).toBe('')
})

test('JSON that goes deep, or is none, answers 204 or 400', async () => {
  const deep = `${'{"streams":['.repeat(50_000)}1${']}'.repeat(50_000)}`
  for (const body of [
    deep,
    '{"streams":[{"stream":{"__proto__":"x"},"values":[["1","a"]]}]}',
    'null',
    '[1',
    '{"streams":{}}',
  ])
    expect([204, 400]).toContain((await push(body, json)).status)
  const value = `${'{"arrayValue":{"values":['.repeat(50)}{"intValue":"1"}${']}}'.repeat(50)}`
  const body = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":${value}}]}]}]}`
  expect((await post('/v1/logs', body, { 'content-type': json })).status).toBe(400)
  await isWell()
})
