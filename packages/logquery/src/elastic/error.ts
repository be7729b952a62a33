import { AppError } from '@tidewatch/core/error.ts'

/** What Elasticsearch's answer names: clients look at `type`, people read `reason`. */
export interface ElasticReason {
  readonly type:
    | 'parsing_exception'
    | 'x_content_parse_exception'
    | 'query_shard_exception'
    | 'illegal_argument_exception'
    | 'too_many_clauses'
  readonly reason: string
}

const reasons = new WeakMap<AppError, ElasticReason>()

/** A request body that is no query. `path` leads to the wrong place: `query.bool.must[0].term`. */
export function elasticError(type: ElasticReason['type'], reason: string, path: string, fix?: string): AppError {
  const code =
    type === 'query_shard_exception' ? 'query.execution' : type === 'too_many_clauses' ? 'query.limit' : 'query.parse'
  const error = new AppError(code, reason, { where: { key: path }, ...(fix === undefined ? {} : { fix }) })
  reasons.set(error, { type, reason })
  return error
}

/** The type and reason to answer with, for an error of this package. */
export function elasticReasonOf(error: AppError): ElasticReason {
  const known = reasons.get(error)
  if (known !== undefined) return known
  if (error.code === 'query.limit') return { type: 'too_many_clauses', reason: error.message }
  if (error.code === 'query.parse') return { type: 'parsing_exception', reason: error.message }
  return { type: 'query_shard_exception', reason: `failed to create query: ${error.message}` }
}
