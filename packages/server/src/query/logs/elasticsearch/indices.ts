// Indices of an API over a store that has none: a line's index is what its sender named (index-name.ts), and one that came another way lies in
// the index of its day, `logs-2026.11.22`.
import { indexField } from '@tidewatch/core/index-name.ts'
import { type LogRecord, logRecord } from '@tidewatch/core/log-record.ts'
import { parseDateMath } from '@tidewatch/logquery/date-math.ts'
import { compilePredicate } from '@tidewatch/logquery/match.ts'
import {
  allOf,
  anyOf,
  everything,
  type FieldRef,
  nothing,
  notOf,
  type Predicate,
  testOf,
} from '@tidewatch/logquery/predicate.ts'
import { compileWildcard, wildcardOf } from '@tidewatch/logquery/wildcard.ts'
import { aliasesLike } from './aliases.ts'
import { checkZone, formatTime } from './date-format.ts'
import { fault, missingIndex } from './fault.ts'
import type { ElasticScope } from './request.ts'

const ownPrefix = 'logs-'
const dayMs = 86_400_000
const dayNs = 86_400_000_000_000n
/** The first day that an index of a day is looked for. */
const firstDayMs = Date.UTC(2000, 0, 1)
const maxNames = 1000
const nameField: FieldRef = { kind: 'resource', name: indexField }
const isNamed = testOf(nameField, { op: 'exists' })

export interface IndexSelection {
  readonly predicate: Predicate
  /** Names in it that stand for exactly one index each. */
  readonly concrete: readonly string[]
}

/** The index that a line lies in. */
export function indexOf({ resource, timeNs }: Pick<LogRecord, 'resource' | 'timeNs'>): string {
  return resource.get(indexField) ?? ownIndex(Number(timeNs / 1_000_000n))
}

/** The index of a day for lines whose sender named none. */
export const ownIndex = (atMs: number): string =>
  `${ownPrefix}${new Date(atMs).toISOString().slice(0, 10).replaceAll('-', '.')}`

/** `a,b-*,-b-old`, `_all`, nothing: what of all lines lies there. A name that is a daily index's without its day means all its days. */
export function selectIndices(expression: string | undefined, names: NameScope): IndexSelection {
  const parts = (expression ?? '').split(',').filter((one) => one !== '')
  if (parts.length === 0) return { predicate: everything, concrete: [] }
  if (parts.length > maxNames)
    throw fault('illegal_argument_exception', `${parts.length} indices are named; at most ${maxNames} can be`)
  let predicate: Predicate = nothing
  const concrete: string[] = []
  for (const [i, part] of parts.entries()) {
    const excludes = i > 0 && part.startsWith('-')
    const plain = resolveDates(excludes ? part.slice(1) : part, names.nowMs)
    const one = selectNamed(plain, names)
    predicate = excludes ? allOf([predicate, notOf(one)]) : anyOf([predicate, one])
    if (!excludes && !plain.includes('*') && plain !== '_all') concrete.push(plain)
  }
  return { predicate, concrete }
}

/** What names are looked at by: today, and aliases. */
export type NameScope = Pick<ElasticScope, 'nowMs' | 'aliases'>

/** A name, and what the aliases of that name lead to. */
function selectNamed(name: string, { nowMs, aliases }: NameScope): Predicate {
  const led = aliasesLike(aliases, name).map(({ index, predicate }) => allOf([selectOne(index, nowMs), predicate]))
  return anyOf([selectOne(name, nowMs), ...led])
}

/** `<logs-{now/d-1d{yyyy.MM.dd|+01:00}}>` as the name that it stands for today. */
export function resolveDates(name: string, nowMs: number): string {
  if (!name.startsWith('<')) return name
  const parts = /^<((?:[^{}<>]|\{[^{}]+(?:\{[^{}]+\})?\})+)>$/.exec(name)
  if (parts === null) throw badDates(name)
  return (parts[1] as string).replace(
    /\{([^{}]+)(?:\{([^{}|]*)(?:\|([^{}]+))?\})?\}/g,
    (_, math: string, format: string | undefined, zone = 'UTC') => {
      const timeZone = checkZone(zone, 'index')
      const ns = parseDateMath(math, false, { nowMs, timeZone })
      if (ns === undefined) throw badDates(name)
      return formatTime(ns, format === undefined || format === '' ? 'yyyy.MM.dd' : format, timeZone)
    },
  )
}

const badDates = (name: string) =>
  fault('illegal_argument_exception', `invalid date math in the index name [${name.slice(0, 80)}]`, {
    fix: 'Write it as <logs-{now/d}> or <logs-{now/d-1d{yyyy.MM.dd}}>',
  })

function selectOne(name: string, nowMs: number): Predicate {
  if (name === '_all' || name === '*') return everything
  if (!name.includes('*')) return anyOf([named(name), ofDays(name, nowMs), dailyOf(name)])
  const pattern = wildcardOf(
    name.split('*').flatMap((text, i) => (i === 0 ? [{ text }] : (['any', { text }] as const))),
  )
  const isLike = testOf(nameField, { op: 'wildcard', unit: 'value', pattern, ignoreCase: false })
  return anyOf([isLike, ofDaysLike(compileWildcard(pattern), nowMs)])
}

const named = (name: string): Predicate => testOf(nameField, { op: 'equals', unit: 'value', values: [name] })

