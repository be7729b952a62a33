// Elasticsearch's API for reading, over lines of logs.
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { elasticError, elasticRoutes } from '../../../http/elastic/port.ts'
import type { Answer, RequestContext, Route } from '../../../http/port.ts'
import type { IndexNames } from '../../port.ts'
import type { LogQueries } from '../log-queries.ts'
import { catAliases, catCount, catHealth, catIndices } from './cat.ts'
import { deleteIndex, type IndexDeletion } from './delete-index.ts'
import { getDocument, getMany, getSource } from './documents.ts'
import { answerOf } from './fault.ts'
import { readQuery } from './filter.ts'
import { getIndex, getStats, refused } from './index-routes.ts'
import { fieldCaps, getFieldMapping, getMapping, getSettings, resolveIndex } from './mappings.ts'
import { bodyLimits, type ElasticRequest, QueryParameters } from './request.ts'
import {
  asyncResult,
  asyncStatus,
  closePit,
  count,
  endAsync,
  endScroll,
  openPit,
  refresh,
  scrollOn,
  searchAsync,
  searchMany,
  searchOnce,
  validate,
} from './search-routes.ts'

export interface ElasticsearchRoutesOptions {
  readonly queries: LogQueries
  readonly clock: Pick<Clock, 'nowMs'>
  readonly names: IndexNames
  /** The number of arrival of this moment (`LogIntake.mark`). */
  readonly mark: () => Promise<bigint>
  /** Absent where this process takes nothing in. */
  readonly deletion?: IndexDeletion
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'
type Handle = (request: ElasticRequest) => Promise<Answer> | Answer
type Entry = readonly [methods: readonly Method[], path: string, what: string, handle: Handle]

const read = ['GET', 'POST'] as const

/** For all indices, and for those in the path. */
const both = (methods: readonly Method[], path: string, what: string, handle: Handle): readonly Entry[] => [
  [methods, path, what, handle],
  [methods, `/:index${path}`, what, handle],
]

const entries: readonly Entry[] = [
  ...both(read, '/_search', 'a search: hits and aggregations', searchOnce),
  ...both(read, '/_msearch', 'several searches at once', searchMany),
  ...both(read, '/_count', 'how many lines match', count),
  ...both(read, '/_validate/query', 'whether a query can be read', validate),
  ...both(read, '/_refresh', 'nothing to do, what was acknowledged is found', refresh),
  [read, '/_search/scroll', 'the next page of a scroll', scrollOn],
  [read, '/_search/scroll/:id', 'the next page of a scroll', scrollOn],
  [['DELETE'], '/_search/scroll', 'a scroll ends', endScroll],
  [['DELETE'], '/_search/scroll/:id', 'a scroll ends', endScroll],
  [['POST'], '/:index/_pit', 'a point in time opens', openPit],
  [['DELETE'], '/_pit', 'a point in time closes', closePit],
  ...both(['POST'], '/_async_search', 'a search, answered at once', searchAsync),
  [['GET'], '/_async_search/:id', 'the answer of an async search', asyncResult],
  [['GET'], '/_async_search/status/:id', 'the state of an async search', asyncStatus],
  [['DELETE'], '/_async_search/:id', 'an async search ends', endAsync],
  [['GET'], '/:index/_doc/:id', 'a line by its id', getDocument],
  [['GET'], '/:index/_source/:id', "a line's document", getSource],
  ...both(read, '/_mget', 'lines by their ids', getMany),
  ...both(read, '/_field_caps', 'fields and what can be done with them', fieldCaps),
  ...both(['GET'], '/_mapping', 'fields and their types', getMapping),
  ...both(['GET'], '/_mapping/field/:fields', 'types of some fields', getFieldMapping),
  ...both(['GET'], '/_settings', 'settings of indices', getSettings),
  [['GET'], '/_resolve/index/:name', 'which indices a pattern means', resolveIndex],
  [['GET'], '/:index', 'an index: aliases, fields, settings', getIndex],
  ...both(['GET'], '/_stats', 'how many lines there are', getStats),
  ...both(['GET'], '/_stats/:metric', 'how many lines there are', getStats),
  ...both(
    ['POST'],
    '/_delete_by_query',
    'refused, lines go by index or with their retention',
    refused('_delete_by_query'),
  ),
  ...both(['POST'], '/_update_by_query', 'refused, lines are only added', refused('_update_by_query')),
  [['PUT'], '/_cluster/settings', 'refused, settings stand in tidewatch.yml', refused('_cluster/settings')],
  [['POST'], '/_reindex', 'refused', refused('_reindex')],
  [['GET', 'POST'], '/_sql', 'refused', refused('_sql')],
  [['POST'], '/_query', 'refused', refused('_query')],
  [['GET', 'POST'], '/:index/_eql/search', 'refused', refused('_eql')],
  [['POST'], '/:index/_rollover', 'refused', refused('_rollover')],
  [['POST'], '/:index/_close', 'refused', refused('_close')],
  [['GET'], '/_cat/aliases', 'aliases as a table', catAliases],
  [['GET'], '/_cat/aliases/:name', 'aliases as a table', catAliases],
  [['GET'], '/_cat/indices', 'indices as a table', catIndices],
  [['GET'], '/_cat/indices/:index', 'indices as a table', catIndices],
  [['GET'], '/_cat/health', 'health as a table', catHealth],
  [['GET'], '/_cat/count', 'lines as a table', catCount],
  [['GET'], '/_cat/count/:index', 'lines as a table', catCount],
]

/** At the root, and below /elastic. */
export function createElasticsearchRoutes(options: ElasticsearchRoutesOptions): readonly Route[] {
  const { deletion } = options
  const deletions = deletion === undefined ? [] : deletionRoutes(options, deletion)
  const reading = entries.flatMap(([methods, path, what, handle]) =>
    methods.flatMap((method) =>
      elasticRoutes<Readonly<Record<string, string>>, unknown, Uint8Array>({
        ...{ method, path, permission: 'view', bodyKind: 'bytes', limits: bodyLimits },
        summary: `Elasticsearch: ${what}`,
        handle: (context) => answered(context, handle, options),
      }),
    ),
  )
  return [...reading, ...deletions]
}

/** As long as the store may take for it, and some more. */
const deletionTimeoutMs = 11 * 60_000

function deletionRoutes(options: ElasticsearchRoutesOptions, deletion: IndexDeletion): readonly Route[] {
  return (['/:index', '/_data_stream/:index'] as const).flatMap((path) =>
    elasticRoutes<Readonly<Record<string, string>>, unknown, Uint8Array>({
      ...{ method: 'DELETE', path, permission: 'admin', bodyKind: 'bytes', limits: bodyLimits },
      ...{ timeoutMs: deletionTimeoutMs, summary: 'Elasticsearch: an index goes, with its lines' },
      handle: (context) => answered(context, (request) => deleteIndex(request, context.identity, deletion), options),
    }),
  )
}

type Context = RequestContext<Readonly<Record<string, string>>, unknown, Uint8Array>

/** What is wrong with the request is told in Elasticsearch's words; our own faults are the server's to tell. */
async function answered(
  context: Context,
  handle: Handle,
  { queries, clock, names, mark }: ElasticsearchRoutesOptions,
): Promise<Answer> {
  const { params, query, headers, body, signal, identity } = context
  const projects = queries.projects(identity.projects === 'all' ? 'all' : [...identity.projects])
  const nowMs = clock.nowMs()
  try {
    const aliases = (await names.aliases(projects)).map((alias) => ({
      ...alias,
      predicate: readQuery(alias.filter, nowMs, `the filter of the alias ${alias.name}`),
    }))
    const scope = { queries, names, aliases, projects, signal, nowMs, mark }
    return await handle({ scope, params, query: new QueryParameters(query), headers, body })
  } catch (caught) {
    const error = AppError.from(caught)
    const answer = answerOf(error)
    if (answer === undefined) throw error
    return elasticError(answer.status, answer.cause)
  }
}
