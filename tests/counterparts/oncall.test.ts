// On-call over the whole product: an alert that is posted calls people step by step until somebody takes it, by a link on a phone.
import { execFile } from 'node:child_process'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { eventually, type RunningServer, repositoryRoot, startServer } from '@tidewatch/testkit/server.ts'
import ICAL from 'ical.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TempDir, tempDir } from './programs.ts'

interface Heard {
  readonly path: string
  readonly status: string
  readonly name: string
}

let phones: Server
let config: TempDir
let server: RunningServer
const heard: Heard[] = []

/** Stands for the people: each has a path. The payload is the template's data, with the link of the message. */
async function startPhones(): Promise<number> {
  const hear = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.url === '/beat') heard.push({ path: '/beat', status: '', name: '' })
    else {
      const body = (await json(request)) as Omit<Heard, 'path'>
      heard.push({ ...body, path: request.url ?? '' })
    }
    response.end('ok')
  }
  phones = createServer((request, response) => {
    hear(request, response).catch((error: unknown) => response.destroy(error as Error))
  })
  await new Promise<void>((resolve) => phones.listen(0, '127.0.0.1', resolve))
  return (phones.address() as AddressInfo).port
}

const tidewatch = (port: number): string => {
  const phone = (name: string): string =>
    `  - { name: ${name}-phone, kind: webhook, receivers: [${name === 'chief' ? 'chief' : ''}], url: 'http://127.0.0.1:${port}/${name}', payload: { status: '{{ .Status }}', name: '{{ .CommonLabels.alertname }}' } }`
  return `channels:
${['ada', 'ben', 'chief'].map(phone).join('\n')}
  - { name: pager, kind: oncall, policy: backend, receivers: [pager] }
oncall:
  people:
    - { name: ada, contacts: [{ channel: ada-phone }] }
    - { name: ben, contacts: [{ channel: ben-phone }] }
  schedules:
    - name: backend
      time_zone: Europe/Berlin
      layers:
        - { people: [ada], starts: 2026-01-05 }
  policies:
    - name: backend
      steps:
        - { notify: [{ schedule: backend }], wait: 2s }
        - { notify: [{ person: ben }], wait: 12s }
drills:
  - { name: pager, at: '04:30', days: [sunday], time_zone: Europe/Berlin, labels: { severity: critical, to: oncall } }
heartbeat: { url: 'http://127.0.0.1:${port}/beat', interval: 1s }
`
}

const alertmanager = `
route:
  receiver: nobody
  routes:
    - { matchers: ['to="oncall"'], receiver: pager, group_by: [alertname], group_wait: 0s, group_interval: 1s }
    - { matchers: ['alertname="EscalationMissed"'], receiver: chief, group_by: [alertname], group_wait: 0s }
receivers:
  - name: nobody
  - name: pager
  - name: chief
`

