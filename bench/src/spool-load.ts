// Samples from the spool into the real engine and back: CPU a sample, bytes a sample after merges, reading. Our table (whole numbers beside
// bits) against a plain one (Float64 by Gorilla). `BENCH_KIT` is where the data set is, `BENCH_HOURS` how much of it (10,000 series).
// node scripts/with-node.mjs node bench/src/spool-load.ts
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { systemClock } from '@tidewatch/core/clock.ts'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import { setStale } from '@tidewatch/core/stale.ts'
import type { SpoolSection } from '@tidewatch/server/spool/port.ts'
import { createSpool } from '@tidewatch/server/spool/spool.ts'
import { createStoreClient } from '@tidewatch/server/store/client.ts'
import { createLoader } from '@tidewatch/server/store/loader.ts'
import { createMetricTablesEncoder } from '@tidewatch/server/store/metric-encoder.ts'
import { createMetricStoreReader } from '@tidewatch/server/store/metric-reader.ts'
import { migrateStore } from '@tidewatch/server/store/migrate.ts'
import type { StoreClient, TelemetryTable } from '@tidewatch/server/store/port.ts'
import { createRenderTarget } from '@tidewatch/server/store/render.ts'
import { dayOf, samplesTable } from '@tidewatch/server/store/tables/samples.ts'
import { TestingEngine } from '@tidewatch/server/store/testing-engine.ts'

const kit = resolve(process.env.BENCH_KIT ?? '../shared/bench')
const { createDataset } = await import(pathToFileURL(`${kit}/lib/dataset.mjs`).href)
const hours = Number(process.env.BENCH_HOURS ?? 6)
const rowsPerRequest = 3500
const endMs = Date.UTC(2026, 0, 1)
const signal = new AbortController().signal
const encoder = createMetricTablesEncoder()

const plainTable: TelemetryTable = {
  ...samplesTable,
  name: 'samples_plain',
  columns: [
    { name: 'id', from: 'id' },
    { name: 'at_ms', from: 'toInt64(at_ms)' },
    { name: 'value', from: 'reinterpretAsFloat64(bits)' },
    { name: 'project', from: 'project' },
  ],
  migrations: [
    {
      version: 1,
      render: (target) =>
        target.createTable({
          name: 'samples_plain',
          columns: [
            'id UInt64 CODEC(ZSTD(1))',
            'at_ms Int64 CODEC(DoubleDelta, ZSTD(1))',
            'value Float64 CODEC(Gorilla, ZSTD(1))',
            'project UInt32 CODEC(ZSTD(1))',
          ],
          engine: 'MergeTree',
          partitionBy: dayOf('at_ms'),
          orderBy: 'id, at_ms',
        }),
    },
  ],
}

/** The data set as requests, in the order of the scrapes. */
function* requests(ids: Uint32Array): Generator<SpoolSection> {
  const set = createDataset({ series: ids.length / 2, hours, endMs, seed: 1 })
  const columns = {
    length: 0,
    projects: new Uint32Array(rowsPerRequest),
    ids: new Uint32Array(rowsPerRequest * 2),
    timesMs: new Float64Array(rowsPerRequest),
    values: new Float64Array(rowsPerRequest),
  }
  const words = new Uint32Array(columns.values.buffer)
  while (set.step()) {
    for (const target of set.order) {
      for (let i = target.first; i < target.first + target.count; i++) {
        const at = columns.length++
        columns.ids.set(ids.subarray(i * 2, i * 2 + 2), at * 2)
        columns.timesMs[at] = target.time
        if (target.down && i !== target.first) setStale(words, at)
        else columns.values[at] = set.values[i]
        if (columns.length < rowsPerRequest) continue
        yield encoder.samples(columns)
        columns.length = 0
      }
    }
  }
  if (columns.length > 0) yield encoder.samples(columns)
}

