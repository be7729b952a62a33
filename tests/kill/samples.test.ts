// The server, its engine and both are killed at random moments under a steady load of remote_write: every acknowledged sample is there, once.
import { systemClock } from '@tidewatch/core/clock.ts'
import { getData } from '@tidewatch/testkit/server.ts'
import { expect, test } from 'vitest'
import { chanceOf, killsOfRun, seedOfRun } from './chance.ts'
import { type SentRequest, SteadyLoad } from './load.ts'
import { countStoredRows, stopMerges } from './stored-rows.ts'
import { verifyByQuery } from './verify.ts'
import { Victim } from './victim.ts'

const kills = killsOfRun(20)
const metric = 'kill_sample'
/** Of 400 samples each. */
const enoughRequests = 750
const nothingWrong = { lost: [], wrong: [], unknown: [], doubled: [] }

type Blow = 'server' | 'engine' | 'both' | 'server, then its next start'

/** Strikes once at a random moment and sees to it that the server runs again; what was killed. */
async function strike(victim: Victim, chance: () => number): Promise<Blow> {
  await systemClock.sleep(chance() * 2000)
  const kind = chance()
  if (kind < 0.4) {
    if (victim.enginePid === undefined) return strike(victim, chance)
    victim.killEngine()
    return 'engine'
  }
  if (kind < 0.6) victim.killEngine()
  await victim.killServer()
  if (kind < 0.6) {
    await victim.start()
    return 'both'
  }
  if (kind < 0.8) {
    await victim.killStart(chance() * 3000)
    await victim.start()
    return 'server, then its next start'
  }
  await victim.start()
  return 'server'
}

/** Asks for what only the store has, again and again: segments are cut short and loaded in the middle of everything. */
async function askAgainAndAgain(url: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await getData({ url }, '/api/v1/query', { query: `count_over_time(${metric}[5s] offset 10d)` }).catch(
      () => undefined,
    )
    await systemClock.sleep(400)
  }
}

async function killAgainAndAgain(victim: Victim, chance: () => number): Promise<SentRequest[]> {
  const blows: Blow[] = []
  const asking = new AbortController()
  await using load = new SteadyLoad({ url: victim.url, metric })
  const asked = askAgainAndAgain(victim.url, asking.signal)
  await load.more(20)
  const beganMs = performance.now()
  while (blows.length < kills) {
    blows.push(await strike(victim, chance))
    // each life takes in something, or the next kill would find nothing to lose
    await load.more(3)
  }
  // more than the small head below holds, so that it has to ask the store
  await load.more(Math.max(0, enoughRequests - load.acknowledged.length), 120_000)
  await load.finish()
  asking.abort()
  await asked
  const counts = [...Map.groupBy(blows, (blow) => blow)].map(([blow, all]) => `${blow}: ${all.length}`)
  const again = load.requests.filter(({ attempts }) => attempts > 1).length
  console.log(
    `${kills} kills in ${Math.round((performance.now() - beganMs) / 1000)} s (${counts.join(', ')}); ` +
      `${load.requests.length} requests, ${again} sent more than once, refused ${JSON.stringify([...load.refusals])}`,
  )
  expect(load.acknowledged.length).toBe(load.requests.length)
  return load.requests
}

/** From when on the head has all samples. */
async function headBeginMs(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  return Number(/^tidewatch_head_begin_timestamp_seconds (\S+)/m.exec(text)?.[1]) * 1000
}

test(`after ${kills} kills every acknowledged sample is there exactly once`, async () => {
  await using victim = await Victim.start()
  await stopMerges(victim.dataDir)
  const requests = await killAgainAndAgain(victim, chanceOf(seedOfRun()))
  const samples = requests.flatMap((request) => request.samples)
  console.log(`${samples.length} samples were acknowledged`)

  expect(await verifyByQuery(victim.url, metric, requests), 'from memory').toEqual({
    ...nothingWrong,
    found: samples.length,
  })

  await victim.stop()
  await victim.start(['--head-memory', '1MB'])
  expect(await headBeginMs(victim.url), 'the head has all of it').toBeGreaterThan(
    requests[0]?.samples.at(-1)?.atMs ?? 0,
  )
  expect(await verifyByQuery(victim.url, metric, requests), 'from the store').toEqual({
    ...nothingWrong,
    found: samples.length,
  })
  expect(await victim.stop()).toBe(0)

  const stored = await countStoredRows(victim.dataDir, metric)
  const attempts = new Map(
    requests.flatMap((request) => request.samples.map(({ series, atMs }) => [`${series}@${atMs}`, request.attempts])),
  )
  const tooOften = [...stored.repeated].filter(([key, rows]) => rows > (attempts.get(key) ?? 0))
  console.log(
    `rows: ${stored.repeated.size} samples that were sent more than once have more than one row before merges`,
  )
  expect(tooOften, 'rows beyond the times a sample was sent').toEqual([])
  expect(stored.samples).toBe(samples.length)
  expect(stored.rowsAfterMerge).toBe(samples.length)
})
