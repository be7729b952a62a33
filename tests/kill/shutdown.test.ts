// How the server ends and what it refuses to start on: Ctrl-C under load, a parent that dies, directories that are taken or not ours.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@tidewatch/core/clock.ts'
import { expect, test } from 'vitest'
import { SteadyLoad } from './load.ts'
import { childrenOf, goneAfterMs, isAlive } from './processes.ts'
import { verifyByQuery } from './verify.ts'
import { refusedStart, Victim } from './victim.ts'

test('Ctrl-C under load ends in order below 5 s and loses nothing', async () => {
  await using victim = await Victim.start()
  await using load = new SteadyLoad({ url: victim.url, metric: 'ctrl_c' })
  await load.more(60)
  for (let round = 0; round < 2; round++) {
    const enginePid = victim.enginePid ?? 0
    const { server } = victim
    const began = performance.now()
    expect(await victim.stop(), server.output()).toBe(0)
    const tookMs = performance.now() - began
    expect(tookMs).toBeLessThan(5000)
    expect(server.output()).toContain('Stopped.')
    expect(isAlive(enginePid), 'the engine has ended first').toBe(false)
    console.log(`stopped in ${Math.round(tookMs)} ms`)
    await victim.start()
    await load.more(20)
  }
  await load.finish()
  expect([...load.refusals.keys()].every((status) => status === 503)).toBe(true)
  expect(await verifyByQuery(victim.url, 'ctrl_c', load.requests)).toMatchObject({
    lost: [],
    doubled: [],
    unknown: [],
    wrong: [],
  })
})

test('the engine ends with its server when that is killed', async () => {
  await using victim = await Victim.start()
  const enginePid = victim.enginePid
  expect(enginePid).toBeDefined()
  await victim.killServer()
  const tookMs = await goneAfterMs(enginePid ?? 0, 60_000)
  console.log(`the engine was gone after ${Math.round(tookMs)} ms`)
})

test('a second start on the same directory is refused with who has it, and harms nothing', async () => {
  await using victim = await Victim.start()
  await using load = new SteadyLoad({ url: victim.url, metric: 'second' })
  await load.more(10)
  const text = await refusedStart(victim.dataDir)
  expect(text).toContain('ended with 1 before it was ready')
  expect(text).toContain(`another Tidewatch (process ${victim.server.pid}) is running on ${victim.dataDir}`)
  expect(text).toContain('--data-dir')
  await load.more(10)
  await load.finish()
  expect([...load.refusals]).toEqual([])
  expect(childrenOf(victim.server.pid)).toHaveLength(1)
})

test('a directory of a newer version, and a file in its place, are refused with what to do', async () => {
  const parent = mkdtempSync(join(tmpdir(), 'tidewatch-refused-'))
  try {
    writeFileSync(join(parent, 'version.json'), '{"version":999}')
    expect(await refusedStart(parent)).toMatch(/newer Tidewatch \(data version 999.*Start the newer version/s)
    writeFileSync(join(parent, 'file'), '')
    expect(await refusedStart(join(parent, 'file'))).toMatch(/data directory .* is a file.*--data-dir/s)
  } finally {
    rmSync(parent, { recursive: true })
  }
})

test('Ctrl-C while it starts ends it too', async () => {
  await using victim = await Victim.start()
  await victim.stop()
  const starting = victim.start().catch((error: unknown) => String(error))
  await systemClock.sleep(400)
  for (const pid of victim.starting()) process.kill(pid, 'SIGINT')
  expect(String(await starting)).toContain('before it was ready')
  expect(victim.starting()).toEqual([])
})
