// An exported record as its texts in bytes, for those whose body is text and whose attributes are texts, numbers and truth values: nearly all. What
// has lists, maps or bytes in it goes as an `OtlpRecord`. Once a record (bench/src/ingest-log-formats.ts).
import type { AttributeScalar } from '@tidewatch/core/log-record.ts'
import { maxPairs } from '../../logs/line-pairs.ts'
import type { RecordLine, StreamIdentity } from '../../logs/port.ts'
import { TextBytes } from '../../text-bytes.ts'
import type { Moment } from './point.ts'

/** `AttributeKind`s, as bytes. */
const kinds = { string: 0x73, number: 0x6e, boolean: 0x62 } as const satisfies Readonly<Record<string, number>>
const noStream: StreamIdentity = { severity: 0, identity: [] }

/** Used again for the next record. What fills it says false where the record is not of this kind. */
export class OtlpLine implements RecordLine {
  readonly texts = new TextBytes()
  readonly time: Moment = { ms: 0, restNs: 0 }
  readonly observed: Moment = { ms: 0, restNs: 0 }
  timeMs = 0
  timeNs = 0
  from = 0
  to = 0
  readonly pairs = new Int32Array(maxPairs * 4)
  readonly kinds = new Uint8Array(maxPairs)
  readonly mayBeColumn = new Uint8Array(maxPairs)
  pairCount = 0
  severity = 0
  severityFrom = 0
  severityTo = 0
  traceFrom = 0
  traceTo = 0
  spanFrom = 0
  spanTo = 0
  eventName = ''
  dropped = 0
  flags = 0
  stream = noStream
  #nameFrom = 0
  #nameTo = 0

  clear(): void {
    this.texts.clear()
    this.time.ms = 0
    this.time.restNs = 0
    this.observed.ms = 0
    this.observed.restNs = 0
    this.from = 0
    this.to = 0
    this.pairCount = 0
    this.severity = 0
    this.severityFrom = 0
    this.severityTo = 0
    this.traceFrom = 0
    this.traceTo = 0
    this.spanFrom = 0
    this.spanTo = 0
    this.eventName = ''
    this.dropped = 0
    this.flags = 0
  }

  /** Where the name of the pair that follows was written to `texts`; its value comes right behind it. */
  name(from: number): void {
    this.#nameFrom = from
    this.#nameTo = this.texts.length
  }

  /** The value was written to `texts`. */
  addText(): boolean {
    return this.#add(kinds.string, 1)
  }

  addBoolean(value: boolean): boolean {
    this.texts.write(value ? 'true' : 'false')
    return this.#add(kinds.boolean, 0)
  }

  addWhole(value: number): boolean {
    if (!Number.isSafeInteger(value)) return false
    this.texts.write(String(value))
    return this.#add(kinds.number, 1)
  }

  addNumber(value: number): boolean {
    this.texts.write(String(value))
    return this.#add(Number.isFinite(value) ? kinds.number : kinds.string, 0)
  }

  /** What no column may have, whatever it is called. */
  addScalar(name: string, value: AttributeScalar): boolean {
    const from = this.texts.length
    this.texts.write(name)
    this.name(from)
    this.texts.write(String(value))
    return this.#add(kinds[typeof value as 'string' | 'number' | 'boolean'], 0)
  }

  #add(kind: number, mayBeColumn: number): boolean {
    // what has no name is left out
    if (this.#nameTo === this.#nameFrom) return true
    const i = this.pairCount
    if (i === maxPairs) return false
    this.pairs[i * 4] = this.#nameFrom
    this.pairs[i * 4 + 1] = this.#nameTo
    this.pairs[i * 4 + 2] = this.#nameTo
    this.pairs[i * 4 + 3] = this.texts.length
    this.kinds[i] = kind
    this.mayBeColumn[i] = mayBeColumn
    this.pairCount++
    return true
  }

  /** Once all was filled in: what the record's time is, and none of what cannot be. */
  end(): void {
    const { ms, restNs } = this.time.ms > 0 || this.time.restNs > 0 ? this.time : this.observed
    this.timeMs = ms
    this.timeNs = restNs
    if (this.severity < 1 || this.severity > 24) this.severity = 0
    const { bytes } = this.texts
    if (!isId(bytes, this.traceFrom, this.traceTo, 32)) this.traceTo = this.traceFrom
    if (!isId(bytes, this.spanFrom, this.spanTo, 16)) this.spanTo = this.spanFrom
  }
}

/** One of zeros is none. */
function isId(bytes: Uint8Array, from: number, to: number, length: number): boolean {
  if (to - from !== length) return false
  for (let i = from; i < to; i++) {
    const byte = bytes[i]
    if ((byte > 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x66)) return true
  }
  return false
}
