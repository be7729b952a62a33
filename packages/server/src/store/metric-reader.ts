// Metrics out of the store: used in query workers, for what the head does not hold.
import { Labels } from '@tidewatch/core/labels.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import { literal, uint64Literal } from './literal.ts'
import { matcherCondition } from './matchers.ts'
import { decodeNative, type NativeBlock } from './native-decode.ts'
import type {
  MetricMetadata,
  MetricStoreReader,
  RollupReader,
  StoreClient,
  StoredHistograms,
  StoredSamples,
  StoredSeries,
  StreamOptions,
} from './port.ts'
import { histogramsTable } from './tables/histograms.ts'
import { metadataTable } from './tables/metadata.ts'
import { levelOf } from './tables/rollups.ts'
import { samplesTable, sampleValue } from './tables/samples.ts'
import { seriesTable } from './tables/series.ts'

const dayMs = 86_400_000
/** Ids of one statement: its text stays about 200 kB, and its answer starts soon. */
const idsPerStatement = 10_000
/** What is read by way of a file: 24 bytes each, which lie on the disk for the blink of an eye. */
const maxFileSamples = 4_000_000
/**
 * Parts one after the other by one thread, each in its own order; who reads them knows how to join them. 1.6 M rows of 40 series and a week take
 * 135 ms of CPU; with an order 192, since the engine merges what mostly needs no merging, and hands each piece of a file to a thread of its own.
 */
const fileSettings = "SETTINGS max_threads = 1, local_filesystem_read_method = 'pread'"
const defaultMetadataLimit = 100_000

/** With `rollups` it also finds series of which only buckets are left. */
export function createMetricStoreReader(client: StoreClient, rollups?: RollupReader): MetricStoreReader {
  return {
    ...(rollups === undefined ? {} : { rollups }),
    async series(project, matchers, startMs, endMs, { signal, limit }) {
      const conditions = [
        `project = ${literal(project)}`,
        `seen_ms >= ${wholeMs(Math.floor(startMs / dayMs) * dayMs, 'down')}`,
        `seen_ms < ${wholeMs((Math.floor(endMs / dayMs) + 1) * dayMs, 'up')}`,
        ...matchers.map(matcherCondition),
      ]
      const tables = [seriesTable.name, ...(await seriesOfBuckets(rollups, startMs, signal))]
      const sql = `${selectSeries(conditions, tables)} ORDER BY name, id LIMIT 1 BY id${limit === undefined ? '' : ` LIMIT ${literal(limit)}`} FORMAT Native`
      const series: StoredSeries[] = []
      for await (const block of decodeNative(client.stream(sql, { signal }))) series.push(...readSeries(block))
      return series
    },

    async *samples(_project, ids, startMs, endMs, { signal, atMost = Number.POSITIVE_INFINITY }) {
      const viaFile = atMost <= maxFileSamples
      const end = viaFile ? `LIMIT ${literal(atMost + 1)} ${fileSettings}` : 'ORDER BY id, at_ms'
      for (const where of conditionsFor(ids, startMs, endMs))
        yield* streamSamples(client, `${where} ${end}`, { signal, viaFile })
    },

    async *histograms(_project, ids, startMs, endMs, { signal }) {
      for (const where of conditionsFor(ids, startMs, endMs)) yield* streamHistograms(client, where, signal)
    },

    async metadata(project, { signal, family, limit }) {
      const only = family === undefined ? '' : ` AND family = ${literal(family)}`
      return client.query<MetricMetadata>(
        `SELECT project, family, argMax(type, loaded_at) AS type, argMax(help, loaded_at) AS help, argMax(unit, loaded_at) AS unit
FROM ${metadataTable.name} WHERE project = ${literal(project)}${only}
GROUP BY project, family ORDER BY family LIMIT ${literal(limit ?? defaultMetadataLimit)}`,
        { signal },
      )
    },
  }
}

/** Tables of series that have buckets where samples are gone. */
async function seriesOfBuckets(
  rollups: RollupReader | undefined,
  startMs: number,
  signal: AbortSignal,
): Promise<string[]> {
  const kept = await rollups?.kept({ signal })
  if (kept === undefined || startMs >= kept.rawFromMs) return []
  return kept.levels.map(({ name }) => levelOf(name).seriesTable)
}

