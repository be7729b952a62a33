// The engine is killed at random moments while the loader fills it: every acknowledged row is there exactly once.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@tidewatch/core/clock.ts'
import { createSpool } from '@tidewatch/server/spool/spool.ts'
import { createStoreClient } from '@tidewatch/server/store/client.ts'
import { createLoader } from '@tidewatch/server/store/loader.ts'
import { migrateStore } from '@tidewatch/server/store/migrate.ts'
import { createRenderTarget } from '@tidewatch/server/store/render.ts'
import { TestingEngine } from '@tidewatch/server/store/testing-engine.ts'
import { ledgerFound, ledgerRows, ledgerTable } from '@tidewatch/server/store/testing-ledger.ts'
import { expect, test } from 'vitest'
import { killsOfRun } from './chance.ts'

const kills = killsOfRun(10)
const signal = new AbortController().signal
const pause = (ms: number): Promise<void> => systemClock.sleep(ms)

test(`an engine killed ${kills} times in the middle of loads loses nothing and doubles nothing`, async () => {
  const tables = [ledgerTable('ledger')]
  const target = createRenderTarget(undefined)
  const dir = await mkdtemp(join(tmpdir(), 'kill-'))
  await using engine = await TestingEngine.start()
  await using client = createStoreClient(engine.address)
  await migrateStore({ address: engine.address, tables, target, signal })
  const spool = await createSpool({
    dir,
    clock: systemClock,
    durability: 'group',
    readers: ['store'],
    reserveBytes: 0,
    segmentBytes: 20_000,
    log: () => {},
  })
  const loader = createLoader({
    reader: spool.reader('store'),
    client,
    tables,
    target,
    clock: systemClock,
    log: () => {},
  })
  let last = 0
  let sending = true
  const sender = (async () => {
    while (sending) {
      const numbers = Array.from({ length: 500 }, (_, i) => last + 1 + i)
      await spool.append([ledgerRows('ledger', numbers, 5)])
      last += numbers.length
      await pause(5)
    }
  })()
  for (let kill = 0; kill < kills; kill++) {
    await pause(50 + Math.random() * 250)
    await engine.kill()
    await engine.start()
  }
  sending = false
  await sender
  while (loader.stats().trouble !== undefined) await pause(50)
  await spool.flush(['ledger'], { signal })
  expect(await ledgerFound(client, 'ledger', [1, last])).toEqual({ rows: last, distinct: last })
  expect(loader.stats().setAsideRows).toBe(0)
  await loader[Symbol.asyncDispose]()
  await spool[Symbol.asyncDispose]()
  await rm(dir, { recursive: true })
})
