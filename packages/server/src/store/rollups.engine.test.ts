// Buckets by the real engine, and queries over them: against buckets made by hand, and against answers from the samples before those went.
import type { Clock } from '@tidewatch/core/clock.ts'
import type { Matcher, ProjectId } from '@tidewatch/core/matcher.ts'
import { evaluate } from '@tidewatch/promql/evaluate/evaluate.ts'
import { parse } from '@tidewatch/promql/parse.ts'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { headForTest } from '../head/head-for-test.ts'
import { createHeadReader } from '../head/reader.ts'
import { resultToJson } from '../query/json.ts'
import { RollupNotes } from '../query/rollups.ts'
import { createMixedSource } from '../query/source.ts'
import { createSampleEraser } from './erase.ts'
import { createMetricStoreReader } from './metric-reader.ts'
import type { RollupName } from './port.ts'
import { createRenderTarget } from './render.ts'
import { dropBeyond } from './retention.ts'
import { createRollupBuilder, type RollupBuilder } from './rollup-builder.ts'
import { createRollupReader } from './rollup-reader.ts'
import { RollupTurns } from './rollup-turns.ts'
import { metricTables } from './tables/registry.ts'
import { rollupLevels } from './tables/rollups.ts'
import { type PlainSample, plainBuckets } from './testing-buckets.ts'
import { openTestingStore } from './testing-store.ts'

const { signal } = new AbortController()
const minute = 60_000
const hourMs = 60 * minute
const dayMs = 24 * hourMs
const day = Date.UTC(2026, 10, 1)
const now = day + 5 * dayMs
const target = createRenderTarget(undefined)
const project = 0 as ProjectId
const ids = ['9223372036854775809', '9223372036854775810'] as const
const staleBits = 9218868437227405314n

const store = await openTestingStore(metricTables)
const { engine, client } = store
afterAll(() => store[Symbol.asyncDispose]())
let turns: RollupTurns
let builder: RollupBuilder | undefined
/** Resolves when the builder has nothing more to do. */
let idle = Promise.withResolvers<void>()

beforeEach(async () => {
  turns = new RollupTurns()
  for (const { name } of metricTables) await client.command(`TRUNCATE TABLE ${name}`, { signal })
})
afterEach(async () => {
  await builder?.[Symbol.asyncDispose]()
  builder = undefined
})

const clock: Clock = {
  nowMs: () => now,
  monotonicMs: () => performance.now(),
  async sleep(ms, options) {
    if (ms < minute) return
    idle.resolve()
    await new Promise((_, reject) =>
      options?.signal?.addEventListener('abort', () => reject(options.signal?.reason), { once: true }),
    )
  },
}

/** Makes all that is to be made. */
async function build(wanted: readonly RollupName[] = ['5m', '1h']): Promise<RollupBuilder> {
  await builder?.[Symbol.asyncDispose]()
  idle = Promise.withResolvers<void>()
  builder = createRollupBuilder({
    ...{ client, target, clock, turns },
    wanted: () => new Map(wanted.map((name) => [name, undefined])),
    lead: (run, given) => run(given),
    log: (level, message, detail) => {
      if (level !== 'info') idle.reject(new Error(`${message} ${JSON.stringify(detail)}`))
    },
  })
  await idle.promise
  return builder
}

interface Row {
  readonly id: string
  readonly atMs: number
  readonly value: number | 'stale'
}

async function load(rows: readonly Row[]): Promise<void> {
  await loadSamples(rows)
  await loadSeries(rows)
}

const insert = (text: string): Promise<void> => client.command(`INSERT INTO ${text}`, { signal })

async function loadSamples(rows: readonly Row[]): Promise<void> {
  const tuples = rows.map(({ id, atMs, value }) => {
    const bits = value === 'stale' ? staleBits : new BigUint64Array(Float64Array.of(value).buffer)[0]
    const isWhole = value !== 'stale' && Number.isSafeInteger(value) && !Object.is(value, -0)
    return `(${id}, ${atMs}, ${isWhole ? value : 0}, ${isWhole ? 0 : bits}, 0)`
  })
  await insert(`samples (id, at_ms, whole, bits, project) VALUES ${tuples.join(', ')}`)
}

async function loadSeries(rows: readonly Row[]): Promise<void> {
  const days = new Set(rows.map(({ id, atMs }) => `${id} ${Math.floor(atMs / dayMs) * dayMs}`))
  const series = [...days].map((one) => {
    const [id, at] = one.split(' ')
    return `(0, 'm', ${id}, map('__name__', 'm', 'id', '${id}'), ${at})`
  })
  await insert(`series (project, name, id, labels, seen_ms) VALUES ${series.join(', ')}`)
}

