// Debian's amtool and Debian's Prometheus as a sender, against our Alertmanager API.

import { freePort } from '@tidewatch/testkit/free-port.ts'
import { eventually, type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Ran, run, type StandIn, startPrometheus, startStandIn, type TempDir, tempDir } from './programs.ts'

const patience = { timeoutMs: 180_000 }

const alertmanagerYml = `
route:
  receiver: team
  group_by: [alertname]
  group_wait: 500ms
  group_interval: 1s
  repeat_interval: 1h
  routes:
    - { receiver: critical, matchers: [severity="critical"] }
receivers: [{ name: team }, { name: critical }]
`

interface Payload {
  readonly status: string
  readonly receiver: string
  readonly groupKey: string
  readonly alerts: readonly { readonly status: string; readonly labels: Readonly<Record<string, string>> }[]
}

let dir: TempDir
let hook: StandIn
let server: RunningServer
let url: string

beforeAll(async () => {
  dir = tempDir()
  hook = await startStandIn(() => ({ status: 200 }))
  const port = await freePort()
  dir.write('config/alertmanager.yml', alertmanagerYml)
  const channel = (name: string): string =>
    `  - { name: ${name}-hook, kind: webhook, url: '${hook.url}/${name}', receivers: [${name}] }\n`
  dir.write(
    'config/tidewatch.yml',
    `channels:\n${channel('team')}${channel('critical')}alertmanager: { listen: { port: ${port}, path_prefix: /am } }\n`,
  )
  server = await startServer({ args: ['--config', `${dir.path}/config`] })
  url = `http://127.0.0.1:${port}`
})
afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
  await hook?.[Symbol.asyncDispose]()
  dir?.[Symbol.dispose]()
})

const amtool = (...args: readonly string[]): Promise<Ran> => run('amtool', [`--alertmanager.url=${url}`, ...args])

async function amtoolJson<T>(...args: readonly string[]): Promise<T> {
  const { code, out, err } = await amtool(...args, '-o', 'json')
  expect(code, err).toBe(0)
  return JSON.parse(out) as T
}

const payloads = (path: string): readonly Payload[] =>
  hook.received.filter(({ url: to }) => to.pathname === path).map(({ body }) => JSON.parse(body) as Payload)

type ApiAlert = {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly status: { readonly state: string; readonly silencedBy: readonly string[] }
  readonly receivers: readonly { readonly name: string }[]
}
type ApiSilence = {
  readonly id: string
  readonly status: { readonly state: string }
  readonly comment: string
  readonly createdBy: string
  readonly endsAt: string
  readonly matchers: readonly { readonly name: string; readonly isRegex: boolean }[]
}

