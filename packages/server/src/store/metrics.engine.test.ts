import { Labels } from '@tidewatch/core/labels.ts'
import type { Matcher, ProjectId } from '@tidewatch/core/matcher.ts'
import { compileLabelRegex } from '@tidewatch/core/regexp.ts'
import { isStaleAt, setStale } from '@tidewatch/core/stale.ts'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import type { SpoolSection } from '../spool/port.ts'
import { createMetricTablesEncoder } from './metric-encoder.ts'
import { createMetricStoreReader } from './metric-reader.ts'
import { migrateStore } from './migrate.ts'
import type { MetricMetadata, StoredSamples, StoredSeries } from './port.ts'
import { createRefillSource } from './refill.ts'
import { createRenderTarget } from './render.ts'
import { metricTables } from './tables/registry.ts'
import { loadSections } from './testing-load.ts'
import { openTestingStore } from './testing-store.ts'

const signal = new AbortController().signal
const day = 86_400_000
const noon = Date.UTC(2026, 5, 10, 12)
const encoder = createMetricTablesEncoder()
const target = createRenderTarget(undefined)

const store = await openTestingStore(metricTables)
const { engine, client } = store
afterAll(() => store[Symbol.asyncDispose]())

const load = (...sections: SpoolSection[]): Promise<void> => loadSections(client, sections)

interface Sample {
  readonly id: number
  readonly atMs: number
  readonly value: number | 'stale'
}

function samples(rows: readonly Sample[], project = 0): SpoolSection {
  const values = new Float64Array(rows.length)
  const words = new Uint32Array(values.buffer)
  for (const [i, { value }] of rows.entries()) {
    if (value === 'stale') setStale(words, i)
    else values[i] = value
  }
  return encoder.samples({
    length: rows.length,
    projects: new Uint32Array(rows.length).fill(project),
    ids: Uint32Array.from(rows.flatMap(({ id }) => [id, 0x80000000])),
    timesMs: Float64Array.from(rows, ({ atMs }) => atMs),
    values,
  })
}

function rowsOf(blocks: readonly StoredSamples[]): Sample[] {
  return blocks.flatMap(({ length, ids, timesMs, values }) => {
    const words = new Uint32Array(values.buffer, values.byteOffset, length * 2)
    return Array.from({ length }, (_, i) => ({
      id: ids[i * 2] as number,
      atMs: timesMs[i] as number,
      value: isStaleAt(words, i) ? ('stale' as const) : (values[i] as number),
    }))
  })
}

const idList = (...ids: number[]): Uint32Array => Uint32Array.from(ids.flatMap((id) => [id, 0x80000000]))

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

const read = (ids: Uint32Array, startMs: number, endMs: number): Promise<Sample[]> =>
  collect(createMetricStoreReader(client).samples(0 as ProjectId, ids, startMs, endMs, { signal })).then(rowsOf)

function seriesRow(id: number, labels: Record<string, string>, seenMs = noon, project = 0): StoredSeries {
  return { project: project as ProjectId, idLow: id, idHigh: 0x80000000, labels: Labels.from(labels), seenMs }
}

test('every value comes back bit for bit: stale markers, NaN, infinities, -0, the largest whole numbers, fractions', async () => {
  const values = [
    0,
    -0,
    1,
    -1,
    0.1,
    -2.5,
    Number.NaN,
    'stale',
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    2 ** 53,
    -(2 ** 53),
    2 ** 53 + 2,
    1e300,
    Number.MIN_VALUE,
    Number.MAX_SAFE_INTEGER,
    2 ** 63,
    1.5e18,
  ] as const
  const rows = values.map((value, i) => ({ id: 1, atMs: noon + i, value }))
  await load(samples(rows))
  const back = await read(idList(1), noon, noon + 100)
  expect(back.map(({ value }) => value)).toEqual(values)
  expect(Object.is(back[1]?.value, -0)).toBe(true)
})

