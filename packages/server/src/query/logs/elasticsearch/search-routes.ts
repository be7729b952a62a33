// Searches: one, many, in pages, counted, checked.
import { AppError } from '@tidewatch/core/error.ts'
import { type LogPlace, parseLogId, printLogId } from '@tidewatch/core/log-id.ts'
import { elasticTree } from '@tidewatch/logquery/elastic/parse.ts'
import { recordFields } from '@tidewatch/logquery/fields.ts'
import { explain } from '@tidewatch/logquery/query-tree.ts'
import { elasticErrorOf } from '../../../http/elastic/port.ts'
import type { Answer } from '../../../http/port.ts'
import { answerOf, fault } from './fault.ts'
import { filterOf, readQuery } from './filter.ts'
import { checkIndices, selectIndices } from './indices.ts'
import {
  decodeBody,
  type ElasticRequest,
  type ElasticScope,
  isObject,
  type JsonObject,
  listOf,
  objectOf,
  parseObject,
  QueryParameters,
  readJson,
  textOf,
} from './request.ts'
import { type SearchResult, search, shards } from './search.ts'
import { queryOf, readSearchBody } from './search-body.ts'
import { readToken, writeToken } from './tokens.ts'

const maxSearches = 200

/** `took` and the rest as clients know it, without what only scrolls need. */
const told = ({ last: _last, ...result }: SearchResult): object => result

export async function searchOnce(request: ElasticRequest): Promise<Answer> {
  const body = readJson(request.body)
  const { query } = request
  if (query.text('scroll') !== undefined) return { body: await beginScroll(request, body) }
  return { body: { ...told(await run(body, request.params.index, query, request)), ...pitOf(body) } }
}

const pitOf = ({ pit }: JsonObject): object => (isObject(pit) ? { pit_id: pit.id } : {})

async function run(
  json: JsonObject,
  index: string | undefined,
  query: QueryParameters,
  { scope }: Pick<ElasticRequest, 'scope'>,
  after?: LogPlace,
): Promise<SearchResult> {
  const body = readSearchBody(json, query)
  if (body.pit !== undefined && index !== undefined)
    throw fault(
      'action_request_validation_exception',
      '[indices] cannot be used with point in time. Do not specify any index with point in time.',
    )
  const point = body.pit === undefined ? undefined : readToken('pit', body.pit)
  const named = point === undefined ? index : textOf(point.index, 'pit.id')
  const seen = point === undefined ? scope : asOf(scope, point)
  const ignoresMissing = point !== undefined || query.flag('ignore_unavailable')
  return await search(
    body,
    { selection: selectIndices(named, seen), ignoresMissing },
    seen,
    after === undefined ? {} : { after },
  )
}

/** Lines as they were when the token was given out: what came since is not there. */
function asOf(scope: ElasticScope, { upToSeq, nowMs }: JsonObject): ElasticScope {
  const isSeq = typeof upToSeq === 'string' && /^\d{1,20}$/.test(upToSeq)
  return {
    ...scope,
    nowMs: typeof nowMs === 'number' ? nowMs : scope.nowMs,
    ...(isSeq ? { upToSeq: BigInt(upToSeq) } : {}),
  }
}

async function beginScroll(request: ElasticRequest, json: JsonObject): Promise<object> {
  const { query, params } = request
  const body = readSearchBody(json, query)
  if (body.from > 0)
    throw fault('action_request_validation_exception', 'using [from] is not allowed in a scroll context')
  if (body.size === 0) throw fault('action_request_validation_exception', '[size] cannot be [0] in a scroll context')
  const upToSeq = await request.scope.mark()
  const result = await run(json, params.index, query, { scope: { ...request.scope, upToSeq } })
  // aggregations are answered with the first page alone
  const { aggs: _aggs, aggregations: _aggregations, query: _query, ...kept } = json
  const parameters = [
    'size',
    'sort',
    '_source',
    '_source_includes',
    '_source_excludes',
    'track_total_hits',
    'ignore_unavailable',
  ]
  const state = {
    index: params.index ?? '',
    body: { ...kept, query: queryOf(json, query) },
    query: Object.fromEntries(
      parameters.flatMap((name) => (query.text(name) === undefined ? [] : [[name, query.text(name)]])),
    ),
    nowMs: request.scope.nowMs,
    upToSeq: String(upToSeq),
  }
  return { _scroll_id: scrollId(state, result.last), ...told(result) }
}