/** All days of a daily index, by the name before its day. */
function dailyOf(name: string): Predicate {
  if (!/^[\w.-]*[a-zA-Z]\w*$/.test(name)) return nothing
  const pattern = `${name.replaceAll('.', '\\.')}[-.]\\d{4}[.-]\\d{2}[.-]\\d{2}`
  return testOf(nameField, { op: 'regexp', unit: 'value', pattern, anchored: true })
}

/** Lines without an index on the day that the name says; for `logs`, all of them. */
export function ofDays(name: string, nowMs: number): Predicate {
  if (name === ownPrefix.slice(0, -1)) return notOf(isNamed)
  const isDay = /^logs-\d{4}\.\d\d\.\d\d$/.test(name)
  return isDay ? ofDaysLike((day) => day === name, nowMs) : nothing
}

function ofDaysLike(matches: (name: string) => boolean, nowMs: number): Predicate {
  const ranges: Predicate[] = []
  let fromMs: number | undefined
  const lastMs = nowMs + 2 * dayMs
  let isWhole = true
  const end = (toMs: number): void => {
    if (fromMs === undefined) return
    const range = { op: 'time', fromNs: BigInt(fromMs) * 1_000_000n, toNs: BigInt(toMs) * 1_000_000n - 1n } as const
    ranges.push(testOf({ kind: 'column', column: 'time' }, range))
    fromMs = undefined
  }
  for (let ms = firstDayMs; ms <= lastMs; ms += dayMs) {
    if (matches(ownIndexOf(ms))) fromMs ??= ms
    else {
      isWhole = false
      end(ms)
    }
  }
  end(lastMs + dayMs)
  return allOf([notOf(isNamed), isWhole ? everything : anyOf(ranges)])
}

const namesOfDays: string[] = []

/** Names of the days from the first on, made once: each pattern is compared with all of them. */
function ownIndexOf(atMs: number): string {
  const place = (atMs - firstDayMs) / dayMs
  while (namesOfDays.length <= place) namesOfDays.push(ownIndex(firstDayMs + namesOfDays.length * dayMs))
  return namesOfDays[place] as string
}

export interface IndexSummary {
  readonly name: string
  readonly count: number
  readonly oldestMs: number
  readonly newestMs: number
}

const maxIndices = 10_000
const timeColumn = { kind: 'column', column: 'time' } as const
const times = [
  { kind: 'min', field: timeColumn },
  { kind: 'max', field: timeColumn },
] as const
export const allTimes = { fromNs: 0n, toNs: 2n ** 62n } as const

/** Indices that have lines, by name. */
export async function listIndices(
  expression: string | undefined,
  scope: ElasticScope,
): Promise<readonly IndexSummary[]> {
  const { queries, projects, signal } = scope
  if (projects.length === 0) return []
  const { predicate } = selectIndices(expression, scope)
  const filter = (more: Predicate) => ({ projects, predicate: allOf([predicate, more]), ...allTimes })
  const [sent, own] = await Promise.all([
    queries.reader.aggregate(
      filter(isNamed),
      {
        groups: [{ kind: 'field', field: { kind: 'resource', name: indexField } }],
        measures: times,
        limit: maxIndices,
      },
      { signal },
    ),
    queries.reader.aggregate(
      filter(notOf(isNamed)),
      { groups: [{ kind: 'interval', widthNs: dayNs }], measures: times, limit: maxIndices },
      { signal },
    ),
  ])
  const summary = (name: string, { count, values: [oldest, newest] }: (typeof sent)[number]): IndexSummary => ({
    name,
    count,
    oldestMs: Number(oldest ?? 0),
    newestMs: Number(newest ?? 0),
  })
  const all = [
    ...sent.map((row) => summary(row.keys[0] as string, row)),
    ...own.map((row) => summary(ownIndex(Number(BigInt(row.keys[0] as string) / 1_000_000n)), row)),
  ]
  const empty = (await emptyIndices(predicate, scope)).filter((name) => !all.some((one) => one.name === name))
  all.push(...empty.map((name) => ({ name, count: 0, oldestMs: scope.nowMs, newestMs: scope.nowMs })))
  return all.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}

/** Those that were set up; lines may have come or not. */
async function emptyIndices(
  predicate: Predicate,
  { names, projects, nowMs }: ElasticScope,
): Promise<readonly string[]> {
  const created = new Set(await names.created(projects))
  if (created.size === 0) return []
  const isMeant = compilePredicate(predicate)
  const timeNs = BigInt(nowMs) * 1_000_000n
  return [...created].filter((name) => isMeant(logRecord({ timeNs, resource: new Map([[indexField, name]]) })))
}

/** Throws `index_not_found_exception` for the first name that no line has. */
export async function checkIndices({ concrete }: IndexSelection, scope: ElasticScope): Promise<void> {
  const { queries, names, projects, signal, nowMs, aliases } = scope
  if (concrete.length === 0) return
  const created = new Set(await names.created(projects))
  for (const name of concrete) {
    if (created.has(name) || aliases.some((alias) => alias.name === name)) continue
    // an empty index of today or an alias of all days is no mistake
    if (name === ownPrefix.slice(0, -1) || name === ownIndex(nowMs)) continue
    const { predicate } = selectIndices(name, scope)
    const filter = { projects, predicate, ...allTimes }
    if (projects.length === 0 || (await queries.reader.count(filter, { signal })) === 0) throw missingIndex(name)
  }
}
