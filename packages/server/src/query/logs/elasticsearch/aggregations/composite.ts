// Buckets by several fields at once, page by page.
import { compareUtf8 } from '@tidewatch/core/labels.ts'
import { allOf, notOf, type Predicate, testOf } from '@tidewatch/logquery/predicate.ts'
import type { LogGroup, LogGroupRow } from '../../../../store/port.ts'
import { formatTime } from '../date-format.ts'
import { badValue, fault, unsupported } from '../fault.ts'
import { fieldNamed } from '../fields.ts'
import { finiteNumber, isTrue, type JsonObject, objectOf, textOf, wholeNumber } from '../request.ts'
import { groupByTime, requireTime, tooManyBuckets } from './histograms.ts'
import { readIntervals } from './intervals.ts'
import {
  type AggregationContext,
  type AggregationReader,
  type Bucket,
  type BucketAggregation,
  type BucketPlan,
  maxBuckets,
} from './port.ts'

type Key = string | number | null

interface Source {
  readonly name: string
  readonly group: LogGroup
  readonly descending: boolean
  readonly keyOf: (text: string) => Key
  readonly predicate: (key: Key) => Predicate
  /** Only lines whose key is that one or one behind it; undefined where that cannot be said. */
  readonly from: ((key: Key) => Predicate) | undefined
  readonly format: string | undefined
}

/** Stands for lines without a value: no line's text has it. */
const noValue = '\u0000none'
const maxSources = 20

export const composite: AggregationReader<BucketAggregation> = (settings, { path, context }) => {
  const { sources, after } = settings
  const size = wholeNumber(settings.size ?? 10, `${path}.size`, 1)
  if (size > maxBuckets) throw tooManyBuckets(size)
  if (!Array.isArray(sources) || sources.length === 0 || sources.length > maxSources)
    throw fault('illegal_argument_exception', 'Composite [sources] cannot be null or empty', { path })
  const given = sources.map((one, i) => objectOf(one, `${path}.sources[${i}]`))
  const behind = after === undefined ? undefined : objectOf(after, `${path}.after`)
  return {
    async plan() {
      const all: Source[] = []
      for (const [i, one] of given.entries()) all.push(await readSource(one, `${path}.sources[${i}]`, context))
      return planOf(all, size, behind)
    },
  }
}

async function readSource(value: JsonObject, path: string, context: AggregationContext): Promise<Source> {
  const [name, setting] = Object.entries(value)[0] ?? ['', undefined]
  const [kind, inner] = Object.entries(objectOf(setting, `${path}.${name}`))[0] ?? ['', undefined]
  const settings = objectOf(inner, `${path}.${name}.${kind}`)
  const { order = 'asc' } = settings
  if (order !== 'asc' && order !== 'desc') throw badValue(`${path}.order`, order, 'asc or desc')
  const shared = { name, descending: order === 'desc', format: undefined }
  switch (kind) {
    case 'terms': {
      const { field } = fieldNamed(textOf(settings.field, `${path}.field`))
      const isMissing = isTrue(settings.missing_bucket)
      const missing = notOf(testOf(field, { op: 'exists' }))
      return {
        ...shared,
        group: { kind: 'field', field, ...(isMissing ? { missing: noValue } : {}) },
        keyOf: (text) => (text === noValue ? null : text),
        predicate: (key) =>
          key === null ? missing : testOf(field, { op: 'equals', unit: 'value', values: [String(key)] }),
        from: isMissing
          ? undefined
          : (key) => testOf(field, { op: 'text-range', unit: 'value', from: { value: String(key), inclusive: true } }),
      }
    }
    case 'histogram': {
      const { field } = fieldNamed(textOf(settings.field, `${path}.field`))
      const width = finiteNumber(settings.interval, `${path}.interval`)
      if (width <= 0) throw badValue(`${path}.interval`, width, 'a number above 0')
      const from = (key: Key) => ({ value: Number(key), inclusive: true })
      return {
        ...shared,
        group: { kind: 'numbers', field, width },
        keyOf: Number,
        predicate: (key) =>
          testOf(field, { op: 'number', from: from(key), to: { value: Number(key) + width, inclusive: false } }),
        from: (key) => testOf(field, { op: 'number', from: from(key) }),
      }
    }
    case 'date_histogram': {
      requireTime(settings, path)
      const { group, keyOf, predicate } = await groupByTime(readIntervals(settings, path), context)
      const format = settings.format === undefined ? undefined : textOf(settings.format, `${path}.format`)
      return {
        ...{ ...shared, format, group, keyOf },
        predicate: (key) => predicate(Number(key)),
        from: (key) =>
          testOf({ kind: 'column', column: 'time' }, { op: 'time', fromNs: BigInt(Number(key)) * 1_000_000n }),
      }
    }
    default:
      throw unsupported(
        `a composite source of type [${kind.slice(0, 40)}]`,
        'It may be terms, histogram or date_histogram',
      )
  }
}

