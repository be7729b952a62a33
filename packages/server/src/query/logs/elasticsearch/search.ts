// One search: its count, its aggregations and a page of hits.
import type { LogPlace } from '@tidewatch/core/log-id.ts'
import type { LogFilter } from '../../../store/port.ts'
import { answerAggregations } from './aggregations/answer.ts'
import { filterOf, readQuery } from './filter.ts'
import { hitsOf } from './hits.ts'
import { checkIndices, type IndexSelection } from './indices.ts'
import { readPage } from './lines.ts'
import type { ElasticScope, QueryParameters } from './request.ts'
import type { SearchBody } from './search-body.ts'
import { readSearchAfter } from './sort.ts'

export interface SearchTarget {
  readonly selection: IndexSelection
  /** Names without an index are no mistake. */
  readonly ignoresMissing: boolean
}

export interface SearchResult {
  readonly took: number
  readonly timed_out: false
  readonly _shards: Shards
  readonly hits: object
  readonly aggregations?: object
  /** The place of the last hit: where a scroll goes on. */
  readonly last?: LogPlace
}

interface Shards {
  readonly total: number
  readonly successful: number
  readonly skipped: number
  readonly failed: number
}

export const shards: Shards = { total: 1, successful: 1, skipped: 0, failed: 0 }

export const ignoresMissing = (query: QueryParameters): boolean => query.flag('ignore_unavailable')

export async function search(
  body: SearchBody,
  { selection, ignoresMissing: ignores }: SearchTarget,
  scope: ElasticScope,
  { after = undefined as LogPlace | undefined } = {},
): Promise<SearchResult> {
  const beganMs = performance.now()
  const asked = readQuery(body.query, scope.nowMs)
  const filter = filterOf([selection.predicate, asked], scope)
  const hitFilter =
    body.postFilter === undefined
      ? filter
      : filterOf([filter.predicate, readQuery(body.postFilter, scope.nowMs, 'post_filter')], scope)
  const place = after ?? readSearchAfter(body.searchAfter, body.plan)
  const extent = await extentOf(hitFilter, scope)
  if (extent.count === 0 && !ignores) await checkIndices(selection, scope)
  const aggregations = await answerAggregations(body.aggregations, {
    filter,
    whole: filterOf([selection.predicate], scope),
    scope,
  })
  const { from, size, plan, collapse } = body
  const lines =
    extent.count === 0 ? [] : await readPage(extent.filter, { plan, from, size, after: place, collapse }, scope)
  const last = lines.at(-1)?.place
  return {
    took: Math.round(performance.now() - beganMs),
    timed_out: false,
    _shards: shards,
    hits: {
      ...totalOf(extent.count, body.countTo),
      max_score: plan.hasScore && lines.length > 0 ? 1 : null,
      hits: hitsOf(lines, body, asked, scope),
    },
    ...(aggregations === undefined ? {} : { aggregations }),
    ...(last === undefined ? {} : { last }),
  }
}

const timeColumn = { kind: 'column', column: 'time' } as const

/** How many lines there are, and the same filter with the times between which they lie. */
async function extentOf(
  filter: LogFilter,
  { queries, signal }: ElasticScope,
): Promise<{ readonly count: number; readonly filter: LogFilter }> {
  if (filter.projects.length === 0) return { count: 0, filter }
  const measures = [
    { kind: 'min', field: timeColumn },
    { kind: 'max', field: timeColumn },
  ] as const
  const [row] = await queries.reader.aggregate(filter, { groups: [], measures, limit: 1 }, { signal })
  const [oldest, newest] = row?.values ?? []
  if (row === undefined || typeof oldest !== 'number' || typeof newest !== 'number') return { count: 0, filter }
  // they are ms as floating numbers: one more on either side
  const fromNs = BigInt(Math.floor(oldest) - 1) * 1_000_000n
  const toNs = BigInt(Math.ceil(newest) + 1) * 1_000_000n
  return {
    count: row.count,
    filter: {
      ...filter,
      fromNs: fromNs > filter.fromNs ? fromNs : filter.fromNs,
      toNs: toNs < filter.toNs ? toNs : filter.toNs,
    },
  }
}

function totalOf(count: number, countTo: number): object {
  if (countTo === 0) return {}
  return { total: count > countTo ? { value: countTo, relation: 'gte' } : { value: count, relation: 'eq' } }
}
