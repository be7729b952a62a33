// Buckets by equal intervals of numbers, and by intervals of time.

import { parseDateMath } from '@tidewatch/logquery/date-math.ts'
import { anyOf, notOf, type Predicate, testOf } from '@tidewatch/logquery/predicate.ts'
import type { LogGroup, LogGroupRow } from '../../../../store/port.ts'
import { formatTime } from '../date-format.ts'
import { badValue, fault, unsupported } from '../fault.ts'
import { fieldNamed } from '../fields.ts'
import { finiteNumber, type JsonObject, objectOf, textOf, wholeNumber } from '../request.ts'
import { readIntervals, type TimeIntervals } from './intervals.ts'
import {
  type AggregationContext,
  type AggregationReader,
  type Bucket,
  type BucketAggregation,
  maxBuckets,
} from './port.ts'

/** Intervals of unequal length that a statement names one by one. */
const maxStarts = 5000
const nsPerMs = 1_000_000n

export const tooManyBuckets = (count: number | string) =>
  fault(
    'too_many_buckets_exception',
    `Trying to create too many buckets. Must be less than or equal to: [${maxBuckets}] but was [${count}]. Take longer intervals, a shorter time or fewer groups`,
    { more: { max_buckets: maxBuckets } },
  )

interface Bounds {
  readonly min?: number | undefined
  readonly max?: number | undefined
}

function readBounds(value: unknown, path: string, read: (value: unknown, path: string) => number): Bounds {
  if (value === undefined || value === null) return {}
  const { min, max } = objectOf(value, path)
  const bounds = {
    min: min === undefined || min === null ? undefined : read(min, `${path}.min`),
    max: max === undefined || max === null ? undefined : read(max, `${path}.max`),
  }
  if (bounds.min !== undefined && bounds.max !== undefined && bounds.min > bounds.max)
    throw fault(
      'illegal_argument_exception',
      `[${path}]: min [${bounds.min}] cannot be greater than max [${bounds.max}]`,
    )
  return bounds
}

interface Series {
  readonly floor: (key: number) => number
  readonly next: (key: number) => number
  readonly least: number
  readonly extended: Bounds
  readonly hard: Bounds
  readonly bucket: (key: number, row: LogGroupRow | undefined) => Bucket
  readonly isDescending: boolean
}

/** Buckets from the first to the last, with the empty ones between where they are wanted. */
function fill(rows: readonly (LogGroupRow & { readonly key: number })[], series: Series): Bucket[] {
  const { floor, next, least, extended, hard } = series
  const within = (key: number): boolean =>
    (hard.min === undefined || next(key) > hard.min) && (hard.max === undefined || key <= hard.max)
  const found = new Map(rows.filter(({ key }) => within(key)).map((row) => [row.key, row]))
  const keys = [...found.keys()]
  if (least === 0) {
    const all = [...keys, ...[extended.min, extended.max].flatMap((one) => (one === undefined ? [] : [floor(one)]))]
    // a loop, not Math.min(...all): as many arguments as buckets are too many
    const low = all.reduce((a, b) => Math.min(a, b), Infinity)
    const high = all.reduce((a, b) => Math.max(a, b), -Infinity)
    for (let key = low; key <= high; key = next(key)) {
      if (!found.has(key) && within(key)) keys.push(key)
      if (keys.length > maxBuckets) throw tooManyBuckets(keys.length)
    }
  }
  keys.sort((a, b) => (series.isDescending ? b - a : a - b))
  const buckets = keys.map((key) => series.bucket(key, found.get(key)))
  return buckets.filter(({ count }) => count >= least)
}

function isDescending({ order }: JsonObject, path: string): boolean {
  if (order === undefined) return false
  const [entry, second] = Object.entries(objectOf(Array.isArray(order) ? order[0] : order, `${path}.order`))
  if (second !== undefined || entry === undefined || (entry[0] !== '_key' && entry[0] !== '_time'))
    throw unsupported(`another order of [${path}] than by [_key]`)
  return entry[1] === 'desc'
}

export interface TimeGroups {
  readonly group: LogGroup
  readonly keyOf: (text: string) => number
  readonly predicate: (key: number) => Predicate
}

/** How the store groups by the intervals; those of unequal length are named one by one. */
export async function groupByTime(intervals: TimeIntervals, context: AggregationContext): Promise<TimeGroups> {
  const shared = {
    keyOf: (text: string): number => Number(BigInt(text) / nsPerMs),
    predicate: (key: number): Predicate =>
      testOf(
        { kind: 'column', column: 'time' },
        { op: 'time', fromNs: BigInt(key) * nsPerMs, toNs: BigInt(intervals.next(key)) * nsPerMs - 1n },
      ),
  }
  const { even } = intervals
  if (even !== undefined) {
    const group = {
      kind: 'interval',
      widthNs: BigInt(even.widthMs) * nsPerMs,
      offsetNs: BigInt(even.offsetMs) * nsPerMs,
    } as const
    return { group, ...shared }
  }
  const extent = await context.extentMs()
  const startsNs: bigint[] = []
  for (let ms = intervals.floor(extent?.oldest ?? 0); ms <= (extent?.newest ?? 0); ms = intervals.next(ms)) {
    startsNs.push(BigInt(ms) * nsPerMs)
    if (startsNs.length > maxStarts)
      throw fault(
        'too_many_buckets_exception',
        `more than ${maxStarts} intervals of a zone whose clocks change. Take longer intervals or a shorter time`,
        { more: { max_buckets: maxStarts } },
      )
  }
  return { group: { kind: 'spans', startsNs }, ...shared }
}

