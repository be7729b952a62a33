// Rollups in the whole product: days lose their samples, and what was asked of them is still answered, over a kill too, until it is deleted.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually, type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import { series, snappyBlock } from '@tidewatch/testkit/write-request.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'

const minute = 60_000
const dayMs = 24 * 60 * minute
const day = Math.floor(Date.now() / dayMs) * dayMs - 20 * dayMs
const config = mkdtempSync(join(tmpdir(), 'tidewatch-rollups-'))
const dataDir = mkdtempSync(join(tmpdir(), 'tidewatch-rollups-data-'))
let server: RunningServer

const configure = (age: string): void =>
  writeFileSync(
    join(config, 'tidewatch.yml'),
    `retention: { metrics: { age: ${age} }, rollups: { 5m: , 1h: { age: 2y } } }\n`,
  )

const start = (): Promise<RunningServer> => startServer({ args: ['--config', config], dataDir })

beforeAll(async () => {
  writeFileSync(join(config, 'prometheus.yml'), 'global: {}\n')
  configure('30d')
  server = await start()
})
afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
  for (const dir of [config, dataDir]) rmSync(dir, { recursive: true, force: true })
})

interface Answer {
  readonly data: {
    readonly result: readonly {
      readonly metric: Record<string, string>
      readonly values: readonly (readonly [number, string])[]
    }[]
    readonly stats: { readonly tidewatch: { readonly samplesFromRollups: number; readonly samplesFromStore: number } }
  }
  readonly infos?: readonly string[]
}

async function ask(query: string, step = '1h'): Promise<Answer> {
  const window = { start: String(day / 1000), end: String(day / 1000 + 2 * 86_400), step, stats: 'all' }
  const response = await fetch(`${server.url}/api/v1/query_range?${new URLSearchParams({ query, ...window })}`)
  expect(response.status).toBe(200)
  return (await response.json()) as Answer
}

const post = async (path: string): Promise<number> => (await fetch(`${server.url}${path}`, { method: 'POST' })).status

const seriesNames = async (): Promise<readonly Record<string, string>[]> => {
  const window = new URLSearchParams({
    'match[]': '{__name__=~"old_.+"}',
    start: String(day / 1000),
    end: String(day / 1000 + 86_400),
  })
  return ((await (await fetch(`${server.url}/api/v1/series?${window}`)).json()) as { data: Record<string, string>[] })
    .data
}

const numbers = ({ data }: Answer): unknown =>
  data.result
    .toSorted((a, b) => JSON.stringify(a.metric).localeCompare(JSON.stringify(b.metric)))
    .map(({ metric, values }) => [metric, values.map(([at, value]) => [at, Number(Number(value).toPrecision(10))])])

const ownMetrics = async (): Promise<string> => (await fetch(`${server.url}/metrics`)).text()

const queries = [
  'rate(old_total[1h])',
  'sum(increase(old_total[2h]))',
  'max_over_time(old_gauge[1h])',
  'old_gauge',
  'avg_over_time(old_gauge[3h])',
]

test('samples go, answers stay, and say where they come from', async () => {
  const steps = Array.from({ length: 2 * 1440 }, (_, k) => k)
  const counter = steps.map((k) => [day + k * minute + 3000, (k % 700) * 2] as const)
  const gauge = steps.map((k) => [day + k * minute + 4000, Math.round(50 + 40 * Math.sin(k / 50))] as const)
  const body = snappyBlock(series({ __name__: 'old_total' }, counter), series({ __name__: 'old_gauge' }, gauge))
  const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' }
  const response = await fetch(`${server.url}/api/v1/write`, {
    method: 'POST',
    headers,
    body: body as Uint8Array<ArrayBuffer>,
  })
  expect(response.status).toBe(204)
  const before = await Promise.all(queries.map((query) => ask(query)))
  expect(before.map(({ infos }) => infos ?? [])).toEqual(queries.map(() => []))
  expect(before[0]?.data.result[0]?.values.length).toBe(48)

  configure('7d')
  const dropped = /^tidewatch_store_dropped_days_total\{signal="metrics",reason="age"\} [23]$/m
  // again and again: what is still in the spool when the days are looked at is looked at the next time
  const goes = async (): Promise<void> => {
    expect(await post('/-/reload')).toBe(200)
    expect(await ownMetrics()).toMatch(dropped)
  }
  await eventually(goes, { timeoutMs: 180_000, everyMs: 1000 })
  const metrics = await ownMetrics()
  expect(metrics).toMatch(/^tidewatch_rollup_days_total\{level="1h"\} ([2-9]|\d{2,})$/m)
  expect(metrics).toMatch(/^tidewatch_rollup_failures_total\{level="5m"\} 0$/m)
  // what is in memory is not dropped with its day
  await server.stop()
  server = await start()
  const until = new Date(day + 2 * dayMs).toISOString().replace('.000Z', 'Z')
  for (const [i, query] of queries.entries()) {
    const after = await ask(query)
    expect(numbers(after), query).toEqual(numbers(before[i] as Answer))
    expect(after.infos).toEqual([`PromQL info: from 1-hour rollups up to ${until}`])
    expect(after.data.stats.tidewatch.samplesFromRollups).toBeGreaterThan(0)
  }
  expect((await ask('rate(old_total[5m])', '5m')).infos).toEqual([`PromQL info: from 5-minute rollups up to ${until}`])
  expect((await ask('rate(old_total[5m])', '7m')).infos).toEqual([
    `PromQL info: from 5-minute rollups, between whose borders values are estimated, up to ${until}`,
  ])
  expect(await ownMetrics()).toMatch(/^tidewatch_rollup_waiting_days 0$/m)
})

test('over a kill, with the labels, until they are deleted', async () => {
  const before = await ask('old_gauge')
  await server.kill()
  await server.exited
  server = await start()
  expect(numbers(await ask('old_gauge'))).toEqual(numbers(before))
  expect((await seriesNames()).map(({ __name__: name }) => name)).toEqual(['old_gauge', 'old_total'])
  expect(await post('/api/v1/admin/tsdb/delete_series?match[]=old_gauge')).toBe(204)
  expect((await ask('old_gauge')).data.result).toEqual([])
  expect((await seriesNames()).map(({ __name__: name }) => name)).toEqual(['old_total'])
  expect((await ask('rate(old_total[1h])')).data.result).toHaveLength(1)
})