/** A counter that is reset now and then, a gauge that is away for a while; both end with a stale marker on the third day. */
function scraped(from = day, until = day + 2 * dayMs + 7 * hourMs): Row[] {
  const rows: Row[] = []
  for (let atMs = from + 7000; atMs < until; atMs += minute) {
    const k = (atMs - day - 7000) / minute
    rows.push({ id: ids[0], atMs, value: (k % 400) * 3 + (k % 7) })
    if (k % 500 < 430) rows.push({ id: ids[1], atMs, value: 20 + 10 * Math.sin(k / 30) })
  }
  return [...rows, ...ids.map((id) => ({ id, atMs: until + 1000, value: 'stale' as const }))]
}

const reader = () =>
  createMetricStoreReader(client, createRollupReader(client, { target, monotonicMs: () => performance.now() }))

async function ask(
  query: string,
  window: { readonly startMs: number; readonly endMs: number; readonly stepMs: number },
): Promise<{
  readonly series: Readonly<Record<string, readonly (readonly [number, number])[]>>
  readonly infos: readonly string[]
}> {
  using head = headForTest()
  const headReader = createHeadReader(head.descriptor)
  headReader.acquire()
  const notes = new RollupNotes()
  const none = { refs: new Uint32Array(), idLow: new Uint32Array(), idHigh: new Uint32Array() }
  const source = createMixedSource({
    ...{ head: headReader, beginMs: Number.POSITIVE_INFINITY, store: reader(), projects: [project] },
    ...{ maxSamples: 10_000_000, lookbackMs: 5 * minute, notes, ask: async (windows) => windows.map(() => none) },
  })
  const result = await evaluate(parse(query), source, { ...window, lookbackMs: 5 * minute, kind: 'range', signal })
  headReader.release()
  const { data } = JSON.parse(new TextDecoder().decode(resultToJson(result, 0))) as {
    data: { result: { metric: { id: string }; values: [number, string][] }[] }
  }
  const series = data.result.map(({ metric, values }) => [
    metric.id,
    values.map(([at, value]) => [at, Number(value)] as const),
  ])
  return { series: Object.fromEntries(series), infos: notes.infos }
}

function expectAlike(mine: Awaited<ReturnType<typeof ask>>, theirs: Awaited<ReturnType<typeof ask>>): void {
  expect(Object.keys(mine.series).sort()).toEqual(Object.keys(theirs.series).sort())
  for (const [id, points] of Object.entries(theirs.series)) {
    const own = mine.series[id] ?? []
    expect(own.map(([at]) => at)).toEqual(points.map(([at]) => at))
    for (const [i, [, value]] of points.entries()) expect(own[i]?.[1]).toBeCloseTo(value, 9)
  }
}

const queries = [
  ...['m', 'rate(m[1h])', 'increase(m[2h])', 'min_over_time(m[1h])', 'max_over_time(m[3h])', 'sum_over_time(m[1h])'],
  ...['count_over_time(m[2h])', 'avg_over_time(m[6h])', 'last_over_time(m[1h] offset 1h)', 'delta(m[1h])'],
]
const wholeHours = { startMs: day, endMs: day + 3 * dayMs, stepMs: hourMs }

async function drop(ageMs: number): Promise<void> {
  await dropBeyond(
    {
      ...{ client, tables: metricTables.filter(({ signal: own = 'metrics' }) => own === 'metrics'), target, clock },
      limits: () => ({ ageMs, sizeBytes: undefined }),
      beforeDrop: async (_, at, options) => builder?.finish(at, options),
      log: () => {},
    },
    signal,
  )
}

async function countRows(table: string, where = '1'): Promise<number> {
  const rows = await client.query<{ c: number }>(`SELECT toUInt32(count()) AS c FROM ${table} FINAL WHERE ${where}`, {
    signal,
  })
  return rows[0]?.c ?? 0
}

const near = (value = Number.NaN): unknown => (Number.isNaN(value) ? value : expect.closeTo(value, 6))

