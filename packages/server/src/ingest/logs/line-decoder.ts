// Lines of JSON into columns, without an object for a line (bench/src/ingest-logs.ts).
import type { LogBatch } from '@tidewatch/core/log-batch.ts'
import { logColumns, spellingBytes } from '@tidewatch/core/log-fields.ts'
import type { TextColumn } from '@tidewatch/core/text-columns.ts'
import type { FieldTable } from './field-table.ts'
import { fieldKind, JsonScanner, maxFields } from './json-scanner.ts'
import { LineFields } from './line-fields.ts'
import { LogTimeReader } from './log-time.ts'
import { SeverityMemo } from './severity-memo.ts'

const timeColumn = logColumns.indexOf('time')
const severityColumn = logColumns.indexOf('severity')
const bodyColumn = logColumns.indexOf('body')
const firstIdentity = bodyColumn + 1
const traceColumn = logColumns.indexOf('traceId')
const spanColumn = logColumns.indexOf('spanId')

/** By `fieldKind`: what an attribute's text stands for, alone and in an array. Others are not kept. */
const aloneKind = Uint8Array.from([0, 0x73, 0x6e, 0x62, 0, 0x6a])
const elementKind = Uint8Array.from([0, 0x53, 0x4e, 0x42, 0, 0x6a])

export class LineDecoder {
  readonly scanner = new JsonScanner()
  /** Of a message that is text and stays so. */
  readonly lineFields = new LineFields(this.scanner)
  /** The line's time, where `hasTime`. */
  readonly time = new LogTimeReader()
  hasTime = false
  readonly #severities = new SeverityMemo()
  /** Of the line that was named: the number of each field's name. */
  readonly ids = new Int32Array(maxFields)
  /** Under which version of its path each of `ids` was found, in which table. */
  readonly #versions = new Int32Array(maxFields)
  #fields: FieldTable | undefined
  #generation = 0
  readonly #spelling = new Uint8Array(logColumns.length * 2)
  #spelled = 0
  #severity = 0
  #columnsSet = 0

  /** OpenTelemetry's number of a severity as it was sent; 0 where it is not known. */
  severityOf(bytes: Uint8Array, from: number, to: number): number {
    return this.#severities.get(bytes, from, to)
  }