test('random values and times come back, series after series, times ascending, inside the window alone', async () => {
  const sample = fc.record({
    id: fc.integer({ min: 1000, max: 1005 }),
    at: fc.integer({ min: -2 * day, max: 2 * day }),
    value: fc.double(),
  })
  const rows = new Map(
    fc
      .sample(sample, { numRuns: 2000, seed: 3 })
      .map(({ id, at, value }) => [`${id} ${at}`, { id, atMs: noon + at, value }]),
  )
  await load(samples([...rows.values()]))
  const wanted = [1001, 1003, 1004]
  const expected = [...rows.values()]
    .filter(({ id, atMs }) => wanted.includes(id) && atMs >= noon - day && atMs <= noon + day)
    .sort((a, b) => a.id - b.id || a.atMs - b.atMs)
  expect(await read(idList(...wanted.toReversed()), noon - day, noon + day)).toEqual(expected)
})

test('the same sample sent twice is merged into one; two values of one moment both stay for the reader to choose', async () => {
  await load(samples([{ id: 2, atMs: noon, value: 5 }]))
  await load(
    samples([
      { id: 2, atMs: noon, value: 5 },
      { id: 2, atMs: noon, value: 7 },
    ]),
  )
  await client.command('OPTIMIZE TABLE samples FINAL', { signal })
  expect((await read(idList(2), noon, noon)).map(({ value }) => value)).toEqual([5, 7])
})

test('times before 1970 and far ahead are kept', async () => {
  const rows = [-1000, 0, 4e12].map((atMs) => ({ id: 3, atMs, value: 1 }))
  await load(samples(rows))
  expect(await read(idList(3), -1e15, 1e15)).toEqual(rows)
  expect(await read(idList(3), Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)).toEqual(rows)
})

test('more ids than fit into one statement are read in order', async () => {
  const ids = Array.from({ length: 12_000 }, (_, i) => 100_000 + i)
  await load(samples(ids.map((id) => ({ id, atMs: noon, value: id }))))
  const back = await read(idList(...ids.toReversed()), noon, noon)
  expect(back.map(({ id }) => id)).toEqual(ids)
})

test('a series is found on the days it has rows of, once, with its labels, in its project alone', async () => {
  const labels = { __name__: 'found_total', job: 'a', path: '/\u{1f600}', zone: 'x' }
  await load(
    encoder.series([
      seriesRow(10, labels),
      seriesRow(10, labels, noon + day),
      seriesRow(11, { __name__: 'found_total' }, noon, 7),
    ]),
  )
  const reader = createMetricStoreReader(client)
  const name: Matcher = { name: '__name__', op: '=', value: 'found_total' }
  const find = (startMs: number, endMs: number, project = 0) =>
    reader.series(project as ProjectId, [name], startMs, endMs, { signal })
  expect((await find(noon - 1000, noon + 2 * day)).map((row) => row.labels)).toEqual([Labels.from(labels)])
  expect((await find(noon - 1000, noon))[0]).toMatchObject({ idLow: 10, idHigh: 0x80000000, project: 0 })
  expect(await find(noon - 5 * day, noon - day)).toEqual([])
  expect((await find(noon, noon, 7)).map((row) => row.idLow)).toEqual([11])
})