test('buckets are those that one makes by hand: resets, stale markers, NaN, twice the same moment, midnight', async () => {
  let seed = 7
  const random = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
    return Math.floor(seed / 256) % below
  }
  const special = [Number.NaN, -0, 0, 'stale', 'stale', 1e300, -5.5] as const
  const rows = Array.from({ length: 3000 }, () => ({
    id: ids[random(2)] as string,
    atMs: day + random((2 * dayMs) / 60_000) * 60_000,
    value: random(10) === 0 ? (special[random(special.length)] as number | 'stale') : random(1000) / (1 + random(3)),
  }))
  await load(rows)
  await build()
  const values = (value: number | 'stale'): number => (value === 'stale' ? Number.NaN : value)
  for (const id of ids) {
    const byTime = new Map<number, number | 'stale'>()
    for (const { atMs, value } of rows.filter((row) => row.id === id)) {
      const known = byTime.get(atMs)
      const wins =
        known === undefined ||
        known === 'stale' ||
        (value !== 'stale' && (Number.isNaN(known) || value > known || (value === known && Object.is(known, -0))))
      if (wins && !(value === 'stale' && known !== undefined)) byTime.set(atMs, value)
    }
    const samples: PlainSample[] = [...byTime]
      .sort(([a], [b]) => a - b)
      .map(([timeMs, value]) => ({ timeMs, value: values(value) }))
    const stale = new Set([...byTime].filter(([, value]) => value === 'stale').map(([timeMs]) => timeMs))
    for (const level of rollupLevels) {
      const wanted = plainBuckets(samples, level.widthMs, ({ timeMs }) => stale.has(timeMs))
      const halves = new Uint32Array(BigUint64Array.of(BigInt(id)).buffer)
      const found: unknown[] = []
      const window = { startMs: day - dayMs, endMs: day + 3 * dayMs }
      for await (const block of createRollupReader(client, { target, monotonicMs: () => 0 }).buckets(
        level.name,
        halves,
        window,
        { signal },
      )) {
        for (let i = 0; i < block.length; i++) {
          found.push({
            ...{ startMs: block.startsMs[i], firstMs: block.firstMs[i], lastMs: block.lastMs[i] },
            ...{ staleBeforeMs: block.staleBeforeMs[i], staleAfterMs: block.staleAfterMs[i], count: block.counts[i] },
            ...{ first: block.first[i], last: block.last[i], lowest: block.lowest[i], highest: block.highest[i] },
            ...{
              sum: near(block.sums[i]),
              resets: near(block.resets[i]),
            },
          })
        }
      }
      expect(wanted.length).toBeGreaterThan(40)
      expect(wanted).toEqual(found)
    }
  }
})

test('answers over days whose samples are gone are those that the samples gave', async () => {
  await load(scraped())
  const before = await Promise.all(queries.map((query) => ask(query, wholeHours)))
  await build()
  await drop(3 * dayMs + dayMs / 2)
  expect(await countRows('samples', `at_ms < ${day + dayMs}`)).toBe(0)
  for (const [i, query] of queries.entries()) {
    const after = await ask(query, wholeHours)
    expectAlike(after, before[i] as (typeof before)[number])
    expect(after.infos, query).toEqual(['PromQL info: from 1-hour rollups up to 2026-11-02T00:00:00Z'])
  }
  const fine = { startMs: day + 2 * hourMs, endMs: day + 4 * hourMs, stepMs: 5 * minute }
  expect((await ask('rate(m[5m])', fine)).infos).toEqual([
    'PromQL info: from 5-minute rollups up to 2026-11-01T04:00:00Z',
  ])
  expect((await ask('rate(m[5m])', { ...fine, startMs: day + 26 * hourMs, endMs: day + 27 * hourMs })).infos).toEqual(
    [],
  )
})

test('a day of which only the series have come stays until its samples have', async () => {
  const rows = scraped(day, day + 6 * hourMs)
  await build()
  await loadSeries(rows)
  await drop(2 * dayMs)
  expect(await countRows('series')).toBe(2)
  await loadSamples(rows)
  const before = await ask('sum_over_time(m[1h])', wholeHours)
  await drop(2 * dayMs)
  expect([await countRows('series'), await countRows('samples')]).toEqual([0, 0])
  expectAlike(await ask('sum_over_time(m[1h])', wholeHours), before)
})

test('late samples make their day again; a day that is not over, or whose samples are gone, is left as it is', async () => {
  await load(scraped(day, day + 2 * hourMs))
  await load([{ id: ids[0], atMs: now - 1000, value: 1 }])
  const made = await build()
  expect(made.counts('5m')).toMatchObject({ days: 1, failures: 0 })
  expect(made.waitingDays).toBe(0)
  expect(await countRows('rollup_5m', `start_ms >= ${now - dayMs}`)).toBe(0)
  const late = [{ id: ids[0], atMs: day + 30_000, value: 1_000_000 }]
  await load(late)
  const again = await build()
  expect(again.counts('5m').days).toBe(1)
  const oneHour = { startMs: day + hourMs, endMs: day + hourMs, stepMs: hourMs }
  await drop(2 * dayMs)
  expect((await ask('max_over_time(m[1h])', oneHour)).series[ids[0]]).toEqual([[(day + hourMs) / 1000, 1_000_000]])
  await load([{ id: ids[0], atMs: day + 40_000, value: 2_000_000 }])
  expect((await build()).counts('5m').days).toBe(0)
  expect((await ask('max_over_time(m[1h])', oneHour)).series[ids[0]]).toEqual([[(day + hourMs) / 1000, 1_000_000]])
})

