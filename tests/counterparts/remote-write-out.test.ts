// What we accept, sent on to real receivers: over restarts and kills of ours and theirs they have exactly the same samples.

import { freePort } from '@tidewatch/testkit/free-port.ts'
import { eventually, getData, type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import { series, snappyBlock } from '@tidewatch/testkit/write-request.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type Program,
  type StandIn,
  startPrometheus,
  startStandIn,
  startVictoriaMetrics,
  type TempDir,
  tempDir,
} from './programs.ts'

const stack = new AsyncDisposableStack()
let dir: TempDir
let server: RunningServer
let prometheus: Program
let victoria: Program
let exporter: StandIn
let receiverPort = 0
let args: readonly string[] = []
/** Whether the exporter still has its second series. */
let hasShort = true

const pushedSeries = 40
const seriesNames = '{__name__=~"pushed_total|probe_.*",drop=""}'

const startReceiver = () =>
  startPrometheus('global: {scrape_interval: 1h}\nstorage: {tsdb: {out_of_order_time_window: 1h}}\n', {
    dir,
    port: receiverPort,
    flags: ['--web.enable-remote-write-receiver'],
  })

const configOf = () => `
global: { scrape_interval: 500ms, external_labels: { site: here } }
remote_write:
  - name: prometheus
    url: http://127.0.0.1:${receiverPort}/api/v1/write
    queue_config: { max_samples_per_send: 300, max_backoff: 500ms }
    write_relabel_configs:
      - { source_labels: [drop], regex: 'yes', action: drop }
      - { source_labels: [__name__], regex: 'up|scrape_.*|tidewatch_.*|node_.*|process_.*|nodejs_.*|prometheus_.*', action: drop }
  - name: victoria
    url: ${victoria.url}/api/v1/write
    write_relabel_configs: [{ source_labels: [drop], regex: 'yes', action: drop }]
scrape_configs:
  - job_name: probe
    static_configs: [{ targets: ['${exporter.address}'], labels: { instance: probe } }]
`

beforeAll(async () => {
  dir = stack.use(tempDir())
  receiverPort = await freePort()
  exporter = stack.use(
    await startStandIn((_request, count) => ({
      status: 200,
      body: `probe_total ${count}\nprobe_secret{drop="yes"} 1\n${hasShort ? `probe_short ${count}\n` : ''}`,
    })),
  )
  victoria = stack.use(await startVictoriaMetrics({ dir }))
  prometheus = await startReceiver()
  args = ['--config', dir.write('prometheus.yml', configOf())]
  server = await startServer({ args, dataDir: `${dir.path}/data` })
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await prometheus[Symbol.asyncDispose]()
  await stack.disposeAsync()
})

/** A NaN and a zero with a sign among them; thirds would be too long for VictoriaMetrics, which keeps decimals. */
const valueAt = (name: number, i: number): number => (i === 7 ? Number.NaN : i === 8 ? -0 : (name + 1) * i + i / 4)

async function push(first: number, count: number): Promise<void> {
  const nowMs = Date.now()
  const rows = Array.from({ length: pushedSeries }, (_, name) =>
    series(
      { __name__: 'pushed_total', name: `s${name}`, drop: name === 0 ? 'yes' : '' },
      Array.from({ length: count }, (_one, i) => [nowMs - (count - i) * 10, valueAt(name, first + i)] as const),
    ),
  )
  const response = await fetch(`${server.url}/api/v1/write`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
    body: snappyBlock(...rows),
  })
  expect(response.status).toBe(204)
}

type Samples = Readonly<Record<string, readonly (readonly [number, string])[]>>

/** All samples of what is sent, by series, without what is sent beside their own labels. */
async function samplesOf(at: Pick<Program, 'url'>, time: number, extra = ''): Promise<Samples> {
  const query = { query: `${seriesNames.replace('}', `${extra}}`)}[20m]`, time: String(time) }
  const { result } = await getData<{
    readonly result: readonly { readonly metric: Record<string, string>; readonly values: [number, string][] }[]
  }>(at, '/api/v1/query', query)
  return Object.fromEntries(result.map(({ metric: { site: _site, ...metric }, values }) => [keyOf(metric), values]))
}

const keyOf = (metric: Readonly<Record<string, string>>): string => JSON.stringify(Object.entries(metric).sort())

