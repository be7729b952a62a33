// Deleting what matches: lightweight deletes, each of which the store makes certain before it answers and works off afterwards, over its own restarts
// too. A delete counts for rows that were loaded before it, whenever it is worked off: what is loaded later stays (ADR 010).
import { setTimeout } from 'node:timers/promises'
import { AppError } from '@tidewatch/core/error.ts'
import { exemplarConditions } from './exemplar-reader.ts'
import { identifier, literal } from './literal.ts'
import { matcherCondition } from './matchers.ts'
import { timeRange } from './metric-reader.ts'
import type { Erasure, RenderTarget, SampleEraser, StoreClient } from './port.ts'
import { type DayRecord, readRollupDays, recordStatement, unmade } from './rollup-days.ts'
import { RollupTurns } from './rollup-turns.ts'
import { exemplarsTable } from './tables/exemplars.ts'
import { histogramsTable } from './tables/histograms.ts'
import { type RollupLevel, rollupLevels, rollupTables } from './tables/rollups.ts'
import { samplesTable } from './tables/samples.ts'
import { seriesTable } from './tables/series.ts'

const dayMs = 86_400_000
/** Beyond all times that are stored, and far from where days would be counted wrongly. */
const endlessMs = 2 ** 50
/** The text of a statement is bounded, and so is what parses it. */
const idsPerStatement = 10_000
/** What was deleted is rewritten: as long as a merge of everything may take. */
const compactTimeoutMs = 60 * 60_000
const pollMs = 50

const sampleTables = [samplesTable, histogramsTable]
const erasedTables = [...sampleTables, exemplarsTable, seriesTable, ...rollupTables]

/** `turns` are those of who makes rollups in this process. */
export function createSampleEraser(
  client: StoreClient,
  target: RenderTarget,
  turns: RollupTurns = new RollupTurns(),
): SampleEraser {
  const remove = (table: string, condition: string, signal: AbortSignal): Promise<void> =>
    client.command(
      `DELETE FROM ${identifier(target.localName(table))}${target.onCluster} WHERE ${condition} SETTINGS lightweight_deletes_sync = 0`,
      { signal },
    )
  // a bucket of which a part is to go goes whole, and is made again of what is left
  const removeBuckets = async (level: RollupLevel, ids: readonly string[], erasure: Erasure, signal: AbortSignal) => {
    const { table, seriesTable: ownSeries, widthMs } = level
    const starts = { startMs: erasure.startMs - widthMs, endMs: erasure.endMs - 1 }
    const condition = `id IN (${ids.join(', ')}) AND ${timeRange(starts.startMs, starts.endMs, 'start_ms')}`
    if ((await count(client, table, condition, signal)) === 0) return
    const rows = await emptyDays(client, ids, { ...starts, tables: [table], column: 'start_ms' }, signal)
    await remove(table, condition, signal)
    for (const row of rows) await remove(ownSeries, row, signal)
  }
  return {
    async submit(erasure, { signal }) {
      const { startMs, endMs } = erasure
      using _ = await turns.take({ signal })
      turns.deleted()
      const ids = await matchingIds(client, erasure, signal)
      for (let from = 0; from < ids.length; from += idsPerStatement) {
        const part = ids.slice(from, from + idsPerStatement)
        // asked before anything of the part is gone
        const tables = sampleTables.map(({ name }) => name)
        const rows = await emptyDays(client, part, { ...erasure, tables, column: 'at_ms' }, signal)
        const inPart = `id IN (${part.join(', ')})`
        for (const name of tables) await remove(name, `${inPart} AND ${timeRange(startMs, endMs)}`, signal)
        for (const condition of rows) await remove(seriesTable.name, condition, signal)
        for (const level of rollupLevels) await removeBuckets(level, part, erasure, signal)
      }
      await markUnmade(client, target, erasure, signal)
      for (const project of erasure.projects) {
        const condition = exemplarConditions(project, erasure.matcherSets, startMs, endMs)
        if ((await count(client, exemplarsTable.name, condition, signal)) > 0)
          await remove(exemplarsTable.name, condition, signal)
      }
      return { series: ids.length }
    },

    async settle({ signal }) {
      for (;;) {
        const open = await openMutations(client, target, signal)
        if (open.length === 0) return
        const reason = open.find(({ reason: text }) => text !== '')?.reason
        if (reason !== undefined)
          throw new AppError('store.unavailable', `the store cannot work a deletion off: ${reason.slice(0, 300)}`)
        await setTimeout(pollMs, undefined, { signal })
      }
    },

    async compact({ signal }) {
      for (const { name } of erasedTables) {
        const sql = `ALTER TABLE ${identifier(target.localName(name))}${target.onCluster} APPLY DELETED MASK SETTINGS mutations_sync = 2`
        await client.command(sql, { signal, timeoutMs: compactTimeoutMs })
      }
    },
  }
}