test('matchers mean what Prometheus means by them: missing is empty, expressions are whole and RE2', async () => {
  const names = ['job', 'instance', "it's", 'é']
  const values = ['', 'a', 'b', 'ab', 'a\nb', 'A', "x'y", 'x\\y', '10.0.0.1:9100', 'höhe', '(a)']
  const label = fc.tuple(fc.constantFrom(...names), fc.constantFrom(...values))
  const sets = fc.sample(fc.array(label, { maxLength: 4 }), { numRuns: 150, seed: 11 })
  const rows = sets.map((pairs, i) =>
    seriesRow(20_000 + i, { ...Object.fromEntries(pairs), __name__: i % 2 === 0 ? 'm_even' : 'm_odd' }),
  )
  await load(encoder.series(rows))
  const pattern = fc.constantFrom(
    '',
    'a',
    'a|b',
    '.*',
    '.+',
    'a.b',
    '(?i)a',
    '[[:alpha:]]+',
    '\\pL+',
    '10\\..*',
    'x.y',
    '\\Q(a)\\E',
    '^a$',
    'a?',
    'h.he',
    '[^a]*',
  )
  const matcher: fc.Arbitrary<Matcher> = fc.oneof(
    fc.record({
      name: fc.constantFrom(...names, '__name__'),
      op: fc.constantFrom('=' as const, '!=' as const),
      value: fc.constantFrom(...values, 'm_odd'),
    }),
    fc.record({
      name: fc.constantFrom(...names, '__name__'),
      op: fc.constantFrom('=~' as const, '!~' as const),
      value: pattern,
    }),
  )
  const scope: Matcher = { name: '__name__', op: '=~', value: 'm_(even|odd)' }
  await fc.assert(
    fc.asyncProperty(fc.array(matcher, { maxLength: 3 }), async (chosen) => {
      const found = await createMetricStoreReader(client).series(0 as ProjectId, [scope, ...chosen], noon, noon, {
        signal,
      })
      const expected = rows.filter(({ labels }) => chosen.every((one) => matches(one, labels.get(one.name))))
      expect(found.map(({ idLow }) => idLow).sort()).toEqual(expected.map(({ idLow }) => idLow).sort())
    }),
    { numRuns: 80 },
  )
})

function matches({ op, value }: Matcher, label: string): boolean {
  switch (op) {
    case '=':
      return label === value
    case '!=':
      return label !== value
    case '=~':
      return compileLabelRegex(value)(label)
    case '!~':
      return !compileLabelRegex(value)(label)
    default:
      return op satisfies never
  }
}

test('the newest metadata of a family counts', async () => {
  const family = (help: string): MetricMetadata => ({
    project: 0 as ProjectId,
    family: 'f_total',
    type: 'counter',
    help,
    unit: 's',
  })
  await load(encoder.metadata([family('old')]))
  await load(encoder.metadata([family('new')]))
  const found = await createMetricStoreReader(client).metadata(0 as ProjectId, { signal, family: 'f_total' })
  expect(found).toEqual([family('new')])
})

test('a refill gives the series and samples since a time, and how many each hour holds', async () => {
  const late = Date.UTC(2030, 0, 1, 12)
  const ids = [50, 51]
  await load(
    encoder.series(ids.map((id) => seriesRow(id, { __name__: `refill_${id}` }, late))),
    samples(ids.flatMap((id) => [0, 1, 2].map((hour) => ({ id, atMs: late - hour * 3_600_000, value: hour })))),
  )
  const source = createRefillSource(client)
  // the far time of another test is no part of this
  await client.command('ALTER TABLE samples DELETE WHERE at_ms > 3000000000000 SETTINGS mutations_sync = 1', { signal })
  const extent = await source.extent({ signal })
  expect(extent).toEqual({ newestMs: late, perHour: [2, 2, 2] })
  const since = late - 3_600_000
  const series = (await collect(source.series(since, { signal }))).flat()
  expect(series.map(({ labels }) => labels.get('__name__')).sort()).toEqual(['refill_50', 'refill_51'])
  expect(rowsOf(await collect(source.samples(since, { signal })))).toEqual(
    ids.flatMap((id) => [
      { id, atMs: since, value: 1 },
      { id, atMs: late, value: 0 },
    ]),
  )
})

test('migrations may be repeated, and a newer store is refused before anything is touched', async () => {
  await migrateStore({ address: engine.address, tables: metricTables, target, signal })
  const [series] = metricTables
  if (series === undefined) throw new Error('no tables')
  const newer = { ...series, migrations: [...series.migrations, { version: 9, render: () => ['SELECT 1'] }] }
  await migrateStore({ address: engine.address, tables: [newer], target, signal })
  await expect(migrateStore({ address: engine.address, tables: metricTables, target, signal })).rejects.toMatchObject({
    code: 'data_dir.newer',
    message: expect.stringContaining('has version 9'),
  })
})