  /**
   * Whether all names of the fields of the line that was scanned are known or could be noted: otherwise nothing may be written of it, and the
   * slow way has to fold the others.
   */
  name(bytes: Uint8Array, fields: FieldTable): boolean {
    const { scanner } = this
    const { pathVersion } = scanner
    this.#follow(fields)
    for (let i = 0; i < scanner.count; i++) {
      const version = pathVersion[i]
      if (version !== 0 && version === this.#versions[i]) continue
      if (scanner.kind[i] === fieldKind.container || scanner.kind[i] === fieldKind.null) continue
      const id = fields.idOf(scanner, i, bytes)
      if (id < 0) return false
      this.ids[i] = id
      this.#versions[i] = version
    }
    return true
  }

  /** Numbers of names are a table's. */
  #follow(fields: FieldTable): void {
    if (this.#fields === fields && this.#generation === fields.generation) return
    this.#fields = fields
    this.#generation = fields.generation
    this.#versions.fill(0)
  }

  /** Fills the batch's row with the line that was scanned and named; the row's time, and its end, are the caller's. */
  write(batch: LogBatch, bytes: Uint8Array, fields: FieldTable): void {
    const { scanner } = this
    this.hasTime = false
    this.#severity = 0
    this.#columnsSet = 0
    this.#spelled = 0
    for (let i = 0; i < scanner.count; i++) {
      const kind = scanner.kind[i]
      if (kind === fieldKind.container || kind === fieldKind.null) continue
      const id = this.ids[i]
      const column = fields.column[id]
      if (column < 0 || !this.#writeColumn(batch, bytes, i, column, fields.spelling[id])) {
        this.#writeAttribute(batch, bytes, i, fields, id)
      }
    }
    batch.setSeverity(this.#severity)
    if (this.#spelled > 0) batch.spelling.set(batch.row, this.#spelling, 0, this.#spelled)
  }

  /** Whether the field became the row's column: what is there already, or is no single text or number, does not. */
  #writeColumn(batch: LogBatch, bytes: Uint8Array, field: number, column: number, spelling: number): boolean {
    const { scanner } = this
    const kind = scanner.kind[field]
    const isNumber = kind === fieldKind.number
    if ((!isNumber && kind !== fieldKind.string) || scanner.element[field] === 1) return false
    const bit = 1 << column
    if ((this.#columnsSet & bit) !== 0) return false
    const from = scanner.valueFrom[field]
    const to = scanner.valueTo[field]
    if (column === timeColumn) {
      if (!this.time.read(bytes, from, to)) return false
      this.hasTime = true
    } else if (column === severityColumn) {
      this.#severity = this.#severities.get(bytes, from, to)
      writeText(batch.severityText, batch.row, scanner, field, bytes)
    } else if (column === bodyColumn) writeText(batch.body, batch.row, scanner, field, bytes)
    else {
      const target = batch.identity[column - firstIdentity]
      if ((column === traceColumn || column === spanColumn) && hasCapitals(bytes, from, to)) {
        target.setText(
          batch.row,
          Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from)
            .toString()
            .toLowerCase(),
        )
      } else writeText(target, batch.row, scanner, field, bytes)
    }
    this.#columnsSet |= bit
    if (spelling > 0 || isNumber) this.#spell(column, spelling, isNumber)
    return true
  }

  #spell(column: number, name: number, isNumber: boolean): void {
    const letters = spellingBytes(column, name, isNumber)
    if (letters === undefined) return
    this.#spelling[this.#spelled++] = letters[0]
    this.#spelling[this.#spelled++] = letters[1]
  }

  #writeAttribute(batch: LogBatch, bytes: Uint8Array, field: number, fields: FieldTable, id: number): void {
    const { scanner } = this
    const { names, values } = batch.attributes
    names.add(fields.names, fields.from[id], fields.to[id])
    const from = scanner.valueFrom[field]
    const to = scanner.valueTo[field]
    if (scanner.escaped[field] === 1) values.addJson(bytes, from, to)
    else if (scanner.kind[field] === fieldKind.number && !isUsualNumber(bytes, from, to)) {
      values.addText(usualNumber(bytes, from, to))
    } else values.add(bytes, from, to)
    batch.addKindByte((scanner.element[field] === 1 ? elementKind : aloneKind)[scanner.kind[field]])
  }
}

function writeText(column: TextColumn, row: number, scanner: JsonScanner, field: number, bytes: Uint8Array): void {
  if (scanner.escaped[field] === 1) column.setJson(row, bytes, scanner.valueFrom[field], scanner.valueTo[field])
  else column.set(row, bytes, scanner.valueFrom[field], scanner.valueTo[field])
}

/** Whether it is written as JavaScript writes it, so that equal numbers are equal texts: rarely anything else. */
function isUsualNumber(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from > 15) return false
  let hasPoint = false
  for (let i = from; i < to; i++) {
    if (bytes[i] === 0x2e) hasPoint = true
    else if (bytes[i] > 0x39 || bytes[i] === 0x2b) return false
  }
  if (hasPoint) return bytes[to - 1] !== 0x30 && !(bytes[from] === 0x30 && bytes[from + 2] === 0x30)
  return bytes[from] !== 0x2d || bytes[from + 1] !== 0x30
}

/** Whole numbers beyond 2^53 keep their digits. */
function usualNumber(bytes: Uint8Array, from: number, to: number): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1')
  const number = Number(text)
  if (Number.isInteger(number) && !Number.isSafeInteger(number) && /^-?\d+$/.test(text)) return text
  return String(number)
}

/** Each byte that is one of `A` to `F`. */
const isCapital = new Uint8Array(256).fill(1, 0x41, 0x47)

function hasCapitals(bytes: Uint8Array, from: number, to: number): boolean {
  let found = 0
  for (let i = from; i < to; i++) found |= isCapital[bytes[i]]
  return found === 1
}
