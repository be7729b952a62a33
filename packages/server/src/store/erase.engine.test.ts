import { Labels } from '@tidewatch/core/labels.ts'
import type { Matcher, ProjectId } from '@tidewatch/core/matcher.ts'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { createSampleEraser } from './erase.ts'
import { createMetricStoreReader } from './metric-reader.ts'
import type { Erasure } from './port.ts'
import { createRenderTarget } from './render.ts'
import { metricTables } from './tables/registry.ts'
import { openTestingStore } from './testing-store.ts'

const { signal } = new AbortController()
const dayMs = 86_400_000
const hourMs = 3_600_000
const day = Date.UTC(2026, 10, 1)
const target = createRenderTarget(undefined)
const project = 0 as ProjectId

const store = await openTestingStore(metricTables)
const { engine, client } = store
afterAll(() => store[Symbol.asyncDispose]())

beforeEach(async () => {
  for (const { name } of metricTables) await client.command(`TRUNCATE TABLE ${name}`, { signal })
  // beyond what a double holds: the ids must travel whole
  for (const id of ids) await load(id, [0, 1, 2])
})

const ids = ['9223372036854775809', '9223372036854775810', '18446744073709551615'] as const

/** An hourly sample, native histogram and exemplar of whole days, and their rows of series. */
async function load(id: string, days: readonly number[]): Promise<void> {
  const labels = `map('__name__', 'm', 'id', '${id}')`
  for (const ago of days) {
    const from = `FROM numbers(24)`
    const atMs = `${day + ago * dayMs} + number * ${hourMs}`
    const insert = (text: string): Promise<void> => client.command(`INSERT INTO ${text}`, { signal })
    await insert(`samples (id, at_ms, whole, bits, project) SELECT ${id}, ${atMs}, 1, 0, 0 ${from}`)
    await insert(`histograms (id, at_ms, bytes, project) SELECT ${id}, ${atMs}, 'h', 0 ${from}`)
    await insert(
      `exemplars (project, name, id, labels, at_ms, bits, example, example_hash) SELECT 0, 'm', ${id}, ${labels}, ${atMs}, 1, map('trace_id', 'x'), 1 ${from}`,
    )
    await insert(`series (project, name, id, labels, seen_ms) SELECT 0, 'm', ${id}, ${labels}, ${day + ago * dayMs}`)
  }
}

async function erase(part: Partial<Erasure>): Promise<number> {
  const eraser = createSampleEraser(client, target)
  const erasure = { projects: [project], matcherSets: [matching(ids[0])], startMs: -Infinity, endMs: Infinity, ...part }
  const { series } = await eraser.submit(erasure, { signal })
  await eraser.settle({ signal })
  return series
}

const matching = (...wanted: string[]): Matcher[] => [{ name: 'id', op: '=~', value: wanted.join('|') }]

/** Rows of each table by id, and the days that a series has a row of. */
async function left(): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const id of ids) {
    const counts: unknown[] = []
    for (const table of ['samples', 'histograms', 'exemplars']) {
      const rows = await client.query<{ c: number }>(`SELECT count() AS c FROM ${table} WHERE id = ${id}`, { signal })
      counts.push(rows[0]?.c)
    }
    const days = await client.query<{ d: number }>(
      `SELECT DISTINCT intDiv(seen_ms - ${day}, ${dayMs}) AS d FROM series WHERE id = ${id} ORDER BY d`,
      { signal },
    )
    found[id.slice(-1)] = `${counts.join(' ')} days ${days.map(({ d }) => d).join(',')}`
  }
  return found
}

const whole = '72 72 72 days 0,1,2'

test('deletes a series of all tables, and no other', async () => {
  expect(await erase({})).toBe(1)
  expect(await left()).toEqual({ 9: '0 0 0 days ', 0: whole, 5: whole })
})

test('deletes a window; a day keeps its row of the series while it has a sample', async () => {
  await erase({
    startMs: day + 20 * hourMs,
    endMs: day + 2 * dayMs + 3 * hourMs,
    matcherSets: [matching(ids[1], ids[2])],
  })
  expect(await left()).toEqual({ 9: whole, 0: '40 40 40 days 0,2', 5: '40 40 40 days 0,2' })
  await erase({ startMs: day, endMs: day + 20 * hourMs - 1, matcherSets: [matching(ids[1])] })
  expect(await left()).toEqual({ 9: whole, 0: '20 20 20 days 2', 5: '40 40 40 days 0,2' })
})

test('a native histogram alone keeps the row too', async () => {
  await client.command(`TRUNCATE TABLE samples`, { signal })
  await erase({ startMs: day, endMs: day + 22 * hourMs })
  expect((await left())[9]).toBe('0 49 49 days 0,1,2')
  await erase({ startMs: day, endMs: day + 23 * hourMs })
  expect((await left())[9]).toBe('0 48 48 days 1,2')
})

test('what is loaded after the delete was handed in stays, whenever that is worked off', async () => {
  const eraser = createSampleEraser(client, target)
  await client.command('SYSTEM STOP MERGES', { signal })
  const erasure = { projects: [project], matcherSets: [matching(ids[0])], startMs: -Infinity, endMs: Infinity }
  await eraser.submit(erasure, { signal })
  await load(ids[0], [1])
  await client.command('SYSTEM START MERGES', { signal })
  await eraser.settle({ signal })
  expect((await left())[9]).toBe('24 24 24 days 1')
  const reader = createMetricStoreReader(client)
  const series = await reader.series(project, matching(ids[0]), day, day + 3 * dayMs, { signal })
  expect(series.map(({ labels }) => labels)).toEqual([Labels.from({ __name__: 'm', id: ids[0] })])
})

test('is worked off by an engine that was killed over it', async () => {
  const eraser = createSampleEraser(client, target)
  await client.command('SYSTEM STOP MERGES', { signal })
  const erasure = { projects: [project], matcherSets: [matching(ids[0])], startMs: -Infinity, endMs: Infinity }
  await eraser.submit(erasure, { signal })
  await engine.kill()
  await engine.start()
  await eraser.settle({ signal })
  expect((await left())[9]).toBe('0 0 0 days ')
  expect((await left())[0]).toBe(whole)
})

test('gives the disk back, and may be asked where there is nothing to give', async () => {
  const eraser = createSampleEraser(client, target)
  const rows = async (): Promise<number> => {
    const sql = `SELECT sum(rows) AS c FROM system.parts WHERE active AND table = 'samples' AND database = currentDatabase()`
    return (await client.query<{ c: number }>(sql, { signal }))[0]?.c ?? 0
  }
  expect(await rows()).toBe(216)
  await erase({})
  await eraser.compact({ signal })
  expect(await rows()).toBe(144)
  await eraser.compact({ signal })
  expect((await left())[0]).toBe(whole)
})

test('deletes what any of several sets match, of these projects alone', async () => {
  expect(await erase({ matcherSets: [matching(ids[0]), matching(ids[1])], projects: [7 as ProjectId] })).toBe(0)
  expect(await erase({ matcherSets: [matching(ids[0]), matching(ids[1])] })).toBe(2)
  expect(await left()).toEqual({ 9: '0 0 0 days ', 0: '0 0 0 days ', 5: whole })
  expect(await erase({ matcherSets: [matching('none')] })).toBe(0)
})
