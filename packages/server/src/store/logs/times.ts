// Times that a predicate asks for, as the span of its filter: by that parts, slices and the primary key are chosen.
import { earlierNs, laterNs } from '@tidewatch/core/nanoseconds.ts'
import { allOf, type Predicate, type ValueTest } from '@tidewatch/logquery/predicate.ts'
import type { LogFilter } from './port.ts'

/** The same lines: what the predicate says of the time of all of them is in the span, and in the predicate no more. */
export function withinTimes<F extends LogFilter>(filter: F): F {
  const { predicate } = filter
  const all = predicate.kind === 'and' ? predicate.of : [predicate]
  const times = all.flatMap((one) => timeOf(one) ?? [])
  if (times.length === 0) return filter
  let { fromNs, toNs } = filter
  for (const time of times) {
    if (time.fromNs !== undefined) fromNs = laterNs(fromNs, time.fromNs)
    if (time.toNs !== undefined) toNs = earlierNs(toNs, time.toNs + 1n)
  }
  const rest = allOf(all.filter((one) => timeOf(one) === undefined))
  return { ...filter, predicate: rest, fromNs, toNs: laterNs(fromNs, toNs) }
}

function timeOf(predicate: Predicate): (ValueTest & { readonly op: 'time' }) | undefined {
  if (predicate.kind !== 'test' || predicate.field.kind !== 'column' || predicate.field.column !== 'time')
    return undefined
  return predicate.test.op === 'time' ? predicate.test : undefined
}
