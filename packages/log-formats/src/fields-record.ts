// Names and values, as logfmt and GELF have them, as a record: what senders call the time, the severity and so on goes to its column.
import { logColumnOf } from '@tidewatch/core/log-fields.ts'
import type { AttributeValue, LogRecord } from '@tidewatch/core/log-record.ts'
import { severityOfLevel } from '@tidewatch/core/log-severity.ts'
import { epochInstantNs, isoInstantNs } from './instant.ts'
import type { ParsedLog } from './parsed-log.ts'

/** The first name that leads to a column wins, later ones stay attributes; so does what the column cannot hold. `line`: the body where none is named. */
export function recordOfFields(fields: Iterable<readonly [string, AttributeValue]>, line: string): ParsedLog {
  const record: { -readonly [K in keyof LogRecord]?: LogRecord[K] } = {}
  const attributes = new Map<string, AttributeValue>()
  for (const [name, value] of fields) if (!toColumn(record, name, value)) attributes.set(name, value)
  return { ...record, body: record.body ?? line, attributes }
}

function toColumn(
  record: { -readonly [K in keyof LogRecord]?: LogRecord[K] },
  name: string,
  value: AttributeValue,
): boolean {
  const column = logColumnOf(name)
  if (column === undefined || typeof value === 'object' || typeof value === 'boolean') return false
  switch (column) {
    case 'time': {
      const timeNs = record.timeNs === undefined ? timeOf(value) : undefined
      if (timeNs !== undefined) record.timeNs = timeNs
      return timeNs !== undefined
    }
    case 'severity': {
      if (record.severityText !== undefined) return false
      record.severityText = String(value)
      record.severity = severityOfLevel(value)
      return true
    }
    default:
      if (record[column] !== undefined) return false
      record[column] = String(value)
      return true
  }
}

const timeOf = (value: string | number): bigint | undefined =>
  (typeof value === 'string' ? isoInstantNs(value) : undefined) ?? epochInstantNs(value)
