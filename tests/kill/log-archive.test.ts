// The server is killed while a day of logs is archived, and while it is restored: every line is in the archive once, and comes back once.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zstdDecompressSync } from 'node:zlib'
import { logArchive } from '@tidewatch/api/log-archive.ts'
import { systemClock } from '@tidewatch/core/clock.ts'
import { eventually } from '@tidewatch/testkit/server.ts'
import { expect, test } from 'vitest'
import { chanceOf, killsOfRun, seedOfRun } from './chance.ts'
import { Victim } from './victim.ts'

const dayMs = 86_400_000
const day = Math.floor(Date.now() / dayMs) * dayMs - 3 * dayMs
const name = new Date(day).toISOString().slice(0, 10)
const perRequest = 20_000
const requests = 6
const count = perRequest * requests
const kills = killsOfRun(3)

async function send(url: string, request: number): Promise<void> {
  const lines = Array.from({ length: perRequest }, (_, i) => {
    const number = request * perRequest + i
    return JSON.stringify({
      timestamp: new Date(day + number * 700).toISOString(),
      service: 'orders',
      message: `line ${number}`,
      text: 'x'.repeat(200),
    })
  })
  const headers = { 'content-type': 'application/x-ndjson' }
  const answer = await fetch(`${url}/api/tidewatch/v1/logs`, { method: 'POST', headers, body: lines.join('\n') })
  expect(answer.status).toBe(200)
}

/** How often lines are found, and how many different ones. */
async function found(url: string): Promise<{ readonly all: number; readonly different: number }> {
  const span = { query: '', language: 'kql', fromMs: String(day), toMs: String(day + dayMs) }
  const answer = await fetch(
    `${url}/api/tidewatch/v1/logs/export?${new URLSearchParams({ ...span, format: 'ndjson' })}`,
  )
  const bodies = (await answer.text())
    .split('\n')
    .filter(Boolean)
    .map((line) => (JSON.parse(line) as { readonly body: string }).body)
  return { all: bodies.length, different: new Set(bodies).size }
}

test('killed while it archives and while it restores, each line is there once', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'tidewatch-kill-archive-'))
  const folder = join(dir, 'archive')
  const config = join(dir, 'tidewatch.yml')
  const configure = (age: string, archives: boolean): void =>
    writeFileSync(
      config,
      `retention: { logs: { age: ${age} } }\n${archives ? `archive: { logs: { folder: ${JSON.stringify(folder)}, after: 0s } }\n` : ''}`,
    )
  try {
    configure('30d', false)
    await using victim = await Victim.start({ args: ['--config', dir] })
    const chance = chanceOf(seedOfRun())
    for (let i = 0; i < requests; i++) await send(victim.url, i)
    const reload = () => fetch(`${victim.url}/-/reload`, { method: 'POST' }).catch(() => undefined)
    const state = async () =>
      logArchive.parse(await (await fetch(`${victim.url}/api/tidewatch/v1/logs/archive`)).json())

    // it archives at each start, until it is done
    configure('30d', true)
    await reload()
    for (let i = 0; i < kills; i++) {
      await systemClock.sleep(chance() * 600)
      await victim.killServer()
      await victim.start()
    }
    await eventually(async () => expect((await state()).days).toMatchObject([{ day: name, lines: count }]))
    const at = join(folder, 'logs', name)
    const bodies = readdirSync(at)
      .filter((file) => file.endsWith('.zst'))
      .flatMap((file) =>
        zstdDecompressSync(readFileSync(join(at, file)))
          .toString()
          .trimEnd()
          .split('\n'),
      )
      .map((line) => (JSON.parse(line) as { readonly body: string }).body)
    expect([bodies.length, new Set(bodies).size]).toEqual([count, count])

    configure('1d', true)
    await reload()
    await eventually(async () => expect((await state()).days).toMatchObject([{ isStored: false }]))
    const wish = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"days":3}' }
    expect((await fetch(`${victim.url}/api/tidewatch/v1/logs/archive/${name}/restore`, wish)).status).toBe(202)
    for (let i = 0; i < kills; i++) {
      await systemClock.sleep(chance() * 1500)
      if (chance() < 0.3) victim.killEngine()
      await victim.killServer()
      await victim.start()
    }
    await eventually(async () => expect((await state()).days[0]?.restored?.stage).toBe('done'))
    expect(await found(victim.url)).toEqual({ all: count, different: count })
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}, 600_000)
