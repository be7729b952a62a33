// The line of a bulk request that says what becomes of the document behind it. Most are equal to the one before: read once, by their bytes.
import { AppError, quoteValue } from '@tidewatch/core/error.ts'

export const operations = ['index', 'create', 'update', 'delete'] as const
export type Operation = (typeof operations)[number]

export interface Action {
  readonly operation: Operation
  readonly index: string
  /** What the client calls the document; undefined: it has no name of its own. */
  readonly id: string | undefined
  readonly requiresAlias: boolean
  readonly namesPipeline: boolean
  /** What is wrong with it, for its item; undefined: nothing. */
  readonly refusal: ItemError | undefined
}

/** Why an item was not taken. */
export interface ItemError {
  readonly status: number
  readonly type: string
  readonly reason: string
}

export interface ActionDefaults {
  /** The index that the URL names. */
  readonly index: string | undefined
  readonly requiresAlias: boolean
  readonly namesPipeline: boolean
}

const maxIdBytes = 512
const maxActionBytes = 16_384
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Reads the action lines of one request. */
export class ActionReader {
  readonly #defaults: ActionDefaults
  #last: { readonly bytes: Uint8Array; readonly action: Action } | undefined

  constructor(defaults: ActionDefaults) {
    this.#defaults = defaults
  }

  /** `line` counts from 1. Throws `ingest.bad_body`: after a line that is no action nobody knows which of the others are. */
  read(bytes: Uint8Array, from: number, to: number, line: number): Action {
    const last = this.#last
    if (last !== undefined && isEqual(bytes, from, to, last.bytes)) return last.action
    if (to - from > maxActionBytes) throw malformed(line, `has ${to - from} bytes; at most ${maxActionBytes} are read`)
    const action = this.#parse(bytes.subarray(from, to), line)
    this.#last = { bytes: bytes.subarray(from, to), action }
    return action
  }

  #parse(bytes: Uint8Array, line: number): Action {
    // what stands behind it in the object is passed over, as in version 8: winston-elasticsearch writes its settings there
    const [operation, given] = entryOf(bytes, line)
    if (!isOperation(operation))
      throw malformed(line, `expected one of create, delete, index or update but found [${String(operation)}]`)
    if (typeof given !== 'object' || given === null || Array.isArray(given))
      throw malformed(line, `expected an object below [${operation}]`)
    const { _index, _id, require_alias, pipeline } = given as Readonly<Record<string, unknown>>
    const { index: ofUrl, requiresAlias, namesPipeline } = this.#defaults
    const index = textOf(_index) ?? ofUrl
    if (index === undefined || index === '') throw missingIndex(line)
    const id = textOf(_id)
    return {
      ...{ operation, index, id },
      requiresAlias: requiresAlias || require_alias === true || require_alias === 'true',
      namesPipeline: namesPipeline || (typeof pipeline === 'string' && pipeline !== '_none'),
      refusal: refusalOf(operation, index, id),
    }
  }
}

/** What a data stream says of it: lines are added, and neither changed nor taken out one by one. */
export function refusalOf(operation: Operation, index: string, id: string | undefined): ItemError | undefined {
  const fault = indexNameFault(index)
  if (fault !== undefined)
    return {
      status: 400,
      type: 'invalid_index_name_exception',
      reason: `Invalid index name [${index.slice(0, 300)}], ${fault}`,
    }
  if (operation === 'update' || operation === 'delete') return onlyAdded
  if (id === '') return illegal('if _id is specified it must not be empty')
  if (id !== undefined && Buffer.byteLength(id) > maxIdBytes)
    return illegal(`id is too long, must be no longer than ${maxIdBytes} bytes but was: ${Buffer.byteLength(id)}`)
  return undefined
}

/** What is wrong with a name; undefined where it is one. The rules are Elasticsearch's. */
export function indexNameFault(name: string): string | undefined {
  if (name === '.' || name === '..') return "must not be '.' or '..'"
  if (/[\\/*?"<>| ,#]/.test(name)) return 'must not contain the following characters [\\, /, *, ?, ", <, >, |,  , ,, #]'
  if (name.includes(':')) return "must not contain ':'"
  if (/^[-_+]/.test(name)) return "must not start with '_', '-', or '+'"
  if (/\p{Cc}/u.test(name)) return 'must not contain control characters'
  if (name !== name.toLowerCase()) return 'must be lowercase'
  if (Buffer.byteLength(name) > 255) return `index name is too long, (${Buffer.byteLength(name)} > 255)`
  return undefined
}

export const onlyAdded: ItemError = {
  status: 400,
  type: 'illegal_argument_exception',
  reason:
    'only write ops with an op_type of create are allowed in data streams; lines of logs are kept as data streams keep them',
}

const illegal = (reason: string): ItemError => ({ status: 400, type: 'illegal_argument_exception', reason })

const isOperation = (name: unknown): name is Operation => operations.some((operation) => operation === name)

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined

/** The first key of an object and its value. */
function entryOf(bytes: Uint8Array, line: number): readonly unknown[] {
  let value: unknown
  try {
    value = JSON.parse(utf8.decode(bytes))
  } catch {
    throw malformed(
      line,
      `expected an object such as {"create":{}} but found ${quoteValue(Buffer.from(bytes).toString())}`,
    )
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw malformed(line, 'expected an object such as {"create":{}}')
  return Object.entries(value)[0] ?? []
}

function isEqual(bytes: Uint8Array, from: number, to: number, other: Uint8Array): boolean {
  if (to - from !== other.length) return false
  for (let i = 0; i < other.length; i++) if (bytes[from + i] !== other[i]) return false
  return true
}

export const malformed = (line: number, what: string): AppError =>
  new AppError(
    'ingest.bad_body',
    `Malformed action/metadata line [${line}]: ${what}. Nothing of the request was stored.`,
    {
      fix: 'Put each document on a line of its own, with its action on the line before.',
    },
  )

const missingIndex = (line: number): AppError =>
  new AppError('ingest.bad_body', `Validation Failed: 1: index is missing; in line [${line}].`, {
    fix: 'Name it as _index in each action, or once in the path: /INDEX/_bulk.',
  })
