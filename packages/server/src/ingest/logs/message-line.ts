// A message with what stands beside it, as Loki's and CloudWatch's protocols bring it: into columns as it lies there, or as a record where something
// of it has to be changed. Once a line (bench/src/ingest-logs.ts).
import type { LogBatch } from '@tidewatch/core/log-batch.ts'
import { logColumns, spellingBytes } from '@tidewatch/core/log-fields.ts'
import { type LogRecord, logIdentityFields, logRecord } from '@tidewatch/core/log-record.ts'
import { maxValueLength } from './fold.ts'
import { firstIdentity, isHexColumn, LinePairs, type LineParts, severityColumn, writeIdentity } from './line-pairs.ts'
import type { MessageLine } from './port.ts'

const utf8 = new TextDecoder()

const beside = new LinePairs()

/** Fills the batch's row, but for its time and end. False where it has to go the slow way: nothing was written then. */
export function writeMessageLine(batch: LogBatch, line: MessageLine, bytes: Uint8Array, parts: LineParts): boolean {
  const { decoder, fields, redactor } = parts
  if (line.to - line.from > maxValueLength || redactor.mayHold(bytes, line.from, line.to)) return false
  if (!beside.find(line, bytes, parts)) return false
  const { row } = batch
  const found = decoder.lineFields
  found.find(bytes, line.from, line.to, fields)
  batch.body.set(row, bytes, line.from, line.to)
  let severity = beside.write(batch, line, bytes, parts)
  if (severity === 0) severity = line.stream.severity
  if (severity === 0 && found.from[severityColumn] >= 0)
    severity = decoder.severityOf(bytes, found.from[severityColumn], found.to[severityColumn])
  batch.setSeverity(severity)
  for (let column = firstIdentity; column < logColumns.length; column++) {
    const pair = beside.ofColumn[column]
    const own = line.stream.identity[column - firstIdentity]
    if (pair >= 0) writeIdentity(batch, column, bytes, line.pairs[pair * 4 + 2], line.pairs[pair * 4 + 3])
    else if (own !== '') batch.identity[column - firstIdentity].setText(row, own)
    else if (found.from[column] >= 0) writeIdentity(batch, column, bytes, found.from[column], found.to[column])
  }
  return true
}

/** The same as a record. */
export function recordOfMessageLine(
  line: MessageLine,
  bytes: Uint8Array,
  { decoder, fields }: Pick<LineParts, 'decoder' | 'fields'>,
): LogRecord {
  const { pairs, pairCount, stream, timeMs, timeNs } = line
  const attributes = new Map<string, string>()
  const identity: string[] = logIdentityFields.map(() => '')
  let spelling = ''
  let severity = 0
  for (let i = 0; i < pairCount; i++) {
    const id = fields.findText(bytes, pairs[i * 4], pairs[i * 4 + 1])
    const column = id < 0 ? -1 : fields.column[id]
    const value = textOf(bytes, pairs[i * 4 + 2], pairs[i * 4 + 3])
    if (column >= firstIdentity && identity[column - firstIdentity] === '' && value !== '') {
      identity[column - firstIdentity] = idText(column, value)
      const letters = spellingBytes(column, fields.spelling[id], false)
      if (letters !== undefined) spelling += String.fromCharCode(letters[0], letters[1])
      continue
    }
    if (column === severityColumn && severity === 0)
      severity = decoder.severityOf(bytes, pairs[i * 4 + 2], pairs[i * 4 + 3])
    attributes.set(textOf(bytes, pairs[i * 4], pairs[i * 4 + 1]), value)
  }
  const found = decoder.lineFields
  found.find(bytes, line.from, line.to, fields)
  const inLine = (column: number): string =>
    found.from[column] < 0 ? '' : idText(column, textOf(bytes, found.from[column], found.to[column]))
  if (severity === 0) severity = stream.severity
  if (severity === 0 && found.from[severityColumn] >= 0)
    severity = decoder.severityOf(bytes, found.from[severityColumn], found.to[severityColumn])
  const named = logIdentityFields.map((field, i) => {
    return [field, identity[i] || stream.identity[i] || inLine(firstIdentity + i)] as const
  })
  return logRecord({
    ...{ timeNs: BigInt(timeMs) * 1_000_000n + BigInt(timeNs), severity, spelling, attributes },
    body: textOf(bytes, line.from, line.to),
    ...Object.fromEntries(named),
  })
}

const textOf = (bytes: Uint8Array, from: number, to: number): string => utf8.decode(bytes.subarray(from, to))

const idText = (column: number, text: string): string =>
  isHexColumn(column) && /[A-F]/.test(text) ? text.toLowerCase() : text
