// The lines of one page, in the order that was asked for.

import type { LogPlace } from '@tidewatch/core/log-id.ts'
import { laterNs } from '@tidewatch/core/nanoseconds.ts'
import type { LogFilter, StoredLog } from '../../../store/port.ts'
import { fault } from './fault.ts'
import { type NamedField, valuesOf } from './fields.ts'
import type { ElasticScope } from './request.ts'
import { comparator, comparePlaces, type SortPlan } from './sort.ts'

export interface Page {
  readonly plan: SortPlan
  /** Lines left out at the beginning. */
  readonly from: number
  readonly size: number
  readonly after?: LogPlace | undefined
  /** Of lines with an equal value only the first in the order counts; undefined values are equal too. */
  readonly collapse?: NamedField | undefined
}

/** Lines that are held at once to be put in the order of a field. */
const maxSorted = 50_000

export async function readPage(filter: LogFilter, page: Page, scope: ElasticScope): Promise<readonly StoredLog[]> {
  const { from, size, plan, collapse } = page
  if (size === 0 || filter.projects.length === 0) return []
  if (collapse !== undefined) return await collapsed(filter, { ...page, collapse }, scope)
  return plan.isByTime
    ? await inOrderOfTime(filter, page, scope)
    : (await sorted(filter, page, scope)).slice(from, from + size)
}

/** The first of each value: lines are looked at until there are enough. */
async function collapsed(
  filter: LogFilter,
  page: Page & { readonly collapse: NamedField },
  scope: ElasticScope,
): Promise<readonly StoredLog[]> {
  const { plan, from, size, after, collapse } = page
  const { queries, signal } = scope
  const firsts = new Map<string, StoredLog>()
  const take = (lines: readonly StoredLog[]): boolean => {
    for (const line of lines) {
      const key = JSON.stringify(valuesOf(line.record, collapse)[0] ?? null)
      if (!firsts.has(key)) firsts.set(key, line)
    }
    return firsts.size >= from + size
  }
  if (plan.isByTime) {
    const search = {
      ...filter,
      direction: plan.direction,
      limit: maxSorted + 1,
      ...(after === undefined ? {} : { after }),
    }
    let looked = 0
    for await (const { lines } of queries.reader.search(search, { signal })) {
      looked += lines.length
      if (take(lines)) break
      if (looked > maxSorted) throw tooMany()
    }
  } else take(await sorted(filter, { ...page, from: 0, size: maxSorted }, scope))
  return [...firsts.values()].slice(from, from + size)
}

async function inOrderOfTime(filter: LogFilter, page: Page, { queries, signal }: ElasticScope): Promise<StoredLog[]> {
  const { from, size, plan, after } = page
  const search = { ...filter, direction: plan.direction, limit: from + size, ...(after === undefined ? {} : { after }) }
  let skipped = 0
  const found: StoredLog[] = []
  for await (const { lines } of queries.reader.search(search, { signal })) {
    const skip = Math.min(lines.length, from - skipped)
    skipped += skip
    found.push(...lines.slice(skip))
  }
  return found
}

/** By fields: all lines are looked at, unless time comes first and the lines of further moments cannot matter. */
async function sorted(filter: LogFilter, { plan, from, size, after }: Page, scope: ElasticScope): Promise<StoredLog[]> {
  const { queries, signal } = scope
  const timeFirst = plan.keys[0]?.kind === 'time'
  const compare = comparator(plan)
  const found: StoredLog[] = []
  const search = { ...filter, direction: plan.direction, limit: maxSorted + 1 }
  const begin = timeFirst && after !== undefined ? beginOf(after, search) : search
  for await (const { lines } of queries.reader.search(begin, { signal })) {
    found.push(...lines)
    if (found.length > maxSorted) throw tooMany()
    const last = found[from + size - 1]
    if (timeFirst && after === undefined && last !== undefined && found.at(-1)?.place.timeNs !== last.place.timeNs)
      break
  }
  found.sort(compare)
  if (after === undefined) return found
  const at = found.findIndex(({ place }) => comparePlaces(place, after) === 0)
  // what the page before ended with is gone: nobody can say what follows it
  if (at < 0) throw fault('illegal_argument_exception', '[search_after] names a line that is no longer there')
  return found.slice(at + 1)
}

/** From the moment of the last known line on. */
const beginOf = <T extends LogFilter & { readonly direction: 'backward' | 'forward' }>(
  after: LogPlace,
  search: T,
): T =>
  search.direction === 'backward'
    ? { ...search, toNs: search.toNs < after.timeNs + 1n ? search.toNs : after.timeNs + 1n }
    : { ...search, fromNs: laterNs(search.fromNs, after.timeNs) }

const tooMany = () =>
  fault('illegal_argument_exception', `more than ${maxSorted} lines match, too many to be sorted by a field`, {
    fix: 'Sort by @timestamp or _doc, or take a shorter time',
  })
