// Native histograms and floats under kills of the server, the engine and both: each that was acknowledged is there, once.
import { systemClock } from '@tidewatch/core/clock.ts'
import { expect, test } from 'vitest'
import { chanceOf, killsOfRun, seedOfRun } from './chance.ts'
import { SteadyLoad } from './load.ts'
import { verifyByQuery } from './verify.ts'
import { Victim } from './victim.ts'

/** Of the server, of the engine and of both. */
const kills = killsOfRun(3)
const metric = 'kill_histogram'
const nothingWrong = { lost: [], wrong: [], unknown: [], doubled: [] }

test('acknowledged native histograms survive kills, from memory and from the store', async () => {
  const chance = chanceOf(seedOfRun())
  await using victim = await Victim.start()
  await using load = new SteadyLoad({ url: victim.url, metric, histograms: true })
  for (let i = 0; i < kills; i++) {
    await load.more(5)
    await systemClock.sleep(chance() * 1000)
    if (i % 3 !== 0) victim.killEngine()
    if (i % 3 !== 1) {
      await victim.killServer()
      await victim.start()
    }
  }
  // more than the small head below holds
  await load.more(80, 120_000)
  await load.finish()
  const { requests } = load
  const all = { ...nothingWrong, found: requests.flatMap(({ samples }) => samples).length }
  expect(await verifyByQuery(victim.url, metric, requests), 'from memory').toEqual(all)
  await victim.stop()
  await victim.start(['--head-memory', '1MB'])
  expect(await verifyByQuery(victim.url, metric, requests), 'from the store').toEqual(all)
})
