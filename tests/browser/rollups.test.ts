// A chart over days whose samples are gone: what it was made of is said beside it, and again under *How it is answered*.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually, type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import { series, snappyBlock } from '@tidewatch/testkit/write-request.ts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { accessibilityFaults } from './accessible.ts'
import { launchBrowser, phone, type TestBrowser } from './browser.ts'
import { buildPage } from './product.ts'

const minute = 60_000
const dayMs = 1440 * minute
const day = Math.floor(Date.now() / dayMs) * dayMs - 20 * dayMs
const dir = mkdtempSync(join(tmpdir(), 'tidewatch-rollup-chart-'))
const stack = new AsyncDisposableStack()
let server: RunningServer
let browser: TestBrowser

const configure = (age: string): void =>
  writeFileSync(join(dir, 'tidewatch.yml'), `retention: { metrics: { age: ${age} }, rollups: { 5m: , 1h: } }\n`)
const start = (): Promise<RunningServer> => startServer({ args: ['--config', dir], dataDir: join(dir, 'data') })

async function samplesRead(): Promise<{ readonly rows: number; readonly infos: readonly string[] }> {
  const window = { start: String(day / 1000), end: String(day / 1000 + 86_400), step: '1h' }
  const query = new URLSearchParams({ ...window, query: 'max_over_time(old_orders[1h])' })
  const response = await fetch(`${server.url}/api/v1/query_range?${query}`)
  const { data, infos = [] } = (await response.json()) as { data: { result: unknown[] }; infos?: string[] }
  return { rows: data.result.length, infos }
}

beforeAll(async () => {
  await buildPage()
  writeFileSync(join(dir, 'prometheus.yml'), 'global: {}\n')
  configure('40d')
  server = await start()
  const steps = Array.from({ length: 2 * 1440 }, (_, k) => k)
  const values = steps.map((k) => [day + k * minute + 4000, Math.round(50 + 40 * Math.sin(k / 100))] as const)
  const body = Uint8Array.from(snappyBlock(series({ __name__: 'old_orders', shop: 'a' }, values)))
  const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' }
  expect((await fetch(`${server.url}/api/v1/write`, { method: 'POST', headers, body })).status).toBe(204)
  expect((await samplesRead()).rows).toBe(1)
  // the days are older than this: they go, after their buckets were made
  configure('10d')
  await eventually(
    async () => {
      await fetch(`${server.url}/-/reload`, { method: 'POST' })
      const own = await (await fetch(`${server.url}/metrics`)).text()
      expect(own).toMatch(/^tidewatch_store_dropped_days_total\{signal="metrics",reason="age"\} [23]$/m)
    },
    { timeoutMs: 180_000, everyMs: 1000 },
  )
  // what is in memory does not go with its day
  await server[Symbol.asyncDispose]()
  server = stack.use(await start())
  expect(await samplesRead()).toEqual({ rows: 1, infos: [expect.stringContaining('rollups')] })
  browser = stack.use(await launchBrowser())
})
afterAll(async () => {
  await stack.disposeAsync()
  rmSync(dir, { recursive: true, force: true })
})

const iso = (atMs: number): string => new Date(atMs).toISOString()
const path = (query: string): string =>
  `/explore?${new URLSearchParams({ q: query, from: iso(day + 60 * minute), to: iso(day + dayMs) })}`

it.each([
  ['a desk', {}],
  ['a phone', phone],
  ['a dark room', { colorScheme: 'dark' as const }],
])('says that the chart is made of rollups, on %s', async (where, options) => {
  await using opened = await browser.newPage({ baseURL: server.url, ...options })
  const { page } = opened
  await page.goto(path('max_over_time(old_orders[1h])'))
  const note = page.getByText(/from (?:5-minute|1-hour) rollups up to \d{4}-\d\d-\d\dT/)
  await note.first().waitFor()
  expect(await note.first().isVisible()).toBe(true)
  // for whoever wants to see it
  if (process.env.SCREENSHOTS !== undefined)
    await page.screenshot({
      path: join(process.env.SCREENSHOTS, `rollups-${where.replaceAll(' ', '-')}.png`),
      fullPage: true,
    })
  expect(await accessibilityFaults(page)).toEqual([])
  opened.assertSilent()
})

it('says where values are estimated, and how many points came from rollups', async () => {
  await using opened = await browser.newPage({ baseURL: server.url })
  const { page } = opened
  await page.goto(path('quantile_over_time(0.9, old_orders[1h])'))
  await page
    .getByText(/rollups, between whose borders values are estimated/)
    .first()
    .waitFor()
  await page.getByText('How it is answered').click()
  await page.getByText(/% are points of rollups/).waitFor()
  expect(await page.getByRole('list', { name: 'Selectors' }).textContent()).toMatch(/points of rollups/)
  opened.assertSilent()
})
