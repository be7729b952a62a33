// Which fields lines have, and the most frequent values of one.
import type { LogFields, LogValues } from '@tidewatch/api/logs.ts'
import { severityWord } from '@tidewatch/core/log-severity.ts'
import { allOf, type Predicate, testOf } from '@tidewatch/logquery/predicate.ts'
import type { FieldOfLog, LogFilter, LogGroupRow, LogReader } from '../../../store/port.ts'
import { fieldNamed } from './filter.ts'

interface Asking {
  readonly reader: LogReader
  readonly filter: LogFilter
  readonly signal: AbortSignal
}

/** Of the newest lines so many are looked at for their fields. */
const fieldRows = 50_000

export async function fieldsOf({ reader, filter, signal }: Asking): Promise<LogFields> {
  const [fields, count] = await Promise.all([
    reader.fields(filter, { signal, rows: fieldRows }),
    reader.count(filter, { signal }),
  ])
  return {
    fields: fields.map(({ name, place, types, count: lines }) => ({ name, place, types: [...types], count: lines })),
    looked: Math.min(count, fieldRows),
  }
}

export interface ValuesQuestion {
  readonly field: string
  readonly prefix: string
  readonly limit: number
}

export async function valuesOf(asking: Asking, { field: name, prefix, limit }: ValuesQuestion): Promise<LogValues> {
  const field = fieldNamed(name)
  if (field.kind === 'column' && field.column === 'severity') return severities(asking, { prefix, limit })
  const { reader, signal } = asking
  const filter = { ...asking.filter, predicate: allOf([asking.filter.predicate, ...beginsWith(field, prefix)]) }
  const rows = await reader.aggregate(
    filter,
    { groups: [{ kind: 'field', field }], measures: [], order: { by: 'count', descending: true }, limit },
    { signal },
  )
  const values = rows.map(countedValue).filter(({ value }) => startsWith(value, prefix))
  // all of them are there, so that nothing more need be asked
  if (rows.length < limit) return { values, ...summed(values) }
  const exists = testOf(field, { op: 'exists' })
  const [all] = await reader.aggregate(
    { ...filter, predicate: allOf([filter.predicate, exists]) },
    { groups: [], measures: [{ kind: 'cardinality', field }], limit: 1 },
    { signal },
  )
  const distinct = all?.values[0]
  return { values, lines: all?.count ?? 0, distinct: typeof distinct === 'number' ? distinct : values.length }
}

const countedValue = ({ keys, count }: LogGroupRow) => ({ value: keys[0] ?? '', count })

const summed = (values: LogValues['values']) => ({
  lines: values.reduce((sum, { count }) => sum + count, 0),
  distinct: values.length,
})

const startsWith = (value: string, prefix: string): boolean => value.toLowerCase().startsWith(prefix.toLowerCase())

function beginsWith(field: FieldOfLog, prefix: string): Predicate[] {
  if (prefix === '') return []
  return [testOf(field, { op: 'wildcard', unit: 'value', pattern: [{ text: prefix }, 'any'], ignoreCase: true })]
}

/** By their words, which are what a query names. */
async function severities(
  { reader, filter, signal }: Asking,
  { prefix, limit }: Pick<ValuesQuestion, 'prefix' | 'limit'>,
): Promise<LogValues> {
  const field: FieldOfLog = { kind: 'column', column: 'severity' }
  const rows = await reader.aggregate(
    filter,
    { groups: [{ kind: 'field', field }], measures: [], limit: 1000 },
    { signal },
  )
  const counts = new Map<string, number>()
  for (const { keys, count } of rows) {
    const word = severityWord(Number(keys[0]))
    if (word !== undefined && startsWith(word, prefix)) counts.set(word, (counts.get(word) ?? 0) + count)
  }
  const values = [...counts].map(([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count)
  return { values: values.slice(0, limit), ...summed(values) }
}