export function requireTime(settings: JsonObject, path: string): void {
  const { isTime } = fieldNamed(textOf(settings.field, `${path}.field`))
  if (!isTime)
    throw fault(
      'illegal_argument_exception',
      `[date_histogram] groups by the time of lines alone, not by [${String(settings.field)}]`,
      {
        path,
        fix: 'Name @timestamp',
      },
    )
}

export const dateHistogram: AggregationReader<BucketAggregation> = (settings, { path, context }) => {
  requireTime(settings, path)
  const intervals = readIntervals(settings, path)
  const format = settings.format === undefined ? undefined : textOf(settings.format, `${path}.format`)
  const momentOf = (value: unknown, at: string): number => {
    const text = textOf(value, at)
    const ns = /^-?\d{1,15}$/.test(text)
      ? BigInt(text) * nsPerMs
      : parseDateMath(text, false, { nowMs: context.scope.nowMs, timeZone: intervals.zone })
    if (ns === undefined) throw badValue(at, value, 'a time')
    return Number(ns / nsPerMs)
  }
  const extended = readBounds(settings.extended_bounds, `${path}.extended_bounds`, momentOf)
  const hard = readBounds(settings.hard_bounds, `${path}.hard_bounds`, momentOf)
  const least = wholeNumber(settings.min_doc_count ?? 0, `${path}.min_doc_count`)
  const descends = isDescending(settings, path)
  return {
    async plan() {
      const { group, keyOf, predicate } = await groupByTime(intervals, context)
      const bucket = (key: number, row: LogGroupRow | undefined): Bucket => {
        const name = formatTime(BigInt(key) * nsPerMs, format, intervals.zone)
        const head = { key_as_string: name, key }
        const span = { fromMs: key, toMs: intervals.next(key) }
        return {
          ...{ keys: row?.keys ?? [`empty ${key}`], count: row?.count ?? 0 },
          ...{ head, name, predicate: predicate(key), span },
        }
      }
      const series = {
        floor: intervals.floor,
        next: intervals.next,
        least,
        extended,
        hard,
        bucket,
        isDescending: descends,
      }
      return {
        groups: [group],
        isNamed: settings.keyed === true,
        build: (rows) => ({
          buckets: fill(
            rows.map((row) => ({ ...row, key: keyOf(row.keys[0] as string) })),
            series,
          ),
        }),
      }
    },
  }
}

export const histogram: AggregationReader<BucketAggregation> = (settings, { path }) => {
  const missing = settings.missing === undefined ? undefined : finiteNumber(settings.missing, `${path}.missing`)
  const { field } = fieldNamed(textOf(settings.field, `${path}.field`))
  const width = finiteNumber(settings.interval, `${path}.interval`)
  if (width <= 0) throw fault('illegal_argument_exception', '[interval] must be >0 for histogram aggregation', { path })
  const offset = settings.offset === undefined ? 0 : finiteNumber(settings.offset, `${path}.offset`)
  const stepOf = (value: number): number => Math.floor((value - offset) / width)
  const keyOf = (step: number): number => step * width + offset
  const bucket = (step: number, row: LogGroupRow | undefined): Bucket => {
    const key = keyOf(step)
    const within = testOf(field, {
      op: 'number',
      from: { value: key, inclusive: true },
      to: { value: keyOf(step + 1), inclusive: false },
    })
    const hasMissing = missing !== undefined && stepOf(missing) === step
    const predicate = hasMissing ? anyOf([within, notOf(testOf(field, { op: 'exists' }))]) : within
    return { keys: row?.keys ?? [`empty ${step}`], count: row?.count ?? 0, head: { key }, name: String(key), predicate }
  }
  const stepIn = (value: unknown, at: string): number => stepOf(finiteNumber(value, at))
  const series = {
    floor: (step: number) => step,
    next: (step: number) => step + 1,
    least: wholeNumber(settings.min_doc_count ?? 0, `${path}.min_doc_count`),
    extended: readBounds(settings.extended_bounds, `${path}.extended_bounds`, stepIn),
    hard: readBounds(settings.hard_bounds, `${path}.hard_bounds`, stepIn),
    bucket,
    isDescending: isDescending(settings, path),
  }
  return {
    plan: () => ({
      groups: [{ kind: 'numbers', field, width, offset, ...(missing === undefined ? {} : { missing }) }],
      isNamed: settings.keyed === true,
      // steps are whole numbers: what is added up of fractions does not drift
      build: (rows) => ({
        buckets: fill(
          rows.map((row) => ({ ...row, key: Math.round((Number(row.keys[0]) - offset) / width) })),
          series,
        ),
      }),
    }),
  }
}