describe('amtool', () => {
  test('adds an alert, finds it, and its receiver hears of it', async () => {
    const added = await amtool(
      'alert',
      'add',
      'alertname=Disk',
      'severity=critical',
      'host=a',
      '--annotation=summary=full',
    )
    expect(added.code, added.err).toBe(0)
    const [alert, ...others] = await amtoolJson<readonly ApiAlert[]>('alert', 'query', 'alertname=Disk')
    expect(others).toEqual([])
    expect(alert).toMatchObject({
      labels: { alertname: 'Disk', severity: 'critical', host: 'a' },
      annotations: { summary: 'full' },
      status: { state: 'active' },
      receivers: [{ name: 'critical' }],
    })
    await eventually(async () => expect(payloads('/critical')).toHaveLength(1), patience)
    expect(payloads('/critical')[0]).toMatchObject({ status: 'firing', receiver: 'critical' })
    expect((await amtool('alert', 'query', 'host=~b.*')).out).not.toContain('Disk')
    expect((await amtool('alert', 'query', 'host=~')).code).toBe(0)
  })

  test('makes, finds, changes, ends and imports silences', async () => {
    await amtool('alert', 'add', 'alertname=Quiet', 'team=db')
    const made = await amtool('silence', 'add', 'alertname=Quiet', 'team=~d.', '-c', 'we know', '-a', 'kim', '-d', '1h')
    expect(made.code, made.err).toBe(0)
    const id = made.out.trim()
    const [silence] = await amtoolJson<readonly ApiSilence[]>('silence', 'query', 'alertname=Quiet')
    expect(silence).toMatchObject({ id, status: { state: 'active' }, comment: 'we know', createdBy: 'kim' })
    expect(silence?.matchers.map(({ name, isRegex }) => [name, isRegex])).toEqual([
      ['alertname', false],
      ['team', true],
    ])
    expect(await amtoolJson<readonly ApiAlert[]>('alert', 'query', 'alertname=Quiet')).toEqual([])
    const [hidden] = await amtoolJson<readonly ApiAlert[]>('alert', 'query', '--silenced', 'alertname=Quiet')
    expect(hidden?.status).toMatchObject({ state: 'suppressed', silencedBy: [id] })

    // a longer end keeps the id
    const updated = await amtool('silence', 'update', id, '-d', '3h')
    expect(updated.code, updated.err).toBe(0)
    const [longer] = await amtoolJson<readonly ApiSilence[]>('silence', 'query', 'alertname=Quiet')
    expect(longer?.id).toBe(id)
    expect(Date.parse(longer?.endsAt ?? '')).toBeGreaterThan(Date.parse(silence?.endsAt ?? ''))

    expect((await amtool('silence', 'expire', id)).code).toBe(0)
    expect(await amtoolJson<readonly ApiSilence[]>('silence', 'query', 'alertname=Quiet')).toEqual([])
    const expired = await amtoolJson<readonly ApiSilence[]>('silence', 'query', '--expired', 'alertname=Quiet')
    expect(expired.map((one) => [one.id, one.status.state])).toEqual([[id, 'expired']])
    expect((await amtool('silence', 'expire', id)).code).not.toBe(0)
    expect((await amtool('silence', 'expire', '00000000-0000-0000-0000-000000000000')).code).not.toBe(0)

    const file = dir.write('silences.json', JSON.stringify([{ ...longer, id: '', comment: 'imported' }]))
    const imported = await amtool('silence', 'import', file, '-f')
    expect(imported.code, imported.err).toBe(0)
    const [again] = await amtoolJson<readonly ApiSilence[]>('silence', 'query', 'alertname=Quiet')
    expect(again).toMatchObject({ comment: 'imported', status: { state: 'active' } })
    expect(again?.id).not.toBe(id)
  })

  test('shows configuration, routes and cluster, also below the prefix', async () => {
    const shown = await amtool('config', 'show')
    expect(shown.out).toContain('receiver: critical')
    const route = (...labels: string[]) => amtool('config', 'routes', 'test', ...labels)
    expect((await route('severity=critical')).out.trim()).toBe('critical')
    expect((await route('severity=low')).out.trim()).toBe('team')
    expect((await amtool('config', 'routes', 'show')).out).toContain('severity="critical"')
    expect((await amtool('cluster', 'show')).out).toContain('disabled')
    const checked = await run('amtool', ['check-config', `${dir.path}/config/alertmanager.yml`])
    expect(checked.code, checked.err).toBe(0)
    const below = await run('amtool', [`--alertmanager.url=${url}/am`, 'config', 'routes', 'test', 'severity=critical'])
    expect(below.out.trim()).toBe('critical')
    for (const path of ['/-/healthy', '/-/ready']) expect((await fetch(url + path)).status).toBe(200)
  })

  test('what is wrong is refused by the status codes of the API', async () => {
    const post = (path: string, body: unknown) =>
      fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      })
    const statusOf = async (path: string, body: unknown): Promise<number> => (await post(path, body)).status
    expect(await statusOf('/api/v2/alerts', '{')).toBe(400)
    expect(await statusOf('/api/v2/alerts', [{ annotations: {} }])).toBe(422)
    expect(await statusOf('/api/v2/alerts', [{ labels: {} }])).toBe(400)
    const mixed = await post('/api/v2/alerts', [{ labels: { alertname: 'Good' } }, { labels: {} }])
    expect(mixed.status).toBe(400)
    expect(await mixed.json()).toContain('at least one label')
    expect(await amtoolJson<readonly ApiAlert[]>('alert', 'query', 'alertname=Good')).toHaveLength(1)
    expect(await statusOf('/api/v1/alerts', [{ labels: { alertname: 'Old' } }])).toBe(200)
    expect(await amtoolJson<readonly ApiAlert[]>('alert', 'query', 'alertname=Old')).toHaveLength(1)
    const hourMs = 3_600_000
    const silence = {
      matchers: [{ name: 'a', value: 'b', isRegex: false }],
      startsAt: new Date().toISOString(),
      endsAt: new Date(Date.now() + hourMs).toISOString(),
      createdBy: 'me',
      comment: 'c',
    }
    expect(await statusOf('/api/v2/silences', { ...silence, comment: undefined })).toBe(422)
    expect(await statusOf('/api/v2/silences', { ...silence, matchers: [] })).toBe(422)
    expect(await statusOf('/api/v2/silences', { ...silence, endsAt: silence.startsAt })).toBe(400)
    expect(
      await statusOf('/api/v2/silences', { ...silence, matchers: [{ name: 'a', value: '', isRegex: false }] }),
    ).toBe(400)
    expect(await statusOf('/api/v2/silences', { ...silence, id: '11111111-1111-1111-1111-111111111111' })).toBe(404)
    expect((await fetch(`${url}/api/v2/alerts?filter=%3D%3D`)).status).toBe(400)
    expect((await fetch(`${url}/api/v2/alerts?receiver=(`)).status).toBe(400)
    expect((await fetch(`${url}/api/v2/silence/11111111-1111-1111-1111-111111111111`)).status).toBe(404)
    const preview = await fetch(
      `${url.replace(/:\d+$/, '')}:${server.port}/api/tidewatch/v1/silences/preview?filter=alertname%3D"Good"`,
    )
    expect(await preview.json()).toMatchObject({ count: 1, alerts: [{ labels: { alertname: 'Good' } }] })
  })
})

