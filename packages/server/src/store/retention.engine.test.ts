import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { afterAll, beforeEach, expect, test } from 'vitest'
import type { RetentionLimits } from './port.ts'
import { createRenderTarget } from './render.ts'
import { createRetention, dropBeyond, type RetentionOptions } from './retention.ts'
import { metricTables } from './tables/registry.ts'
import { openTestingStore } from './testing-store.ts'

const { signal } = new AbortController()
const dayMs = 86_400_000
const now = Date.UTC(2026, 10, 21, 6)
const target = createRenderTarget(undefined)

const store = await openTestingStore(metricTables)
const { client } = store
afterAll(() => store[Symbol.asyncDispose]())
let said: string[] = []

beforeEach(async () => {
  said = []
  for (const { name } of metricTables) await client.command(`TRUNCATE TABLE ${name}`, { signal })
})

/** Samples that compress badly, and their series, of days so long ago. */
async function fill(daysAgo: readonly number[], samples = 4000): Promise<void> {
  for (const ago of daysAgo) {
    const atMs = now - ago * dayMs
    await client.command(
      `INSERT INTO samples (id, at_ms, whole, bits, project) SELECT rand64(), ${atMs} + number, 0, rand64(), 0 FROM numbers(${samples})`,
      { signal },
    )
    await client.command(
      `INSERT INTO series (project, name, id, labels, seen_ms) SELECT 0, 'm', number, map(), ${atMs} FROM numbers(10)`,
      { signal },
    )
  }
}

function options(limits: Partial<RetentionLimits>, clock = new FakeClock(now)): RetentionOptions {
  return {
    ...{ client, tables: metricTables.filter((table) => table.signal === undefined), target, clock },
    limits: () => ({ ageMs: undefined, sizeBytes: undefined, ...limits }),
    log: (level, message, detail) => said.push(`${level}: ${message} ${JSON.stringify(detail.days ?? detail.limit)}`),
  }
}

async function daysLeft(table: string): Promise<number[]> {
  const column = table === 'series' ? 'seen_ms' : 'at_ms'
  const rows = await client.query<{ ago: number }>(
    `SELECT DISTINCT toInt32(round((${now} - ${column}) / ${dayMs})) AS ago FROM ${table} ORDER BY ago`,
    { signal },
  )
  return rows.map(({ ago }) => ago)
}

test('days beyond the age are dropped whole, of all tables', async () => {
  await fill([0, 1, 2, 3, 4])
  const { signals } = await dropBeyond(options({ ageMs: 2 * dayMs }), signal)
  expect(await daysLeft('samples')).toEqual([0, 1, 2])
  expect(await daysLeft('series')).toEqual([0, 1, 2])
  expect(signals).toMatchObject([
    { signal: 'metrics', droppedByAge: 2, droppedBySize: 0, oldestDayMs: Date.UTC(2026, 10, 19), isOver: false },
  ])
  expect(said).toEqual(['info: dropped days beyond the retention [20261117,20261118]'])
})

test('the oldest days go until all of it fits, and no more', async () => {
  await fill([0, 1, 2, 3, 4])
  const all = (await dropBeyond(options({}), signal)).signals[0]?.bytes ?? 0
  expect(all).toBeGreaterThan(5 * 4000 * 8)
  const { signals } = await dropBeyond(options({ sizeBytes: Math.floor(all * 0.7) }), signal)
  expect(await daysLeft('samples')).toEqual([0, 1, 2])
  expect(await daysLeft('series')).toEqual([0, 1, 2])
  expect(signals[0]).toMatchObject({ droppedBySize: 2, droppedByAge: 0 })
  expect(signals[0]?.bytes).toBeLessThanOrEqual(all * 0.7)
})

test('neither today nor the newest day goes, however little room there is; that is said once', async () => {
  await fill([0, 1])
  const small = options({ sizeBytes: 1 })
  const first = await dropBeyond(small, signal)
  expect(await daysLeft('samples')).toEqual([0])
  expect(first.signals[0]).toMatchObject({ isOver: true, droppedBySize: 1 })
  const second = await dropBeyond(small, signal, first)
  expect(second.signals[0]).toMatchObject({ isOver: true, droppedBySize: 1 })
  expect(said).toEqual([
    'info: dropped days beyond the retention [20261120]',
    'warn: the newest day alone takes more than the retention allows; it is kept 1',
  ])
  await client.command('TRUNCATE TABLE samples', { signal })
  await client.command('TRUNCATE TABLE series', { signal })
  await fill([300, 200])
  await dropBeyond(small, signal)
  expect(await daysLeft('samples')).toEqual([200])
})

test('without limits everything stays, and it says how much that is', async () => {
  await fill([0, 400])
  const { signals } = await dropBeyond(options({}), signal)
  expect(await daysLeft('samples')).toEqual([0, 400])
  expect(signals[0]).toMatchObject({ oldestDayMs: Math.floor((now - 400 * dayMs) / dayMs) * dayMs, isOver: false })
  expect(said).toEqual([])
})

test('limits that change count at once', async () => {
  await fill([0, 5])
  let limits: RetentionLimits = { ageMs: undefined, sizeBytes: undefined }
  const rounds: PromiseWithResolvers<void>[] = [Promise.withResolvers(), Promise.withResolvers()]
  let round = 0
  const clock = new FakeClock(now)
  const sleep = clock.sleep.bind(clock)
  clock.sleep = (ms, sleepOptions) => {
    rounds[round++]?.resolve()
    return sleep(ms, sleepOptions)
  }
  await using retention = createRetention({ ...options({}, clock), limits: () => limits })
  await rounds[0]?.promise
  expect(await daysLeft('samples')).toEqual([0, 5])
  limits = { ageMs: dayMs, sizeBytes: undefined }
  retention.wake()
  await rounds[1]?.promise
  expect(await daysLeft('samples')).toEqual([0])
  expect(retention.status?.signals[0]).toMatchObject({ droppedByAge: 1 })
})

test('what is made of a day is made before it goes; where that fails the day stays', async () => {
  await fill([1, 3, 4])
  const asked: number[] = []
  const beforeDrop = async (name: string, beginMs: number): Promise<void> => {
    asked.push(Math.round((now - beginMs) / dayMs - 0.25))
    if (asked.length === 2) throw new Error(`no room for rollups of ${name}`)
  }
  const all = { ...options({ ageMs: 2 * dayMs }), tables: metricTables, beforeDrop }
  const first = await dropBeyond(all, signal)
  expect(first.signals[0]).toMatchObject({ heldDays: 1, droppedByAge: 1 })
  expect(await daysLeft('samples')).toEqual([1, 3])
  const { signals } = await dropBeyond(all, signal)
  expect(asked).toEqual([4, 3, 3])
  expect(await daysLeft('samples')).toEqual([1])
  expect(signals.map((one) => one.signal)).toEqual(['metrics', 'rollups_5m', 'rollups_1h'])
})
