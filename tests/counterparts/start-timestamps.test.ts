// When counters began, as clients tell in OpenMetrics and senders by remote write 2.0: zeros there, so that rates count what came before the first sample.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { eventually, getData, type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import { doubleField, field, snappyBlock, varintField } from '@tidewatch/testkit/write-request.ts'
import { refsField } from '@tidewatch/testkit/write-request-v2.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TempDir, tempDir } from './programs.ts'

const stack = new AsyncDisposableStack()
let dir: TempDir
let server: RunningServer

interface Series {
  readonly metric: Readonly<Record<string, string>>
  readonly values: readonly (readonly [number, string])[]
}

/** As Python's client writes it. */
const startedMs = Date.now() - 60_000
const exposition = (): string =>
  [
    ...[
      '# HELP runs Runs.',
      '# TYPE runs counter',
      'runs_total{a="1"} 30.0',
      `runs_created{a="1"} ${startedMs / 1000}`,
    ],
    ...['# EOF', ''],
  ].join('\n')

beforeAll(async () => {
  dir = stack.use(tempDir())
  const target = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/openmetrics-text; version=1.0.0; charset=utf-8' })
    response.end(exposition())
  })
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve))
  stack.defer(() => {
    target.closeAllConnections()
    target.close()
  })
  const { port } = target.address() as AddressInfo
  dir.write('config/tidewatch.yml', 'start_timestamps: zero_samples\n')
  dir.write(
    'config/prometheus.yml',
    `
global: { scrape_interval: 500ms, scrape_timeout: 500ms }
scrape_configs:
  - job_name: python
    static_configs: [{ targets: ['127.0.0.1:${port}'] }]
`,
  )
  server = await startServer({ dataDir: `${dir.path}/data`, args: ['--config', `${dir.path}/config`] })
  stack.defer(() => server[Symbol.asyncDispose]())
})
afterAll(() => stack.disposeAsync())

const ask = async (query: string): Promise<readonly Series[]> =>
  (await getData<{ readonly result: readonly Series[] }>(server, '/api/v1/query', { query })).result

test('the counters of a target begin at zero, once, when it says that they began', async () => {
  const [series] = await eventually(async () => {
    const found = await ask('runs_total[1h]')
    expect(found[0]?.values.length).toBeGreaterThan(4)
    return found
  })
  const [first, ...scraped] = series.values
  expect(first).toEqual([startedMs / 1000, '0'])
  expect(new Set(scraped.map(([, value]) => value))).toEqual(new Set(['30']))
  expect(await ask('runs_created[1h]')).toEqual([])
  const { result } = await getData<{ readonly result: readonly { readonly value: readonly [number, string] }[] }>(
    server,
    '/api/v1/query',
    { query: 'increase(runs_total[1h] anchored)' },
  )
  expect(result[0].value[1]).toBe('30')
})

test('a counter that is pushed with its start counts from there', async () => {
  const now = Date.now()
  const sample = Buffer.concat([doubleField(1, 30), varintField(2, now - 1000), varintField(3, now - 61_000)])
  const symbols = ['', '__name__', 'pushed_total'].map((text) => field(4, text))
  const body = snappyBlock(...symbols, field(5, Buffer.concat([refsField([1, 2]), field(2, sample)])))
  const headers = {
    'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
    'content-encoding': 'snappy',
  }
  const answer = await fetch(`${server.url}/api/v1/write`, { method: 'POST', headers, body: new Uint8Array(body) })
  expect(answer.status).toBe(204)
  const [series] = await ask('pushed_total[1h]')
  expect(series.values).toEqual([
    [(now - 61_000) / 1000, '0'],
    [(now - 1000) / 1000, '30'],
  ])
  const features = await getData<Record<string, Record<string, boolean>>>(server, '/api/v1/features')
  expect(features.scrape.start_timestamp_zero_ingestion).toBe(true)
})
