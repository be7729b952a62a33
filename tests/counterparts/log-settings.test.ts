// How logs are kept as a person changes it by the page: kept over a restart, what goes confirmed before, files first; an archive; indexes off and on.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { auditList } from '@tidewatch/api/accounts.ts'
import { logArchive } from '@tidewatch/api/log-archive.ts'
import { type LogSettings, logRetentionPreview, logSettings } from '@tidewatch/api/log-settings.ts'
import { logHistogram, logStorage } from '@tidewatch/api/logs.ts'
import { eventually, type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TempDir, tempDir } from './programs.ts'

const dayMs = 86_400_000
const today = Math.floor(Date.now() / dayMs) * dayMs
const api = '/api/tidewatch/v1'
const wish = {
  age: '10d',
  classes: [
    { service: ['audit'], age: '1y' },
    { level: ['debug'], age: '3d' },
  ],
}

const stack = new AsyncDisposableStack()
let dir: TempDir
let dataDir: string
let server: RunningServer

const start = async (): Promise<RunningServer> => await startServer({ dataDir, args: ['--config', dir.path] })

beforeAll(async () => {
  dir = stack.use(tempDir())
  dataDir = mkdtempSync(join(tmpdir(), 'tidewatch-log-settings-'))
  stack.defer(() => rmSync(dataDir, { recursive: true, force: true }))
  dir.write('tidewatch.yml', '# nothing\n')
  server = await start()
  stack.defer(() => server[Symbol.asyncDispose]())
  const lines = [1, 2, 3, 20, 25].flatMap((ago) =>
    Array.from({ length: 100 }, (_, i) => ({
      timestamp: new Date(today - ago * dayMs + i * 1000).toISOString(),
      ...{ service: i % 4 === 0 ? 'audit' : 'shop', level: i % 2 === 0 ? 'debug' : 'info' },
      ...{ message: `Order ${i} of day ${ago}: it's done ☂`, request_id: `r-${ago}-${i}`, number: i },
    })),
  )
  const answer = await fetch(`${server.url}${api}/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: lines.map((line) => JSON.stringify(line)).join('\n'),
  })
  expect(answer.status, await answer.text()).toBe(200)
})
afterAll(() => stack.disposeAsync())

async function send(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(`${server.url}${api}${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  return { status: answer.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) }
}

const settings = async (): Promise<LogSettings> => logSettings.parse((await send('GET', '/logs/settings')).body)

async function days(): Promise<number[]> {
  const { perDay } = logStorage.parse((await send('GET', '/logs/storage')).body)
  return perDay.map((day) => Math.round((today - day.dayMs) / dayMs))
}

async function found(query: string): Promise<number> {
  const asked = { query, language: 'kql', fromMs: String(today - 40 * dayMs), toMs: String(today), bars: '10' }
  return logHistogram.parse((await send('GET', `/logs/histogram?${new URLSearchParams(asked)}`)).body).total
}

test('retention is tried, confirmed before anything goes, and said who changed it', async () => {
  expect((await settings()).retention).toMatchObject({
    ...{ age: { value: '30d', from: 'flag' }, size: { value: 'off', from: 'none' }, own: {} },
  })
  const { body } = await send('POST', '/logs/settings/retention/preview', wish)
  const preview = logRetentionPreview.parse(body)
  expect(preview.drops).toMatchObject({ days: 2, lines: 200, fromMs: today - 25 * dayMs, toMs: today - 19 * dayMs })
  // a quarter is of audit, of the rest a third is debug
  expect(
    preview.costs.map((cost) => Math.round((100 * (cost.bytesPerDay as number)) / (preview.bytesPerDay as number))),
  ).toEqual([25, 25, 50])
  expect(preview.costs.map((cost) => cost.days)).toEqual([365, 3, 10])

  expect(await send('PUT', '/logs/settings/retention', wish)).toMatchObject({
    status: 409,
    body: {
      error: { where: { key: 'body.confirmedDays' }, message: expect.stringContaining('2 days of logs (200 lines)') },
    },
  })
  expect(await days()).toEqual([25, 20, 3, 2, 1])
  expect(await send('PUT', '/logs/settings/retention', { ...wish, confirmedDays: 2 })).toMatchObject({ status: 204 })
  await eventually(async () => expect(await days()).toEqual([3, 2, 1]))
  expect(await found('')).toBe(300)
  const audit = auditList.parse((await send('GET', '/audit')).body)
  expect(audit.entries[0]).toMatchObject({ action: 'log_retention.change', detail: { before: {}, after: wish } })
})

test.each([
  [{ age: 'soon' }, 'body.age', '"soon" is not an age'],
  [{ size: '10 elephants' }, 'body.size', 'is not a size'],
  [{ classes: [{ level: ['loud'], age: '3d' }] }, 'body.classes.0.level.0', 'Invalid'],
  [{ classes: [{ age: '3d' }] }, 'body.classes.0', 'neither service nor level'],
])('%j is refused, with where', async (wish, key, message) => {
  for (const [method, path] of [
    ['POST', '/preview'],
    ['PUT', ''],
  ] as const)
    expect(await send(method, `/logs/settings/retention${path}`, wish)).toMatchObject({
      status: 400,
      body: { error: { where: { key }, message: expect.stringContaining(message) } },
    })
})

test('an archive is set, keeps its secret to itself, and goes', async () => {
  const folder = join(dir.path, 'archive')
  expect(await send('PUT', '/logs/settings/archive', { folder: 'here' })).toMatchObject({
    status: 400,
    body: { error: { where: { key: 'body.folder' } } },
  })
  expect(await send('PUT', '/logs/settings/archive', { folder, after: '0s' })).toMatchObject({ status: 204 })
  await eventually(async () => expect(logArchive.parse((await send('GET', '/logs/archive')).body).days).toHaveLength(3))
  const s3 = { bucket: 'logs', endpoint: 'http://127.0.0.1:9', accessKeyId: 'me', secretAccessKey: 'a very secret key' }
  expect(await send('PUT', '/logs/settings/archive', { s3 })).toMatchObject({ status: 204 })
  const { secretAccessKey: _, ...shown } = s3
  expect((await settings()).archive).toMatchObject({ from: 'page', own: { s3: shown } })
  // the key that is kept holds for another prefix of it, and for no other key
  expect(await send('PUT', '/logs/settings/archive', { s3: { ...shown, prefix: 'a/' } })).toMatchObject({ status: 204 })
  expect(await send('PUT', '/logs/settings/archive', { s3: { ...shown, accessKeyId: 'you' } })).toMatchObject({
    status: 400,
    body: { error: { message: expect.stringContaining('write both') } },
  })
  const told = JSON.stringify([await settings(), await send('GET', '/audit'), await send('GET', '/logs/archive')])
  expect(told + server.output()).not.toContain('a very secret key')
  expect(await send('DELETE', '/logs/settings/archive')).toMatchObject({ status: 204 })
  expect((await settings()).archive).toMatchObject({ from: 'none' })
})

test('an index goes and comes again, and searches find the same lines all the while; settings are kept over a kill', async () => {
  const queries = [
    'message: order',
    'message: "order 7"',
    "message: it's",
    'request_id: r-1-4',
    'number: 5',
    'ORDER and not elephant',
  ]
  const counts = (): Promise<number[]> => Promise.all(queries.map(found))
  const before = await counts()
  expect(before.slice(0, 5)).toEqual([300, 3, 300, 1, 3])
  const stages = async () => (await settings()).indexes.map(({ stage, bytes }) => [stage, bytes > 0])
  await eventually(async () => expect(await stages()).toEqual(Array.from({ length: 3 }, () => ['on', true])))
  for (const name of ['words', 'ids'])
    expect(await send('PUT', `/logs/settings/indexes/${name}`, { enabled: false })).toMatchObject({ status: 202 })
  await eventually(async () =>
    expect(await stages()).toEqual([
      ['off', false],
      ['on', true],
      ['off', false],
    ]),
  )
  expect(await send('PUT', '/logs/settings/indexes/names', { enabled: false })).toMatchObject({ status: 400 })
  expect(await counts()).toEqual(before)

  await server.kill()
  server = await start()
  expect((await settings()).retention).toMatchObject({
    ...{ age: { value: '10d', from: 'page' }, classes: { value: wish.classes, from: 'page' }, own: wish },
  })
  expect(await found('')).toBe(300)
  const line = { timestamp: new Date(today - dayMs + 3_600_000).toISOString(), message: 'A late order' }
  expect((await send('POST', '/logs', line)).status).toBe(200)
  expect(await found('message: order')).toBe(301)
  expect((await settings()).indexes).toMatchObject([
    { name: 'words', enabled: false, bytes: 0, formerBytes: expect.toSatisfy((bytes: number) => bytes > 0) },
    { name: 'names', enabled: true },
    { name: 'ids', bytes: 0 },
  ])
  for (const name of ['words', 'ids']) await send('PUT', `/logs/settings/indexes/${name}`, { enabled: true })
  await eventually(async () => expect(await stages()).toEqual(Array.from({ length: 3 }, () => ['on', true])))
  expect(await counts()).toEqual([301, ...before.slice(1, 5), 301])
})

test('what the file says goes before the page, which says where', async () => {
  dir.write('tidewatch.yml', 'retention:\n  logs:\n    age: 60d\n')
  expect((await fetch(`${server.url}/-/reload`, { method: 'POST' })).status).toBe(200)
  expect((await settings()).retention).toMatchObject({
    age: { value: '60d', from: 'file', place: 'tidewatch.yml:3' },
    classes: { from: 'page' },
  })
  expect(await send('PUT', '/logs/settings/retention', { age: '1d', confirmedDays: 9 })).toMatchObject({
    status: 409,
    body: { error: { message: expect.stringContaining('tidewatch.yml:3 says retention.logs.age') } },
  })
})
