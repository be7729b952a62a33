// Documents of one request into the lines of a log: what is known by its id already is not stored again.

import { indexField } from '@tidewatch/core/index-name.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import type { LogIntake, LogRequest, PreviewedLine } from '../../logs/port.ts'
import type { Action, ItemError } from './action.ts'
import { fingerprint, type KnownDocument, type KnownIds, keyOf, storedDocument } from './known-ids.ts'
import type { Epochs } from './names.ts'

/** What became of a document: it is line `line` of the request, is there already, or was not taken. */
export type Outcome =
  | { readonly kind: 'line'; readonly line: number }
  | { readonly kind: 'known' }
  | { readonly kind: 'refused'; readonly error: ItemError }

const known: Outcome = { kind: 'known' }
const maxReason = 1000

export interface DocumentParts {
  readonly project: ProjectId
  readonly ids: KnownIds
  readonly epochs: Epochs
  readonly nowMs: number
  readonly preview: LogIntake['preview']
}

export class Documents {
  readonly #request: LogRequest
  readonly #parts: DocumentParts
  /** Of this request: they count once it is stored. */
  readonly #own = new Map<string, string>()
  #index = ''

  constructor(request: LogRequest, parts: DocumentParts) {
    this.#request = request
    this.#parts = parts
  }

  /** The document between these bytes; `at` is its line in the request. */
  take({ operation, index, id }: Action, { bytes, from, to }: DocumentBytes, at: number): Outcome {
    if (index !== this.#index) {
      this.#index = index
      this.#request.setResource(new Map([[indexField, index]]))
    }
    const line = this.#request.length
    if (id === undefined) return this.#add({ bytes, from, to }, at, line)
    const { project, ids, epochs } = this.#parts
    const key = keyOf({ project, index, epoch: epochs.get(index) ?? '' }, id)
    const document = fingerprint(bytes.subarray(from, to))
    const there = this.#own.get(key) ?? ids.get(key)
    if (there !== undefined && operation === 'create') return { kind: 'refused', error: conflict(id) }
    const again = { bytes, from, to, id, resource: new Map([[indexField, index]]) }
    if (there !== undefined && this.#isSame(there, document, again)) {
      // the next time its bytes are enough
      this.#own.set(key, document)
      return known
    }
    const outcome = this.#add({ bytes, from, to }, at, line, id)
    if (outcome.kind === 'line') this.#own.set(key, document)
    return outcome
  }

  /** To be said when the request is stored. */
  keep(): void {
    for (const [key, document] of this.#own) this.#parts.ids.add(key, document)
  }

  /** Of a document from before the start only the store knows what it was: what would be stored is compared with what is. */
  #isSame(there: KnownDocument, document: string, line: PreviewedLine): boolean {
    if (typeof there === 'string') return there === document
    const { project, preview, nowMs } = this.#parts
    const record = preview?.({ project, sender: 'Elasticsearch client' }, line)
    if (record === undefined) return false
    const { content, timeNs } = storedDocument(record)
    // one without a time has that of its arrival
    return content === there.content && (timeNs === there.timeNs || timeNs >= BigInt(nowMs) * 1_000_000n)
  }

  #add({ bytes, from, to }: DocumentBytes, at: number, line: number, id?: string): Outcome {
    const fault = this.#request.addJson(bytes, from, to, id)
    if (fault === undefined) return { kind: 'line', line }
    const reason = `[${at}:${fault.at + 1}] failed to parse: the document ${fault.message}`.slice(0, maxReason)
    return { kind: 'refused', error: { status: 400, type: 'document_parsing_exception', reason } }
  }
}

export interface DocumentBytes {
  readonly bytes: Uint8Array
  readonly from: number
  readonly to: number
}

const conflict = (id: string): ItemError => ({
  status: 409,
  type: 'version_conflict_engine_exception',
  reason: `[${id}]: version conflict, document already exists (current version [1])`,
})
