import { logRecord } from '@tidewatch/core/log-record.ts'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { expect, test } from 'vitest'
import { createRenderTarget } from '../render.ts'
import { dropBeyond } from '../retention.ts'
import { logTables } from '../tables/registry.ts'
import { openTestingStore } from '../testing-store.ts'
import { loadLines } from './testing-lines.ts'

const { signal } = new AbortController()
const dayMs = 86_400_000
const nowMs = Date.UTC(2026, 10, 21, 6)

test('lines go after the days that they were to be kept, others with the signal', async () => {
  await using store = await openTestingStore(logTables)
  const { client } = store
  const target = createRenderTarget(undefined)
  const lines = [1, 5, 20].flatMap((daysAgo) =>
    [0, 3, 90].map((keepDays) => ({
      keepDays,
      record: logRecord({ body: `${daysAgo} of ${keepDays}`, timeNs: BigInt(nowMs - daysAgo * dayMs) * 1_000_000n }),
    })),
  )
  await loadLines(client, lines)
  const options = {
    ...{ client, tables: logTables, target, clock: new FakeClock(nowMs), log: () => {} },
    limits: () => ({ ageMs: 10 * dayMs, sizeBytes: undefined }),
  }
  const { signals } = await dropBeyond(options, signal)
  const left = await client.query<{ body: string }>('SELECT body FROM logs ORDER BY time_ns DESC, seq', { signal })
  expect(left.map(({ body }) => body)).toEqual(['1 of 0', '1 of 3', '1 of 90', '5 of 0', '5 of 90', '20 of 90'])
  expect(signals).toMatchObject([{ signal: 'logs', droppedByAge: 3, oldestDayMs: Date.UTC(2026, 10, 1) }])
})
