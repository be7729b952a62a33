// What stands beside a message: which names it has, and which of them are columns. Once a line (bench/src/ingest-log-formats.ts).
import type { LogBatch } from '@tidewatch/core/log-batch.ts'
import { logColumns, spellingBytes } from '@tidewatch/core/log-fields.ts'
import type { Redactor } from '@tidewatch/redact/kinds.ts'
import type { FieldTable } from './field-table.ts'
import { maxValueLength } from './fold.ts'
import type { LineDecoder } from './line-decoder.ts'
import { isHiddenName, shortestText } from './secret-screen.ts'

/** Those of texts that came with a line: of the first column that may be one of its identity. */
export const firstIdentity = logColumns.indexOf('body') + 1
export const severityColumn = logColumns.indexOf('severity')
/** Ids that are hexadecimal, and known by their small letters. */
const traceColumn = logColumns.indexOf('traceId')
const spanColumn = logColumns.indexOf('spanId')
const textKind = 's'.charCodeAt(0)
const numberKind = 'n'.charCodeAt(0)
const utf8 = new TextDecoder()
/** A line with more goes the slow way. */
export const maxPairs = 64

export const isHexColumn = (column: number): boolean => column === traceColumn || column === spanColumn

/** Names and values in bytes: of each where the name begins and ends, and the value. */
export interface PairsInBytes {
  readonly pairs: Int32Array
  readonly pairCount: number
  /** Of each pair, an `AttributeKind` as byte; absent: all are texts. */
  readonly kinds?: Uint8Array
  /** Of each pair, 0 where its value is of a kind that columns do not have; absent: all may be columns. */
  readonly mayBeColumn?: Uint8Array
}

export interface PairParts {
  readonly fields: FieldTable
  readonly redactor: Redactor
}

export interface LineParts extends PairParts {
  readonly decoder: LineDecoder
}

/** The pairs of the line that is looked at; used again for the next. */
export class LinePairs {
  /** The number of each pair's name. */
  readonly ids = new Int32Array(maxPairs)
  /** The pair that is the column; -1 where none is. */
  readonly ofColumn = new Int32Array(logColumns.length)

  /** Whether nothing of them is to be taken out, cut or folded, and none is there twice. */
  find({ pairs, pairCount, mayBeColumn }: PairsInBytes, bytes: Uint8Array, parts: PairParts): boolean {
    if (pairCount > maxPairs) return false
    const { fields, redactor } = parts
    const { ids, ofColumn } = this
    ofColumn.fill(-1)
    for (let i = 0; i < pairCount; i++) {
      const id = fields.idOfText(bytes, pairs[i * 4], pairs[i * 4 + 1])
      const from = pairs[i * 4 + 2]
      const to = pairs[i * 4 + 3]
      if (id < 0 || isHiddenName(id, fields, redactor)) return false
      if (to - from > maxValueLength) return false
      if (to - from >= shortestText && redactor.mayHold(bytes, from, to)) return false
      for (let before = 0; before < i; before++) if (ids[before] === id) return false
      ids[i] = id
      const column = fields.column[id]
      if (column < firstIdentity || ofColumn[column] >= 0 || to === from) continue
      if (mayBeColumn === undefined || mayBeColumn[i] !== 0) ofColumn[column] = i
    }
    return true
  }

  /** Those that are no column's become attributes of the batch's row; how severe the first of these that names a level says the line is. */
  write(
    batch: LogBatch,
    { pairs, pairCount, kinds, mayBeColumn }: PairsInBytes,
    bytes: Uint8Array,
    { decoder, fields }: LineParts,
  ): number {
    let level = 0
    let spelling = ''
    for (let i = 0; i < pairCount; i++) {
      const id = this.ids[i]
      const column = fields.column[id]
      const from = pairs[i * 4 + 2]
      const to = pairs[i * 4 + 3]
      const kind = kinds === undefined ? textKind : kinds[i]
      if (column >= firstIdentity && this.ofColumn[column] === i) {
        const letters = spellingBytes(column, fields.spelling[id], kind === numberKind)
        if (letters !== undefined) spelling += String.fromCharCode(letters[0], letters[1])
        continue
      }
      if (column === severityColumn && level === 0 && (mayBeColumn === undefined || mayBeColumn[i] !== 0))
        level = decoder.severityOf(bytes, from, to)
      batch.attributes.names.add(fields.names, fields.from[id], fields.to[id])
      batch.attributes.values.add(bytes, from, to)
      batch.addKindByte(kind)
    }
    if (spelling !== '') batch.spelling.setText(batch.row, spelling)
    return level
  }
}

/** A text of a column of identity, from bytes. Empty ones are none. */
export function writeIdentity(batch: LogBatch, column: number, bytes: Uint8Array, from: number, to: number): void {
  const target = batch.identity[column - firstIdentity]
  if (isHexColumn(column) && hasCapitals(bytes, from, to))
    target.setText(batch.row, utf8.decode(bytes.subarray(from, to)).toLowerCase())
  else if (to > from) target.set(batch.row, bytes, from, to)
}

function hasCapitals(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (bytes[i] >= 0x41 && bytes[i] <= 0x46) return true
  return false
}
