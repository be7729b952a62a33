// A line as the document that its sender wrote, and parts of it.
import { indexField } from '@tidewatch/core/index-name.ts'
import { logColumns, logFieldNames, readSpelling } from '@tidewatch/core/log-fields.ts'
import { printLogId } from '@tidewatch/core/log-id.ts'
import type { AttributeScalar, AttributeValue, LogRecord } from '@tidewatch/core/log-record.ts'
import { compileWildcard, parseWildcard } from '@tidewatch/logquery/wildcard.ts'
import type { StoredLog } from '../../../store/port.ts'
import { isoTime } from './date-format.ts'
import { badValue, fault } from './fault.ts'
import { isObject, isTrue, listOf, textOf } from './request.ts'

type Document = Record<string, unknown>

/** The attribute in which a document's id is kept that its sender gave it. */
export const idField = '_id'

/** What its sender called it; else what we call the line. */
export function idOf({ record, place: at }: Pick<StoredLog, 'record' | 'place'>): string {
  const own = record.attributes.get(idField)
  return typeof own === 'string' ? own : printLogId(at)
}

/** The names and values of a line, flat: columns by the names that its sender gave them, then the resource, then attributes. */
export function flatFields(record: LogRecord): ReadonlyMap<string, AttributeValue> {
  const spelled = new Map(readSpelling(record.spelling).map((one) => [one.column, one]))
  const fields = new Map<string, AttributeValue>()
  for (const column of logColumns) {
    const text = column === 'time' ? timeText(record.timeNs, spelled.get('time')?.isNumber) : textIn(record, column)
    if (text === '') continue
    const { name = logFieldNames[column][0] as string, isNumber = false } = spelled.get(column) ?? {}
    fields.set(name, isNumber && Number.isFinite(Number(text)) ? Number(text) : text)
  }
  for (const [name, value] of record.resource) if (name !== indexField && !fields.has(name)) fields.set(name, value)
  for (const [name, value] of record.attributes) if (!fields.has(name)) fields.set(name, value)
  return fields
}

function textIn(record: LogRecord, column: Exclude<(typeof logColumns)[number], 'time'>): string {
  return column === 'severity' ? record.severityText : record[column]
}

/** A time that was sent as a number is ms since 1970, whatever unit its sender counted in. */
const timeText = (timeNs: bigint, isNumber = false): string =>
  isNumber ? String(Number(timeNs) / 1_000_000) : isoTime(timeNs)

/** The document: dotted names are objects again, and an array of objects is what it was. */
export function documentOf(record: LogRecord): Document {
  const document: Document = Object.create(null)
  const flat = flatFields(record)
  const arrays = objectArrays(record)
  for (const [name, value] of flat) {
    if (name === idField) continue
    if (arrays.has(name)) place(document, name, arrays.get(name))
    else if (!isInside(name, arrays)) place(document, name, value)
  }
  return document
}

/** An array of objects is kept as its JSON, and its leaves once more beside it. */
function objectArrays({ attributes }: LogRecord): ReadonlyMap<string, unknown> {
  const arrays = new Map<string, unknown>()
  for (const [name, value] of attributes) {
    if (typeof value !== 'string' || !value.startsWith('[{')) continue
    try {
      arrays.set(name, JSON.parse(value))
    } catch {
      // a text that only begins like one, or one that was cut
    }
  }
  return arrays
}

function isInside(name: string, arrays: ReadonlyMap<string, unknown>): boolean {
  if (arrays.size === 0) return false
  for (let dot = name.indexOf('.'); dot > 0; dot = name.indexOf('.', dot + 1))
    if (arrays.has(name.slice(0, dot))) return true
  return false
}

