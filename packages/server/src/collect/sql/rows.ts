// Rows as gauges: columns that are labels, columns that are values.
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import { metricsOf, type SqlGauge } from './config.ts'
import type { SqlRow } from './query.ts'

export interface GaugeSample {
  readonly name: string
  /** Name, value, name, value ... */
  readonly labels: readonly string[]
  readonly value: number
}

/** Throws `collect.bad_answer` for a column that is not there, a value that is no number, and labels that come twice. A null is no sample. */
export function samplesOf(gauge: SqlGauge, rows: readonly SqlRow[]): readonly GaugeSample[] {
  const metrics = metricsOf(gauge)
  const seen = new Set<string>()
  const samples: GaugeSample[] = []
  for (const row of rows) {
    const labels = gauge.labels.flatMap((label) => [label, labelText(columnOf(row, label))])
    const key = JSON.stringify(labels)
    if (seen.has(key)) {
      throw new AppError('collect.bad_answer', `two rows have the same labels: ${quoteValue(labels.join(' '))}.`, {
        fix: 'Group the query by its label columns, or name the column that tells them apart under labels.',
      })
    }
    seen.add(key)
    for (const { name, column } of metrics) {
      const value = numberOf(columnOf(row, column), column)
      if (value !== undefined) samples.push({ name, labels, value })
    }
  }
  return samples
}

function columnOf(row: SqlRow, column: string): unknown {
  if (Object.hasOwn(row, column)) return row[column]
  throw new AppError('collect.bad_answer', `the query gives no column ${quoteValue(column)}.`, {
    fix: `It gives: ${Object.keys(row).join(', ')}. Name columns with AS.`,
  })
}

function labelText(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (value instanceof Date) return value.toISOString()
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** Undefined for null. Whole and decimal numbers of any size come as text; times are seconds since 1970. */
function numberOf(value: unknown, column: string): number | undefined {
  if (value === null || value === undefined) return undefined
  if (typeof value === 'number') return value
  if (typeof value === 'boolean') return value ? 1 : 0
  if (value instanceof Date) return value.getTime() / 1000
  if (typeof value === 'string' && /^(NaN|-?Infinity|[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)$/.test(value))
    return Number(value)
  throw new AppError('collect.bad_answer', `the column ${quoteValue(column)} has ${quoteValue(value)}, no number.`, {
    fix: 'Cast it in the query, or name it under labels.',
  })
}
