// The lines of one request, one after the other into a batch. Called once a line, bench/src/ingest-logs.ts.
import { type LogBatch, maxAttributes } from '@tidewatch/core/log-batch.ts'
import { readLogBatch } from '@tidewatch/core/log-batch-reader.ts'
import { type LogRecord, logIdentityFields, logRecord } from '@tidewatch/core/log-record.ts'
import { severityInLine } from '@tidewatch/log-formats/line-severity.ts'
import { type Finding, isKeyKind, type Redactor } from '@tidewatch/redact/kinds.ts'
import type { FieldTable } from './field-table.ts'
import { bounded, maxValueLength, readable } from './fold.ts'
import { parseJsonExactly, type ReadRecord, recordOfObject } from './json-record.ts'
import type { LineDecoder } from './line-decoder.ts'
import { readPartOf } from './long-object.ts'
import { recordOfMessageLine, writeMessageLine } from './message-line.ts'
import type {
  LineFault,
  LogIntakeStats,
  LogKeeping,
  LogRequest,
  LogRequestOptions,
  MessageLine,
  RecordLine,
  SecretFound,
  StoredLogs,
  StoreOptions,
} from './port.ts'
import { writeRecordLine } from './record-line.ts'
import { isPlainRecord } from './record-screen.ts'
import { mayHoldSecret } from './secret-screen.ts'

export interface RequestParts extends LogRequestOptions {
  readonly decoder: LineDecoder
  readonly stats: LogIntakeStats
  readonly fields: FieldTable
  readonly lease: Disposable & { readonly batch: LogBatch }
  readonly redactor: Redactor
  readonly keeping: LogKeeping
  /** When the request arrived, ms. */
  readonly nowMs: number
  readonly onSecret: (secret: SecretFound) => void
  readonly store: (batch: LogBatch, options: StoreOptions) => Promise<StoredLogs>
}

/** What a line says of its time where that cannot be. */
const claimedTimeField = 'claimed_time'
/** What its sender calls a line. */
const idField = '_id'
/** Of a longer line no fields are read: 4 MB take the thread some 100 ms, whatever they are made of. */
const maxJsonBytes = 4 << 20
const hourMs = 3_600_000
const serviceColumn = logIdentityFields.indexOf('service')
const utf8 = new TextDecoder()

export class RequestLines implements LogRequest {
  readonly #parts: RequestParts
  readonly #batch: LogBatch
  /** Of the times that lines may claim, in ms since 1970. */
  readonly #latestMs: number
  readonly #earliestMs: number
  #resource: ReadonlyMap<string, string> | undefined
  #isResourceWritten = false
  /** Nothing was taken out of it. */
  #isResourceClean = true
  #service = ''
  #sender: string

  constructor(parts: RequestParts) {
    this.#parts = parts
    this.#sender = parts.sender
    this.#batch = parts.lease.batch
    const { nowMs, keeping } = parts
    this.#latestMs = nowMs + hourMs
    this.#earliestMs = nowMs - (keeping.maxAgeMs ?? Number.POSITIVE_INFINITY)
  }

  get length(): number {
    return this.#batch.length
  }

  [Symbol.dispose](): void {
    this.#parts.lease[Symbol.dispose]()
  }

  setResource(given: ReadonlyMap<string, string>): void {
    const { record, found } = this.#parts.redactor.record(logRecord({ service: this.#service, resource: given }))
    this.#tellSecrets(found, record.service)
    const { resource } = record
    this.#resource = resource.size === 0 ? undefined : resource
    this.#isResourceWritten = false
    this.#isResourceClean = found.length === 0
  }

  setSender(sender: string): void {
    this.#sender = sender
  }

  setService(service: string): void {
    this.#service = service
  }

