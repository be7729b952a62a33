// In which order hits come, and what names a hit's place in it so that the next page begins right behind it.
import { type LogPlace, parseLogId, printLogId } from '@tidewatch/core/log-id.ts'
import type { AttributeScalar } from '@tidewatch/core/log-record.ts'
import type { StoredLog } from '../../../store/port.ts'
import { formatTime } from './date-format.ts'
import { badValue, fault, unsupported } from './fault.ts'
import { fieldNamed, type NamedField, valuesOf } from './fields.ts'
import { isObject, listOf, textOf } from './request.ts'

interface SortKey {
  /** `place` is the order in which lines lie: `_doc`, `_shard_doc`. */
  readonly kind: 'time' | 'place' | 'score' | 'field'
  readonly field?: NamedField
  readonly descending: boolean
  readonly format?: string
  /** ns in place of ms. */
  readonly isNanos?: boolean
  readonly missing?: AttributeScalar
}

export type SortValue = AttributeScalar | null

export interface SortPlan {
  readonly keys: readonly SortKey[]
  /** Answers carry the values that hits are sorted by. */
  readonly isGiven: boolean
  readonly hasScore: boolean
  /** The direction in which lines are read. */
  readonly direction: 'backward' | 'forward'
  /** True where lines in the order of time are in the right order already. */
  readonly isByTime: boolean
}

const maxKeys = 20

/** `sort` of a body, or of `?sort=field:desc`. Without one the newest come first. */
export function readSort(value: unknown): SortPlan {
  const keys = value === undefined || value === null ? [] : listOf(value).flatMap(readKeys)
  if (keys.length > maxKeys) throw fault('illegal_argument_exception', `more than ${maxKeys} keys to sort by`)
  const [first] = keys.filter(({ kind }) => kind !== 'score')
  const fieldAt = keys.findIndex(({ kind }) => kind === 'field')
  const decidedAt = keys.findIndex(({ kind }) => kind === 'place')
  return {
    keys,
    isGiven: keys.length > 0,
    hasScore: keys.length === 0 || keys.some(({ kind }) => kind === 'score'),
    direction: first === undefined || first.kind === 'field' || first.descending ? 'backward' : 'forward',
    isByTime: fieldAt < 0 || (decidedAt >= 0 && decidedAt < fieldAt),
  }
}

export function sortOfParameter(text: string | undefined): unknown {
  return text?.split(',').map((one) => {
    const [name = '', order] = one.split(':', 2)
    return order === undefined ? name : { [name]: { order } }
  })
}

function readKeys(value: unknown): SortKey[] {
  if (typeof value === 'string') return [readKey(value, {})]
  if (!isObject(value)) throw badValue('sort', value, 'a name, or an object like {"@timestamp": "desc"}')
  return Object.entries(value).map(([name, setting]) => readKey(name, setting))
}

function readKey(name: string, setting: unknown): SortKey {
  const settings = isObject(setting) ? setting : { order: setting }
  if (name === '_script' || name === '_geo_distance') throw unsupported(`sorting by [${name}]`)
  const descending = readOrder(name, settings.order ?? (name === '_score' ? 'desc' : 'asc'))
  if (name === '_score') return { kind: 'score', descending }
  if (name === '_doc' || name === '_shard_doc') return { kind: 'place', descending }
  const field = fieldNamed(name)
  const format = settings.format === undefined ? {} : { format: textOf(settings.format, `sort.${name}.format`) }
  if (field.isTime) return { kind: 'time', descending, ...format, isNanos: settings.numeric_type === 'date_nanos' }
  const { missing } = settings
  const isScalar = typeof missing === 'string' || typeof missing === 'number' || typeof missing === 'boolean'
  return { kind: 'field', field, descending, ...(isScalar ? { missing } : {}) }
}

function readOrder(name: string, order: unknown): boolean {
  if (order === 'desc' || order === 'asc') return order === 'desc'
  throw badValue(`sort.${name}.order`, order, 'asc or desc')
}

/** The values of a hit, as `search_after` takes them back: a place is added where nothing else tells lines of one moment apart. */
export function sortValues({ keys }: SortPlan, line: StoredLog): SortValue[] {
  const values = keys.map((key) => valueIn(key, line))
  return keys.some(({ kind }) => kind === 'place') ? values : [...values, printLogId(line.place)]
}

