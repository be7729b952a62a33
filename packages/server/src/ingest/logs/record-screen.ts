// Whether a record may be stored as it is, told by its bytes: names are judged once, and only texts that could hold something are scanned. Once a
// record (bench/src/ingest-log-formats.ts).
import { maxAttributes } from '@tidewatch/core/log-batch.ts'
import { type AttributeValue, type LogRecord, logIdentityFields } from '@tidewatch/core/log-record.ts'
import { TextBytes } from '../text-bytes.ts'
import { maxValueLength } from './fold.ts'
import type { PairParts } from './line-pairs.ts'
import { isHiddenName, isShortHex, shortestNumber, shortestText } from './secret-screen.ts'

const scratch = new TextBytes()

/** Whether nothing of it is to be taken out, cut or folded. Says no too often rather than too seldom; lists are for the long way to judge. */
export function isPlainRecord(record: LogRecord, parts: PairParts): boolean {
  if (record.attributes.size > maxAttributes - 2) return false
  if (!isPlainText(record.body, parts) || !isPlainText(record.severityText, parts)) return false
  for (const field of logIdentityFields) {
    const text = record[field]
    if (text === '') continue
    if (field === 'traceId' || field === 'spanId' ? !isPlainId(text, parts) : !isPlainText(text, parts)) return false
  }
  for (const [name, value] of record.attributes) if (!isPlainPair(name, value, parts)) return false
  for (const [name, value] of record.resource) if (!isPlainPair(name, value, parts)) return false
  return true
}

function isPlainPair(name: string, value: AttributeValue, parts: PairParts): boolean {
  scratch.clear()
  const id = parts.fields.idOfText(scratch.bytes, 0, scratch.write(name))
  if (id < 0 || isHiddenName(id, parts.fields, parts.redactor)) return false
  if (typeof value === 'string') return isPlainText(value, parts)
  if (typeof value === 'boolean') return true
  if (typeof value !== 'number') return false
  const digits = String(value)
  return digits.length < shortestNumber || isPlainText(digits, parts)
}

function isPlainText(text: string, { redactor }: PairParts): boolean {
  if (text.length < shortestText) return true
  if (text.length > maxValueLength) return false
  scratch.clear()
  const end = scratch.write(text)
  return !redactor.mayHold(scratch.bytes, 0, end)
}

function isPlainId(text: string, parts: PairParts): boolean {
  scratch.clear()
  return isShortHex(scratch.bytes, 0, scratch.write(text)) || isPlainText(text, parts)
}