const scrollId = (state: JsonObject, last: LogPlace | undefined): string =>
  writeToken('scroll', { ...state, ...(last === undefined ? {} : { after: printLogId(last) }) })

export async function scrollOn(request: ElasticRequest): Promise<Answer> {
  const json = readJson(request.body)
  const id = textOf(request.params.id ?? request.query.text('scroll_id') ?? json.scroll_id, 'scroll_id')
  const state = readToken('scroll', id)
  const after = typeof state.after === 'string' ? parseLogId(state.after) : undefined
  const query = new QueryParameters(state.query)
  const scope = asOf(request.scope, state)
  const index = textOf(state.index, 'scroll_id')
  const result = await run(objectOf(state.body, 'scroll_id'), index === '' ? undefined : index, query, { scope }, after)
  return { body: { _scroll_id: result.last === undefined ? id : scrollId(state, result.last), ...told(result) } }
}

/** Nothing is held for a scroll: ending one frees nothing. */
export function endScroll({ params, body }: ElasticRequest): Answer {
  const ids = params.id ?? readJson(body).scroll_id
  return { body: { succeeded: true, num_freed: ids === undefined ? 0 : listOf(ids).length } }
}

/** Nothing is held: the point says up to which line it looks. */
export async function openPit({ params, query, scope }: ElasticRequest): Promise<Answer> {
  if (query.text('keep_alive') === undefined)
    throw fault('action_request_validation_exception', '[keep_alive] is not specified')
  if (!query.flag('ignore_unavailable')) await checkIndices(selectIndices(params.index, scope), scope)
  const upToSeq = String(await scope.mark())
  return {
    body: { id: writeToken('pit', { index: params.index ?? '', upToSeq, nowMs: scope.nowMs }), _shards: shards },
  }
}

export function closePit({ body }: ElasticRequest): Answer {
  readToken('pit', textOf(readJson(body).id, 'id'))
  return { body: { succeeded: true, num_freed: 1 } }
}

/** Pairs of lines: where to search, and what. One that fails says so in its place. */
export async function searchMany(request: ElasticRequest): Promise<Answer> {
  const beganMs = performance.now()
  const lines = decodeBody(request.body).split('\n')
  if (lines.at(-1)?.trim() === '') lines.pop()
  if (lines.length === 0) throw fault('action_request_validation_exception', 'no requests added')
  if (lines.length % 2 === 1) throw fault('parsing_exception', 'the body ends with a header that no search follows')
  if (lines.length / 2 > maxSearches)
    throw fault(
      'illegal_argument_exception',
      `${lines.length / 2} searches at once; at most ${maxSearches} are possible`,
    )
  const responses: object[] = []
  for (let i = 0; i < lines.length; i += 2)
    responses.push(await oneOfMany(lines[i] as string, lines[i + 1] as string, request))
  return { body: { took: Math.round(performance.now() - beganMs), responses } }
}

async function oneOfMany(header: string, body: string, request: ElasticRequest): Promise<object> {
  try {
    const { index, ...settings } = parseObject(header, 'the header of a search')
    const named =
      index === undefined || index === null
        ? request.params.index
        : listOf(index)
            .map((one) => textOf(one, 'index'))
            .join(',')
    const query = new QueryParameters(
      Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, String(value)])),
    )
    const json = parseObject(body, 'a search')
    return { ...told(await run(json, named, query, request)), ...pitOf(json), status: 200 }
  } catch (caught) {
    const error = AppError.from(caught)
    const answer = answerOf(error)
    if (answer === undefined) throw error
    return elasticErrorOf(answer.cause, answer.status)
  }
}

