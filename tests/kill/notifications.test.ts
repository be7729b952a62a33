// Alerts are posted while the server is killed, at any moment of group_wait and of sending: what was answered with 2xx is told under exactly one key.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { systemClock } from '@tidewatch/core/clock.ts'
import { eventually } from '@tidewatch/testkit/server.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { chanceOf, killsOfRun, seedOfRun } from './chance.ts'
import { Victim } from './victim.ts'

const alertCount = 24
const names = Array.from({ length: alertCount }, (_, i) => `Told${i}`)
const kills = killsOfRun(5)

interface Told {
  readonly key: string
  readonly name: string
  readonly status: string
}

let configDir: string
let receiver: Server
const told: Told[] = []

/** Takes a moment to answer, so that a kill can fall between the hearing and our knowing of it. */
async function hear(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, alerts } = JSON.parse(await text(request)) as {
    readonly status: string
    readonly alerts: readonly { readonly labels: { readonly alertname: string } }[]
  }
  const key = String(request.headers['idempotency-key'])
  for (const { labels } of alerts) told.push({ key, name: labels.alertname, status })
  await systemClock.sleep(40)
  response.end()
}

beforeEach(async () => {
  receiver = createServer((request, response) => {
    hear(request, response).catch((error: unknown) => response.destroy(error as Error))
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  const address = receiver.address()
  const port = address !== null && typeof address === 'object' ? address.port : 0
  configDir = mkdtempSync(join(tmpdir(), 'tidewatch-kill-config-'))
  writeFileSync(
    join(configDir, 'alertmanager.yml'),
    `
route: { receiver: people, group_by: [alertname], group_wait: 1s, group_interval: 1s, repeat_interval: 12h }
receivers: [{ name: people, webhook_configs: [{ url: 'http://127.0.0.1:${port}/' }] }]
`,
  )
})
afterEach(() => {
  receiver.closeAllConnections()
  receiver.close()
  rmSync(configDir, { recursive: true, force: true })
})

/** Posts until it is taken: a sender that got no answer sends again. */
async function post(url: string, alert: object): Promise<void> {
  for (;;) {
    const status = await fetch(`${url}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([alert]),
    }).then(
      (response) => response.status,
      () => 0,
    )
    if (status === 200) return
    await systemClock.sleep(50)
  }
}

test('each notification is told under one key over kills, and none is lost', async () => {
  const chance = chanceOf(seedOfRun())
  await using victim = await Victim.start({ args: ['--config', configDir] })
  const killing = (async () => {
    for (let i = 0; i < kills; i++) {
      // from the posts over group_wait to the sending
      await systemClock.sleep(100 + chance() * 1800)
      await victim.killServer()
      await victim.start()
    }
  })()
  const begun = new Map<string, string>()
  const startsAt = (): string => new Date(systemClock.nowMs()).toISOString()
  try {
    for (const name of names) {
      begun.set(name, startsAt())
      await post(victim.url, { labels: { alertname: name }, startsAt: begun.get(name) })
      await systemClock.sleep(chance() * 900)
    }
    const toldOf = (status: string): Set<string> =>
      new Set(told.filter((one) => one.status === status).map(({ name }) => name))
    await eventually(async () => expect(toldOf('firing')).toEqual(new Set(names)), { timeoutMs: 180_000 })
    for (const name of names) {
      await post(victim.url, { labels: { alertname: name }, startsAt: begun.get(name), endsAt: startsAt() })
      await systemClock.sleep(chance() * 400)
    }
    await eventually(async () => expect(toldOf('resolved')).toEqual(new Set(names)), { timeoutMs: 180_000 })
  } finally {
    await killing
  }
  console.log(`${kills} kills, ${told.length} sends of ${2 * alertCount} notifications`)
  const keysOf = Map.groupBy(told, ({ name, status }) => `${name} ${status}`)
  expect(keysOf.size).toBe(2 * alertCount)
  for (const [what, sends] of keysOf) expect(new Set(sends.map(({ key }) => key)).size, what).toBe(1)
  // a notification's key is its own
  expect(new Set(told.map(({ key }) => key)).size).toBe(2 * alertCount)
})

test('alerts, silences and what was told are there after a kill', async () => {
  await using victim = await Victim.start({ args: ['--config', configDir] })
  const nowMs = systemClock.nowMs()
  const made = await fetch(`${victim.url}/api/v2/silences`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      matchers: [{ name: 'alertname', value: 'Hidden', isRegex: false }],
      ...{ startsAt: new Date(nowMs).toISOString(), endsAt: new Date(nowMs + 3_600_000).toISOString() },
      ...{ createdBy: 'me', comment: 'kept' },
    }),
  })
  const { silenceID } = (await made.json()) as { readonly silenceID: string }
  await post(victim.url, { labels: { alertname: 'Hidden' } })
  await post(victim.url, { labels: { alertname: 'Seen' } })
  await victim.killServer()
  await victim.start()
  const seen = told.length
  const alerts = await eventually(async () => {
    const answer = await fetch(`${victim.url}/api/v2/alerts`)
    expect(answer.status).toBe(200)
    return (await answer.json()) as readonly {
      readonly labels: { readonly alertname: string }
      readonly status: object
    }[]
  })
  expect(new Map(alerts.map(({ labels, status }) => [labels.alertname, status]))).toEqual(
    new Map([
      ['Hidden', expect.objectContaining({ state: 'suppressed', silencedBy: [silenceID] })],
      ['Seen', expect.objectContaining({ state: 'active' })],
    ]),
  )
  await eventually(async () => expect(told.slice(seen).map(({ name }) => name)).toContain('Seen'))
  expect(told.slice(seen).map(({ name }) => name)).not.toContain('Hidden')
})
