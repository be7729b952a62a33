// A kill between two steps of the engine's own commit: an insert that counts as known and has no part.
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createStoreClient } from './client.ts'
import { TestingEngine } from './testing-engine.ts'

test('an insert of which a kill left the token and no part is made when it is repeated, and once', async () => {
  await using engine = await TestingEngine.start()
  await using client = createStoreClient(engine.address)
  const signal = AbortSignal.timeout(60_000)
  const settings = 'SETTINGS non_replicated_deduplication_window = 1000'
  await client.command(
    `CREATE TABLE t (day Date, n UInt32) ENGINE = MergeTree PARTITION BY day ORDER BY n ${settings}`,
    {
      signal,
    },
  )
  const load = (token: string): Promise<void> => {
    const rows = Array.from({ length: 300 }, (_, n) => `2026-01-0${(n % 3) + 1}\t${n}\n`).join('')
    return client.insert('INSERT INTO t FORMAT TabSeparated', [Buffer.from(rows)], { signal, token })
  }
  const count = async (): Promise<unknown> =>
    await client.query('SELECT toFloat64(count()) AS rows, toFloat64(uniqExact(n)) AS numbers FROM t', { signal })
  await load('a')
  expect(await count()).toEqual([{ rows: 300, numbers: 300 }])

  await engine.kill()
  const table = join(engine.dir, 'engine', 'data', 'data', 'tidewatch', 't')
  const lost = (await readdir(table)).find((name) => name.startsWith('20260102_')) ?? expect.unreachable('no part')
  await rm(join(table, lost), { recursive: true })
  await engine.start()
  expect(await count()).toEqual([{ rows: 200, numbers: 200 }])
  for (let i = 0; i < 2; i++) {
    await load('a')
    expect(await count()).toEqual([{ rows: 300, numbers: 300 }])
  }
})
