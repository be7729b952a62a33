// Days of logs into a bucket of a real S3 server, out of the store, and back: by the configuration and the command line alone.
import { zstdDecompressSync } from 'node:zlib'
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { logArchive } from '@tidewatch/api/log-archive.ts'
import { logHistogram } from '@tidewatch/api/logs.ts'
import { sendLogLines } from '@tidewatch/testkit/log-lines.ts'
import { eventually, type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type BucketServer, startBucketServer } from './bucket-server.ts'
import { runTidewatch, type TempDir, tempDir } from './programs.ts'

const dayMs = 86_400_000
const day = Math.floor(Date.now() / dayMs) * dayMs - 3 * dayMs
const name = new Date(day).toISOString().slice(0, 10)
const count = 5000
const secret = 'a secret key of the archive'

const stack = new AsyncDisposableStack()
let dir: TempDir
let bucket: BucketServer
let server: RunningServer

function configure(age: string, key = secret): void {
  dir.write(
    'tidewatch.yml',
    `retention: { logs: { age: ${age} } }
archive:
  logs:
    after: 0s
    s3:
      bucket: logs
      endpoint: ${bucket.url}
      prefix: team/
      access_key_id: archive
      secret_access_key: ${JSON.stringify(key)}
`,
  )
}

async function reload(): Promise<void> {
  const answer = await fetch(`${server.url}/-/reload`, { method: 'POST' })
  expect(answer.status, await answer.text()).toBe(200)
}

beforeAll(async () => {
  dir = stack.use(tempDir())
  bucket = stack.use(await startBucketServer({ keyId: 'archive', key: secret, bucket: 'logs' }))
  dir.write('tidewatch.yml', 'retention: { logs: { age: 30d } }\n')
  server = stack.use(await startServer({ args: ['--config', dir.path] }))
  const lines = Array.from({ length: count }, (_, i) => ({
    ...{
      timestamp: new Date(day + i * 17_000).toISOString(),
      service: 'orders',
      level: i % 10 === 0 ? 'error' : 'info',
    },
    ...{ message: `order ${i} ☂`, number: i, tags: ['a', 'b'] },
  }))
  await sendLogLines(server.url, lines)
})
afterAll(() => stack.disposeAsync())

const run = (...words: readonly string[]) => runTidewatch(['logs', 'archive', ...words, '--url', server.url])

async function found(query: string): Promise<number> {
  const asked = { query, language: 'kql', fromMs: String(day), toMs: String(day + dayMs), bars: '10' }
  const answer = await fetch(`${server.url}/api/tidewatch/v1/logs/histogram?${new URLSearchParams(asked)}`)
  return logHistogram.parse(await answer.json()).total
}

const state = async () => logArchive.parse(await (await fetch(`${server.url}/api/tidewatch/v1/logs/archive`)).json())

test('a day goes into the bucket, out of the store, and is searched again after it was restored', async () => {
  configure('30d')
  await reload()
  await eventually(async () =>
    expect((await state()).days).toMatchObject([{ day: name, lines: count, isStored: true }]),
  )

  const client = new S3Client({
    ...{ region: 'us-east-1', endpoint: bucket.url, forcePathStyle: true },
    credentials: { accessKeyId: 'archive', secretAccessKey: secret },
  })
  const listed = await client.send(new ListObjectsV2Command({ Bucket: 'logs' }))
  const keys = (listed.Contents ?? []).map(({ Key }) => Key as string).toSorted()
  expect(keys).toEqual([
    `team/logs/${name}/manifest.json`,
    expect.stringMatching(new RegExp(`^team/logs/${name}/project-\\d+-keep-0-[0-9a-f]+\\.ndjson\\.zst$`)),
  ])
  const { Body } = await client.send(new GetObjectCommand({ Bucket: 'logs', Key: keys[1] as string }))
  const text = zstdDecompressSync((await Body?.transformToByteArray()) as Uint8Array).toString()
  client.destroy()
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly body: string; readonly time: string })
  expect(lines.map(({ body }) => body)).toEqual(Array.from({ length: count }, (_, i) => `order ${i} ☂`))
  expect(lines[1]?.time).toBe(`${name}T00:00:17.000000000Z`)

  configure('1d')
  await reload()
  await eventually(async () => expect(await found('')).toBe(0))
  const read = await run('read', name)
  expect(read).toMatchObject({ code: 0, err: '' })
  expect(read.out.trimEnd()).toBe(text.trimEnd())

  expect(await run('restore', name, '--for', '2d')).toMatchObject({ code: 0 })
  await eventually(async () => expect((await run('list')).out).toMatch(/restored until \d{4}-\d\d-\d\d/))
  expect(await found('')).toBe(count)
  expect(await found('level:error and number >= 2500')).toBe(250)
  expect(await run('restore', name)).toMatchObject({ code: 1, err: expect.stringContaining('is restored already') })

  expect(await run('drop', name)).toMatchObject({ code: 0, err: '' })
  expect(await found('')).toBe(0)
  expect((await state()).days).toMatchObject([{ day: name, lines: count, isStored: false }])
})

test('keys that may not are told by their name, on the page and in the metrics, and never shown', async () => {
  configure('1d', 'not the key')
  await reload()
  await eventually(async () => expect((await state()).trouble?.message).toContain('SignatureDoesNotMatch'))
  const metrics = await (await fetch(`${server.url}/metrics`)).text()
  expect(metrics).toMatch(/^tidewatch_log_archive_failures_total [1-9]/m)
  expect(metrics).toMatch(/^tidewatch_log_archive_lines_total 5000$/m)
  configure('1d')
  await reload()
  await eventually(async () => expect((await state()).trouble).toBeUndefined())
  expect(server.output()).not.toContain(secret)
  expect(server.output()).not.toContain('not the key')
})
