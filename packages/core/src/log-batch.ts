// The lines of one request in columns: filled once a value from the sender's bytes, written to the spool as they lie there
// (bench/src/ingest-logs.ts).
import { type AttributeScalar, type LogRecord, logIdentityFields } from './log-record.ts'
import { TextColumn, TextMapColumn } from './text-columns.ts'

/** What an attribute's text stands for: `s` a text, `n` a number, `b` true or false, `j` JSON; in capitals where it is an element of an array. */
export type AttributeKind = 's' | 'n' | 'b' | 'j' | 'S' | 'N' | 'B'

const textKind = 0x73

/** Columns of lines; has an owner, who clears and reuses it. A row is begun, filled in any order, and ended. */
export class LogBatch {
  /** Rows that were ended. */
  length = 0
  /** ns since 1970 as UInt64, low word first. */
  times = new Uint32Array(1024)
  /** OpenTelemetry's numbers. */
  severities = new Uint8Array(512)
  /** Days after which each line goes. */
  keepDays = new Uint16Array(512)
  readonly severityText = new TextColumn()
  readonly body = new TextColumn(1 << 14)
  /** In the order of `logIdentityFields`. */
  readonly identity: readonly TextColumn[] = logIdentityFields.map(() => new TextColumn())
  readonly resource = new TextMapColumn()
  readonly attributes = new TextMapColumn(1 << 14)
  /** For each row one `AttributeKind` an attribute; empty where all are texts. */
  readonly kinds = new TextColumn()
  /** How the sender wrote the names of what went into columns (see log-fields.ts); empty where they are ours. */
  readonly spelling = new TextColumn()
  /** Whether each line came with a time or an id of its own, so that the same bytes are the same lines. */
  isTimed = true
  readonly #kinds = new Uint8Array(maxAttributes)
  #kindCount = 0
  #hasOther = false

  clear(): void {
    this.length = 0
    this.isTimed = true
    for (const column of this.#texts()) column.clear()
    this.resource.clear()
    this.attributes.clear()
    this.#kindCount = 0
    this.#hasOther = false
  }

  /** Bytes that the columns hold. */
  get byteLength(): number {
    let bytes = this.length * 35
    for (const column of this.#texts()) bytes += column.texts.length
    for (const map of [this.resource, this.attributes]) bytes += map.names.length + map.values.length
    return bytes
  }

  /** The row that is being filled. */
  get row(): number {
    return this.length
  }

  /** The row's time: whole milliseconds since 1970 and the nanoseconds beyond (below 1,000,000). */
  setTime(ms: number, ns: number): void {
    if (this.length * 2 === this.times.length) this.#growRows()
    // in two halves: a time in ns is beyond what a number holds exactly
    const high = Math.floor(ms / 65_536) * 1e6
    const low = (ms % 65_536) * 1e6 + ns
    const rest = (high % 65_536) * 65_536 + low
    this.times[this.length * 2] = rest >>> 0
    this.times[this.length * 2 + 1] = Math.floor(high / 65_536) + Math.floor(rest / 2 ** 32)
  }

  setTimeNs(ns: bigint): void {
    this.setTime(Number(ns / 1_000_000n), Number(ns % 1_000_000n))
  }

  setSeverity(severity: number): void {
    if (this.length === this.severities.length) this.#growRows()
    this.severities[this.length] = severity
  }

  setKeepDays(days: number): void {
    this.keepDays[this.length] = days
  }

  /** To be said for each value added to `attributes`, in order. */
  addKind(kind: AttributeKind): void {
    this.addKindByte(kind.charCodeAt(0))
  }

  addKindByte(kind: number): void {
    if (kind !== textKind) this.#hasOther = true
    this.#kinds[this.#kindCount++] = kind
  }

  /** How many more attributes the row may have. */
  get roomForAttributes(): number {
    return maxAttributes - this.#kindCount
  }

  addAttribute(name: string, text: string, kind: AttributeKind): void {
    this.attributes.names.addText(name)
    this.attributes.values.addText(text)
    this.addKind(kind)
  }

  /** Ends the row. Its time and severity have been set. */
  endRow(): void {
    this.attributes.endRow(this.length)
    if (this.#hasOther) this.kinds.set(this.length, this.#kinds, 0, this.#kindCount)
    this.#kindCount = 0
    this.#hasOther = false
    this.length++
  }

  /** Columns are as long as there are rows: to be said once, before they are read. */
  finish(): void {
    for (const column of this.#texts()) column.fill(this.length)
    this.resource.fill(this.length)
    this.attributes.fill(this.length)
  }

  /** A whole row, of that time. Attributes beyond the limit are left to the caller to fold. */
  add(record: LogRecord, timeNs = record.timeNs): void {
    const { row } = this
    this.setTimeNs(timeNs)
    this.setSeverity(record.severity)
    this.severityText.setText(row, record.severityText)
    this.body.setText(row, record.body)
    this.spelling.setText(row, record.spelling)
    for (let i = 0; i < logIdentityFields.length; i++) this.identity[i].setText(row, record[logIdentityFields[i]])
    for (const [name, value] of record.resource) {
      this.resource.names.addText(name)
      this.resource.values.addText(value)
    }
    // a row without one is left to the caller, who may have given it one already
    if (record.resource.size > 0) this.resource.endRow(row)
    for (const [name, value] of record.attributes) {
      if (!isArray(value)) this.#addScalar(name, value, false)
      else for (const element of value) this.#addScalar(name, element, true)
    }
    this.endRow()
  }

  #addScalar(name: string, value: AttributeScalar, isElement: boolean): void {
    if (this.roomForAttributes === 0) return
    const kind = typeof value === 'string' ? 's' : typeof value === 'number' ? 'n' : 'b'
    this.addAttribute(name, String(value), isElement ? (kind.toUpperCase() as AttributeKind) : kind)
  }

  *#texts(): Generator<TextColumn> {
    yield this.severityText
    yield this.body
    yield this.kinds
    yield this.spelling
    yield* this.identity
  }

  #growRows(): void {
    const times = new Uint32Array(this.times.length * 2)
    times.set(this.times)
    this.times = times
    const severities = new Uint8Array(this.severities.length * 2)
    severities.set(this.severities)
    this.severities = severities
    const keepDays = new Uint16Array(this.keepDays.length * 2)
    keepDays.set(this.keepDays)
    this.keepDays = keepDays
  }
}

/** Values of one line's attributes, elements of arrays counted each. */
export const maxAttributes = 1024

const isArray = (value: unknown): value is readonly AttributeScalar[] => Array.isArray(value)

/** Batches that are used again: their columns keep the size they grew to. */
export class LogBatchPool {
  readonly #idle: LogBatch[] = []

  /** Given back when disposed. */
  lease(): Disposable & { readonly batch: LogBatch } {
    const batch = this.#idle.pop() ?? new LogBatch()
    return {
      batch,
      [Symbol.dispose]: () => {
        const bytes = batch.byteLength
        batch.clear()
        if (this.#idle.length < maxIdle && bytes <= maxKeptBytes) this.#idle.push(batch)
      },
    }
  }
}

const maxIdle = 4
const maxKeptBytes = 32 << 20
