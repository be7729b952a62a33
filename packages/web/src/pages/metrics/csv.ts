// The table's rows as CSV (RFC 4180), one column a label, so that a spreadsheet can sort by them. No React here.
import type { TableRow } from './model.ts'

export function csvOf(rows: readonly TableRow[], atMs: number): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row.labels)))].sort()
  const lines = [
    ['time', ...names, 'value'],
    ...rows.map((row) => [
      new Date(row.atMs ?? atMs).toISOString(),
      ...names.map((name) => row.labels[name] ?? ''),
      row.text,
    ]),
  ]
  return lines.map((cells) => `${cells.map(cell).join(',')}\r\n`).join('')
}

function cell(text: string): string {
  // a spreadsheet would take these for a formula; numbers begin with a sign too and are none
  const safe = /^[=@\t\r]|^[+-](?![\d.I])/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
