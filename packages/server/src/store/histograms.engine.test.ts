import { Labels } from '@tidewatch/core/labels.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import { staleHistogram } from '@tidewatch/core/native-histogram.ts'
import { encodeHistogram } from '@tidewatch/core/native-histogram-codec.ts'
import { afterAll, expect, test } from 'vitest'
import type { SpoolSection } from '../spool/port.ts'
import { createMetricTablesEncoder } from './metric-encoder.ts'
import { createMetricStoreReader } from './metric-reader.ts'
import { createRefillSource } from './refill.ts'
import { metricTables } from './tables/registry.ts'
import { loadSections } from './testing-load.ts'
import { openTestingStore } from './testing-store.ts'

const signal = new AbortController().signal
const day = 86_400_000
const noon = Date.UTC(2026, 5, 10, 12)
const encoder = createMetricTablesEncoder()

const store = await openTestingStore(metricTables)
const { client } = store
afterAll(() => store[Symbol.asyncDispose]())

interface Row {
  readonly id: number
  readonly atMs: number
  readonly bytes: Uint8Array
}

const idsOf = (ids: readonly number[]): Uint32Array => Uint32Array.from(ids.flatMap((id) => [id, 0x80000000]))

function section(rows: readonly Row[]): SpoolSection {
  return encoder.histograms({
    length: rows.length,
    projects: new Uint32Array(rows.length),
    ids: idsOf(rows.map(({ id }) => id)),
    timesMs: Float64Array.from(rows, ({ atMs }) => atMs),
    bytes: rows.map(({ bytes }) => bytes),
  })
}

async function read(ids: readonly number[], startMs: number, endMs: number): Promise<Row[]> {
  const rows: Row[] = []
  const reader = createMetricStoreReader(client)
  for await (const block of reader.histograms(0 as ProjectId, idsOf(ids), startMs, endMs, { signal })) {
    for (const [i, bytes] of block.bytes.entries())
      rows.push({ id: block.ids[i * 2] as number, atMs: block.timesMs[i] as number, bytes })
  }
  return rows
}

/** Every byte there is, so that nothing takes them for text. */
const everyByte = Uint8Array.from({ length: 256 }, (_, i) => i)

test('the bytes of histograms come back as they were, by series and time, those of the window alone', async () => {
  const rows: Row[] = [
    { id: 2, atMs: noon + 1000, bytes: everyByte },
    { id: 1, atMs: noon + day, bytes: new Uint8Array(32_000).fill(0xff) },
    { id: 1, atMs: noon, bytes: encodeHistogram(staleHistogram) },
    { id: 3, atMs: noon, bytes: everyByte },
    { id: 1, atMs: noon - 1, bytes: everyByte },
  ]
  await loadSections(client, [section(rows)])
  expect(await read([2, 1], noon, noon + day)).toEqual([rows[2], rows[1], rows[0]])
})

test('the same histogram twice is one after a merge, two of one moment stay', async () => {
  const one = { id: 10, atMs: noon, bytes: Uint8Array.of(0, 1, 2) }
  const other = { ...one, bytes: Uint8Array.of(0, 1, 3) }
  await loadSections(client, [section([one])])
  await loadSections(client, [section([other, one])])
  await client.command('OPTIMIZE TABLE histograms FINAL', { signal })
  expect(await read([10], noon, noon)).toEqual([one, other])
})

test('a refill sees series, samples and size of both kinds', async () => {
  const atMs = noon + 10 * day
  const labels = (name: string): Labels => Labels.from({ __name__: name })
  const series = [
    { project: 0 as ProjectId, idLow: 20, idHigh: 0x80000000, labels: labels('floats'), seenMs: atMs },
    { project: 0 as ProjectId, idLow: 21, idHigh: 0x80000000, labels: labels('histograms'), seenMs: atMs },
  ]
  const floats = encoder.samples({
    length: 1,
    projects: new Uint32Array(1),
    ids: idsOf([20]),
    timesMs: Float64Array.of(atMs),
    values: Float64Array.of(1),
  })
  const newest = { id: 21, atMs: atMs + 7_200_000, bytes: new Uint8Array(168).fill(1) }
  await loadSections(client, [encoder.series(series), floats, section([newest])])
  const source = createRefillSource(client)
  expect(await source.extent({ signal })).toMatchObject({ newestMs: newest.atMs, perHour: [50, 0, 1] })
  const names: string[] = []
  for await (const block of source.series(atMs, { signal }))
    names.push(...block.map((row) => row.labels.get('__name__')))
  expect(names.sort()).toEqual(['floats', 'histograms'])
  const bytes: Uint8Array[] = []
  for await (const block of source.histograms(atMs, { signal })) bytes.push(...block.bytes)
  expect(bytes).toEqual([newest.bytes])
})
