// The body of a search, with the parameters that may stand for parts of it.
import { fault, unsupported } from './fault.ts'
import { fieldNamed, type NamedField } from './fields.ts'
import { isTrue, type JsonObject, objectOf, type QueryParameters, textOf, wholeNumber } from './request.ts'
import { readSort, type SortPlan, sortOfParameter } from './sort.ts'
import { readSourceParameters, type SourceFilter } from './source.ts'

/** Elasticsearch's `index.max_result_window`. */
export const maxWindow = 10_000
const defaultTotal = 10_000

export interface SearchBody {
  readonly query: unknown
  readonly postFilter: unknown
  readonly aggregations: JsonObject
  readonly from: number
  readonly size: number
  readonly plan: SortPlan
  readonly searchAfter: unknown
  readonly source: SourceFilter | undefined
  readonly fields: readonly unknown[]
  readonly highlight: unknown
  /** Counted exactly up to so many; 0 where no count is wanted. */
  readonly countTo: number
  readonly hasVersion: boolean
  readonly collapse: NamedField | undefined
  readonly pit: string | undefined
}

/** What changes nothing here: how shards and caches work, and scores. */
const ignored = [
  ...['timeout', 'min_score', 'track_scores', 'profile', 'explain', 'terminate_after', 'indices_boost', 'stats'],
  ...['seq_no_primary_term', 'preference', 'ext', 'version'],
]
const known = [
  ...['query', 'post_filter', 'aggs', 'aggregations', 'from', 'size', 'sort', 'search_after', '_source', 'fields'],
  ...['docvalue_fields', 'stored_fields', 'highlight', 'track_total_hits', 'pit', 'script_fields', 'collapse'],
  ...ignored,
]
const refused = ['runtime_mappings', 'rescore', 'suggest', 'slice', 'knn', 'retriever', 'rank']

/** `windowLimit` is how far a page may reach. */
export function readSearchBody(body: JsonObject, query: QueryParameters, windowLimit = maxWindow): SearchBody {
  for (const key of Object.keys(body)) {
    if (refused.includes(key)) throw unsupported(`[${key}]`, 'Ask without it')
    if (!known.includes(key)) throw fault('parsing_exception', `unknown key [${key.slice(0, 60)}] for a search`)
  }
  if (Object.keys(objectOf(body.script_fields ?? {}, 'script_fields')).length > 0) throw unsupported('[script_fields]')
  const from = wholeNumber(query.text('from') ?? body.from ?? 0, 'from')
  const size = wholeNumber(query.text('size') ?? body.size ?? 10, 'size')
  if (from + size > windowLimit)
    throw fault(
      'illegal_argument_exception',
      `Result window is too large, from + size must be less than or equal to: [${windowLimit}] but was [${from + size}]. See the scroll api for a more efficient way to request large data sets.`,
    )
  const searchAfter = body.search_after
  if (searchAfter !== undefined && from > 0)
    throw fault('illegal_argument_exception', '`from` parameter must be set to 0 when `search_after` is used.')
  const collapse = readCollapse(body.collapse)
  const sort = sortOfParameter(query.text('sort')) ?? body.sort
  return {
    query: queryOf(body, query),
    postFilter: body.post_filter,
    aggregations: objectOf(body.aggs ?? body.aggregations ?? {}, 'aggs'),
    from,
    size,
    plan: readSort(sort),
    searchAfter,
    source: sourceOf(body, query),
    fields: [
      body.fields,
      body.docvalue_fields ?? query.list('docvalue_fields'),
      storedFields(body, query),
      ...(collapse === undefined ? [] : [collapse.name]),
    ],
    collapse,
    highlight: body.highlight,
    countTo: readCountTo(query.text('track_total_hits') ?? body.track_total_hits),
    hasVersion: isTrue(body.version ?? query.text('version')),
    pit: body.pit === undefined ? undefined : textOf(objectOf(body.pit, 'pit').id, 'pit.id'),
  }
}

function readCollapse(value: unknown): NamedField | undefined {
  if (value === undefined || value === null) return undefined
  const { field, ...more } = objectOf(value, 'collapse')
  for (const key of Object.keys(more))
    if (key !== 'max_concurrent_group_searches') throw unsupported(`[${key.slice(0, 60)}] in [collapse]`)
  return fieldNamed(textOf(field, 'collapse.field'))
}

/** `stored_fields` alone asks for no document; `_none_` for nothing at all. */
function sourceOf(body: JsonObject, query: QueryParameters): SourceFilter | undefined {
  const stored = body.stored_fields ?? query.text('stored_fields')
  const isOnlyStored = stored !== undefined && body._source === undefined && query.text('_source') === undefined
  return isOnlyStored && !String(stored).includes('_source') ? undefined : readSourceParameters(query, body._source)
}

function storedFields(body: JsonObject, query: QueryParameters): readonly string[] | undefined {
  const stored = body.stored_fields ?? query.list('stored_fields')
  if (stored === undefined) return undefined
  const names = (Array.isArray(stored) ? stored : [stored]).map((one) => textOf(one, 'stored_fields'))
  // no field is stored apart from the document, unless it is asked for by its name
  const fields = names.filter((name) => !name.startsWith('_') && name !== '*')
  return fields.length === 0 ? undefined : fields
}

/** `?q=` with its settings, in place of a query. */
export function queryOf(body: JsonObject, query: QueryParameters): unknown {
  const text = query.text('q')
  if (text === undefined) return body.query
  const field = query.text('df')
  const operator = query.text('default_operator')
  return {
    query_string: {
      query: text,
      ...(field === undefined ? {} : { default_field: field }),
      ...(operator === undefined ? {} : { default_operator: operator }),
      ...(query.flag('lenient') ? { lenient: true } : {}),
    },
  }
}

function readCountTo(value: unknown): number {
  if (value === undefined || value === null) return defaultTotal
  if (value === true || value === 'true' || value === -1) return Number.MAX_SAFE_INTEGER
  if (value === false || value === 'false') return 0
  return wholeNumber(value, 'track_total_hits')
}
