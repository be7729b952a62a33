// Answers by way of a file are those that come by way of the connection, and leave nothing behind.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@tidewatch/core/clock.ts'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { Logger } from '../self/port.ts'
import { createStoreClient } from './client.ts'
import { decodeNative } from './native-decode.ts'
import type { StoreClient } from './port.ts'
import { createEngineSupervisor, type EngineSupervisor } from './supervisor.ts'
import { makePlaces } from './supervisor-places.ts'

const quiet: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => quiet }
const dataDir = mkdtempSync(join(tmpdir(), 'engine-answers-'))
let engine: EngineSupervisor
let client: StoreClient & AsyncDisposable

beforeAll(async () => {
  engine = createEngineSupervisor({ dataDir, clock: systemClock, logger: quiet, sessions: 3, memoryBytes: 1e9 })
  await engine.whenReady({ signal: AbortSignal.timeout(30_000) })
  client = createStoreClient(engine.address)
})

afterAll(async () => {
  await client?.[Symbol.asyncDispose]()
  await engine?.[Symbol.asyncDispose]()
  rmSync(dataDir, { recursive: true, force: true })
})

const signal = AbortSignal.timeout(60_000)
const filesLeft = (): readonly string[] => readdirSync(makePlaces(dataDir).bodyDir)
const running = async (): Promise<number> => {
  const sql =
    "SELECT toFloat64(count()) AS n FROM system.processes WHERE query LIKE '%FUNCTION file%' AND query NOT LIKE '%processes%'"
  return (await client.query<{ readonly n: number }>(sql, { signal }))[0]?.n ?? 0
}

async function numbers(sql: string, viaFile: boolean): Promise<number[]> {
  const found: number[] = []
  for await (const block of decodeNative(client.stream(`${sql} FORMAT Native`, { signal, viaFile })))
    for (const value of block.float64('n')) found.push(value)
  return found
}

it.each([0, 1, 65_536, 1_000_003])('answers %i rows the same', async (rows) => {
  const sql = `SELECT toFloat64(number) AS n FROM numbers(${rows}) ORDER BY n DESC`
  const found = await numbers(sql, true)
  expect(found).toHaveLength(rows)
  expect(found).toEqual(await numbers(sql, false))
  expect(filesLeft()).toEqual([])
})

it('is gone when the reader stops at its first block', async () => {
  const sql = 'SELECT toFloat64(number) AS n FROM numbers(1000000) FORMAT Native'
  for await (const block of decodeNative(client.stream(sql, { signal, viaFile: true }))) {
    expect(block.rows).toBeGreaterThan(0)
    break
  }
  expect(filesLeft()).toEqual([])
})

it('says why there is none, in the middle of it too, and leaves none', async () => {
  await expect(numbers('SELECT nothing AS n', true)).rejects.toMatchObject({ code: 'store.refused' })
  const late = 'SELECT toFloat64(throwIf(number = 3000000)) AS n FROM numbers(4000000)'
  await expect(numbers(late, true)).rejects.toMatchObject({ code: 'store.refused' })
  expect(filesLeft()).toEqual([])
})

it('is written no longer, and gone, when nobody waits for it any more', async () => {
  const leave = new AbortController()
  const reading = (async () => {
    const sql =
      'SELECT toFloat64(number) + sleepEachRow(0.001) AS n FROM numbers(1000000) SETTINGS max_block_size = 1000 FORMAT Native'
    for await (const _ of client.stream(sql, { signal: leave.signal, viaFile: true }));
  })()
  await vi.waitFor(async () => expect(await running()).toBe(1), 60_000)
  leave.abort(new Error('left'))
  await expect(reading).rejects.toThrow('left')
  await vi.waitFor(async () => expect([await running(), filesLeft()]).toEqual([0, []]), 60_000)
})
