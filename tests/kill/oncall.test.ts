// People are called while the server is killed: each step of each escalation once, or again where a kill fell into its sending.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { systemClock } from '@tidewatch/core/clock.ts'
import { eventually } from '@tidewatch/testkit/server.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { chanceOf, seedOfRun } from './chance.ts'
import { Victim } from './victim.ts'

const names = Array.from({ length: 8 }, (_, i) => `Call${i}`)
const people = ['ada', 'ben', 'cleo']
const calls: { readonly atMs: number; readonly person: string; readonly name: string; readonly status: string }[] = []
let phones: Server
let configDir: string

beforeEach(async () => {
  const hear = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { status, name } = (await json(request)) as { readonly status: string; readonly name: string }
    calls.push({ atMs: systemClock.nowMs(), person: (request.url ?? '').slice(1), name, status })
    await systemClock.sleep(30)
    response.end()
  }
  phones = createServer((request, response) => {
    hear(request, response).catch((error: unknown) => response.destroy(error as Error))
  })
  await new Promise<void>((resolve) => phones.listen(0, '127.0.0.1', resolve))
  const { port } = phones.address() as AddressInfo
  configDir = mkdtempSync(join(tmpdir(), 'tidewatch-kill-oncall-'))
  const phone = (name: string): string =>
    `  - { name: ${name}-phone, kind: webhook, receivers: [], url: 'http://127.0.0.1:${port}/${name}', payload: { status: '{{ .Status }}', name: '{{ .CommonLabels.alertname }}' } }`
  writeFileSync(
    join(configDir, 'tidewatch.yml'),
    `channels:\n${people.map(phone).join('\n')}\n  - { name: pager, kind: oncall, policy: main, receivers: [pager] }
oncall:
  people:\n${people.map((name) => `    - { name: ${name}, contacts: [{ channel: ${name}-phone }] }`).join('\n')}
  policies:
    - name: main
      steps:\n${people.map((name) => `        - { notify: [{ person: ${name} }], wait: 4s }`).join('\n')}
`,
  )
  writeFileSync(
    join(configDir, 'alertmanager.yml'),
    'route: { receiver: pager, group_by: [alertname], group_wait: 0s, group_interval: 1s }\nreceivers: [{ name: pager }]\n',
  )
})
afterEach(() => {
  phones.closeAllConnections()
  phones.close()
  rmSync(configDir, { recursive: true, force: true })
})

async function raise(victim: Victim, name: string): Promise<void> {
  const endsAt = new Date(systemClock.nowMs() + 3_600_000).toISOString()
  const body = JSON.stringify([{ labels: { alertname: name, severity: 'critical' }, endsAt }])
  for (;;) {
    const sent = await fetch(`${victim.url}/api/v2/alerts`, {
      ...{ method: 'POST', body, headers: { 'content-type': 'application/json' } },
    }).then(
      ({ status }) => status,
      () => 0,
    )
    if (sent === 200) return
    await systemClock.sleep(50)
  }
}

test('each step of an escalation is called once over kills, in order', async () => {
  const chance = chanceOf(seedOfRun())
  await using victim = await Victim.start({ args: ['--config', configDir] })
  const done = new AbortController()
  const killedAtMs: number[] = []
  const kill = async (): Promise<void> => {
    while (!done.signal.aborted) {
      await systemClock.sleep(1500 + chance() * 3000)
      killedAtMs.push(systemClock.nowMs())
      await victim.killServer()
      await victim.start()
    }
  }
  const killing = kill()
  try {
    for (const name of names) {
      await raise(victim, name)
      await systemClock.sleep(chance() * 1500)
    }
    await eventually(
      async () => {
        for (const name of names)
          expect(new Set(calls.filter((one) => one.name === name).map(({ person }) => person))).toEqual(new Set(people))
      },
      { timeoutMs: 240_000 },
    )
  } finally {
    done.abort()
    await killing
  }
  console.log(`${killedAtMs.length} kills, ${calls.length} calls of ${names.length * people.length}`)
  for (const name of names) {
    const firsts = people.map((person) => calls.find((one) => one.name === name && one.person === person)?.atMs ?? 0)
    expect(firsts, `${name}: in the order of the steps`).toEqual(firsts.toSorted((a, b) => a - b))
  }
  const firing = calls.filter(({ status, name }) => status === 'firing' && names.includes(name))
  for (const [key, copies] of Map.groupBy(firing, ({ name, person }) => `${name} ${person}`)) {
    for (const [i, copy] of copies.slice(1).entries()) {
      const formerMs = copies[i]?.atMs ?? 0
      const wasCut = killedAtMs.some((atMs) => atMs >= formerMs && atMs - formerMs < 3000)
      expect(wasCut, `${key} at ${formerMs} and ${copy.atMs}; kills at ${killedAtMs.join(' ')}`).toBe(true)
    }
  }
})
