// A record of a protocol that has places of its own for severity and ids, as OTLP's: into columns as its texts lie in bytes. Once a line
// (bench/src/ingest-log-formats.ts).
import type { LogBatch } from '@tidewatch/core/log-batch.ts'
import { logColumns, spellingBytes } from '@tidewatch/core/log-fields.ts'
import { maxValueLength } from './fold.ts'
import type { LineDecoder } from './line-decoder.ts'
import { firstIdentity, hasCapitals, isHexColumn, LinePairs, type PairParts, severityColumn } from './line-pairs.ts'
import type { RecordLine } from './port.ts'
import { isShortHex, shortestText } from './secret-screen.ts'

interface Parts extends PairParts {
  readonly decoder: LineDecoder
}

const traceColumn = logColumns.indexOf('traceId')
const spanColumn = logColumns.indexOf('spanId')
/** The kind of a number. */
const numberKind = 'n'.charCodeAt(0)

const beside = new LinePairs()

/** Fills the batch's row, but for its time and end. False where it has to go the slow way: nothing was written then. */
export function writeRecordLine(batch: LogBatch, line: RecordLine, bytes: Uint8Array, parts: Parts): boolean {
  if (!isPlain(line, bytes, parts)) return false
  const { row } = batch
  batch.body.set(row, bytes, line.from, line.to)
  let { severity } = line
  if (line.severityTo > line.severityFrom) {
    batch.severityText.set(row, bytes, line.severityFrom, line.severityTo)
    if (severity === 0) severity = parts.decoder.severityOf(bytes, line.severityFrom, line.severityTo)
  }
  const level = writeAttributes(batch, line, bytes, parts)
  batch.setSeverity(severity === 0 && line.severityTo === line.severityFrom ? level : severity)
  writeIdentity(batch, line, bytes)
  return true
}

/** Whether nothing of it is to be taken out, cut or folded; notes which pairs are columns. */
function isPlain(line: RecordLine, bytes: Uint8Array, parts: Parts): boolean {
  const { redactor } = parts
  if (line.to - line.from > maxValueLength || redactor.mayHold(bytes, line.from, line.to)) return false
  const { severityFrom, severityTo, traceFrom, traceTo, spanFrom, spanTo } = line
  if (severityTo - severityFrom >= shortestText && redactor.mayHold(bytes, severityFrom, severityTo)) return false
  if (!isShortHex(bytes, traceFrom, traceTo) && redactor.mayHold(bytes, traceFrom, traceTo)) return false
  if (!isShortHex(bytes, spanFrom, spanTo) && redactor.mayHold(bytes, spanFrom, spanTo)) return false
  if (!beside.find(line, bytes, parts, line.mayBeColumn)) return false
  // what the protocol has a place for is believed before a name
  if (traceTo > traceFrom) beside.ofColumn[traceColumn] = -1
  if (spanTo > spanFrom) beside.ofColumn[spanColumn] = -1
  return true
}

/** Pairs that are no column's; how severe the line is by what the first of them says that names a level. */
function writeAttributes(batch: LogBatch, line: RecordLine, bytes: Uint8Array, { decoder, fields }: Parts): number {
  const { pairs, pairCount, kinds, mayBeColumn } = line
  let level = 0
  let spelling = ''
  for (let i = 0; i < pairCount; i++) {
    const id = beside.ids[i]
    const column = fields.column[id]
    const from = pairs[i * 4 + 2]
    const to = pairs[i * 4 + 3]
    if (column >= firstIdentity && beside.ofColumn[column] === i) {
      const letters = spellingBytes(column, fields.spelling[id], kinds[i] === numberKind)
      if (letters !== undefined) spelling += String.fromCharCode(letters[0], letters[1])
      continue
    }
    if (column === severityColumn && level === 0 && mayBeColumn[i] !== 0) level = decoder.severityOf(bytes, from, to)
    batch.attributes.names.add(fields.names, fields.from[id], fields.to[id])
    batch.attributes.values.add(bytes, from, to)
    batch.addKindByte(kinds[i])
  }
  if (spelling !== '') batch.spelling.setText(batch.row, spelling)
  return level
}

function writeIdentity(batch: LogBatch, line: RecordLine, bytes: Uint8Array): void {
  const { row } = batch
  const { pairs, stream } = line
  for (let column = firstIdentity; column < logColumns.length; column++) {
    const target = batch.identity[column - firstIdentity]
    const pair = beside.ofColumn[column]
    const own = stream.identity[column - firstIdentity]
    if (pair >= 0) {
      const from = pairs[pair * 4 + 2]
      const to = pairs[pair * 4 + 3]
      if (isHexColumn(column) && hasCapitals(bytes, from, to))
        target.setText(row, Buffer.from(bytes.subarray(from, to)).toString().toLowerCase())
      else target.set(row, bytes, from, to)
    } else if (column === traceColumn && line.traceTo > line.traceFrom)
      target.set(row, bytes, line.traceFrom, line.traceTo)
    else if (column === spanColumn && line.spanTo > line.spanFrom) target.set(row, bytes, line.spanFrom, line.spanTo)
    else if (own !== '') target.setText(row, own)
  }
}