/** Every read sees what was acknowledged before it. */
export const refresh = (): Answer => ({ body: { _shards: shards } })

export async function count({ scope, params, query, body }: ElasticRequest): Promise<Answer> {
  const json = readJson(body)
  for (const key of Object.keys(json))
    if (key !== 'query') throw fault('parsing_exception', `request does not support [${key.slice(0, 60)}]`)
  const selection = selectIndices(params.index, scope)
  const filter = filterOf([selection.predicate, readQuery(queryOf(json, query), scope.nowMs)], scope)
  const found = filter.projects.length === 0 ? 0 : await scope.queries.reader.count(filter, { signal: scope.signal })
  if (found === 0 && !query.flag('ignore_unavailable')) await checkIndices(selection, scope)
  return { body: { count: found, _shards: shards } }
}

export function validate({ scope, query, params, body }: ElasticRequest): Answer {
  const json = readJson(body)
  const index = params.index ?? '_all'
  try {
    const tree = elasticTree(queryOf(json, query), { nowMs: scope.nowMs, timeZone: 'UTC', fields: recordFields })
    const explanation =
      query.flag('explain') || query.flag('rewrite')
        ? { explanations: [{ index, valid: true, explanation: explain(tree) }] }
        : {}
    return { body: { _shards: shards, valid: true, ...explanation } }
  } catch (caught) {
    const error = AppError.from(caught)
    const answer = answerOf(error)
    if (answer === undefined) throw error
    const { type, reason } = answer.cause
    const why = query.flag('explain')
      ? { error: `[${type}] ${reason}`, explanations: [{ index, valid: false, error: `[${type}] ${reason}` }] }
      : {}
    return { body: { valid: false, ...why } }
  }
}

/** So long the token of a finished search is said to be good. */
const keptMs = 5 * 86_400_000
const maxIdLength = 4000

/** A search that is awaited at once. Where the caller wants to come back for the answer, its id says how to find it anew. */
export async function searchAsync(request: ElasticRequest): Promise<Answer> {
  const json = readJson(request.body)
  const { query, params, scope } = request
  const upToSeq = await scope.mark()
  const response = told(await run(json, params.index, query, { scope: { ...scope, upToSeq } }))
  if (!query.flag('keep_on_completion')) return { body: finished(response, scope.nowMs) }
  const state = {
    index: params.index ?? '',
    body: { ...json, query: queryOf(json, query) },
    size: query.text('size'),
    nowMs: scope.nowMs,
    upToSeq: String(upToSeq),
  }
  const id = writeToken('async', state)
  if (id.length > maxIdLength)
    throw fault('illegal_argument_exception', 'the search is too long to be kept by its id', {
      fix: 'Leave [keep_on_completion] out',
    })
  return { body: { id, ...finished(response, scope.nowMs) } }
}

const finished = (response: object, nowMs: number): object => ({
  is_partial: false,
  is_running: false,
  start_time_in_millis: nowMs,
  completion_time_in_millis: nowMs,
  expiration_time_in_millis: nowMs + keptMs,
  response,
})

export async function asyncResult(request: ElasticRequest): Promise<Answer> {
  const id = textOf(request.params.id, 'id')
  const state = readToken('async', id)
  const { index, body, size } = state
  const scope = asOf(request.scope, state)
  const named = textOf(index, 'id')
  const query = new QueryParameters(typeof size === 'string' ? { size } : {})
  const result = await run(objectOf(body, 'id'), named === '' ? undefined : named, query, { scope })
  return { body: { id, ...finished(told(result), scope.nowMs) } }
}

export function asyncStatus({ params }: ElasticRequest): Answer {
  const id = textOf(params.id, 'id')
  const { response: _response, ...status } = finished({}, Number(readToken('async', id).nowMs)) as Record<
    string,
    unknown
  >
  return { body: { id, ...status, _shards: shards, completion_status: 200 } }
}

export function endAsync({ params }: ElasticRequest): Answer {
  readToken('async', textOf(params.id, 'id'))
  return { body: { acknowledged: true } }
}