function valueIn(key: SortKey, { place, record }: StoredLog): SortValue {
  switch (key.kind) {
    case 'score':
      return 1
    case 'place':
      return printLogId(place)
    case 'time':
      if (key.format !== undefined) return formatTime(place.timeNs, key.format)
      // beyond what a number holds exactly
      return key.isNanos === true ? String(place.timeNs) : Number(place.timeNs / 1_000_000n)
    case 'field': {
      const values = key.field === undefined ? [] : valuesOf(record, key.field)
      const [first = null, ...rest] = values
      return rest.reduce<SortValue>((best, one) => (isBefore(one, best, key.descending) ? one : best), first)
    }
    default:
      return key.kind satisfies never
  }
}

const isBefore = (a: SortValue, b: SortValue, descending: boolean): boolean => {
  const order = compareValues(a, b)
  return descending ? order > 0 : order < 0
}

/** Numbers come before texts. */
export function compareValues(a: SortValue, b: SortValue): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'number' || typeof b === 'number') return typeof a === 'number' ? -1 : 1
  const [left, right] = [String(a), String(b)]
  return left < right ? -1 : left > right ? 1 : 0
}

/** By all keys, then by place in the direction of reading. Lines without a value come last, unless `missing` says otherwise. */
export function comparator({ keys, direction }: SortPlan): (a: StoredLog, b: StoredLog) => number {
  return (a, b) => {
    for (const key of keys) {
      const order = key.kind === 'field' ? compareKey(key, valueIn(key, a), valueIn(key, b)) : compareOwn(key, a, b)
      if (order !== 0) return order
    }
    return direction === 'backward' ? comparePlaces(b.place, a.place) : comparePlaces(a.place, b.place)
  }
}

function compareOwn(key: SortKey, a: StoredLog, b: StoredLog): number {
  if (key.kind === 'score') return 0
  const order = key.kind === 'time' ? Number(a.place.timeNs - b.place.timeNs) : comparePlaces(a.place, b.place)
  return key.descending ? -order : order
}

function compareKey(key: SortKey, a: SortValue, b: SortValue): number {
  const left = a ?? replaced(key)
  const right = b ?? replaced(key)
  if (left === null || right === null) {
    if (left === right) return 0
    const nullFirst = key.missing === '_first' ? 1 : -1
    return left === null ? -nullFirst : nullFirst
  }
  return (key.descending ? -1 : 1) * compareValues(left, right)
}

const replaced = ({ missing }: SortKey): SortValue =>
  missing === undefined || missing === '_last' || missing === '_first' ? null : missing

export function comparePlaces(a: LogPlace, b: LogPlace): number {
  if (a.timeNs !== b.timeNs) return a.timeNs < b.timeNs ? -1 : 1
  return a.seq < b.seq ? -1 : a.seq > b.seq ? 1 : 0
}

const lastSeq = 2n ** 64n - 1n

/** The place behind which the next page begins. Values may lack the place that we added: then all of that moment is behind. */
export function readSearchAfter(value: unknown, plan: SortPlan): LogPlace | undefined {
  if (value === undefined || value === null) return undefined
  const { keys, direction } = plan
  if (!Array.isArray(value) || value.length === 0)
    throw badValue('search_after', value, 'the sort values of the last hit')
  if (keys.length === 0 && value.length > 1)
    throw fault('illegal_argument_exception', 'Sort must contain at least one field.', { path: 'search_after' })
  if (value.length < keys.length || value.length > keys.length + 1)
    throw fault(
      'illegal_argument_exception',
      `search_after has ${value.length} value(s) but sort has ${keys.length}.`,
      { path: 'search_after', fix: 'Give the whole `sort` of the last hit' },
    )
  for (const one of value.toReversed()) {
    const place = typeof one === 'string' ? parseLogId(one) : undefined
    if (place !== undefined) return place
  }
  const timeAt = keys.findIndex(({ kind }) => kind === 'time')
  const timeNs = timeAt < 0 || !plan.isByTime ? undefined : timeOfValue(value[timeAt], keys[timeAt] as SortKey)
  if (timeNs === undefined)
    throw badValue('search_after', value, 'the whole `sort` of the last hit, whose last value says its place')
  return direction === 'backward' ? { timeNs, seq: 0n } : { timeNs: timeNs + 999_999n, seq: lastSeq }
}

function timeOfValue(value: unknown, { isNanos, format }: SortKey): bigint | undefined {
  const text = String(value)
  if (/^\d{1,19}$/.test(text)) {
    if (isNanos === true) return BigInt(text)
    return BigInt(text) * (format === 'epoch_second' ? 1_000_000_000n : 1_000_000n)
  }
  const ms = Date.parse(text)
  return Number.isNaN(ms) ? undefined : BigInt(ms) * 1_000_000n
}