/** The series table's columns as `readSeries` takes them; rows of several tables where several are named. */
export function selectSeries(conditions: readonly string[], tables: readonly string[] = [seriesTable.name]): string {
  const where = conditions.join(' AND ')
  const from =
    tables.length === 1
      ? `${tables[0]} WHERE ${where}`
      : `(${tables.map((table) => `SELECT project, name, id, labels, seen_ms FROM ${table} WHERE ${where}`).join(' UNION ALL ')})`
  return `SELECT project, id, CAST(labels, 'Map(String, String)') AS labels, toFloat64(seen_ms) AS seen_ms
FROM ${from}`
}

export function readSeries(block: NativeBlock): StoredSeries[] {
  const projects = block.uint32('project')
  const ids = block.halves('id')
  const seenMs = block.float64('seen_ms')
  const { ends, keys, values } = block.maps('labels')
  const series: StoredSeries[] = []
  let at = 0
  for (let row = 0; row < block.rows; row++) {
    const flat: string[] = []
    // written sorted, and a map keeps its order
    for (; at < (ends[row] as number); at++) flat.push(keys[at] as string, values[at] as string)
    series.push({
      project: projects[row] as ProjectId,
      idLow: ids[row * 2] as number,
      idHigh: ids[row * 2 + 1] as number,
      labels: Labels.fromSorted(flat),
      seenMs: seenMs[row] as number,
    })
  }
  return series
}

/** Samples where the condition (and what follows it, an order for example) holds, block by block as the store finds them. */
export async function* streamSamples(
  client: StoreClient,
  where: string,
  options: Pick<StreamOptions, 'signal' | 'viaFile'>,
): AsyncGenerator<StoredSamples> {
  const sql = `SELECT id, toFloat64(at_ms) AS at, ${sampleValue} AS value FROM ${samplesTable.name} WHERE ${where} FORMAT Native`
  for await (const block of decodeNative(client.stream(sql, options))) {
    yield { length: block.rows, ids: block.halves('id'), timesMs: block.float64('at'), values: block.float64('value') }
  }
}

/** Native histograms where the condition holds, by series and time. */
export async function* streamHistograms(
  client: StoreClient,
  where: string,
  signal: AbortSignal,
): AsyncGenerator<StoredHistograms> {
  const sql = `SELECT id, toFloat64(at_ms) AS at, bytes FROM ${histogramsTable.name} WHERE ${where} ORDER BY id, at_ms FORMAT Native`
  for await (const block of decodeNative(client.stream(sql, { signal }), { blobs: ['bytes'] })) {
    yield { length: block.rows, ids: block.halves('id'), timesMs: block.float64('at'), bytes: block.blobs('bytes') }
  }
}

/** Conditions on series and time, one a statement. An id is a hash of its project too, so that needs no naming. */
function* conditionsFor(ids: Uint32Array, startMs: number, endMs: number): Generator<string> {
  for (const condition of idConditions(ids)) yield `${condition} AND ${timeRange(startMs, endMs)}`
}

export function* idConditions(ids: Uint32Array): Generator<string> {
  const sorted = sortIds(ids)
  for (let first = 0; first < sorted.length; first += idsPerStatement)
    yield `id IN (${sorted.slice(first, first + idsPerStatement).join(',')})`
}

/** A condition on a column of times for startMs <= time <= endMs; either may be infinite. */
export function timeRange(startMs: number, endMs: number, column = 'at_ms'): string {
  return `${column} >= ${wholeMs(startMs, 'up')} AND ${column} <= ${wholeMs(endMs, 'down')}`
}

/** Milliseconds as an Int64 that SQL holds exactly. */
function wholeMs(ms: number, round: 'up' | 'down'): string {
  const whole = round === 'up' ? Math.ceil(ms) : Math.floor(ms)
  return `toInt64(${literal(BigInt(Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, whole))))})`
}

function sortIds(ids: Uint32Array): string[] {
  const numbers = new BigUint64Array(ids.length / 2)
  new Uint32Array(numbers.buffer).set(ids)
  return Array.from(numbers.sort(), (id) => uint64Literal(Number(id & 0xffffffffn), Number(id >> 32n)))
}