  addJson(bytes: Uint8Array, from: number, to: number, id?: string): LineFault | undefined {
    const { decoder, fields, redactor } = this.#parts
    const { scanner } = decoder
    if (to - from > maxJsonBytes && bytes[from] === 0x7b) {
      this.#addLong(bytes.subarray(from, to), id)
      return undefined
    }
    if (!scanner.scan(bytes, from, to)) return faultOf(bytes, from, to, scanner.faultAt)
    const isPlain = !scanner.isOdd && to - from <= maxValueLength && decoder.name(bytes, fields)
    if (!isPlain || mayHoldSecret(bytes, decoder, fields, redactor) || (id !== undefined && !this.#isPlainId(id)))
      return this.#addParsed(bytes, from, to, id)
    const batch = this.#batch
    if (id !== undefined) batch.addAttribute(idField, id, 's')
    decoder.write(batch, bytes, fields)
    const { time } = decoder
    if (decoder.hasTime && this.#isWithin(time.ms)) batch.setTime(time.ms, time.ns)
    else {
      if (decoder.hasTime) this.#noteBadTime(new Date(time.ms).toISOString())
      else if (id === undefined) batch.isTimed = false
      batch.setTime(this.#parts.nowMs, 0)
    }
    this.#end()
    return undefined
  }

  addText(bytes: Uint8Array, from: number, to: number): void {
    const batch = this.#batch
    batch.isTimed = false
    const { redactor, nowMs } = this.#parts
    if (to - from > maxValueLength || redactor.mayHold(bytes, from, to)) {
      this.#add(logRecord({ body: utf8.decode(bytes.subarray(from, to)) }))
      return
    }
    batch.setTime(nowMs, 0)
    batch.setSeverity(0)
    batch.body.set(batch.row, bytes, from, to)
    this.#end()
  }

  addLine(line: MessageLine, bytes: Uint8Array): void {
    // what a stream is called may stand in the columns of its lines as well
    if (!this.#isResourceClean || !writeMessageLine(this.#batch, line, bytes, this.#parts)) {
      this.add(recordOfMessageLine(line, bytes, this.#parts))
      return
    }
    this.#endAt(line)
  }

  addRecordLine(line: RecordLine, bytes: Uint8Array): boolean {
    if (!this.#isResourceClean || !writeRecordLine(this.#batch, line, bytes, this.#parts)) return false
    this.#endAt(line)
    return true
  }

  add(record: LogRecord): void {
    if (record.timeNs === 0n) this.#batch.isTimed = false
    this.#add(record)
  }

  /** The lines as they would be stored; none may be added afterwards. */
  read(): readonly LogRecord[] {
    this.#batch.finish()
    return [...readLogBatch(this.#batch)]
  }

  store(options: StoreOptions = {}): Promise<StoredLogs> {
    return this.#parts.store(this.#batch, options)
  }

  /** Ends a row that has the time that its line claims, or that of arrival. */
  #endAt({ timeMs, timeNs }: MessageLine): void {
    const batch = this.#batch
    const hasTime = timeMs > 0 || timeNs > 0
    if (hasTime && this.#isWithin(timeMs)) batch.setTime(timeMs, timeNs)
    else {
      if (hasTime) this.#noteBadTime(claimedTime(timeMs))
      else batch.isTimed = false
      batch.setTime(this.#parts.nowMs, 0)
    }
    this.#end()
  }

  /** Ends a row whose line was written as it came. */
  #end(): void {
    const batch = this.#batch
    const { keeping } = this.#parts
    const service = batch.identity[serviceColumn]
    if (this.#service !== '' && !service.has(batch.row)) service.setText(batch.row, this.#service)
    const name = keeping.usesService && service.has(batch.row) ? service.texts.lastText() : ''
    this.#findSeverity(batch.row)
    batch.setKeepDays(keeping.daysOf(name, batch.severities[batch.row]))
    this.#writeResource()
    batch.endRow()
  }

  /** A line that is kept as its text, since taking it apart would keep others waiting. */
  #addLong(bytes: Uint8Array, id: string | undefined): void {
    if (id === undefined) this.#batch.isTimed = false
    this.#add(logRecord({ body: utf8.decode(bytes), attributes: new Map(id === undefined ? [] : [[idField, id]]) }))
  }

  #addParsed(bytes: Uint8Array, from: number, to: number, id: string | undefined): LineFault | undefined {
    const isLong = to - from > maxValueLength
    const { text, leftOut } = isLong
      ? readPartOf(bytes, from, to)
      : { text: utf8.decode(bytes.subarray(from, to)), leftOut: 0 }
    const read = recordIn(text)
    if (read === undefined) return { at: 0, message: 'is nested more deeply than can be read' }
    const { record, isTimed } = read
    if (!isTimed && id === undefined) this.#batch.isTimed = false
    const named = id === undefined ? record : { ...record, attributes: new Map([[idField, id], ...record.attributes]) }
    this.#add(named, leftOut)
    return undefined
  }

  /** Whether it holds no secret, and the line has room for it. */
  #isPlainId(id: string): boolean {
    const { decoder, redactor } = this.#parts
    const bytes = Buffer.from(id)
    return decoder.scanner.count < maxAttributes - 2 && !redactor.mayHold(bytes, 0, bytes.length)
  }

  /** `leftOut`: how many fields of it were not read. */
  #add(line: LogRecord, leftOut = 0): void {
    const { keeping, nowMs } = this.#parts
    const named = line.service === '' && this.#service !== '' ? { ...line, service: this.#service } : line
    const record = leftOut === 0 && isPlainRecord(named, this.#parts) ? named : this.#judged(named, leftOut)
    const timeMs = Number(record.timeNs / 1_000_000n)
    const isKept = record.timeNs > 0n && this.#isWithin(timeMs)
    if (!isKept && record.timeNs > 0n) this.#noteBadTime(claimedTime(timeMs))
    const batch = this.#batch
    const timeNs = isKept ? record.timeNs : BigInt(nowMs) * 1_000_000n
    if (record.resource.size === 0) this.#writeResource()
    else this.#isResourceWritten = false
    const { row } = batch
    batch.add(record, timeNs)
    this.#findSeverity(row)
    batch.keepDays[row] = keeping.daysOf(record.service, batch.severities[row])
  }

  /** What of a line is kept: within the limits, and without its secrets, which are told. */
  #judged(line: LogRecord, leftOut: number): LogRecord {
    const { stats, redactor, fields } = this.#parts
    const redacted = redactor.record(readable(line, leftOut))
    if (redacted.found.length > 0) stats.redacted++
    this.#tellSecrets(redacted.found, line.service)
    const { record, isFolded, isCut } = bounded(redacted.record, line, (name) => fields.addText(name) >= 0)
    if (isFolded) stats.folded++
    if (isCut) stats.cut++
    return record
  }

  /** Of a line of which nobody said how severe it is, what its text says. */
  #findSeverity(row: number): void {
    const { severities, severityText, body } = this.#batch
    if (severities[row] !== 0 || severityText.has(row) || !body.has(row)) return
    const { bytes, length, lastFrom } = body.texts
    severities[row] = severityInLine(bytes, lastFrom, length)
  }

  #tellSecrets(found: readonly Finding[], service: string): void {
    const { project, onSecret } = this.#parts
    const sender = this.#sender
    for (const { kind, field } of found) if (isKeyKind(kind)) onSecret({ project, sender, service, kind, field })
  }

  #isWithin(ms: number): boolean {
    return ms <= this.#latestMs && ms >= this.#earliestMs
  }

  /** The line keeps the time that it claims as an attribute. */
  #noteBadTime(claimed: string): void {
    this.#parts.stats.badTimes++
    this.#batch.addAttribute(claimedTimeField, claimed, 's')
  }

  #writeResource(): void {
    const resource = this.#resource
    if (resource === undefined) return
    const { resource: column, row } = this.#batch
    if (this.#isResourceWritten) {
      column.repeatRow(row)
      return
    }
    for (const [name, value] of resource) {
      column.names.addText(name)
      column.values.addText(value)
    }
    column.endRow(row)
    this.#isResourceWritten = true
  }
}

const claimedTime = (ms: number): string => (ms <= 8.64e15 ? new Date(ms).toISOString() : `${ms} ms`)

/** Undefined where it goes deeper than the stack does. */
function recordIn(text: string): ReadRecord | undefined {
  try {
    return recordOfObject(parseObject(text))
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  // the scanner found an object: what the two might see differently (a name given twice, bytes that are no UTF-8) is none that JSON refuses
  const value = parseJsonExactly(text)
  return isObject(value) ? value : {}
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/** In words, with what stands there. */
function faultOf(bytes: Uint8Array, from: number, to: number, at: number): LineFault {
  const found =
    at >= to ? 'the end of the line' : JSON.stringify(utf8.decode(bytes.subarray(at, Math.min(to, at + 20))))
  return { at: at - from, message: `is no JSON object: at byte ${at - from} stands ${found}` }
}
