// Alerts fire and end while the server is killed: people hear of each once, or of the same again where a kill fell into the sending.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { systemClock } from '@tidewatch/core/clock.ts'
import { eventually, getData } from '@tidewatch/testkit/server.ts'
import { series, snappyBlock } from '@tidewatch/testkit/write-request.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { chanceOf, seedOfRun } from './chance.ts'
import { post } from './load.ts'
import { Victim } from './victim.ts'

const alertCount = 16
const names = Array.from({ length: alertCount }, (_, i) => `Kill${i}`)

interface Told {
  readonly atMs: number
  readonly status: string
  readonly name: string
  readonly startsAt: string
}

let configDir: string
let receiver: Server
const told: Told[] = []

/** A stand-in for the people: takes a moment to answer, so that a kill can fall between their hearing of it and our knowing. */
async function startReceiver(): Promise<number> {
  const hear = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { status, alerts } = JSON.parse(await text(request)) as {
      readonly status: string
      readonly alerts: readonly { readonly labels: { readonly alertname: string }; readonly startsAt: string }[]
    }
    const [alert] = alerts
    told.push({
      atMs: systemClock.nowMs(),
      status,
      name: alert?.labels.alertname ?? '',
      startsAt: alert?.startsAt ?? '',
    })
    await systemClock.sleep(30)
    response.end()
  }
  receiver = createServer((request, response) => {
    hear(request, response).catch((error: unknown) => response.destroy(error as Error))
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  const address = receiver.address()
  return address !== null && typeof address === 'object' ? address.port : 0
}

beforeEach(async () => {
  const port = await startReceiver()
  configDir = mkdtempSync(join(tmpdir(), 'tidewatch-kill-config-'))
  const rules = names.map(
    (name, i) =>
      `      - { alert: ${name}, expr: 'kill_alert{n="${i}"} > 0', for: 1s, labels: { severity: critical } }`,
  )
  writeFileSync(join(configDir, 'prometheus.yml'), 'global: { evaluation_interval: 500ms }\nrule_files: [rules.yml]\n')
  writeFileSync(join(configDir, 'rules.yml'), `groups:\n  - name: kill\n    rules:\n${rules.join('\n')}\n`)
  writeFileSync(
    join(configDir, 'tidewatch.yml'),
    `channels:\n  - { name: people, kind: webhook, url: 'http://127.0.0.1:${port}/' }\n`,
  )
})
afterEach(() => {
  receiver.closeAllConnections()
  receiver.close()
  rmSync(configDir, { recursive: true, force: true })
})

/** Sets each alert's series until the server has acknowledged it. */
async function setSeries(url: string, values: readonly number[], agent: Agent): Promise<void> {
  const atMs = systemClock.nowMs()
  const body = snappyBlock(
    ...values.map((value, i) => series({ __name__: 'kill_alert', n: String(i) }, [[atMs, value]])),
  )
  while ((await post(`${url}/api/v1/write`, body, agent)) !== 204) await systemClock.sleep(50)
}

/** Kills the server, now and then its engine first, until stopped; the moments at which the server was killed. */
async function killUntil(victim: Victim, chance: () => number, signal: AbortSignal): Promise<number[]> {
  const killedAtMs: number[] = []
  while (!signal.aborted) {
    await systemClock.sleep(500 + chance() * 1500)
    if (chance() < 0.3) victim.killEngine()
    killedAtMs.push(systemClock.nowMs())
    await victim.killServer()
    await victim.start()
  }
  return killedAtMs
}

test('an alert is told once over kills, or again where its sending was cut', async () => {
  const chance = chanceOf(seedOfRun())
  await using victim = await Victim.start({ args: ['--config', configDir] })
  const agent = new Agent({ keepAlive: true })
  const done = new AbortController()
  const killing = killUntil(victim, chance, done.signal)
  const values = new Array<number>(alertCount).fill(0)
  const toldOf = (status: string): Set<string> =>
    new Set(told.filter((one) => one.status === status).map(({ name }) => name))
  try {
    // one after the other, so that there is something to tell at any moment
    for (let i = 0; i < alertCount; i++) {
      values[i] = 1
      await setSeries(victim.url, values, agent)
      await systemClock.sleep(300 + chance() * 700)
    }
    await eventually(async () => expect(toldOf('firing')).toEqual(new Set(names)), { timeoutMs: 180_000 })
    for (let i = 0; i < alertCount; i += 4) {
      values.fill(0, i, i + 4)
      await setSeries(victim.url, values, agent)
      await systemClock.sleep(chance() * 1500)
    }
    await eventually(async () => expect(toldOf('resolved')).toEqual(new Set(names)), { timeoutMs: 180_000 })
  } finally {
    done.abort()
    // also after a failure: nothing may start when the test is over
    await killing
  }
  const killedAtMs = await killing
  console.log(`${killedAtMs.length} kills of the server, ${told.length} notifications of ${2 * alertCount}`)
  for (const [key, copies] of Map.groupBy(told, ({ name, status }) => `${name} ${status}`)) {
    expect(new Set(copies.map(({ startsAt }) => startsAt)).size, `${key}: one beginning`).toBe(1)
    for (const [i, copy] of copies.slice(1).entries()) {
      const formerMs = copies[i]?.atMs ?? 0
      // a busy machine notes a message late that had left before the kill
      const wasCut = killedAtMs.some((atMs) => Math.abs(atMs - formerMs) < 3000)
      expect(wasCut, `${key} was told at ${formerMs} and ${copy.atMs}; kills at ${killedAtMs.join(' ')}`).toBe(true)
    }
  }
  const { groups } = await getData<{
    readonly groups: readonly { readonly rules: readonly { readonly health: string }[] }[]
  }>(victim, '/api/v1/rules')
  expect(groups.flatMap(({ rules }) => rules)).toHaveLength(alertCount)
  agent.destroy()
})

test('what was changed over the API is there after a kill', async () => {
  await using victim = await Victim.start()
  const path = '/api/tidewatch/v1/tokens'
  const made: string[] = []
  for (let round = 0; round < 4; round++) {
    for (let i = 0; i < 5; i++) {
      const name = `token ${round}-${i}`
      const response = await fetch(`${victim.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name, scopes: ['read'] }),
      })
      expect(response.status, await response.text()).toBeLessThan(300)
      made.push(name)
    }
    await victim.killServer()
    await victim.start()
  }
  const { tokens } = (await (await fetch(`${victim.url}${path}`)).json()) as {
    readonly tokens: readonly { readonly name: string }[]
  }
  expect(tokens.map(({ name }) => name).sort()).toEqual(made.sort())
})
