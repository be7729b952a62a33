// All lines of a search as a file, a stream from the store to the reader: nothing but the lines in hand is kept.
import type { LogLine } from '@tidewatch/api/logs.ts'
import { logColumnOf } from '@tidewatch/core/log-fields.ts'
import { severityWord } from '@tidewatch/core/log-severity.ts'

export type ExportFormat = 'json' | 'ndjson' | 'csv'

export const exportTypes: Readonly<Record<ExportFormat, string>> = {
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  csv: 'text/csv; charset=utf-8; header=present',
}

/** What a CSV has unless columns are named. */
const usualColumns: readonly string[] = ['timestamp', 'level', 'service', 'message']

/** Pieces of text; a file that breaks off is no whole JSON, and its transfer fails. */
export async function* exportLines(
  batches: AsyncIterable<readonly LogLine[]>,
  format: ExportFormat,
  columns: readonly string[] = usualColumns,
): AsyncGenerator<string> {
  if (format === 'csv') yield `${columns.map(headOf).join(',')}\r\n`
  if (format === 'json') yield '['
  let before = '\n'
  for await (const lines of batches) {
    if (lines.length === 0) continue
    if (format === 'csv') yield lines.map((line) => csvLine(line, columns)).join('')
    else if (format === 'ndjson') yield lines.map((line) => `${JSON.stringify(line)}\n`).join('')
    else {
      yield before + lines.map((line) => JSON.stringify(line)).join(',\n')
      before = ',\n'
    }
  }
  if (format === 'json') yield '\n]\n'
}

const csvLine = (line: LogLine, columns: readonly string[]): string =>
  `${columns.map((name) => cellOf(valueNamed(line, name))).join(',')}\r\n`

/** As RFC 4180 has it. What a spreadsheet would take for a formula begins with an apostrophe: anybody may write lines. */
function cellOf(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) && !/^[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** A name of our own is no formula: who reads the file finds `@timestamp` by it. */
const headOf = (name: string): string => (logColumnOf(name) === undefined ? cellOf(name) : name)

/** The value of a field by any of the names that it has in queries; '' where the line has none. */
export function valueNamed(line: LogLine, name: string): string {
  const column = logColumnOf(name)
  switch (column) {
    case 'time':
      return isoTime(BigInt(line.timeNs))
    case 'severity':
      return line.severityText === '' ? (severityWord(line.severity) ?? '') : line.severityText
    case 'body':
      return line.body
    case 'service':
      return line.service
    case undefined:
      break
    default:
      return line.identity[column] ?? ''
  }
  const value = Object.hasOwn(line.attributes, name) ? line.attributes[name] : undefined
  if (value === undefined) return Object.hasOwn(line.resource, name) ? (line.resource[name] ?? '') : ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** ISO 8601 in UTC, to the nanosecond. */
function isoTime(ns: bigint): string {
  const iso = new Date(Number(ns / 1_000_000n)).toISOString()
  return `${iso.slice(0, -1)}${String(ns % 1_000_000n).padStart(6, '0')}Z`
}
