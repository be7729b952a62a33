// What a broken or malicious sender does to Elasticsearch's _bulk: real HTTP, the real intake.
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ServedForTest, serveForTest } from '../../packages/server/src/http/testing/serve.ts'
import { type FakeLogs, fakeLogs } from '../../packages/server/src/ingest/logs/fakes.ts'
import { fakeDocuments } from '../../packages/server/src/ingest/receivers/elasticsearch/fakes.ts'
import { KnownIds } from '../../packages/server/src/ingest/receivers/elasticsearch/known-ids.ts'
import { DocumentWriter, writeRoutes } from '../../packages/server/src/ingest/receivers/elasticsearch/write-routes.ts'

let logs: FakeLogs
let served: ServedForTest

beforeAll(async () => {
  logs = fakeLogs()
  const { parts } = fakeDocuments()
  const writer = new DocumentWriter({ ...parts, logs: logs.intake, clock: logs.clock, count: () => undefined })
  served = await serveForTest(writeRoutes(writer))
})
afterAll(() => served[Symbol.asyncDispose]())

interface Answered {
  readonly errors?: boolean
  readonly items?: readonly { readonly index: { readonly status: number } }[]
  readonly error?: { readonly type: string; readonly reason: string }
  readonly status?: number
}

async function bulk(body: string | Uint8Array, headers: Record<string, string> = {}) {
  logs.lines.length = 0
  const answer = await served.call('/_bulk', {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', ...headers },
    body,
  })
  return { status: answer.status, headers: answer.headers, body: answer.json() as Answered }
}

const action = '{"index":{"_index":"a"}}\n'

test('a line of 100 MB is refused before it is in memory, in the shape that clients read', async () => {
  const { status, body } = await bulk(Buffer.concat([Buffer.from(action), Buffer.alloc(100 << 20, 0x61)]))
  expect(status).toBe(413)
  expect(body).toMatchObject({ status: 413, error: { type: 'content_too_long_exception' } })
  expect(logs.lines).toEqual([])
})

test('100,000 items are stored and answered, each in its place', async () => {
  const one = (i: number): string => `${action}{"@timestamp":"2026-06-01T11:59:00Z","message":"m${i}"}\n`
  const { status, body } = await bulk(Array.from({ length: 100_000 }, (_, i) => one(i)).join(''))
  expect(status).toBe(200)
  expect(body.errors).toBe(false)
  expect(body.items).toHaveLength(100_000)
  expect(logs.lines).toHaveLength(100_000)
  expect(logs.lines[99_999]?.body).toBe('m99999')
})

test('more items than an answer may have are refused whole', async () => {
  const { status, body } = await bulk(`${action}{}\n`.repeat(250_001))
  expect(status).toBe(413)
  expect(body.error?.reason).toContain('250000')
  expect(logs.lines).toEqual([])
})

test('a long action, one nested deep, and bytes that are no UTF-8 are refused with their line', async () => {
  for (const bad of [
    `{"index":{"_index":"${'a'.repeat(20_000)}"}}`,
    `{"index":${'['.repeat(8000)}${']'.repeat(8000)}}`,
    Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x7b, 0x7d, 0x7d]),
  ]) {
    const { status, body } = await bulk(
      Buffer.concat([Buffer.from(`${action}{}\n`), Buffer.from(bad), Buffer.from('\n{}\n')]),
    )
    expect(status).toBe(400)
    expect(body.error?.reason).toContain('line [3]')
    expect(logs.lines).toEqual([])
  }
})

test('documents nested a thousand deep, of a thousand fields, with bytes that are no UTF-8: no one harms another', async () => {
  const deep = `${'{"a":'.repeat(1000)}1${'}'.repeat(1000)}`
  const wide = `{${Array.from({ length: 5000 }, (_, i) => `"f${i}":${i}`).join(',')}}`
  const broken = Buffer.from([0x7b, 0x22, 0x6d, 0x22, 0x3a, 0x22, 0xff, 0xfe, 0x22, 0x7d])
  const parts = [deep, wide, broken, '{"a":', '{"message":"last"}'].flatMap((part) => [action, part, '\n'])
  const { status, body } = await bulk(Buffer.concat(parts.map((part) => Buffer.from(part))))
  expect(status).toBe(200)
  expect(body.items?.map(({ index }) => index.status)).toEqual([201, 201, 201, 400, 201])
  expect(logs.lines.at(-1)?.body).toBe('last')
})

test('100,000 names, types that conflict and clocks years ahead: all are kept, and each says what was changed', async () => {
  const wide = `{"message":"wide",${Array.from({ length: 100_000 }, (_, i) => `"f${i}":${i}`).join(',')}}`
  const values = ['1', '"text"', 'true', '[1,"a"]', '{"b":1}']
  const clocks = ['2099-01-01T00:00:00.000Z', '9999-12-31T23:59:59.000Z']
  const documents = [
    ...values.map((value) => `{"conflict":${value}}`),
    ...clocks.map((time) => `{"@timestamp":"${time}"}`),
    wide,
  ]
  const { status, body } = await bulk(documents.map((document) => `${action}${document}\n`).join(''))
  expect([status, body.errors]).toEqual([200, false])
  const [one, text, yes, list, inner, ahead, far, last] = logs.lines.map(({ attributes }) => attributes)
  const kept = [one, text, yes, list].map((attributes) => attributes?.get('conflict'))
  expect(kept).toEqual([1, 'text', true, [1, 'a']])
  expect(inner?.get('conflict.b')).toBe(1)
  expect([ahead, far].map((attributes) => attributes?.get('claimed_time'))).toEqual(clocks)
  expect(last?.get('left_out_fields')).toBeGreaterThan(90_000)
  expect(last?.size).toBeLessThanOrEqual(1024)
})

test('a full spool is 429 as Elasticsearch says it, and when to come again', async () => {
  logs.spool.full = true
  const { status, headers, body } = await bulk(`${action}{}\n`)
  logs.spool.full = false
  expect(status).toBe(429)
  expect(headers['retry-after']).toBe('5')
  expect(body).toMatchObject({ status: 429, error: { type: 'es_rejected_execution_exception' } })
})

test('ids that are remembered have a bound', () => {
  const ids = new KnownIds(new FakeClock())
  for (let i = 0; i < 150_000; i++) ids.add(`id${i}`, 'x')
  expect(ids.get('id0')).toBeUndefined()
  expect(ids.get('id149999')).toBe('x')
  expect(ids.get('id100001')).toBe('x')
})
