// Buckets by ranges of numbers and of times.
import { parseDateMath } from '@tidewatch/logquery/date-math.ts'
import { type Predicate, testOf } from '@tidewatch/logquery/predicate.ts'
import { checkZone, formatTime } from '../date-format.ts'
import { badValue, fault } from '../fault.ts'
import { fieldNamed } from '../fields.ts'
import { finiteNumber, type JsonObject, objectOf, textOf } from '../request.ts'
import { filterPlan } from './filter-buckets.ts'
import { doubleText } from './metrics.ts'
import type { AggregationReader, BucketAggregation } from './port.ts'

const maxRanges = 1000

function rangesIn(settings: JsonObject, path: string): readonly JsonObject[] {
  const { ranges } = settings
  if (!Array.isArray(ranges) || ranges.length === 0 || ranges.length > maxRanges)
    throw fault('illegal_argument_exception', `No [ranges] specified, or more than ${maxRanges}`, { path })
  return ranges.map((one, i) => objectOf(one, `${path}.ranges[${i}]`))
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null

/** `from` belongs to a range, `to` does not. */
export const range: AggregationReader<BucketAggregation> = (settings, { path }) => {
  const { field } = fieldNamed(textOf(settings.field, `${path}.field`))
  const all = rangesIn(settings, path)
    .map((one) => {
      const from = isGiven(one.from) ? finiteNumber(one.from, `${path}.from`) : undefined
      const to = isGiven(one.to) ? finiteNumber(one.to, `${path}.to`) : undefined
      const text = (value: number | undefined): string => (value === undefined ? '*' : doubleText(value))
      const key = isGiven(one.key) ? textOf(one.key, `${path}.key`) : `${text(from)}-${text(to)}`
      const predicate: Predicate = testOf(field, {
        op: 'number',
        ...(from === undefined ? {} : { from: { value: from, inclusive: true } }),
        ...(to === undefined ? {} : { to: { value: to, inclusive: false } }),
      })
      const head = { key, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
      return { name: key, predicate, head, order: [from ?? -Infinity, to ?? Infinity] as const }
    })
    .sort((a, b) => a.order[0] - b.order[0] || a.order[1] - b.order[1])
  return { plan: () => filterPlan(all, { isNamed: settings.keyed === true }) }
}

export const dateRange: AggregationReader<BucketAggregation> = (settings, { path, context }) => {
  const { field, isTime } = fieldNamed(textOf(settings.field, `${path}.field`))
  if (!isTime)
    throw fault(
      'illegal_argument_exception',
      `[date_range] groups by the time of lines alone, not by [${String(settings.field)}]`,
      { path },
    )
  const timeZone = checkZone(
    settings.time_zone === undefined ? 'UTC' : textOf(settings.time_zone, `${path}.time_zone`),
    path,
  )
  const format = settings.format === undefined ? undefined : textOf(settings.format, `${path}.format`)
  const momentOf = (value: unknown): bigint | undefined => {
    if (!isGiven(value)) return undefined
    const ns = parseDateMath(textOf(value, path), false, { nowMs: context.scope.nowMs, timeZone })
    if (ns === undefined) throw badValue(`${path}.ranges`, value, 'a time such as now-1h/h or 2025-06-15T12:00:00Z')
    return ns
  }
  const all = rangesIn(settings, path).map((one) => {
    const fromNs = momentOf(one.from)
    const toNs = momentOf(one.to)
    const text = (ns: bigint | undefined): string => (ns === undefined ? '*' : formatTime(ns, format, timeZone))
    const key = isGiven(one.key) ? textOf(one.key, `${path}.key`) : `${text(fromNs)}-${text(toNs)}`
    const predicate = testOf(field, {
      op: 'time',
      ...(fromNs === undefined ? {} : { fromNs }),
      ...(toNs === undefined ? {} : { toNs: toNs - 1n }),
    })
    const head = {
      key,
      ...(fromNs === undefined ? {} : { from: Number(fromNs / 1_000_000n), from_as_string: text(fromNs) }),
      ...(toNs === undefined ? {} : { to: Number(toNs / 1_000_000n), to_as_string: text(toNs) }),
    }
    return { name: key, predicate, head }
  })
  return { plan: () => filterPlan(all, { isNamed: settings.keyed === true }) }
}
