// An alert from end to end on real data: a node_exporter stops, the rule waits out its `for`, a webhook hears of it, and of its end.

import { freePort } from '@tidewatch/testkit/free-port.ts'
import { eventually, getData, type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import { describe, expect, test } from 'vitest'
import {
  type Received,
  type StandIn,
  startNodeExporter,
  startPrometheus,
  startStandIn,
  type TempDir,
  tempDir,
} from './programs.ts'

interface Rule {
  readonly type: string
  readonly name: string
  readonly query: string
  readonly state?: string
  readonly health: string
  readonly alerts?: readonly Alert[]
}
interface Alert {
  readonly labels: Readonly<Record<string, string>>
  readonly state: string
  readonly activeAt: string
  readonly value: string
}
interface RuleGroups {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[]
}

interface Payload {
  readonly status: string
  readonly receiver: string
  readonly alerts: readonly Readonly<Record<string, unknown>>[]
}

/** Scraped slowly beside the rules' interval: a busy machine that answers late is no target that is down. */
const prometheusYml = (exporterAddress: string, extra = ''): string => `
global:
  scrape_interval: 2s
  scrape_timeout: 2s
  evaluation_interval: 500ms
  external_labels: { region: eu }
${extra}
rule_files: [rules/*.yml]
scrape_configs:
  - job_name: node
    static_configs: [{ targets: ['${exporterAddress}'] }]
`

const rulesYml = (forText: string): string => `
groups:
  - name: hosts
    interval: 500ms
    rules:
      - record: job:up:min
        expr: min  by(job)(up{job="node"})
        labels: { recorded: "yes" }
      - alert: HostDown
        expr: up{job="node"}==0
        for: ${forText}
        labels: { severity: critical, at: '{{ $labels.instance }}' }
        annotations:
          summary: '{{ $labels.job }} is down ({{ $value }})'
          load: '{{ with query "vector(7)" }}{{ . | first | value }}{{ end }}'
      - alert: Never
        expr: up{job="node"} > 1
`

const channelYml = (name: string, url: string): string => `  - name: ${name}\n    kind: webhook\n    url: ${url}\n`

function writeConfig(
  dir: TempDir,
  { exporter, wait, channels }: { readonly exporter: string; readonly wait: string; readonly channels: string },
): string {
  dir.write('config/prometheus.yml', prometheusYml(exporter))
  dir.write('config/rules/hosts.yml', rulesYml(wait))
  dir.write('config/tidewatch.yml', `channels:\n${channels}`)
  return `${dir.path}/config`
}

const rulesOf = async (server: Pick<RunningServer, 'url'>): Promise<readonly Rule[]> =>
  (await getData<RuleGroups>(server, '/api/v1/rules')).groups.flatMap(({ rules }) => rules)
const alertsOf = async (server: Pick<RunningServer, 'url'>): Promise<readonly Alert[]> =>
  (await getData<{ readonly alerts: readonly Alert[] }>(server, '/api/v1/alerts')).alerts

/** A busy machine starts its programs slowly. */
const patience = { timeoutMs: 180_000 }

async function untilAlert(server: RunningServer, state: string): Promise<Alert> {
  return eventually(async () => {
    const [alert] = await alertsOf(server)
    if (alert?.state !== state)
      throw new Error(`the alert is ${alert?.state}, not ${state}: ${server.output().slice(-2000)}`)
    return alert
  }, patience)
}

async function untilUp(server: RunningServer, value: '0' | '1'): Promise<void> {
  await eventually(async () => {
    const { result } = await getData<{ readonly result: readonly { readonly value: [number, string] }[] }>(
      server,
      '/api/v1/query',
      { query: 'job:up:min{recorded="yes"}' },
    )
    expect(result[0]?.value[1]).toBe(value)
  })
}

const untilReceived = (standIn: StandIn, fits: (payload: Payload) => boolean): Promise<Received> =>
  eventually(async () => {
    const found = standIn.received.find(({ body }) => fits(JSON.parse(body)))
    if (found === undefined) throw new Error(`the webhook got ${standIn.received.length} requests, none that fits`)
    return found
  })

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/)
const never = '0001-01-01T00:00:00Z'

