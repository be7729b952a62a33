// Buckets by queries: filter, filters, missing, global.

import { recordFields } from '@tidewatch/logquery/fields.ts'
import { anyOf, everything, notOf, type Predicate, testOf } from '@tidewatch/logquery/predicate.ts'
import { fault } from '../fault.ts'
import { fieldNamed } from '../fields.ts'
import { readQuery } from '../filter.ts'
import { objectOf, textOf } from '../request.ts'
import type { AggregationReader, Bucket, BucketAggregation, BucketPlan } from './port.ts'

const maxFilters = 1000

interface NamedFilter {
  readonly name?: string
  readonly predicate: Predicate
  readonly head?: Bucket['head']
}

/** A bucket for each filter, also where no line passes it. */
export function filterPlan(all: readonly NamedFilter[], more: Partial<BucketPlan> = {}): BucketPlan {
  return {
    groups: [{ kind: 'predicates', of: all.map(({ predicate }) => predicate) }],
    build(rows) {
      const counts = new Map(rows.map(({ keys, count }) => [keys[0], count]))
      const buckets = all.map(({ name, predicate, head = {} }, i): Bucket => {
        const key = String(i)
        return { keys: [key], count: counts.get(key) ?? 0, head, predicate, ...(name === undefined ? {} : { name }) }
      })
      return { buckets }
    },
    ...more,
  }
}

const single = (predicate: Predicate): BucketAggregation => ({
  plan: () => filterPlan([{ predicate }], { isSingle: true, narrow: predicate }),
})

export const filter: AggregationReader<BucketAggregation> = (settings, { path, context }) =>
  single(readQuery(settings, context.scope.nowMs, path))

export const missing: AggregationReader<BucketAggregation> = (settings, { path }) => {
  const { field } = fieldNamed(textOf(settings.field, `${path}.field`))
  return single(notOf(testOf(field, { op: 'exists' })))
}

/** Lines are counted, not the objects in them: those of one line lie together. */
export const nested: AggregationReader<BucketAggregation> = (settings, { path }) => {
  const name = textOf(settings.path, `${path}.path`)
  const trees = recordFields.under(name).map(({ ref }) => testOf(ref, { op: 'exists' }))
  return single(anyOf(trees))
}

/** Back to whole lines, which is what nested buckets have. */
export const reverseNested: AggregationReader<BucketAggregation> = () => single(everything)

/** All lines of the indices, whatever the query is. */
export const global: AggregationReader<BucketAggregation> = (_settings, { context }) => ({
  plan: () => filterPlan([{ predicate: everything }], { isSingle: true, filter: context.whole }),
})

export const filters: AggregationReader<BucketAggregation> = (settings, { path, context }) => {
  const given = settings.filters
  const read = (query: unknown, at: string): Predicate => readQuery(query, context.scope.nowMs, at)
  const all: NamedFilter[] = Array.isArray(given)
    ? given.map((query, i) => ({ predicate: read(query, `${path}.filters[${i}]`) }))
    : Object.entries(objectOf(given, `${path}.filters`)).map(([name, query]) => ({
        name,
        predicate: read(query, `${path}.filters.${name}`),
      }))
  if (all.length === 0 || all.length > maxFilters)
    throw fault('illegal_argument_exception', `[filters] has ${all.length} filters; 1 to ${maxFilters} are possible`, {
      path,
    })
  const isNamed = !Array.isArray(given) && settings.keyed !== false
  const otherName =
    settings.other_bucket_key === undefined ? '_other_' : textOf(settings.other_bucket_key, `${path}.other_bucket_key`)
  if (settings.other_bucket === true || settings.other_bucket_key !== undefined)
    all.push({ name: otherName, predicate: notOf(anyOf(all.map(({ predicate }) => predicate))) })
  return { plan: () => filterPlan(all, { isNamed }) }
}
