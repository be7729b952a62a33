// What a request says: its body, its parameters, and values in them.
import { quoteValue } from '@tidewatch/core/error.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import type { Predicate } from '@tidewatch/logquery/predicate.ts'
import type { RequestContext } from '../../../http/port.ts'
import type { IndexAlias, IndexNames } from '../../port.ts'
import type { LogQueries } from '../log-queries.ts'
import { badValue, fault } from './fault.ts'

/** A search is some conditions and aggregations; many searches at once are some hundred. */
export const bodyLimits = { maxBytes: 4 << 20, maxInflatedBytes: 16 << 20 }

export type JsonObject = Readonly<Record<string, unknown>>

export interface ResolvedAlias extends IndexAlias {
  /** Its filter. */
  readonly predicate: Predicate
}

/** Who asks, and what is there to answer. */
export interface ElasticScope {
  readonly queries: LogQueries
  readonly names: IndexNames
  readonly aliases: readonly ResolvedAlias[]
  readonly projects: readonly ProjectId[]
  /** Lines that came later are not there. */
  readonly upToSeq?: bigint
  /** The number of arrival of this moment. */
  readonly mark: () => Promise<bigint>
  readonly signal: AbortSignal
  readonly nowMs: number
}

/** A request of this API. */
export interface ElasticRequest {
  readonly scope: ElasticScope
  readonly params: Readonly<Record<string, string>>
  readonly query: QueryParameters
  readonly headers: RequestContext['headers']
  readonly body: Uint8Array
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export function decodeBody(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw fault('x_content_parse_exception', 'the body is no UTF-8')
  }
}

/** Nothing for a body that is empty. */
export function readJson(bytes: Uint8Array): JsonObject {
  return bytes.length === 0 ? {} : parseObject(decodeBody(bytes), 'the body')
}

export function parseObject(text: string, what: string): JsonObject {
  if (text.trim() === '') return {}
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw fault('x_content_parse_exception', `${what} is no JSON: ${(error as Error).message}`)
  }
  if (isObject(value)) return value
  throw fault('parsing_exception', `${what} is ${quoteValue(value)}, not an object`)
}

/** Parameters behind the question mark; of one that is repeated, the last. */
export class QueryParameters {
  readonly #values: Readonly<Record<string, string | readonly string[] | undefined>>

  constructor(query: unknown) {
    this.#values = (query ?? {}) as Readonly<Record<string, string | readonly string[] | undefined>>
  }

  text(name: string): string | undefined {
    const value = this.#values[name]
    return typeof value === 'object' ? value.at(-1) : value
  }

  /** `?v` alone means yes. */
  flag(name: string, otherwise = false): boolean {
    const value = this.text(name)
    if (value === undefined) return otherwise
    if (value === '' || value === 'true') return true
    if (value === 'false') return false
    throw badValue(name, value, 'true or false')
  }

  list(name: string): readonly string[] | undefined {
    const text = this.text(name)
    return text === undefined ? undefined : text.split(',').filter((one) => one !== '')
  }
}

/** A whole number from `least` on, as a number or in a text. */
export function wholeNumber(value: unknown, path: string, least = 0): number {
  const number = typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value
  if (typeof number === 'number' && Number.isSafeInteger(number) && number >= least) return number
  throw badValue(path, value, `a whole number from ${least} on`)
}

export function finiteNumber(value: unknown, path: string): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof number === 'number' && Number.isFinite(number)) return number
  throw badValue(path, value, 'a number')
}

export function textOf(value: unknown, path: string): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw badValue(path, value, 'a text')
}

export function objectOf(value: unknown, path: string): JsonObject {
  if (isObject(value)) return value
  throw badValue(path, value, 'an object')
}

/** One value, or an array of them. */
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value])

export const isTrue = (value: unknown): boolean => value === true || value === 'true'
