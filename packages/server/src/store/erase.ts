// Deleting what matches: lightweight deletes, each of which the store makes certain before it answers and works off afterwards, over its own restarts
// too. A delete counts for rows that were loaded before it, whenever it is worked off: what is loaded later stays (ADR 010).
import { setTimeout } from 'node:timers/promises'
import { AppError } from '@tidewatch/core/error.ts'
import { exemplarConditions } from './exemplar-reader.ts'
import { identifier, literal } from './literal.ts'
import { matcherCondition } from './matchers.ts'
import { timeRange } from './metric-reader.ts'
import type { Erasure, RenderTarget, SampleEraser, StoreClient } from './port.ts'
import { exemplarsTable } from './tables/exemplars.ts'
import { histogramsTable } from './tables/histograms.ts'
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
const erasedTables = [...sampleTables, exemplarsTable, seriesTable]

export function createSampleEraser(client: StoreClient, target: RenderTarget): SampleEraser {
  const remove = (table: string, condition: string, signal: AbortSignal): Promise<void> =>
    client.command(
      `DELETE FROM ${identifier(target.localName(table))}${target.onCluster} WHERE ${condition} SETTINGS lightweight_deletes_sync = 0`,
      { signal },
    )
  return {
    async submit(erasure, { signal }) {
      const { startMs, endMs } = erasure
      const ids = await matchingIds(client, erasure, signal)
      for (let from = 0; from < ids.length; from += idsPerStatement) {
        const part = ids.slice(from, from + idsPerStatement)
        // asked before anything of the part is gone
        const rows = await emptyDays(client, part, erasure, signal)
        const inPart = `id IN (${part.join(', ')})`
        for (const { name } of sampleTables) await remove(name, `${inPart} AND ${timeRange(startMs, endMs)}`, signal)
        for (const condition of rows) await remove(seriesTable.name, condition, signal)
      }
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
  const days = timeRange(floorDay(startMs), floorDay(endMs) + dayMs - 1).replaceAll('at_ms', 'seen_ms')
  for (const project of projects) {
    for (const matchers of matcherSets) {
      const where = [`project = ${literal(project)}`, days, ...matchers.map(matcherCondition)].join(' AND ')
      const sql = `SELECT DISTINCT toString(id) AS id FROM ${seriesTable.name} WHERE ${where}`
      for (const { id } of await client.query<{ id: string }>(sql, { signal })) ids.add(id)
    }
  }
  return [...ids].sort()
}

/** Conditions on the series table for the days of these series of which no sample will be left. */
async function emptyDays(
  client: StoreClient,
  ids: readonly string[],
  { startMs, endMs }: Erasure,
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
    for (const { name } of sampleTables) {
      const where = `id IN (${ids.join(', ')}) AND ${timeRange(day, day + dayMs - 1)} AND NOT (${timeRange(startMs, endMs)})`
      const sql = `SELECT DISTINCT toString(id) AS id FROM ${name} WHERE ${where}`
      for (const { id } of await client.query<{ id: string }>(sql, { signal })) left.add(id)
    }
    const gone = ids.filter((id) => !left.has(id))
    if (gone.length > 0) conditions.push(seriesCondition(gone, day, day + dayMs - 1))
  }
  return conditions
}

const seriesCondition = (ids: readonly string[], startMs: number, endMs: number): string =>
  `id IN (${ids.join(', ')}) AND ${timeRange(startMs, endMs).replaceAll('at_ms', 'seen_ms')}`

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