function expectedPayload(
  status: 'firing' | 'resolved',
  { server, instance }: { server: RunningServer; instance: string },
) {
  const labels = { alertname: 'HostDown', at: instance, instance, job: 'node', region: 'eu', severity: 'critical' }
  const annotations = { load: '7', summary: 'node is down (0)' }
  return {
    version: '4',
    groupKey: expect.stringMatching(/^\{\}\/\{severity=~.*\}:\{alertname="HostDown"\}$/),
    notification_reason: status,
    truncatedAlerts: 0,
    status,
    receiver: 'team',
    groupLabels: { alertname: 'HostDown' },
    commonLabels: labels,
    commonAnnotations: annotations,
    externalURL: server.url,
    alerts: [
      {
        status,
        labels,
        annotations,
        startsAt: time,
        endsAt: status === 'firing' ? never : time,
        generatorURL: `${server.url}/graph?g0.expr=up%7Bjob%3D%22node%22%7D+%3D%3D+0&g0.tab=1`,
        fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
      },
    ],
  }
}

// each waits for most of its time, with a server of its own
test.concurrent('a stopped exporter becomes an alert, a webhook and its end', async () => {
  using dir = tempDir()
  await using hook = await startStandIn(() => ({ status: 200 }))
  const port = await freePort()
  const exporter = await startNodeExporter({ port })
  await using stack = new AsyncDisposableStack()
  stack.use(exporter)
  const config = writeConfig(dir, {
    exporter: exporter.address,
    wait: '2s',
    channels: channelYml('team', `${hook.url}/alerts`),
  })
  await using server = await startServer({ args: ['--config', config] })
  await untilUp(server, '1')
  expect(await alertsOf(server)).toEqual([])

  await exporter.stop()
  const pending = await untilAlert(server, 'pending')
  const firing = await untilAlert(server, 'firing')
  expect(firing.activeAt).toBe(pending.activeAt)
  const told = await untilReceived(hook, ({ status }) => status === 'firing')
  const place = { server, instance: exporter.address }
  expect(JSON.parse(told.body)).toEqual(expectedPayload('firing', place))
  expect(told).toMatchObject({
    method: 'POST',
    url: { pathname: '/alerts' },
    headers: { 'content-type': 'application/json' },
  })
  expect(told.atMs - Date.parse(pending.activeAt)).toBeGreaterThanOrEqual(2000)
  await untilUp(server, '0')

  stack.use(await startNodeExporter({ port }))
  const ended = await untilReceived(hook, ({ status }) => status === 'resolved')
  expect(JSON.parse(ended.body)).toEqual(expectedPayload('resolved', place))
  const [before, after] = [told, ended].map(({ body }) => JSON.parse(body).alerts[0])
  expect(after.startsAt).toBe(before.startsAt)
  expect(Date.parse(after.endsAt)).toBeGreaterThan(Date.parse(after.startsAt))
  expect(hook.received).toHaveLength(2)
  await eventually(async () => expect(await alertsOf(server)).toEqual([]))
  const { result } = await getData<{ readonly result: readonly { readonly metric: object }[] }>(
    server,
    '/api/v1/query',
    {
      query: 'sort_by_label(max_over_time(ALERTS{alertname="HostDown"}[5m]), "alertstate")',
    },
  )
  expect(result.map(({ metric }) => metric)).toEqual(
    ['firing', 'pending'].map((alertstate) => expect.objectContaining({ alertstate, severity: 'critical' })),
  )
})

test.concurrent('a restart in the middle of `for` does not begin it anew', async () => {
  using dir = tempDir()
  await using hook = await startStandIn(() => ({ status: 200 }))
  const exporter = `127.0.0.1:${await freePort()}`
  const config = writeConfig(dir, { exporter, wait: '12s', channels: channelYml('team', hook.url) })
  const options = { args: ['--config', config], dataDir: `${dir.path}/data` }
  let activeAtMs: number
  let downMs: number
  {
    await using first = await startServer(options)
    const pending = await untilAlert(first, 'pending')
    activeAtMs = Date.parse(pending.activeAt)
    await eventually(async () => expect(Date.now()).toBeGreaterThan(activeAtMs + 6000))
    // from when it is told to stop, nothing is evaluated any more
    downMs = -Date.now()
    expect(await first.stop()).toBe(0)
  }
  await using second = await startServer(options)
  const after = await untilAlert(second, 'pending')
  downMs += Date.now()
  // the time it was down does not count, the time before does
  const movedMs = Date.parse(after.activeAt) - activeAtMs
  expect(movedMs).toBeGreaterThanOrEqual(0)
  // begun anew it would be the 6 s before as well
  expect(movedMs).toBeLessThanOrEqual(downMs + 4000)
  const firing = await untilAlert(second, 'firing')
  expect(firing.activeAt).toBe(after.activeAt)
  const told = await untilReceived(hook, ({ status }) => status === 'firing')
  expect(told.atMs - activeAtMs).toBeLessThan(12_000 + downMs + 60_000)
  expect(hook.received).toHaveLength(1)
})