function planOf(sources: readonly Source[], size: number, after: JsonObject | undefined): BucketPlan {
  const behind = after === undefined ? undefined : sources.map((source) => keyOfAfter(source, after[source.name]))
  const [first] = sources
  const from =
    behind === undefined || first === undefined || first.descending ? undefined : first.from?.(behind[0] ?? null)
  return {
    groups: sources.map(({ group }) => group),
    ...(from === undefined ? {} : { narrow: from }),
    // groups come in the order of their keys: what is cut off lies behind this page
    top: { order: [{ by: 'key', descending: false }], size: maxBuckets },
    build(rows) {
      const isCut = rows.length >= maxBuckets
      if (isCut && sources.some(({ descending }) => descending)) throw tooManyBuckets(`more than ${maxBuckets}`)
      const all = rows.map((row) => ({ row, keys: sources.map(({ keyOf }, i) => keyOf(row.keys[i] as string)) }))
      const compare = (a: readonly Key[], b: readonly Key[]): number => compareKeys(sources, a, b)
      const page = all
        .filter(({ keys }) => behind === undefined || compare(keys, behind) > 0)
        .sort((a, b) => compare(a.keys, b.keys))
        .slice(0, size)
      const buckets = page.map(({ row, keys }) => bucketOf(sources, row, keys))
      const last = buckets.at(-1)
      return { buckets, ...(last === undefined ? {} : { more: { after_key: last.head.key } }) }
    },
  }
}

function bucketOf(sources: readonly Source[], { keys: rowKeys, count }: LogGroupRow, keys: readonly Key[]): Bucket {
  const said = sources.map(({ name, format }, i) => {
    const key = keys[i] ?? null
    return [name, format === undefined ? key : formatTime(BigInt(Number(key)) * 1_000_000n, format)] as const
  })
  const predicate = allOf(sources.map((source, i) => source.predicate(keys[i] ?? null)))
  return { keys: rowKeys, count, head: { key: Object.fromEntries(said) }, predicate }
}

/** A time that was answered in a format is read back by it where that is ISO 8601 or a count. */
function keyOfAfter({ name, group, format }: Source, value: unknown): Key {
  if (value === null || value === undefined) return null
  if (group.kind === 'field') return textOf(value, `after.${name}`)
  if (format === undefined || format === 'epoch_millis') return finiteNumber(value, `after.${name}`)
  const ms = Date.parse(textOf(value, `after.${name}`))
  if (Number.isNaN(ms)) throw badValue(`after.${name}`, value, 'a time in ISO 8601; leave [format] out of the source')
  return ms
}

function compareKeys(sources: readonly Source[], a: readonly Key[], b: readonly Key[]): number {
  for (const [i, { descending }] of sources.entries()) {
    const order = compareKey(a[i] ?? null, b[i] ?? null)
    if (order !== 0) return descending ? -order : order
  }
  return 0
}

/** None is before all. */
function compareKey(a: Key, b: Key): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return compareUtf8(String(a), String(b))
}
