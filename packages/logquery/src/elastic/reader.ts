// Reading a query's JSON piece by piece, with the place of each and Elasticsearch's words for what is wrong.
import type { DateContext } from '../date-math.ts'
import type { Fields } from '../fields.ts'
import type { QueryTree } from '../query-tree.ts'
import { elasticError } from './error.ts'

export interface ElasticOptions extends DateContext {
  readonly fields: Fields
}

export type JsonObject = Readonly<Record<string, unknown>>

/** What a kind of query is given. */
export interface ElasticContext extends ElasticOptions {
  /** The kind's name, for errors. */
  readonly kind: string
  /** Where the kind's value stands in the request. */
  readonly path: string
  /** Reads a query inside of this one; `fields` where it sees others. */
  readonly inner: (value: unknown, path: string, fields?: Fields) => QueryTree
}

export type ElasticQueryReader = (value: unknown, context: ElasticContext) => QueryTree

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export function requireObject(value: unknown, { kind, path }: ElasticContext): JsonObject {
  if (isObject(value)) return value
  throw elasticError('parsing_exception', `[${kind}] query malformed, no start_object after query name`, path)
}

/** Refuses settings that the kind does not have. */
export function checkKeys(object: JsonObject, allowed: readonly string[], { kind, path }: ElasticContext): void {
  for (const key of Object.keys(object)) {
    if (!allowed.includes(key) && key !== 'boost' && key !== '_name')
      throw elasticError(
        'parsing_exception',
        `[${kind}] query does not support [${key}]`,
        `${path}.${key}`,
        `It has ${allowed.join(', ')}`,
      )
  }
}

/** `{"field": value}` or `{"field": {...}}`, as most kinds have it. */
export function requireField(value: unknown, context: ElasticContext): readonly [field: string, setting: unknown] {
  const { kind, path } = context
  const [first, second] = Object.entries(requireObject(value, context)).filter(
    ([key]) => key !== 'boost' && key !== '_name',
  )
  if (first === undefined) throw elasticError('illegal_argument_exception', `[${kind}] requires fieldName`, path)
  if (second !== undefined)
    throw elasticError(
      'parsing_exception',
      `[${kind}] query doesn't support multiple fields, found [${first[0]}] and [${second[0]}]`,
      path,
      'Put one query for each field into a bool query',
    )
  return first
}

/** The text of a value: numbers and booleans as JSON has them. */
export function requireText(value: unknown, { kind, path }: ElasticContext): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (value === null || value === undefined)
    throw elasticError('illegal_argument_exception', 'value cannot be null', path)
  throw elasticError(
    'parsing_exception',
    `[${kind}] query does not support [${Array.isArray(value) ? 'array' : 'object'}]`,
    path,
  )
}

export function readNumber(object: JsonObject, key: string, { kind, path }: ElasticContext): number | undefined {
  const value = object[key]
  if (value === undefined) return undefined
  const number = typeof value === 'number' || (typeof value === 'string' && value !== '') ? Number(value) : Number.NaN
  if (Number.isFinite(number)) return number
  throw elasticError('parsing_exception', `[${kind}] failed to parse [${key}]: it is no number`, `${path}.${key}`)
}

export const readFlag = (object: JsonObject, key: string): boolean => object[key] === true || object[key] === 'true'

export function readOperator(object: JsonObject, key: string, { path }: ElasticContext): 'or' | 'and' {
  const value = object[key]
  const word = typeof value === 'string' ? value.toLowerCase() : value
  if (word === undefined || word === 'or') return 'or'
  if (word === 'and') return 'and'
  throw elasticError(
    'illegal_argument_exception',
    `operator needs to be either OR or AND, but found [${String(value).slice(0, 40)}]`,
    `${path}.${key}`,
  )
}

/** Texts in an array, or one by itself. */
export function readTexts(object: JsonObject, key: string, context: ElasticContext): readonly string[] | undefined {
  const value = object[key]
  if (value === undefined) return undefined
  return (Array.isArray(value) ? value : [value]).map((one) =>
    requireText(one, { ...context, path: `${context.path}.${key}` }),
  )
}
