// Fields by name: what they are in the store, and their values in a line.
import { indexField } from '@tidewatch/core/index-name.ts'
import { logColumnOf } from '@tidewatch/core/log-fields.ts'
import type { AttributeScalar, LogRecord } from '@tidewatch/core/log-record.ts'
import { recordFields } from '@tidewatch/logquery/fields.ts'
import { compileWildcard, parseWildcard } from '@tidewatch/logquery/wildcard.ts'
import type { FieldOfLog } from '../../../store/port.ts'
import { formatTime } from './date-format.ts'
import { badValue, fault } from './fault.ts'
import { isObject, listOf, textOf } from './request.ts'
import { flatFields, scalarsOf } from './source.ts'

export interface NamedField {
  readonly name: string
  readonly field: FieldOfLog
  readonly isTime: boolean
}

/** Levels are grouped and answered as they were sent. */
export function fieldNamed(name: string): NamedField {
  if (name === '_index') return { name, field: { kind: 'resource', name: indexField }, isTime: false }
  const ref = recordFields.named(name)[0]?.ref
  if (ref === undefined || ref.kind === 'any' || ref.kind === 'keys' || name.includes('*'))
    throw fault('illegal_argument_exception', `[${name.slice(0, 80)}] is no name of one field`)
  if (ref.kind === 'column' && ref.column === 'severity')
    return { name, field: { kind: 'column', column: 'severityText' }, isTime: false }
  return { name, field: ref, isTime: ref.kind === 'column' && ref.column === 'time' }
}

/** The values of a line, times as ms since 1970. */
export function valuesOf(record: LogRecord, { field }: Pick<NamedField, 'field'>): readonly AttributeScalar[] {
  switch (field.kind) {
    case 'column': {
      if (field.column === 'time') return [Number(record.timeNs / 1_000_000n)]
      const value = record[field.column]
      return value === '' || value === 0 ? [] : [value]
    }
    case 'attribute':
      return attributeOf(record, field.name)
    case 'resource':
      return resourceOf(record, field.name)
    case 'key':
      return record.attributes.has(field.name) ? attributeOf(record, field.name) : resourceOf(record, field.name)
    default:
      return field satisfies never
  }
}

function attributeOf({ attributes }: LogRecord, name: string): readonly AttributeScalar[] {
  const value = attributes.get(name)
  return value === undefined ? [] : scalarsOf(value)
}

function resourceOf({ resource }: LogRecord, name: string): readonly AttributeScalar[] {
  const value = resource.get(name)
  return value === undefined ? [] : [value]
}

interface WantedField {
  readonly name: string
  readonly format: string | undefined
}

/** What `fields` and `docvalue_fields` ask for of each line: names or patterns, times in a format. */
export type FieldPicker = (record: LogRecord) => Readonly<Record<string, readonly unknown[]>>

const maxWanted = 1000

export function readFieldPicker(...lists: readonly unknown[]): FieldPicker | undefined {
  const wanted = lists.flatMap((list) => (list === undefined ? [] : listOf(list).map(readWanted)))
  if (wanted.length === 0) return undefined
  if (wanted.length > maxWanted)
    throw fault('illegal_argument_exception', `more than ${maxWanted} fields are asked for`)
  const patterns = wanted
    .filter(({ name }) => name.includes('*'))
    .map((one) => ({ ...one, matches: compileWildcard(parseWildcard(one.name)) }))
  const plain = wanted.filter(({ name }) => !name.includes('*')).map((one) => ({ ...one, named: fieldNamed(one.name) }))
  return (record) => {
    const found: Record<string, readonly unknown[]> = Object.create(null)
    for (const [name, value] of patterns.length === 0 ? [] : flatFields(record)) {
      const pattern = patterns.find(({ matches }) => matches(name))
      if (pattern === undefined) continue
      found[name] = logColumnOf(name) === 'time' ? [formatTime(record.timeNs, pattern.format)] : scalarsOf(value)
    }
    for (const { name, format, named } of plain) {
      const values = named.isTime ? [formatTime(record.timeNs, format)] : valuesOf(record, named)
      if (values.length > 0) found[name] = values
    }
    return found
  }
}

function readWanted(value: unknown): WantedField {
  if (typeof value === 'string') return { name: value, format: undefined }
  if (!isObject(value)) throw badValue('fields', value, 'names, or objects with a field and a format')
  const format = value.format === undefined ? undefined : textOf(value.format, 'fields.format')
  return { name: textOf(value.field, 'fields.field'), format }
}