/** The same from VictoriaMetrics, whose answers to queries leave samples out; an export has them all. */
async function exported(time: number): Promise<Samples> {
  const match = new URLSearchParams({ 'match[]': `${seriesNames.replace('}', ',site="here"}')}`, end: String(time) })
  await fetch(`${victoria.url}/internal/force_flush`)
  const lines = (await (await fetch(`${victoria.url}/api/v1/export?${match}`)).text()).trim().split('\n')
  return Object.fromEntries(
    lines
      .filter((line) => line !== '')
      .map((line) => {
        const row = JSON.parse(line) as {
          readonly metric: Record<string, string>
          readonly values: readonly (number | null)[]
          readonly timestamps: readonly number[]
        }
        const { site: _site, ...metric } = row.metric
        // stale markers and other NaN are null
        const values = row.timestamps.map((ms, i) => [
          ms / 1000,
          row.values[i] === null ? 'NaN' : String(row.values[i]),
        ])
        return [keyOf(metric), values as [number, string][]]
      }),
  )
}

const withoutNaN = (samples: Samples): Samples =>
  Object.fromEntries(
    Object.entries(samples).map(([key, values]) => [
      key,
      // it keeps no sign of a zero
      values.filter(([, value]) => value !== 'NaN').map(([at, value]) => [at, value === '-0' ? '0' : value]),
    ]),
  )

const total = (samples: Samples): number => Object.values(samples).reduce((sum, { length }) => sum + length, 0)

test('receivers have exactly what was accepted, with ours stopped and killed, and one of theirs away in between', async () => {
  await push(0, 30)
  await eventually(async () => expect(total(await exported(Date.now() / 1000 + 1))).toBeGreaterThan(1000), {
    timeoutMs: 180_000,
  })
  // the receiver goes while samples come, and ours is stopped and started meanwhile
  await prometheus.stop()
  await push(30, 30)
  await server.stop()
  server = await startServer({ args, dataDir: `${dir.path}/data` })
  await push(60, 30)
  // only what a server has scraped itself is ended by a marker: the one that runs now must have seen it
  const before = exporter.received.length
  await eventually(async () => expect(exporter.received.length).toBeGreaterThan(before + 2))
  hasShort = false
  await eventually(async () => {
    const gone = await getData<{ readonly result: readonly unknown[] }>(server, '/api/v1/query', {
      query: 'probe_short',
    })
    expect(gone.result).toEqual([])
  })
  prometheus = await startReceiver()
  await push(90, 30)
  await server.kill()
  server = await startServer({ args, dataDir: `${dir.path}/data` })
  await push(120, 30)
  const endMs = Date.now()
  const time = endMs / 1000
  const ours = await samplesOf(server, time)
  expect(Object.keys(ours)).toHaveLength(pushedSeries - 1 + 2)
  await eventually(async () => expect(await samplesOf(prometheus, time, ',site="here"')).toEqual(ours), {
    timeoutMs: 180_000,
    everyMs: 500,
  })
  await eventually(async () => expect(withoutNaN(await exported(time))).toEqual(withoutNaN(ours)), {
    timeoutMs: 180_000,
    everyMs: 500,
  })
  expect(total(ours)).toBeGreaterThan((pushedSeries - 1) * 150)
})

test('stale markers end series there as here, and what relabelling drops is not there', async () => {
  for (const at of [prometheus, victoria]) {
    const ask = async (query: string) =>
      (await getData<{ readonly result: readonly unknown[] }>(at, '/api/v1/query', { query })).result
    expect(await ask('probe_short')).toEqual([])
    expect(await ask('count_over_time(probe_short[10m])')).toHaveLength(1)
    expect(await ask('{drop="yes"}')).toEqual([])
  }
})

test('own metrics tell what was sent and what was left out', async () => {
  const text = await (await fetch(`${server.url}/metrics`)).text()
  const figure = (name: string, remote: string): number =>
    Number(new RegExp(`^prometheus_remote_storage_${name}\\{remote_name="${remote}",.*\\} (.*)$`, 'm').exec(text)?.[1])
  expect(figure('samples_total', 'prometheus')).toBeGreaterThan(0)
  expect(figure('samples_total', 'victoria')).toBeGreaterThan(0)
  expect(figure('samples_failed_total', 'prometheus')).toBe(0)
  expect(figure('samples_failed_total', 'victoria')).toBe(0)
  expect(text).toMatch(/samples_dropped_total\{remote_name="prometheus",.*reason="dropped_series"\} [1-9]/)
})
