// The lines that a request is about: its query, its indices, and the times that follow from both.

import { parseLogId } from '@tidewatch/core/log-id.ts'
import { laterNs } from '@tidewatch/core/nanoseconds.ts'
import { elasticTree } from '@tidewatch/logquery/elastic/parse.ts'
import { recordFields } from '@tidewatch/logquery/fields.ts'
import { allOf, anyOf, nothing, type Predicate, testOf } from '@tidewatch/logquery/predicate.ts'
import { predicateOf } from '@tidewatch/logquery/query-tree.ts'
import type { LogFilter } from '../../../store/port.ts'
import { allTimes } from './indices.ts'
import type { ElasticScope } from './request.ts'
import { idField } from './source.ts'

/** The predicate of a query in Elasticsearch's form. Throws as `elasticTree` does. */
export function readQuery(query: unknown, nowMs: number, path = 'query'): Predicate {
  return withOwnIds(predicateOf(elasticTree(query, { nowMs, timeZone: 'UTC', fields: recordFields }, path)))
}

/** Ids are ours, or what senders gave their documents. */
function withOwnIds(predicate: Predicate): Predicate {
  switch (predicate.kind) {
    case 'ids':
      return ofIds(predicate.values)
    case 'and':
    case 'or':
    case 'at-least':
      return { ...predicate, of: predicate.of.map(withOwnIds) }
    case 'not':
      return { kind: 'not', of: withOwnIds(predicate.of) }
    default:
      return predicate
  }
}

/** Lines of these ids. */
export function ofIds(ids: readonly string[]): Predicate {
  const ours = ids.filter((id) => parseLogId(id) !== undefined)
  const own = ids.filter((id) => parseLogId(id) === undefined)
  return anyOf([
    ours.length === 0 ? nothing : { kind: 'ids', values: ours },
    own.length === 0
      ? nothing
      : testOf({ kind: 'attribute', name: idField }, { op: 'equals', unit: 'value', values: own }),
  ])
}

/** Lines of all of the predicates; only times that can hold any are looked at. */
export function filterOf(
  predicates: readonly Predicate[],
  { projects, upToSeq }: Pick<ElasticScope, 'projects' | 'upToSeq'>,
): LogFilter {
  const predicate = allOf(predicates)
  const { fromNs, toNs } = timesOf(predicate)
  const range = { fromNs, toNs: laterNs(fromNs, toNs) }
  return { projects, predicate, ...range, ...(upToSeq === undefined ? {} : { upToSeq }) }
}

interface Times {
  readonly fromNs: bigint
  readonly toNs: bigint
}

/** Times outside of which no line satisfies the predicate. */
export function timesOf(predicate: Predicate): Times {
  switch (predicate.kind) {
    case 'test': {
      const { field, test } = predicate
      if (field.kind !== 'column' || field.column !== 'time' || test.op !== 'time') return allTimes
      const toNs = test.toNs === undefined ? allTimes.toNs : lower(test.toNs + 1n, allTimes.toNs)
      return { fromNs: higher(test.fromNs ?? 0n, 0n), toNs: higher(toNs, 0n) }
    }
    case 'and':
      return predicate.of
        .map(timesOf)
        .reduce<Times>(
          (all, one) => ({ fromNs: higher(all.fromNs, one.fromNs), toNs: lower(all.toNs, one.toNs) }),
          allTimes,
        )
    case 'ids': {
      const times = predicate.values.flatMap((id) => parseLogId(id)?.timeNs ?? [])
      const [first] = times
      if (first === undefined) return allTimes
      return { fromNs: times.reduce(lower, first), toNs: times.reduce(higher, first) + 1n }
    }
    case 'or': {
      const [first = allTimes, ...rest] = predicate.of.map(timesOf)
      return rest.reduce(
        (all, one) => ({ fromNs: lower(all.fromNs, one.fromNs), toNs: higher(all.toNs, one.toNs) }),
        first,
      )
    }
    default:
      return allTimes
  }
}

const lower = (a: bigint, b: bigint): bigint => (a < b ? a : b)
const higher = (a: bigint, b: bigint): bigint => (a > b ? a : b)
