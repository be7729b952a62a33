// Which fields lines have, by their newest.
import { textColumns } from '@tidewatch/logquery/predicate.ts'
import { literal } from '../literal.ts'
import type { LogFieldSummary, LogFilter } from './port.ts'
import { type RenderedPredicate, sqlColumn } from './render.ts'
import { rowsOf, type Selection, statement } from './select.ts'

const maxNames = 5000

export interface FieldRow {
  readonly name: string
  readonly place: LogFieldSummary['place']
  readonly kinds: readonly string[]
  readonly n: number
}

export function fieldsStatement(filter: LogFilter, rendered: RenderedPredicate | Selection, rows: number): string {
  const source = `(${rowsOf(filter, { ...rendered, wherePlain: undefined, whole: [] }, ['*'])} ORDER BY time_ns DESC, seq DESC LIMIT ${literal(rows)})`
  const ofColumn = (name: string, kind: string, has: string): string =>
    `if(${has}, [(${literal(name)}, 'column', '${kind}')], [])`
  const texts = textColumns.map((name) => ofColumn(name, 's', `${sqlColumn(name)} != ''`))
  const own = [...texts, ofColumn('severity', 'n', 'severity > 0')].join(', ')
  const kind = "if(kinds = '', 's', lower(substring(kinds, place, 1)))"
  // an array's name is there for each of its elements, and counts once
  const attributes = `arrayDistinct(arrayMap((name, place) -> (name, 'attribute', ${kind}), mapKeys(attributes), arrayEnumerate(mapKeys(attributes))))`
  const resource = "arrayMap(name -> (name, 'resource', 's'), mapKeys(resource))"
  return statement(
    `SELECT tupleElement(field, 1) AS name, tupleElement(field, 2) AS place, groupUniqArray(tupleElement(field, 3)) AS kinds, count() AS n` +
      ` FROM (SELECT arrayJoin(arrayConcat(${own}, ${attributes}, ${resource})) AS field FROM ${source})` +
      ` GROUP BY name, place ORDER BY n DESC, name, place LIMIT ${maxNames}`,
  )
}

const typeOfKind: Readonly<Record<string, LogFieldSummary['types'][number]>> = {
  s: 'text',
  n: 'number',
  b: 'boolean',
  j: 'json',
}

export const readFields = (rows: readonly FieldRow[]): LogFieldSummary[] =>
  rows.map(({ name, place, kinds, n }) => ({
    name,
    place,
    types: kinds.map((kind) => typeOfKind[kind] ?? 'text').sort(),
    count: n,
  }))