/** Where a value stands in the way of an object, the rest of the name stays dotted beside it. */
function place(document: Document, name: string, value: unknown): void {
  let at = document
  let rest = name
  for (;;) {
    const dot = rest.indexOf('.')
    const head = rest.slice(0, dot)
    const isEmpty = dot <= 0 || dot === rest.length - 1
    if (isEmpty || (at[head] !== undefined && !isDocument(at[head]))) break
    at[head] ??= Object.create(null)
    at = at[head] as Document
    rest = rest.slice(dot + 1)
  }
  if (isDocument(at[rest])) document[name] = value
  else at[rest] = value
}

const isDocument = (value: unknown): value is Document =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === null

/** Which parts of a document are answered. */
export type SourceFilter = (document: Document) => unknown

type NameTest = (name: string) => boolean

export interface SourceWish {
  readonly source?: unknown
  readonly includes?: readonly string[] | undefined
  readonly excludes?: readonly string[] | undefined
}

/** `_source` of a body or of parameters: true, false, patterns, or `{includes, excludes}`. Undefined where no document is wanted. */
export function readSourceFilter({ source, includes, excludes }: SourceWish): SourceFilter | undefined {
  if (source === false || source === 'false') return undefined
  let kept = includes ?? []
  let left = excludes ?? []
  if (isObject(source)) {
    kept = patternsIn(source.includes ?? source.include)
    left = patternsIn(source.excludes ?? source.exclude)
    for (const key of Object.keys(source))
      if (!['includes', 'include', 'excludes', 'exclude'].includes(key))
        throw fault('parsing_exception', `Unknown key for a field in [_source]: [${key}]`)
  } else if (source !== undefined && !isTrue(source)) kept = patternsIn(source)
  if (kept.length === 0 && left.length === 0) return (document) => document
  const keeps = kept.map(patternTest)
  const leaves = left.map(patternTest)
  return (document) =>
    pick(document, '', {
      keeps: keeps.length === 0 ? () => true : (name) => keeps.some((test) => test(name)),
      leaves: (name) => leaves.some((test) => test(name)),
    }) ?? {}
}

const patternsIn = (value: unknown): readonly string[] =>
  value === undefined || value === null ? [] : listOf(value).flatMap((one) => textOf(one, '_source').split(','))

/** A name stands for all below it too. */
function patternTest(pattern: string): NameTest {
  const matches = compileWildcard(parseWildcard(pattern))
  return (name) => {
    if (matches(name)) return true
    for (let dot = name.indexOf('.'); dot > 0; dot = name.indexOf('.', dot + 1))
      if (matches(name.slice(0, dot))) return true
    return false
  }
}

function pick(value: unknown, path: string, tests: { readonly keeps: NameTest; readonly leaves: NameTest }): unknown {
  if (path !== '' && tests.leaves(path)) return undefined
  if (Array.isArray(value)) {
    const parts = value.map((one) => pick(one, path, tests)).filter((one) => one !== undefined)
    return parts.length === 0 ? undefined : parts
  }
  if (!isObject(value)) return tests.keeps(path) ? value : undefined
  const picked: Document = Object.create(null)
  for (const [key, inner] of Object.entries(value)) {
    const part = pick(inner, path === '' ? key : `${path}.${key}`, tests)
    if (part !== undefined) picked[key] = part
  }
  return Object.keys(picked).length === 0 ? undefined : picked
}

export const scalarsOf = (value: AttributeValue): readonly AttributeScalar[] =>
  typeof value === 'object' ? value : [value]

export function readSourceParameters(
  query: { text(name: string): string | undefined; list(name: string): readonly string[] | undefined },
  body: unknown,
): SourceFilter | undefined {
  const text = query.text('_source')
  const includes = query.list('_source_includes')
  const excludes = query.list('_source_excludes')
  if (text === undefined && includes === undefined && excludes === undefined) return readSourceFilter({ source: body })
  if (text === 'true' || text === 'false' || text === undefined)
    return readSourceFilter({ source: text ?? true, includes, excludes })
  if (includes !== undefined) throw badValue('_source', text, 'true or false beside _source_includes')
  return readSourceFilter({ includes: text.split(','), excludes })
}
