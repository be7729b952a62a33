// What is wrong with a request, as Elasticsearch would name it.
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import { elasticReasonOf } from '@tidewatch/logquery/elastic/error.ts'
import type { ElasticCause } from '../../../http/elastic/port.ts'

interface Answered {
  readonly status: number
  readonly cause: ElasticCause
}

const answers = new WeakMap<AppError, Answered>()

export interface FaultDetail {
  /** 400 where it is not said. */
  readonly status?: number
  readonly more?: Readonly<Record<string, unknown>>
  /** The way out. */
  readonly fix?: string
  /** The place in the request. */
  readonly path?: string
}

/** A request that cannot be answered; clients look at `type`, people read `reason`. */
export function fault(type: string, reason: string, { status = 400, more, fix, path }: FaultDetail = {}): AppError {
  const told = `${reason}${path === undefined ? '' : ` (at ${path})`}${fix === undefined ? '' : `. ${fix}`}`
  const error = new AppError(status === 404 ? 'http.not_found' : 'query.parse', told)
  answers.set(error, { status, cause: { type, reason: told, ...(more === undefined ? {} : { more }) } })
  return error
}

/** A value that is not what its place wants. */
export const badValue = (path: string, value: unknown, wanted: string): AppError =>
  fault('parsing_exception', `[${path}] is ${quoteValue(value)}`, { fix: `Give ${wanted}` })

/** Something that Elasticsearch has and we do not, by its name. */
export const unsupported = (what: string, fix?: string): AppError =>
  fault('illegal_argument_exception', `${what} is not supported here`, fix === undefined ? {} : { fix })

export const missingIndex = (index: string): AppError =>
  fault('index_not_found_exception', `no such index [${index}]`, {
    status: 404,
    more: { 'resource.type': 'index_or_alias', 'resource.id': index, index_uuid: '_na_', index },
  })

/** How an error is answered; undefined for those that are ours or the machine's, which the server words itself. */
export function answerOf(error: AppError): Answered | undefined {
  const known = answers.get(error)
  if (known !== undefined) return known
  if (!error.code.startsWith('query.') && error.kind !== 'bad_input') return undefined
  if (error.kind !== 'bad_input' && error.kind !== 'limit') return undefined
  const { type, reason } = elasticReasonOf(error)
  const place = error.where?.key === undefined ? '' : ` (at ${error.where.key})`
  const told = `${reason}${place}${error.fix === undefined ? '' : `. ${error.fix}`}`
  return { status: 400, cause: { type, reason: told } }
}