test("an alert of Debian's Prometheus goes from firing to resolved through a route into a webhook", async () => {
  using own = tempDir()
  own.write(
    'counterpart/rules.yml',
    'groups: [{ name: g, rules: [{ alert: Gone, expr: "absent(up{job=\\"self\\"} == 1)", labels: { severity: critical } }] }]',
  )
  const port = await freePort()
  const config = (job: string): string => `
global: { scrape_interval: 500ms, scrape_timeout: 500ms, evaluation_interval: 500ms, external_labels: { from: debian } }
rule_files: [rules.yml]
alerting:
  alertmanagers:
    - path_prefix: /am
      static_configs: [{ targets: ['${url.slice('http://'.length)}'] }]
scrape_configs: [{ job_name: ${job}, static_configs: [{ targets: ['127.0.0.1:${port}'] }] }]
`
  // the first sending may come before the address is known
  const flags = ['--web.enable-lifecycle', '--rules.alert.resend-delay=2s']
  await using prometheus = await startPrometheus(config('other'), { dir: own, port, flags })
  const toldOf = (status: string): Payload | undefined =>
    payloads('/critical').find(({ alerts, status: told }) => told === status && alerts[0]?.labels.alertname === 'Gone')
  await eventually(async () => expect(toldOf('firing')).toBeDefined(), patience)
  expect(toldOf('firing')?.alerts).toEqual([
    expect.objectContaining({ labels: { alertname: 'Gone', severity: 'critical', from: 'debian' } }),
  ])
  own.write('counterpart/prometheus.yml', config('self'))
  expect((await fetch(`${prometheus.url}/-/reload`, { method: 'POST' })).status).toBe(200)
  await eventually(async () => expect(toldOf('resolved')).toBeDefined(), patience)
  const told = payloads('/critical').filter(({ alerts }) => alerts[0]?.labels.alertname === 'Gone')
  expect(told.map(({ status }) => status)).toEqual(['firing', 'resolved'])
  expect(new Set(told.map(({ groupKey }) => groupKey)).size).toBe(1)
})