test.concurrent('a webhook that fails is tried again, one that refuses is not', async () => {
  using dir = tempDir()
  await using failing = await startStandIn((_request, count) => ({ status: count < 3 ? 500 : 200, body: 'come back' }))
  await using refusing = await startStandIn(() => ({ status: 400, body: 'no such team' }))
  const channels = channelYml('team', failing.url) + channelYml('others', refusing.url)
  const config = writeConfig(dir, { exporter: `127.0.0.1:${await freePort()}`, wait: '0s', channels })
  await using server = await startServer({ args: ['--config', config] })
  await eventually(async () => expect(failing.received).toHaveLength(3), patience)
  const [first, second, third] = failing.received
  expect(second?.body).toBe(first?.body)
  expect(third?.body).toBe(first?.body)
  // 2 s, then 4 s; a busy machine only adds to either
  expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThan(1900)
  expect((third?.atMs ?? 0) - (second?.atMs ?? 0)).toBeGreaterThan(3900)
  // an attempt is counted once its answer was read and kept, which is after the receiver has it
  await eventually(async () => {
    const metrics = await (await fetch(`${server.url}/metrics`)).text()
    expect(metrics).toContain('tidewatch_notifications_total{channel="channels/team",outcome="retry"} 2')
    expect(metrics).toContain('tidewatch_notifications_total{channel="channels/team",outcome="delivered"} 1')
    expect(metrics).toContain('tidewatch_notifications_total{channel="channels/others",outcome="failed"} 1')
  }, patience)
  expect(refusing.received).toHaveLength(1)
  expect(JSON.parse(refusing.received[0]?.body ?? '')).toMatchObject({ receiver: 'others', status: 'firing' })
  expect(server.output()).toContain('no such team')
})

/** What of a shape is Prometheus's: keys, and the kind of what stands there. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf)
  if (typeof value !== 'object' || value === null) return typeof value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shapeOf(item)]))
}

describe("beside Debian's Prometheus with the same rules", () => {
  test('rules and alerts have its keys, queries and states', async () => {
    using dir = tempDir()
    const exporter = `127.0.0.1:${await freePort()}`
    const config = writeConfig(dir, { exporter, wait: '0s', channels: channelYml('team', 'http://127.0.0.1:9/') })
    dir.write('counterpart/rules/hosts.yml', rulesYml('0s'))
    await using counterpart = await startPrometheus(prometheusYml(exporter), { dir })
    await using server = await startServer({ args: ['--config', config] })
    const steady = (from: Pick<RunningServer, 'url'>): Promise<readonly Rule[]> =>
      eventually(async () => {
        const rules = await rulesOf(from)
        expect(rules.map(({ health, state }) => [health, state])).toEqual([
          ['ok', undefined],
          ['ok', 'firing'],
          ['ok', 'inactive'],
        ])
        return rules
      }, patience)
    const [ours, theirs] = await Promise.all([steady(server), steady(counterpart)])
    expect(shapeOf(ours)).toMatchObject(shapeOf(theirs) as object)
    const told = ({ name, type, query }: Rule) => ({ name, type, query })
    expect(ours.map(told)).toEqual(theirs.map(told))
    const [ourAlerts, theirAlerts] = await Promise.all([alertsOf(server), alertsOf(counterpart)])
    expect(shapeOf(ourAlerts)).toMatchObject(shapeOf(theirAlerts) as object)
    const lasting = ({ labels, state, value }: Alert) => ({ labels, state, value })
    expect(ourAlerts.map(lasting)).toEqual(theirAlerts.map(lasting))
    const groups = (from: Pick<RunningServer, 'url'>): Promise<RuleGroups> =>
      getData(from, '/api/v1/rules', { type: 'alert' })
    expect(shapeOf(await groups(server))).toMatchObject(shapeOf(await groups(counterpart)) as object)
  })
})
