// What is there: days of samples, days of buckets, and of which state of their samples those were made.
//
// A day's mark is the greatest number of a block that was inserted into its partition: each insert raises it, merges and deletions do not.

import { literal } from './literal.ts'
import type { KeptRollups, RenderTarget, StoreClient } from './port.ts'
import { type RollupLevel, rollupDaysTable, rollupLevels } from './tables/rollups.ts'
import { samplesTable } from './tables/samples.ts'
import { seriesTable } from './tables/series.ts'

const dayMs = 86_400_000
/** The mark of a day that has to be made again. */
export const unmade = Number.MAX_SAFE_INTEGER

export interface DayRecord {
  readonly mark: number
  /** Its samples are gone, or about to go: what comes late for it changes nothing. */
  readonly isFinal: boolean
  readonly version: number
}

/** Begins of the days with the oldest and the newest buckets. */
interface BucketDays {
  readonly oldestMs: number
  readonly newestMs: number
}

export interface RollupDays {
  /** Days with samples, each with its mark; by begin of the day in ms, ascending. */
  readonly raw: ReadonlyMap<number, number>
  readonly levels: ReadonlyMap<
    RollupLevel,
    { readonly records: ReadonlyMap<number, DayRecord>; readonly buckets: BucketDays | undefined }
  >
}

export async function readRollupDays(
  client: StoreClient,
  target: RenderTarget,
  signal: AbortSignal,
): Promise<RollupDays> {
  const [parts, records] = await Promise.all([readParts(client, target, signal), readRecords(client, signal)])
  const raw = new Map<number, number>()
  const buckets = new Map<string, BucketDays>()
  for (const { name, day, mark } of parts) {
    const beginMs = beginOfDay(day)
    if (name === target.localName(samplesTable.name)) raw.set(beginMs, mark)
    else buckets.set(name, { oldestMs: buckets.get(name)?.oldestMs ?? beginMs, newestMs: beginMs })
  }
  const levels = rollupLevels.map((level) => {
    const own = records.filter((record) => record.level === level.name)
    const byDay = new Map(
      own.map((row) => [
        beginOfDay(row.day),
        { mark: row.last_mark, isFinal: row.last_final === 1, version: row.last_version },
      ]),
    )
    return [level, { records: byDay, buckets: buckets.get(target.localName(level.table)) }] as const
  })
  return { raw, levels: new Map(levels) }
}

/** What a query may use. Undefined where there are no buckets. */
export function keptRollups({ raw, levels }: RollupDays): KeptRollups | undefined {
  const isFinal = (day: number): boolean =>
    [...levels.values()].some(({ records }) => records.get(day)?.isFinal === true)
  const rawDays = [...raw.keys()].filter((day) => !isFinal(day))
  const kept = [...levels].flatMap(([{ name, widthMs }, { records, buckets }]) => {
    if (buckets === undefined) return []
    const stale = rawDays.find((day) => records.get(day)?.mark !== raw.get(day))
    const last = Math.max(...records.keys())
    // a sample at the very begin of a day belongs to the last bucket of the day before
    const freshUntilMs = stale === undefined ? last + dayMs : stale - widthMs
    return [{ name, widthMs, fromMs: buckets.oldestMs, untilMs: buckets.newestMs + dayMs, freshUntilMs }]
  })
  return kept.length === 0 ? undefined : { rawFromMs: rawDays[0] ?? Number.POSITIVE_INFINITY, levels: kept }
}

/** Of `is_final` and marks; the greatest version counts. */
export function recordStatement(
  target: RenderTarget,
  rows: readonly { readonly level: RollupLevel; readonly dayMs: number; readonly record: DayRecord }[],
): string {
  const values = rows.map(
    ({ level, dayMs: day, record }) =>
      `(${literal(level.name)}, ${numberOfDay(day)}, ${record.mark}, ${record.isFinal ? 1 : 0}, ${record.version})`,
  )
  return `INSERT INTO ${target.localName(rollupDaysTable.name)} (level, day, mark, is_final, version) VALUES ${values.join(', ')}`
}

/** By table and day, ascending. */
function readParts(
  client: StoreClient,
  target: RenderTarget,
  signal: AbortSignal,
): Promise<readonly { readonly name: string; readonly day: number; readonly mark: number }[]> {
  const parts =
    target.cluster === undefined ? 'system.parts' : `clusterAllReplicas(${literal(target.cluster)}, system.parts)`
  const names = [samplesTable.name, ...rollupLevels.map(({ table }) => table)].map((name) =>
    literal(target.localName(name)),
  )
  // replicas number a partition's blocks alike; the blocks of shards add up
  return client.query(
    `SELECT name, day, toFloat64(sum(block)) AS mark FROM (
SELECT table AS name, toUInt32(substring(partition_id, 1, 8)) AS day, ${target.cluster === undefined ? "''" : 'hostName()'} AS host, max(max_block_number) AS block
FROM ${parts} WHERE active AND database = currentDatabase() AND table IN (${names.join(', ')}) AND match(partition_id, '^\\\\d{8}$')
GROUP BY name, day, host) GROUP BY name, day ORDER BY name, day`,
    { signal },
  )
}

/** Samples are written after their series, in a statement of their own: what follows a series is there within that time, be the store ever so busy. */
const arrivingSeconds = 120

/** Whether series of the day were written a moment ago. */
export async function isArriving(
  client: StoreClient,
  target: RenderTarget,
  { dayMs: day, signal }: { readonly dayMs: number; readonly signal: AbortSignal },
): Promise<boolean> {
  const rows = await client.query(
    `SELECT 1 AS arriving FROM ${target.systemTable('parts')} WHERE active AND database = currentDatabase() AND table = ${literal(target.localName(seriesTable.name))}
AND partition_id = ${literal(String(numberOfDay(day)))} AND modification_time > now() - ${arrivingSeconds} LIMIT 1`,
    { signal },
  )
  return rows.length > 0
}

interface RecordRow {
  readonly level: string
  readonly day: number
  readonly last_mark: number
  readonly last_final: number
  readonly last_version: number
}

function readRecords(client: StoreClient, signal: AbortSignal): Promise<readonly RecordRow[]> {
  return client.query<RecordRow>(
    `SELECT level, day, toFloat64(argMax(mark, version)) AS last_mark, argMax(is_final, version) AS last_final, toFloat64(max(version)) AS last_version
FROM ${rollupDaysTable.name} GROUP BY level, day ORDER BY level, day`,
    { signal },
  )
}

/** A day as partitions are named: 20261121. */
const numberOfDay = (ms: number): number => Number(new Date(ms).toISOString().slice(0, 10).replaceAll('-', ''))

const beginOfDay = (day: number): number =>
  Date.UTC(Math.floor(day / 10_000), (Math.floor(day / 100) % 100) - 1, day % 100)