const api = '/api/tidewatch/v1'
const ask = async <T>(path: string, init: RequestInit = {}): Promise<T> => {
  const response = await fetch(`${server.url}${path}`, init)
  const text = await response.text()
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text}`)
  return (text === '' ? undefined : JSON.parse(text)) as T
}
const post = <T>(path: string, body: unknown): Promise<T> =>
  ask<T>(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })

const postAlert = (name: string, endsAt?: string): Promise<unknown> =>
  post('/api/v2/alerts', [{ labels: { alertname: name, to: 'oncall', severity: 'critical' }, annotations: {}, endsAt }])

interface EscalationSeen {
  readonly groupKey: string
  readonly status: string
  readonly acknowledgedBy: string | null
  readonly groupLabels: { readonly alertname: string }
  readonly steps: readonly { readonly recipients: readonly { readonly name: string }[] }[]
}
const escalationOf = async (name: string): Promise<EscalationSeen> => {
  const { escalations } = await ask<{ readonly escalations: readonly EscalationSeen[] }>(`${api}/oncall/escalations`)
  const found = escalations.find(({ groupLabels }) => groupLabels.alertname === name)
  if (found === undefined) throw new Error(`no escalation of ${name}: ${JSON.stringify(escalations)}`)
  return found
}
const told = (name: string, status = 'firing'): string[] =>
  heard.filter((one) => one.name === name && one.status === status).map(({ path }) => path)

beforeAll(async () => {
  const port = await startPhones()
  config = tempDir()
  config.write('tidewatch.yml', tidewatch(port))
  config.write('alertmanager.yml', alertmanager)
  config.write('prometheus.yml', 'global: { evaluation_interval: 1s }\nrule_files: [rules.yml]\n')
  config.write('rules.yml', "groups:\n  - name: any\n    rules: [{ alert: Never, expr: 'vector(0) > 1' }]\n")
  server = await startServer({ args: ['--config', config.path] })
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  config[Symbol.dispose]()
  phones.closeAllConnections()
  phones.close()
})

test('calls step by step until somebody takes it, and tells all who were called of the end', async () => {
  await postAlert('DiskFull')
  await eventually(async () => expect(told('DiskFull')).toEqual(['/ada', '/ben']))
  const { acknowledgements } = await post<{ readonly acknowledgements: readonly unknown[] }>(
    `${api}/alerts/acknowledgements`,
    { groupKey: (await escalationOf('DiskFull')).groupKey, note: 'on it' },
  )
  expect(acknowledgements).toHaveLength(1)
  await eventually(async () => expect(await escalationOf('DiskFull')).toMatchObject({ status: 'acknowledged' }))
  await postAlert('DiskFull', new Date().toISOString())
  await eventually(async () => expect(told('DiskFull', 'resolved').sort()).toEqual(['/ada', '/ben']))
  expect(await escalationOf('DiskFull')).toMatchObject({ status: 'resolved' })
  expect(told('DiskFull')).toEqual(['/ada', '/ben'])
})

test('an escalation that nobody takes is itself an alert, which is not escalated', async () => {
  await postAlert('NobodyHome')
  await eventually(async () => expect(await escalationOf('NobodyHome')).toMatchObject({ status: 'missed' }))
  await eventually(async () => expect(told('EscalationMissed')).toEqual(['/chief']), { timeoutMs: 180_000 })
  await postAlert('NobodyHome', new Date().toISOString())
})

test('a fire drill goes through a rule, the route and the channel, and ends with the acknowledgement', async () => {
  const { id } = await post<{ readonly id: string }>(`${api}/drills/pager/run`, {})
  const run = () =>
    ask<{ readonly status: string; readonly fingerprint: string | null; readonly deliveredAtMs: number | null }>(
      `${api}/drills/runs/${id}`,
    )
  await eventually(async () => expect((await run()).deliveredAtMs).not.toBeNull(), { timeoutMs: 180_000 })
  await post(`${api}/alerts/acknowledgements`, { fingerprints: [(await run()).fingerprint] })
  await eventually(async () => expect(await run()).toMatchObject({ status: 'passed' }))
  const { drills } = await ask<{ readonly drills: readonly object[] }>(`${api}/drills`)
  expect(drills[0]).toMatchObject({ name: 'pager', runs: 1, delivered: 1, acknowledged: 1 })
})

test('the heartbeat goes out', async () => {
  await eventually(async () => expect(heard.some(({ path }) => path === '/beat')).toBe(true))
})

test('the calendar is read by a calendar program, with the override in it', async () => {
  const startMs = Math.floor(Date.now() / 3_600_000) * 3_600_000
  await post(`${api}/oncall/overrides`, {
    schedule: 'backend',
    person: 'ben',
    startMs,
    endMs: startMs + 7_200_000,
    note: 'Ä, ö; ü',
  })
  const now = await ask<{ readonly schedules: readonly { readonly now: { readonly person: string } }[] }>(
    `${api}/oncall/now`,
  )
  expect(now.schedules[0]?.now.person).toBe('ben')
  const { url } = await ask<{ readonly url: string }>(`${api}/oncall/feeds/person/ben`)
  const text = await (await fetch(url)).text()
  const events = new ICAL.Component(ICAL.parse(text)).getAllSubcomponents('vevent').map((one) => new ICAL.Event(one))
  expect(
    events.map(({ summary, startDate, endDate }) => [
      summary,
      startDate.toJSDate().getTime(),
      endDate.toJSDate().getTime(),
    ]),
  ).toEqual([['ben: backend', startMs, startMs + 7_200_000]])
  expect((await fetch(`${url}x`)).status).toBe(403)
})

const run = promisify(execFile)
const cli = join(repositoryRoot, 'packages', 'server', 'src', 'cli', 'main.ts')
const tidewatchCommand = (...args: string[]): Promise<{ readonly stdout: string }> =>
  run(process.execPath, [cli, ...args, '--url', server.url])

test('the commands tell who it is, take alerts and run a drill', async () => {
  expect((await tidewatchCommand('oncall', 'who')).stdout).toMatch(
    /^backend {2}ben \(stands in\) until .+; then ada from .+ \(Europe\/Berlin\)\n$/,
  )
  // the drill before may have called one or two: that was over how soon it was taken
  const before = told('FireDrill').length
  const drill = tidewatchCommand('drill', 'run', 'pager')
  await eventually(async () => expect(told('FireDrill').length).toBeGreaterThan(before), { timeoutMs: 120_000 })
  const { groupKey } = await escalationOf('FireDrill')
  expect((await tidewatchCommand('alerts', 'ack', '--group', groupKey)).stdout).toMatch(/^[0-9a-f]{16} {2}local\n$/)
  expect((await drill).stdout).toMatch(/oncall\/ben\/0 delivered\n(?:.|\n)*taken by local\. Passed\.\n$/)
})
