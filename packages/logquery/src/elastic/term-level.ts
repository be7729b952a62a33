// Queries for values as they are: term, terms, range, prefix, wildcard, regexp, fuzzy, exists, ids.
import { zoneOffsetMs } from '@tidewatch/core/time-zone.ts'
import type { DateContext } from '../date-math.ts'
import type { Field } from '../fields.ts'
import type { Leaf } from '../leaf.ts'
import { leafTree } from '../leaf-tree.ts'
import { anyOf, type Bound, type FieldRef, type Predicate, testOf, type Unit } from '../predicate.ts'
import { booleanTree, noneTree, predicateOf, type QueryTree } from '../query-tree.ts'
import { parseWildcard, wildcardOf } from '../wildcard.ts'
import { withBoost } from './compound.ts'
import { elasticError } from './error.ts'
import { fuzzinessOf } from './fuzziness.ts'
import {
  checkKeys,
  type ElasticContext,
  type ElasticQueryReader,
  isObject,
  type JsonObject,
  readFlag,
  readNumber,
  readTexts,
  requireField,
  requireObject,
  requireText,
} from './reader.ts'

/** Elasticsearch's `index.max_terms_count`. */
const maxTerms = 65_536

/** The question asked of the field; of a name that no record has, nothing. */
export function fieldTree(name: string, leaf: Leaf, context: ElasticContext, dates: DateContext = context): QueryTree {
  const trees = context.fields.named(name).flatMap((field) => leafTree(field, leaf, dates) ?? [])
  return trees[0] ?? noneTree
}

interface Setting {
  readonly field: string
  readonly text: string
  readonly settings: JsonObject
  readonly context: ElasticContext
}

/** `{"field": "x"}` or `{"field": {"value": "x", ...}}`. */
function readSetting(value: unknown, outer: ElasticContext, keys: readonly string[], valueKeys = ['value']): Setting {
  const [field, setting] = requireField(value, outer)
  const context = { ...outer, path: `${outer.path}.${field}` }
  if (!isObject(setting)) return { field, text: requireText(setting, context), settings: {}, context }
  checkKeys(setting, [...valueKeys, ...keys], context)
  const key = valueKeys.find((one) => setting[one] !== undefined)
  return { field, text: requireText(key === undefined ? undefined : setting[key], context), settings: setting, context }
}

const finish = ({ field, settings, context }: Setting, leaf: Leaf): QueryTree =>
  withBoost(fieldTree(field, leaf, context), readNumber(settings, 'boost', context))

export const readTerm: ElasticQueryReader = (value, outer) => {
  const setting = readSetting(value, outer, ['case_insensitive'], ['value', 'term'])
  return finish(setting, {
    kind: 'exact',
    text: setting.text,
    ignoreCase: readFlag(setting.settings, 'case_insensitive'),
  })
}

export const readTerms: ElasticQueryReader = (value, outer) => {
  const [field, values] = requireField(value, outer)
  const context = { ...outer, path: `${outer.path}.${field}` }
  if (!Array.isArray(values))
    throw elasticError(
      'parsing_exception',
      isObject(values)
        ? '[terms] query does not support looking terms up in another index'
        : `[terms] query does not support [${field}]`,
      context.path,
      'Give an array of values',
    )
  if (values.length > maxTerms)
    throw elasticError(
      'illegal_argument_exception',
      `The number of terms [${values.length}] used in the Terms Query request has exceeded the allowed maximum of [${maxTerms}].`,
      context.path,
    )
  const trees = values.map((one) =>
    fieldTree(field, { kind: 'exact', text: requireText(one, context), ignoreCase: false }, context),
  )
  const text = `${field}:(${values.slice(0, 100).map(String).join(' ')})`
  return { kind: 'leaf', predicate: anyOf(mergeEquals(trees.map(predicateOf))), text }
}

/** One test for all values that are compared alike, so that a thousand cost one look-up. */
function mergeEquals(predicates: readonly Predicate[]): Predicate[] {
  const merged = new Map<string, { readonly field: FieldRef; readonly unit: Unit; readonly values: Set<string> }>()
  const others: Predicate[] = []
  for (const one of predicates.flatMap((predicate) => (predicate.kind === 'or' ? predicate.of : [predicate]))) {
    if (one.kind === 'test' && one.test.op === 'equals') {
      const { unit, values } = one.test
      const key = `${unit} ${JSON.stringify(one.field)}`
      const known = merged.get(key) ?? { field: one.field, unit, values: new Set<string>() }
      merged.set(key, known)
      for (const text of values) known.values.add(text)
    } else others.push(one)
  }
  const tests = [...merged.values()].map(({ field, unit, values }) =>
    testOf(field, { op: 'equals', unit, values: [...values] }),
  )
  return [...tests, ...others]
}

export const readPrefix: ElasticQueryReader = (value, outer) => {
  const setting = readSetting(value, outer, ['case_insensitive', 'rewrite'], ['value', 'prefix'])
  const ignoreCase = readFlag(setting.settings, 'case_insensitive')
  return finish(setting, { kind: 'wildcard', pattern: wildcardOf([{ text: setting.text }, 'any']), ignoreCase })
}

export const readWildcard: ElasticQueryReader = (value, outer) => {
  const setting = readSetting(value, outer, ['case_insensitive', 'rewrite'], ['value', 'wildcard'])
  const ignoreCase = readFlag(setting.settings, 'case_insensitive')
  return finish(setting, { kind: 'wildcard', pattern: parseWildcard(setting.text), ignoreCase })
}

