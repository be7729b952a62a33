// Which fields stand first in the list. No React here.
import type { LogFields } from '@tidewatch/api/logs.ts'
import { logColumnOf } from '@tidewatch/core/log-fields.ts'
import { identityName } from './line-model.ts'

type Field = LogFields['fields'][number]

const places: Readonly<Record<Field['place'], number>> = { column: 0, attribute: 1, resource: 2 }
/** Values of these are as many as lines. */
const unlisted = new Set(['time', 'body'])

/** The fields by the names that queries and links use; of a column that two names stand for, one. */
export function namedFields(fields: readonly Field[]): Field[] {
  const named = fields.filter(({ name, place }) => place !== 'column' || name !== 'severityText')
  return named.map((field) => (field.place === 'column' ? { ...field, name: identityName(field.name) } : field))
}

/** What tells lines apart at the top: level and service, the other columns, then attributes and the source's by how often they occur. */
export function orderedFields(fields: readonly Field[]): Field[] {
  return fields
    .filter(({ name, place }) => place !== 'column' || !unlisted.has(logColumnOf(name) ?? ''))
    .toSorted(
      (a, b) =>
        rank(a) - rank(b) || places[a.place] - places[b.place] || b.count - a.count || (a.name < b.name ? -1 : 1),
    )
}

function rank({ name, place }: Field): number {
  if (place !== 'column') return 2
  const column = logColumnOf(name)
  return column === 'severity' ? 0 : column === 'service' ? 1 : 2
}

/** A value as its field holds it: numbers and truths are compared as such. */
export function valueOfType(value: string, types: Field['types']): string | number | boolean {
  if (types.length !== 1) return value
  if (types[0] === 'number' && value.trim() !== '' && String(Number(value)) === value) return Number(value)
  return types[0] === 'boolean' && (value === 'true' || value === 'false') ? value === 'true' : value
}
