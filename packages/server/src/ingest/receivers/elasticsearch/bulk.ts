// A bulk request: actions and documents in turn, a line each. Once a line, bench/src/ingest-elasticsearch.ts. The documents go the way of NDJSON;
// no object is made of one.
import { AppError } from '@tidewatch/core/error.ts'
import { LineSteps } from '../../slices.ts'
import { type Action, type ActionReader, malformed } from './action.ts'
import type { Documents, Outcome } from './documents.ts'

/** What was asked for and what became of it, in the order of the request. */
export interface BulkItems {
  readonly actions: Action[]
  readonly outcomes: Outcome[]
}

export interface BulkParts {
  readonly reader: ActionReader
  readonly documents: Documents
  /** Names that are aliases; asked for where an action wants one. */
  readonly isAlias: (name: string) => boolean
}

/** The answer says something of each. */
const maxItems = 250_000
const lineFeed = 0x0a

/** Work in steps: between them others have the thread. Throws `ingest.bad_body` where actions and documents cannot be told apart. */
export function* readBulk(
  bytes: Uint8Array,
  { reader, documents, isAlias }: BulkParts,
  items: BulkItems,
): Generator<void> {
  const end = bytes.length
  if (end === 0) throw new AppError('ingest.bad_body', 'request body is required.')
  if (bytes[end - 1] !== lineFeed) throw unterminated()
  const steps = new LineSteps()
  for (let from = 0, line = 1; from < end; line++) {
    const start = from
    const next = bytes.indexOf(lineFeed, from)
    if (isBlank(bytes, from, next)) {
      from = next + 1
      continue
    }
    const action = reader.read(bytes, from, next, line)
    from = next + 1
    if (items.actions.length === maxItems) throw tooMany()
    items.actions.push(action)
    if (action.operation === 'delete') items.outcomes.push(refused(action))
    else {
      if (from >= end) throw malformed(line, `there is no document behind the action [${action.operation}]`)
      line++
      const documentEnd = bytes.indexOf(lineFeed, from)
      items.outcomes.push(
        action.refusal === undefined && (!action.requiresAlias || isAlias(action.index))
          ? documents.take(action, { bytes, from, to: documentEnd }, line)
          : refused(action),
      )
      from = documentEnd + 1
    }
    if (steps.endWith(from - start)) yield
  }
}

function refused({ refusal, index }: Action): Outcome {
  const error = refusal ?? {
    status: 404,
    type: 'index_not_found_exception',
    reason: `no such index [${index}] and [require_alias] request flag is [true] and [${index}] is not an alias`,
  }
  return { kind: 'refused', error }
}

function isBlank(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if ((bytes[i] as number) > 0x20) return false
  return true
}

const unterminated = (): AppError =>
  new AppError('ingest.bad_body', 'The bulk request must be terminated by a newline [\\n]. Nothing of it was stored.', {
    fix: 'End the last line too; where the sender does, something between cut the request off.',
  })

const tooMany = (): AppError =>
  new AppError('http.body_too_large', `the bulk request has more than ${maxItems} items. Nothing of it was stored.`, {
    fix: 'Send fewer at once.',
  })
