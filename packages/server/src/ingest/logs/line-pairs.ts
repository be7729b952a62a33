// What stands beside a message: which names it has, and which of them are columns. Once a line (bench/src/ingest-log-formats.ts).
import { logColumns } from '@tidewatch/core/log-fields.ts'
import type { Redactor } from '@tidewatch/redact/kinds.ts'
import type { FieldTable } from './field-table.ts'
import { maxValueLength } from './fold.ts'
import { isHiddenName, shortestText } from './secret-screen.ts'

/** Those of texts that came with a line: of the first column that may be one of its identity. */
export const firstIdentity = logColumns.indexOf('body') + 1
export const severityColumn = logColumns.indexOf('severity')
/** Ids that are hexadecimal, and known by their small letters. */
const traceColumn = logColumns.indexOf('traceId')
const spanColumn = logColumns.indexOf('spanId')
/** A line with more goes the slow way. */
export const maxPairs = 64

export const isHexColumn = (column: number): boolean => column === traceColumn || column === spanColumn

/** Names and values in bytes: of each where the name begins and ends, and the value. */
export interface PairsInBytes {
  readonly pairs: Int32Array
  readonly pairCount: number
}

export interface PairParts {
  readonly fields: FieldTable
  readonly redactor: Redactor
}

/** The pairs of the line that is looked at; used again for the next. */
export class LinePairs {
  /** The number of each pair's name. */
  readonly ids = new Int32Array(maxPairs)
  /** The pair that is the column; -1 where none is. */
  readonly ofColumn = new Int32Array(logColumns.length)

  /**
   * Whether nothing of them is to be taken out, cut or folded, and none is there twice. `mayBeColumn`: by pair, 0 where its value is of a kind that
   * columns do not have; absent: all may be.
   */
  find({ pairs, pairCount }: PairsInBytes, bytes: Uint8Array, parts: PairParts, mayBeColumn?: Uint8Array): boolean {
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
}

export function hasCapitals(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (bytes[i] >= 0x41 && bytes[i] <= 0x46) return true
  return false
}