/** Ids as an index that hashes whole label sets makes them, or with the metric's name in their upper 16 bits. */
function idsOf(byName: boolean): Uint32Array {
  const { series } = createDataset({ series: 10_000, hours: 1, endMs, seed: 1 })
  const ids = new Uint32Array(series.length * 2)
  for (const [i, { name, labels }] of series.entries()) {
    const hash = createHash('sha256').update(JSON.stringify(labels)).digest()
    const names = createHash('sha256').update(name).digest()
    ids[i * 2] = hash.readUInt32LE(0)
    ids[i * 2 + 1] = byName ? ((names.readUInt16LE(0) << 16) | hash.readUInt16LE(4)) >>> 0 : hash.readUInt32LE(4)
  }
  return ids
}

/** CPU seconds of a process so far, from /proc. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / 100
}

async function run(title: string, table: TelemetryTable, ids: Uint32Array): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'bench-load-'))
  const target = createRenderTarget(undefined)
  await using engine = await TestingEngine.start()
  await using client = createStoreClient(engine.address)
  await migrateStore({ address: engine.address, tables: [table], target, signal })
  const spool = await createSpool({
    dir,
    clock: systemClock,
    durability: 'group',
    readers: ['store'],
    log: console.log,
  })
  const reader = spool.reader('store')
  const loader = createLoader({ reader, client, tables: [table], target, clock: systemClock, log: console.log })
  const begun = { engine: cpuSeconds(engine.pid ?? 0), ms: performance.now() }
  let samples = 0
  for (const section of requests(ids)) {
    samples += section.rows
    await spool.append([{ ...section, table: table.name }])
  }
  await spool.flush([table.name], { signal })
  const loaded = { engine: cpuSeconds(engine.pid ?? 0), ms: performance.now() }
  await client.command(`OPTIMIZE TABLE ${table.name} FINAL`, { signal, timeoutMs: 600_000 })
  const merged = cpuSeconds(engine.pid ?? 0)
  const [size] = await client.query<{ bytes: number }>(
    `SELECT sum(bytes_on_disk) AS bytes FROM system.parts WHERE active AND table = '${table.name}'`,
    { signal },
  )
  const perSample = (seconds: number): string => ((seconds * 1e6) / samples).toFixed(3)
  console.log(title)
  console.log(
    `  ${samples.toLocaleString('en')} samples in ${((loaded.ms - begun.ms) / 1000).toFixed(1)} s, ${loader.stats().inserts} inserts`,
  )
  console.log(
    `  the engine's CPU: ${perSample(loaded.engine - begun.engine)} µs a sample to load, merges of the time included; ${perSample(merged - loaded.engine)} for the last merge`,
  )
  console.log(`  ${((size?.bytes ?? 0) / samples).toFixed(3)} bytes a sample on the disk`)
  if (table === samplesTable) await read(client, ids)
  await loader[Symbol.asyncDispose]()
  await spool[Symbol.asyncDispose]()
  await rm(dir, { recursive: true })
}

/** All series of one metric, the usual query. */
async function read(client: StoreClient, ids: Uint32Array): Promise<void> {
  const { series } = createDataset({ series: 10_000, hours: 1, endMs, seed: 1 })
  const wanted = [...series.entries()].filter(([, { name }]) => name === 'http_requests_total').map(([i]) => i)
  const chosen = Uint32Array.from(wanted.flatMap((i) => [ids[i * 2], ids[i * 2 + 1]]))
  const reader = createMetricStoreReader(client)
  for (const window of [1, hours]) {
    const times: number[] = []
    let rows = 0
    for (let round = 0; round < 5; round++) {
      const begunMs = performance.now()
      rows = 0
      for await (const block of reader.samples(defaultProject, chosen, endMs - window * 3_600_000, endMs, { signal }))
        rows += block.length
      times.push(performance.now() - begunMs)
    }
    times.sort((a, b) => a - b)
    console.log(
      `  ${wanted.length} series of one metric, ${window} h: ${rows.toLocaleString('en')} samples in ${times[2]?.toFixed(0)} ms`,
    )
  }
}

await run('plain Float64 (Gorilla, ZSTD), MergeTree', plainTable, idsOf(false))
await run('ours, ids by hash of the labels', samplesTable, idsOf(false))
await run("ours, ids with the metric's name first", samplesTable, idsOf(true))
