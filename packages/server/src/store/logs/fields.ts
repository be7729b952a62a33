// Fields of lines as expressions in SQL: their texts and numbers, for grouping and measuring.
import type { LogColumn } from '@tidewatch/logquery/predicate.ts'
import { literal } from '../literal.ts'
import type { FieldOfLog } from './port.ts'
import { hasArrays, sqlColumn } from './render.ts'
import { isNumber, numberIn } from './render-value.ts'

export interface FieldExpression {
  /** An array of the line's values as texts; empty where it has none. */
  readonly texts: string
  /** Where there is one at most: the condition that there is, and its text. */
  readonly single?: { readonly has: string; readonly text: string }
  /** Columns that the expressions need. */
  readonly columns: readonly string[]
}

export function fieldExpression(field: FieldOfLog): FieldExpression {
  switch (field.kind) {
    case 'column':
      return columnExpression(field.column)
    case 'attribute':
      return { texts: attributeTexts(field.name, '[]'), columns: ['attributes', 'kinds'] }
    case 'resource':
      return resourceExpression(field.name)
    case 'key':
      return {
        texts: attributeTexts(field.name, resourceExpression(field.name).texts),
        columns: ['attributes', 'kinds', 'resource'],
      }
    default:
      return field satisfies never
  }
}

/** An array of the values that are numbers, or read as such. */
export function numbersOf(field: FieldOfLog): string {
  if (field.kind === 'column' && field.column === 'time') return '[toFloat64(time_ns) / 1000000]'
  if (field.kind === 'column' && field.column === 'severity') return 'if(severity > 0, [toFloat64(severity)], [])'
  const { texts } = fieldExpression(field)
  return `arrayMap(text -> ${numberIn('text')}, arrayFilter(text -> ${isNumber('text')}, ${texts}))`
}

function columnExpression(column: LogColumn): FieldExpression {
  const [has, text, from] =
    column === 'time'
      ? ['1', 'toString(time_ns)', 'time_ns']
      : column === 'severity'
        ? ['severity > 0', 'toString(severity)', 'severity']
        : [`${sqlColumn(column)} != ''`, `toString(${sqlColumn(column)})`, sqlColumn(column)]
  return { texts: `if(${has}, [${text}], [])`, single: { has, text }, columns: [from] }
}

function resourceExpression(name: string): FieldExpression {
  const key = literal(name)
  const has = `mapContains(resource, ${key})`
  const text = `resource[${key}]`
  return { texts: `if(${has}, [${text}], [])`, single: { has, text }, columns: ['resource'] }
}

function attributeTexts(name: string, otherwise: string): string {
  const key = literal(name)
  const elements = `arrayFilter((value, name) -> name = ${key}, mapValues(attributes), mapKeys(attributes))`
  return `multiIf(NOT mapContains(attributes, ${key}), ${otherwise}, ${hasArrays}, arrayDistinct(${elements}), [attributes[${key}]])`
}