test('coarse steps over a long time are read from what is made of all samples, and from the samples where one came since', async () => {
  await load(scraped(day - 10 * dayMs, day + dayMs))
  await build()
  const long = { startMs: day - 10 * dayMs + hourMs, endMs: day + dayMs, stepMs: 2 * hourMs }
  expect((await ask('increase(m[2h])', long)).infos).toEqual([
    'PromQL info: from 1-hour rollups up to 2026-11-02T00:00:00Z',
  ])
  expect((await ask('quantile_over_time(0.5, m[2h])', long)).infos).toEqual([])
  expect((await ask('increase(m[2h])', { ...long, startMs: day - hourMs })).infos).toEqual([])
  expect((await ask('increase(m[2h])', { ...long, startMs: long.startMs + 1000 })).infos).toEqual([])
  await load([{ id: ids[0], atMs: day - dayMs + hourMs / 2, value: 5_000_000 }])
  const after = await ask('max_over_time(m[2h])', long)
  expect(after.infos).toEqual(['PromQL info: from 1-hour rollups up to 2026-10-30T23:00:00Z'])
  expect(Math.max(...(after.series[ids[0]] ?? []).map(([, value]) => value))).toBe(5_000_000)
})

const matching = (id: string): Matcher[] => [{ name: 'id', op: '=', value: id }]

async function erase(id: string, startMs = -Infinity, endMs = Infinity): Promise<void> {
  const eraser = createSampleEraser(client, target, turns)
  await eraser.submit({ projects: [project], matcherSets: [matching(id)], startMs, endMs }, { signal })
  await eraser.settle({ signal })
}

test('deletion reaches buckets and the labels that only they have; what is left of a bucket is made again', async () => {
  await load(scraped())
  await build()
  await drop(3 * dayMs + dayMs / 2)
  await erase(ids[0])
  for (const { table, seriesTable } of rollupLevels)
    for (const one of [table, seriesTable]) {
      expect(await countRows(one, `id = ${ids[0]}`)).toBe(0)
      expect(await countRows(one, `id = ${ids[1]}`)).toBeGreaterThan(0)
    }
  const series = await reader().series(project, [], day, day + hourMs, { signal })
  expect(series.map(({ labels }) => labels.get('id'))).toEqual([ids[1]])
  // a part of a day that still has samples: from 04:30 to 06:30
  const before = await ask('count_over_time(m[1h])', wholeHours)
  const second = day + dayMs
  await erase(ids[1], second + 4.5 * hourMs, second + 6.5 * hourMs)
  expect(await countRows('rollup_1h', `start_ms >= ${second + 4 * hourMs} AND start_ms < ${second + 7 * hourMs}`)).toBe(
    0,
  )
  await build()
  await drop(2 * dayMs + dayMs / 2)
  const after = await ask('count_over_time(m[1h])', wholeHours)
  const change = (hour: number): readonly [number | undefined, number | undefined] => {
    const at = (second + hour * hourMs) / 1000
    const found = ({ series: all }: typeof after) => all[ids[1]]?.find(([time]) => time === at)?.[1]
    return [found(before), found(after)]
  }
  expect(change(4)[0]).toBe(change(4)[1])
  expect(change(5)[1]).toBe((change(5)[0] as number) / 2)
  expect(change(6)[1]).toBeUndefined()
  expect(change(7)[1]).toBe((change(7)[0] as number) / 2)
  expect(change(8)[0]).toBe(change(8)[1])
})

test('an engine that is killed while buckets are made costs nothing but the work', async () => {
  await load(scraped())
  const before = await ask('sum_over_time(m[1h])', wholeHours)
  const interrupted = createRollupBuilder({
    ...{ client, target, clock, turns },
    wanted: () => new Map([['1h' as const, undefined]]),
    lead: (run, given) => run(given),
    log: () => {},
  })
  idle = Promise.withResolvers<void>()
  await engine.kill()
  await idle.promise
  await interrupted[Symbol.asyncDispose]()
  await engine.start()
  await build()
  await build()
  await drop(dayMs)
  expectAlike(await ask('sum_over_time(m[1h])', wholeHours), before)
})