export const readRegexp: ElasticQueryReader = (value, outer) => {
  const keys = ['case_insensitive', 'rewrite', 'flags', 'flags_value', 'max_determinized_states']
  const setting = readSetting(value, outer, keys)
  return finish(setting, {
    kind: 'regexp',
    source: setting.text,
    ignoreCase: readFlag(setting.settings, 'case_insensitive'),
  })
}

export const readFuzzy: ElasticQueryReader = (value, outer) => {
  const keys = ['fuzziness', 'prefix_length', 'max_expansions', 'transpositions', 'rewrite']
  const setting = readSetting(value, outer, keys, ['value', 'term'])
  const { settings, context, text } = setting
  const prefixLength = Math.max(0, Math.trunc(readNumber(settings, 'prefix_length', context) ?? 0))
  return finish(setting, { kind: 'fuzzy', text, edits: fuzzinessOf(settings.fuzziness, text, context), prefixLength })
}

export const readExists: ElasticQueryReader = (value, context) => {
  const object = requireObject(value, context)
  checkKeys(object, ['field'], context)
  if (object.field === undefined)
    throw elasticError('parsing_exception', '[exists] must be provided with a [field]', context.path)
  const name = requireText(object.field, context)
  const found: readonly Field[] = name.includes('*')
    ? context.fields.like(parseWildcard(name))
    : context.fields.under(name)
  const trees = found.flatMap((field) => leafTree(field, { kind: 'exists' }, context) ?? [])
  if (trees.length <= 1) return trees[0] ?? noneTree
  return booleanTree(trees.map((query) => ({ occur: 'should', query })))
}

export const readIds: ElasticQueryReader = (value, context) => {
  const object = requireObject(value, context)
  checkKeys(object, ['values', 'type'], context)
  const values = readTexts(object, 'values', context)
  if (values === undefined) throw elasticError('parsing_exception', '[ids] requires providing [values]', context.path)
  if (values.length > maxTerms)
    throw elasticError('illegal_argument_exception', `[ids] has more than ${maxTerms} values`, context.path)
  if (values.length === 0) return noneTree
  return { kind: 'leaf', predicate: { kind: 'ids', values }, text: `_id:(${values.slice(0, 100).join(' ')})` }
}

const rangeKeys = [
  'gt',
  'gte',
  'lt',
  'lte',
  'from',
  'to',
  'include_lower',
  'include_upper',
  'format',
  'time_zone',
  'relation',
]

export const readRange: ElasticQueryReader = (value, outer) => {
  const [name, setting] = requireField(value, outer)
  const context = { ...outer, path: `${outer.path}.${name}` }
  const object = requireObject(setting, context)
  checkKeys(object, rangeKeys, context)
  const isDate = context.fields.named(name)[0]?.type === 'date'
  const from = lowEnd(object)
  const to = highEnd(object)
  const endOf = (end: Bound<unknown> | undefined): Bound<string> | undefined =>
    end === undefined ? undefined : { value: endText(end.value, object, isDate, context), inclusive: end.inclusive }
  const low = endOf(from)
  const high = endOf(to)
  const leaf: Leaf = {
    kind: 'range',
    ...(low === undefined ? {} : { from: low }),
    ...(high === undefined ? {} : { to: high }),
  }
  return withBoost(fieldTree(name, leaf, context, inZone(object, context)), readNumber(object, 'boost', context))
}

function lowEnd(object: JsonObject): Bound<unknown> | undefined {
  if (isGiven(object.gte)) return { value: object.gte, inclusive: true }
  if (isGiven(object.gt)) return { value: object.gt, inclusive: false }
  return isGiven(object.from) ? { value: object.from, inclusive: object.include_lower !== false } : undefined
}

function highEnd(object: JsonObject): Bound<unknown> | undefined {
  if (isGiven(object.lte)) return { value: object.lte, inclusive: true }
  if (isGiven(object.lt)) return { value: object.lt, inclusive: false }
  return isGiven(object.to) ? { value: object.to, inclusive: object.include_upper !== false } : undefined
}

/** null is an open end. */
const isGiven = (value: unknown): boolean => value !== undefined && value !== null

function endText(value: unknown, { format }: JsonObject, isDate: boolean, context: ElasticContext): string {
  const text = requireText(value, context)
  const formats = typeof format === 'string' ? format.split('||') : []
  const isCount = typeof value === 'number' || formats.includes('epoch_millis') || formats.includes('epoch_second')
  if (!isDate || !isCount || !/^-?\d{1,15}(?:\.\d+)?$/.test(text)) return text
  const ms = Math.floor(Number(text) * (formats.includes('epoch_second') ? 1000 : 1))
  const date = new Date(ms)
  // years beyond four digits are no text that is read back
  return ms >= -62_135_596_800_000 && ms < 253_402_300_800_000 ? date.toISOString() : text
}

function inZone(object: JsonObject, context: ElasticContext): DateContext {
  if (object.time_zone === undefined) return context
  const path = `${context.path}.time_zone`
  const timeZone = requireText(object.time_zone, { ...context, path })
  try {
    zoneOffsetMs(timeZone, context.nowMs)
  } catch {
    // Intl says only that it does not know it
    throw elasticError(
      'illegal_argument_exception',
      `Unknown time-zone ID: ${timeZone.slice(0, 60)}`,
      path,
      'Write Europe/Berlin or +02:00',
    )
  }
  return { nowMs: context.nowMs, timeZone }
}
