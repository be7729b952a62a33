// Buckets by the values of a field.
import { logRecord } from '@tidewatch/core/log-record.ts'
import { compilePredicate } from '@tidewatch/logquery/match.ts'
import { allOf, anyOf, everything, notOf, type Predicate, testOf } from '@tidewatch/logquery/predicate.ts'
import type { LogGroupRow } from '../../../../store/port.ts'
import { formatTime } from '../date-format.ts'
import { badValue, fault, unsupported } from '../fault.ts'
import { fieldNamed, type NamedField } from '../fields.ts'
import { isObject, type JsonObject, listOf, objectOf, textOf, wholeNumber } from '../request.ts'
import { type AggregationReader, type Bucket, type BucketAggregation, maxBuckets, type OrderKey } from './port.ts'

const known = [
  ...['field', 'size', 'shard_size', 'order', 'missing', 'include', 'exclude', 'min_doc_count', 'shard_min_doc_count'],
  ...['show_term_doc_count_error', 'collect_mode', 'execution_hint', 'format', 'value_type', 'keyed'],
]

export const terms: AggregationReader<BucketAggregation> = (settings, { path }) => {
  for (const key of Object.keys(settings)) if (!known.includes(key)) throw unsupported(`[${key}] in [${path}]`)
  const named = fieldNamed(textOf(settings.field, `${path}.field`))
  const size = wholeNumber(settings.size ?? 10, `${path}.size`, 1)
  if (size > maxBuckets) throw fault('illegal_argument_exception', `[size] of [${path}] is larger than ${maxBuckets}`)
  const least = Math.max(1, wholeNumber(settings.min_doc_count ?? 1, `${path}.min_doc_count`))
  const order = readOrder(settings.order, path)
  const choice = readChoice(settings, named, path)
  const missing =
    settings.missing === undefined
      ? named.name === '_index'
        ? 'logs'
        : undefined
      : textOf(settings.missing, `${path}.missing`)
  const mayBeNumbers = named.field.kind === 'key' && !named.name.endsWith('.keyword')
  const top = { order, size, mayBeNumbers }
  return {
    plan: () => ({
      groups: [
        named.isTime ? everyMs : { kind: 'field', field: named.field, ...(missing === undefined ? {} : { missing }) },
      ],
      ...(choice.predicate.kind === 'all' ? {} : { narrow: choice.predicate }),
      // the store cannot leave out what does not count here
      ...(choice.test === undefined && least === 1 ? { top } : { top: { order, size: maxBuckets, mayBeNumbers } }),
      othersOf: { kind: 'count', field: named.field },
      build(rows) {
        const fits = rows.filter(({ keys, count }) => count >= least && (choice.test?.(keys[0] as string) ?? true))
        const kept = fits.slice(0, size)
        const sayKey = keyKind(kept, named)
        const buckets = kept.map(({ keys, count }): Bucket => {
          const key = keys[0] as string
          const equals = named.isTime
            ? momentIs(key)
            : testOf(named.field, { op: 'equals', unit: 'value', values: [key] })
          const predicate = key === missing ? anyOf([equals, notOf(testOf(named.field, { op: 'exists' }))]) : equals
          return { keys, count, head: sayKey(key), predicate }
        })
        const cut = fits.slice(size).reduce((sum, { count }) => sum + count, 0)
        return { buckets, more: { doc_count_error_upper_bound: 0, sum_other_doc_count: cut } }
      },
    }),
  }
}

const everyMs = { kind: 'interval', widthNs: 1_000_000n } as const

const momentIs = (text: string): Predicate =>
  testOf({ kind: 'column', column: 'time' }, { op: 'time', fromNs: BigInt(text), toNs: BigInt(text) + 999_999n })

/** Values that are all numbers are answered as numbers, and so are booleans: the store keeps texts. */
export function keyKind(
  rows: readonly Pick<LogGroupRow, 'keys'>[],
  { name, field, isTime }: NamedField,
): (key: string) => JsonObject {
  if (isTime)
    return (key) => ({ key: Number(BigInt(key) / 1_000_000n), key_as_string: formatTime(BigInt(key), undefined) })
  const isFree = field.kind === 'key' && !name.endsWith('.keyword')
  const all = rows.map(({ keys }) => keys[0] as string)
  if (isFree && all.length > 0) {
    if (all.every((key) => String(Number(key)) === key && Number.isFinite(Number(key))))
      return (key) => ({ key: Number(key) })
    if (all.every((key) => key === 'true' || key === 'false'))
      return (key) => ({ key: key === 'true' ? 1 : 0, key_as_string: key })
  }
  return (key) => ({ key })
}

function readOrder(value: unknown, path: string): readonly OrderKey[] {
  if (value === undefined) return [{ by: 'count', descending: true }, byKey]
  const keys = listOf(value).flatMap((one) =>
    Object.entries(objectOf(one, `${path}.order`)).map(([by, way]): OrderKey => {
      if (way !== 'asc' && way !== 'desc') throw badValue(`${path}.order.${by}`, way, 'asc or desc')
      const descending = way === 'desc'
      if (by === '_count') return { by: 'count', descending }
      return by === '_key' || by === '_term' ? { by: 'key', descending } : { by: { path: by }, descending }
    }),
  )
  if (keys.length === 0) throw badValue(`${path}.order`, value, '{"_count": "desc"}')
  return [...keys, byKey]
}

const byKey: OrderKey = { by: 'key', descending: false }

interface Choice {
  readonly predicate: Predicate
  readonly test?: (key: string) => boolean
}

/** `include` and `exclude`: a regular expression for whole values, or the values. */
function readChoice({ include, exclude }: JsonObject, { field }: NamedField, path: string): Choice {
  if (include === undefined && exclude === undefined) return { predicate: everything }
  if (isObject(include) || isObject(exclude)) throw unsupported(`partitions of [${path}]`)
  const read = (value: unknown, name: string): Predicate =>
    Array.isArray(value)
      ? testOf(field, {
          op: 'equals',
          unit: 'value',
          values: value.length === 0 ? [''] : value.map((one) => textOf(one, `${path}.${name}`)),
        })
      : testOf(field, { op: 'regexp', unit: 'value', pattern: textOf(value, `${path}.${name}`), anchored: true })
  const kept = include === undefined ? everything : read(include, 'include')
  const left = exclude === undefined ? undefined : read(exclude, 'exclude')
  const body = { kind: 'column', column: 'body' } as const
  const onBody = (predicate: Predicate): Predicate =>
    predicate.kind === 'test' ? testOf(body, predicate.test) : predicate
  let test: (record: ReturnType<typeof logRecord>) => boolean
  try {
    test = compilePredicate(allOf([onBody(kept), left === undefined ? everything : notOf(onBody(left))]))
  } catch (error) {
    throw fault('illegal_argument_exception', `no regular expression: ${(error as Error).message}`, { path })
  }
  // a line with several values may have one that is left out
  return { predicate: kept, test: (key) => test(logRecord({ body: key })) }
}
