// Routes of Elasticsearch's API as its clients want them: the product header without which they refuse to go on, answers in the media type that
// they ask for, errors in its shape, `filter_path` and `pretty`; at the root and below /elastic.
import { filterByPath, parseFilterPath } from '@tidewatch/core/filter-path.ts'
import type { Answer, ErrorBody, Failure, RequestContext, Route } from '../port.ts'
import { defineRoute } from '../port.ts'

type Headers = RequestContext['headers']

const vendorType = /application\/vnd\.elasticsearch\+(?:x-ndjson|json)\s*;\s*compatible-with\s*=\s*(\d{1,2})\b/i

/** A route of Elasticsearch's. Its answers' bodies are values (sent as JSON) or bytes of JSON that have been filtered already. */
export type ElasticRoute<Params, Query, Body> = Omit<Route<Params, Query, Body>, 'errors' | 'errorBody' | 'response'>

/** The route at its path, and below /elastic. */
export function elasticRoutes<Params = unknown, Query = unknown, Body = unknown>(
  route: ElasticRoute<Params, Query, Body>,
): readonly Route[] {
  const paths = route.path === '/' ? ['/', '/elastic', '/elastic/'] : [route.path, `/elastic${route.path}`]
  return paths.map((path) =>
    defineRoute<Params, Query, Body>({
      ...route,
      ...{ path, errors: 'text', errorBody: elasticErrorBody },
      async handle(context) {
        const answer = await route.handle(context)
        return { ...answer, ...inKind(answer, context) }
      },
    }),
  )
}

/** The headers of every answer: official clients refuse to talk to what does not name the product, or answers in another major version's type. */
export function elasticHeaders(requestHeaders: Headers): Record<string, string> {
  const asked = vendorType.exec(String(requestHeaders.accept ?? ''))?.[1]
  return {
    'x-elastic-product': 'Elasticsearch',
    'content-type':
      asked === undefined ? 'application/json' : `application/vnd.elasticsearch+json;compatible-with=${asked}`,
  }
}

/** What clients switch on, and what people read; `more` are further members of the error: the index, the document's id. */
export interface ElasticCause {
  readonly type: string
  readonly reason: string
  readonly more?: Readonly<Record<string, unknown>>
}

export function elasticErrorOf({ type, reason, more }: ElasticCause, status: number): object {
  const cause = { type, reason, ...more }
  return { error: { root_cause: [cause], ...cause }, status }
}

/** An answer that tells of an error of Elasticsearch's own kind. */
export function elasticError(status: number, cause: ElasticCause): Answer {
  return { status, body: elasticErrorOf(cause, status) }
}

/** What `filter_path` says. */
export function filterPathOf(context: Pick<RequestContext, 'query'>): ReturnType<typeof parseFilterPath> {
  return parseFilterPath(textOf(context.query, 'filter_path'))
}

function inKind(answer: Answer, { headers, query }: Pick<RequestContext, 'headers' | 'query'>): Answer {
  const own = { ...elasticHeaders(headers), ...answer.headers }
  const { body } = answer
  if (body === undefined || body instanceof Uint8Array) return { headers: own, body }
  if (typeof body === 'string') return { headers: { ...own, 'content-type': 'text/plain; charset=UTF-8' }, body }
  const filter = filterPathOf({ query })
  const kept = filter === undefined ? body : (filterByPath(body, filter) ?? {})
  const pretty = textOf(query, 'pretty')
  const text = pretty === undefined || pretty === 'false' ? JSON.stringify(kept) : `${JSON.stringify(kept, null, 2)}\n`
  return { headers: own, body: Buffer.from(text) }
}

function textOf(query: unknown, name: string): string | undefined {
  if (typeof query !== 'object' || query === null || !(name in query)) return undefined
  const value = (query as Readonly<Record<string, unknown>>)[name]
  return Array.isArray(value) ? String(value[0]) : String(value)
}

/** For errors that the route's handler did not put into words itself: the guard's, the body's, our own faults. */
const elasticErrorBody: ErrorBody = (failure, requestHeaders) => ({
  headers: elasticHeaders(requestHeaders),
  body: Buffer.from(JSON.stringify(elasticErrorOf({ type: typeOf(failure), reason: failure.message }, failure.status))),
})

const typeByStatus: Readonly<Record<number, string>> = {
  400: 'illegal_argument_exception',
  401: 'security_exception',
  403: 'security_exception',
  404: 'resource_not_found_exception',
  405: 'method_not_allowed_exception',
  408: 'timeout_exception',
  409: 'version_conflict_engine_exception',
  413: 'content_too_long_exception',
  415: 'media_type_header_exception',
  422: 'illegal_argument_exception',
  429: 'es_rejected_execution_exception',
  503: 'cluster_block_exception',
}

const typeOf = ({ status }: Failure): string => typeByStatus[status] ?? 'exception'
