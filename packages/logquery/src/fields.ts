// What a name in a query means: by a mapping as Elasticsearch has one, or by the columns and free attributes of our records.
import { logColumnOf, logColumns, logFieldNames, type LogColumn as NamedColumn } from '@tidewatch/core/log-fields.ts'
import { anyField, type FieldRef, type WildcardPattern } from './predicate.ts'
import { compileWildcard } from './wildcard.ts'

/**
 * Elasticsearch's types, and four of our own: `severity` (our scale of levels), `dynamic` (whatever each record holds there: numbers compare as
 * numbers, texts by their words) `words` (a text column, which holds no numbers) and `id` (a name or number of something,
 * which is meant as a whole, in capitals or not).
 */
export type FieldType =
  | 'text'
  | 'keyword'
  | 'long'
  | 'double'
  | 'date'
  | 'boolean'
  | 'ip'
  | 'nested'
  | 'severity'
  | 'dynamic'
  | 'words'
  | 'id'

export interface Field {
  /** As the query names it; '' for all fields. */
  readonly name: string
  readonly type: FieldType
  readonly ref: FieldRef
  /** A part of nested objects, which only a nested query sees. */
  readonly isHidden: boolean
}

export interface Fields {
  /** What a text without a field is searched in. */
  readonly everywhere: readonly Field[]
  /** Nothing for a name that no record has. */
  named(name: string): readonly Field[]
  /** Fields whose whole name the pattern matches. */
  like(pattern: WildcardPattern): readonly Field[]
  /** The field of that name and, where it is an object, all below it. */
  under(name: string): readonly Field[]
  /** The fields as a nested query on the path sees them. Undefined where nothing nested is there. */
  inside(path: string): Fields | undefined
}

/** Fields of fixed types. Nested ones are kept out of everything but `inside`. */
export function mappedFields(types: Readonly<Record<string, FieldType>>, insidePath?: string): Fields {
  const nested = Object.keys(types).filter((name) => types[name] === 'nested' && name !== insidePath)
  const all: readonly Field[] = Object.entries(types)
    .filter(([, type]) => type !== 'nested')
    .map(([name, type]) => ({
      name,
      type,
      ref: { kind: 'key', name },
      isHidden: nested.some((path) => name.startsWith(`${path}.`)),
    }))
  const seen = all.filter(({ isHidden }) => !isHidden)
  return {
    everywhere: seen,
    named: (name) => all.filter((field) => field.name === name),
    like: (pattern) => filterByName(seen, pattern),
    under: (name) => seen.filter((field) => field.name === name || field.name.startsWith(`${name}.`)),
    inside: (path) => (types[path] === 'nested' ? mappedFields(types, path) : undefined),
  }
}

function filterByName(fields: readonly Field[], pattern: WildcardPattern): Field[] {
  const matches = compileWildcard(pattern)
  return fields.filter(({ name }) => matches(name))
}

const keywordEnding = '.keyword'

/** The names of log records: columns by any of the names that senders use, all others attributes or resource keys. */
export const recordFields: Fields = {
  everywhere: [{ name: '', type: 'words', ref: anyField, isHidden: false }],
  named: (name) => [recordField(name)],
  like: (pattern) => {
    const matches = compileWildcard(pattern)
    const columns = logColumns
      .filter((column) => logFieldNames[column].some(matches))
      .map((column) => columnField(column, column))
    return [...columns, { name: '*', type: 'dynamic', ref: { kind: 'keys', names: pattern }, isHidden: false }]
  },
  under: (name) => {
    const field = recordField(name)
    if (field.ref.kind !== 'key') return [field]
    const names: WildcardPattern = [{ text: `${field.ref.name}.` }, 'any']
    return [field, { name: `${name}.*`, type: 'dynamic', ref: { kind: 'keys', names }, isHidden: false }]
  },
  inside: () => insideFields,
}

/** Inside of nested objects no name leads to a column: `items.user` is what stands in the object. */
const insideFields: Fields = {
  ...recordFields,
  named: (name) => [keyField(name)],
  like: (pattern) => [{ name: '*', type: 'dynamic', ref: { kind: 'keys', names: pattern }, isHidden: false }],
  under: (name) => [keyField(name)],
}

function recordField(name: string): Field {
  const isExact = name.endsWith(keywordEnding)
  const plain = isExact ? name.slice(0, -keywordEnding.length) : name
  const column = logColumnOf(plain)
  if (column === undefined) return keyField(name)
  const field = columnField(name, column)
  return isExact && (field.type === 'words' || field.type === 'id') ? { ...field, type: 'keyword' } : field
}

function keyField(name: string): Field {
  const isExact = name.endsWith(keywordEnding)
  const plain = isExact ? name.slice(0, -keywordEnding.length) : name
  return { name, type: isExact ? 'keyword' : 'dynamic', ref: { kind: 'key', name: plain }, isHidden: false }
}

const columnTypes: Partial<Readonly<Record<NamedColumn, FieldType>>> = {
  time: 'date',
  severity: 'severity',
  body: 'words',
}

function columnField(name: string, column: NamedColumn): Field {
  return { name, type: columnTypes[column] ?? 'id', ref: { kind: 'column', column }, isHidden: false }
}
