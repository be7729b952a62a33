// What Prometheus's newest clients ask of a server's own state, asked of the running product.
import { eventually, getData, type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import { series, snappyBlock } from '@tidewatch/testkit/write-request.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { type TempDir, tempDir } from './programs.ts'

const stack = new AsyncDisposableStack()
let dir: TempDir
let server: RunningServer
const good = "alerting: { alertmanagers: [{ path_prefix: /am, static_configs: [{ targets: ['am:9093'] }] }] }\n"

beforeAll(async () => {
  dir = stack.use(tempDir())
  dir.write('prometheus.yml', good)
  server = stack.use(await startServer({ args: ['--config', dir.path] }))
})
afterAll(() => stack.disposeAsync())

test('the Alertmanager is the server itself; those of the configuration are not asked', async () => {
  expect(await getData(server, '/api/v1/alertmanagers', {})).toEqual({
    activeAlertmanagers: [{ url: `${server.url}/api/v2/alerts` }],
    droppedAlertmanagers: [{ url: 'http://am:9093/am/api/v2/alerts' }],
  })
})

test('a failed reload reaches those who follow, and its end too; they end with the server', {
  timeout: 60_000,
}, async () => {
  const live = await fetch(`${server.url}/api/v1/notifications/live`, { headers: { 'accept-encoding': 'gzip' } })
  expect(live.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  const texts = (live.body as ReadableStream<Uint8Array<ArrayBuffer>>).pipeThrough(new TextDecoderStream())
  const heard = texts[Symbol.asyncIterator]()
  const event = async (): Promise<unknown> => {
    for (;;) {
      const { value = '' } = await heard.next()
      const data = /^data: (.*)$/m.exec(value)?.[1]
      if (data !== undefined) return JSON.parse(data)
    }
  }
  dir.write('prometheus.yml', 'scrape_config: []\n')
  expect((await fetch(`${server.url}/-/reload`, { method: 'POST' })).status).toBe(400)
  expect(await event()).toMatchObject({
    text: expect.stringMatching(/^Configuration reload has failed\. .*scrape_config/),
    active: true,
  })
  dir.write('prometheus.yml', good)
  expect((await fetch(`${server.url}/-/reload`, { method: 'POST' })).status).toBe(200)
  expect(await event()).toMatchObject({ active: false })
  // asked for its headers alone it ends at once
  expect((await fetch(`${server.url}/api/v1/notifications/live`, { method: 'HEAD' })).status).toBe(200)
  await heard.return?.()
})

interface Block {
  readonly ulid: string
  readonly minTime: number
  readonly maxTime: number
  readonly stats: { readonly numSamples: number; readonly numSeries: number; readonly numChunks: number }
}

test('blocks are the days on disk with what is in them', async () => {
  const dayMs = 86_400_000
  const yesterday = (Math.floor(Date.now() / dayMs) - 1) * dayMs
  const samples = (value: number) => [1, 2, 3].map((minute) => [yesterday + minute * 60_000, value + minute] as const)
  const body = snappyBlock(
    series({ __name__: 'a' }, samples(1)),
    series({ __name__: 'b' }, samples(2)),
  ) as Uint8Array<ArrayBuffer>
  const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' }
  expect((await fetch(`${server.url}/api/v1/write`, { method: 'POST', headers, body })).status).toBe(204)
  const ofYesterday = await eventually(
    async () => {
      const { blocks } = await getData<{ blocks: Block[] }>(server, '/api/v1/status/tsdb/blocks', {})
      const [block] = blocks.filter(({ minTime }) => minTime === yesterday)
      if (block === undefined) throw new Error('it is not on disk yet')
      return block
    },
    { timeoutMs: 180_000 },
  )
  expect(ofYesterday).toMatchObject({ maxTime: yesterday + dayMs, stats: { numSamples: 6, numSeries: 2 } })
  expect(ofYesterday.ulid).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/)
})

test('the description of the API is YAML that names every path below /api/v1', async () => {
  const text = await (await fetch(`${server.url}/api/v1/openapi.yaml?openapi_version=3.2`)).text()
  const { openapi, paths } = parse(text) as { openapi: string; paths: Record<string, object> }
  expect(openapi).toBe('3.2.0')
  expect(Object.keys(paths)).toEqual(
    expect.arrayContaining(['/api/v1/query', '/api/v1/label/{name}/values', '/api/v1/notifications/live']),
  )
  expect((await fetch(`${server.url}/api/v1/openapi.yaml?openapi_version=2`)).status).toBe(400)
})

test("own metrics as JSON carry the server's own figures", async () => {
  const [family] = await getData<{ name: string; metric: { gauge: { value: number } }[] }[]>(
    server,
    '/api/v1/status/self_metrics',
    { metric_name_pattern: 'tidewatch_head_series' },
  )
  expect(family?.metric[0]?.gauge.value).toBeGreaterThan(2)
})