/** Ids of all series that match and may have samples of the window, as literals. */
async function matchingIds(client: StoreClient, erasure: Erasure, signal: AbortSignal): Promise<string[]> {
  const { projects, matcherSets, startMs, endMs } = erasure
  const ids = new Set<string>()
  const tables = [seriesTable.name, ...rollupLevels.map((level) => level.seriesTable)]
  for (const project of projects) {
    for (const matchers of matcherSets) {
      // a bucket's series has its row on the day that the bucket begins
      const days = timeRange(floorDay(startMs) - dayMs, floorDay(endMs) + dayMs - 1, 'seen_ms')
      const where = [`project = ${literal(project)}`, days, ...matchers.map(matcherCondition)].join(' AND ')
      const each = tables.map((table) => `SELECT id FROM ${table} WHERE ${where}`)
      const sql = `SELECT DISTINCT toString(id) AS id FROM (${each.join(' UNION ALL ')})`
      for (const { id } of await client.query<{ id: string }>(sql, { signal })) ids.add(id)
    }
  }
  return [...ids].sort()
}

/** What goes out of these tables, by this column of times. */
interface Removal {
  readonly tables: readonly string[]
  readonly column: string
  readonly startMs: number
  readonly endMs: number
}

/** Conditions on the series table for the days of these series of which nothing will be left. */
async function emptyDays(
  client: StoreClient,
  ids: readonly string[],
  { tables, column, startMs, endMs }: Removal,
  signal: AbortSignal,
): Promise<string[]> {
  const firstDay = floorDay(startMs)
  const lastDay = floorDay(endMs)
  const isFirstWhole = firstDay >= startMs
  const isLastWhole = lastDay + dayMs - 1 <= endMs
  const conditions: string[] = []
  const wholeFrom = isFirstWhole ? firstDay : firstDay + dayMs
  const wholeTo = (isLastWhole ? lastDay + dayMs : lastDay) - 1
  if (wholeFrom < wholeTo) conditions.push(seriesCondition(ids, wholeFrom, wholeTo))
  const cut = new Set([...(isFirstWhole ? [] : [firstDay]), ...(isLastWhole ? [] : [lastDay])])
  for (const day of cut) {
    const left = new Set<string>()
    for (const name of tables) {
      const where = `id IN (${ids.join(', ')}) AND ${timeRange(day, day + dayMs - 1, column)} AND NOT (${timeRange(startMs, endMs, column)})`
      const sql = `SELECT DISTINCT toString(id) AS id FROM ${name} WHERE ${where}`
      for (const { id } of await client.query<{ id: string }>(sql, { signal })) left.add(id)
    }
    const gone = ids.filter((id) => !left.has(id))
    if (gone.length > 0) conditions.push(seriesCondition(gone, day, day + dayMs - 1))
  }
  return conditions
}

const seriesCondition = (ids: readonly string[], startMs: number, endMs: number): string =>
  `id IN (${ids.join(', ')}) AND ${timeRange(startMs, endMs, 'seen_ms')}`

/** The days at the window's ends have buckets of which only a part was to go: they are made again. What is final stays as it is. */
async function markUnmade(
  client: StoreClient,
  target: RenderTarget,
  { startMs, endMs }: Erasure,
  signal: AbortSignal,
): Promise<void> {
  const { levels } = await readRollupDays(client, target, signal)
  const rows: { level: RollupLevel; dayMs: number; record: DayRecord }[] = []
  for (const [level, { records }] of levels) {
    const edges = [startMs - level.widthMs, startMs, endMs, endMs + level.widthMs].map(floorDay)
    for (const day of new Set(edges)) {
      const known = records.get(day)
      if (known === undefined || known.isFinal) continue
      rows.push({ level, dayMs: day, record: { mark: unmade, isFinal: false, version: known.version + 1 } })
    }
  }
  if (rows.length > 0) await client.command(recordStatement(target, rows), { signal })
}

const floorDay = (ms: number): number => Math.floor(Math.max(-endlessMs, Math.min(endlessMs, ms)) / dayMs) * dayMs

async function count(client: StoreClient, table: string, condition: string, signal: AbortSignal): Promise<number> {
  const sql = `SELECT count() AS rows FROM ${table} WHERE ${condition}`
  return (await client.query<{ rows: number }>(sql, { signal }))[0]?.rows ?? 0
}

function openMutations(
  client: StoreClient,
  target: RenderTarget,
  signal: AbortSignal,
): Promise<readonly { readonly reason: string }[]> {
  const mutations =
    target.cluster === undefined
      ? 'system.mutations'
      : `clusterAllReplicas(${literal(target.cluster)}, system.mutations)`
  const names = erasedTables.map(({ name }) => literal(target.localName(name)))
  return client.query<{ reason: string }>(
    `SELECT latest_fail_reason AS reason FROM ${mutations}
WHERE NOT is_done AND NOT is_killed AND database = currentDatabase() AND table IN (${names.join(', ')})`,
    { signal },
  )
}
