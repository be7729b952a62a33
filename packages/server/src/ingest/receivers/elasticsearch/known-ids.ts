// Documents that came with an id of their own: which were stored lately, so that what is sent again in another request is known again. Those of
// before the start are read from the store once, when the first document with an id comes.
import { hash } from 'node:crypto'
import type { Clock } from '@tidewatch/core/clock.ts'
import type { LogRecord } from '@tidewatch/core/log-record.ts'

/** So long an id is known at least, unless too many others came. */
const knownForMs = 3_600_000
/** Ids of a half: two are kept. */
export const maxIds = 50_000

/** What is known of a document: a fingerprint of its bytes, or of what the store has of it. */
export type KnownDocument = string | StoredDocument

export interface StoredDocument {
  /** A fingerprint of all but its time. */
  readonly content: string
  readonly timeNs: bigint
}

export class KnownIds {
  readonly #clock: Pick<Clock, 'monotonicMs'>
  #newer = new Map<string, KnownDocument>()
  #older = new Map<string, KnownDocument>()
  #turnedMs: number

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock
    this.#turnedMs = clock.monotonicMs()
  }

  /** Undefined where none is known. */
  get(key: string): KnownDocument | undefined {
    this.#turn()
    return this.#newer.get(key) ?? this.#older.get(key)
  }

  add(key: string, document: KnownDocument): void {
    if (this.#newer.size >= maxIds) this.#forget()
    this.#newer.set(key, document)
  }

  #turn(): void {
    if (this.#clock.monotonicMs() - this.#turnedMs >= knownForMs) this.#forget()
  }

  #forget(): void {
    this.#older = this.#newer
    this.#newer = new Map()
    this.#turnedMs = this.#clock.monotonicMs()
  }
}

/** 120 bits: a chance of equal ones is none. */
export const fingerprint = (data: string | Uint8Array): string => hash('sha1', data, 'base64url').slice(0, 20)

/** What a document of an index is known by. */
export const keyOf = (
  place: { readonly project: number; readonly index: string; readonly epoch: string },
  id: string,
) => fingerprint(`${place.project}/${place.index}/${place.epoch}${id}`)

export function storedDocument(record: LogRecord): StoredDocument {
  const { timeNs, spelling: _spelling, resource, attributes, ...rest } = record
  const sorted = (map: ReadonlyMap<string, unknown>): unknown => [...map].sort(([a], [b]) => (a < b ? -1 : 1))
  const columns = Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1))
  return { content: fingerprint(JSON.stringify([columns, sorted(resource), sorted(attributes)])), timeNs }
}
