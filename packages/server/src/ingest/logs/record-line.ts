// A record of a protocol that has places of its own for severity and ids, as OTLP's: into columns as its texts lie in bytes. Once a line
// (bench/src/ingest-log-formats.ts).
import type { LogBatch } from '@tidewatch/core/log-batch.ts'
import { logColumns } from '@tidewatch/core/log-fields.ts'
import { maxValueLength } from './fold.ts'
import { firstIdentity, LinePairs, type LineParts, writeIdentity } from './line-pairs.ts'
import type { RecordLine } from './port.ts'
import { isShortHex, shortestText } from './secret-screen.ts'

const traceColumn = logColumns.indexOf('traceId')
const spanColumn = logColumns.indexOf('spanId')

const beside = new LinePairs()

/** Fills the batch's row, but for its time and end. False where it has to go the slow way: nothing was written then. */
export function writeRecordLine(batch: LogBatch, line: RecordLine, bytes: Uint8Array, parts: LineParts): boolean {
  if (!isPlain(line, bytes, parts)) return false
  const { row } = batch
  batch.body.set(row, bytes, line.from, line.to)
  let { severity } = line
  if (line.severityTo > line.severityFrom) {
    batch.severityText.set(row, bytes, line.severityFrom, line.severityTo)
    if (severity === 0) severity = parts.decoder.severityOf(bytes, line.severityFrom, line.severityTo)
  }
  const level = beside.write(batch, line, bytes, parts)
  batch.setSeverity(severity === 0 && line.severityTo === line.severityFrom ? level : severity)
  writeIdentities(batch, line, bytes)
  return true
}

/** Whether nothing of it is to be taken out, cut or folded; notes which pairs are columns. */
function isPlain(line: RecordLine, bytes: Uint8Array, parts: LineParts): boolean {
  const { redactor } = parts
  if (line.to - line.from > maxValueLength || redactor.mayHold(bytes, line.from, line.to)) return false
  const { severityFrom, severityTo, traceFrom, traceTo, spanFrom, spanTo } = line
  if (severityTo - severityFrom >= shortestText && redactor.mayHold(bytes, severityFrom, severityTo)) return false
  if (!isShortHex(bytes, traceFrom, traceTo) && redactor.mayHold(bytes, traceFrom, traceTo)) return false
  if (!isShortHex(bytes, spanFrom, spanTo) && redactor.mayHold(bytes, spanFrom, spanTo)) return false
  if (!beside.find(line, bytes, parts)) return false
  // what the protocol has a place for is believed before a name
  if (traceTo > traceFrom) beside.ofColumn[traceColumn] = -1
  if (spanTo > spanFrom) beside.ofColumn[spanColumn] = -1
  return true
}

function writeIdentities(batch: LogBatch, line: RecordLine, bytes: Uint8Array): void {
  const { pairs, stream } = line
  for (let column = firstIdentity; column < logColumns.length; column++) {
    const pair = beside.ofColumn[column]
    const own = stream.identity[column - firstIdentity]
    if (pair >= 0) writeIdentity(batch, column, bytes, pairs[pair * 4 + 2], pairs[pair * 4 + 3])
    else if (column === traceColumn && line.traceTo > line.traceFrom)
      writeIdentity(batch, column, bytes, line.traceFrom, line.traceTo)
    else if (column === spanColumn && line.spanTo > line.spanFrom)
      writeIdentity(batch, column, bytes, line.spanFrom, line.spanTo)
    else if (own !== '') batch.identity[column - firstIdentity].setText(batch.row, own)
  }
}
