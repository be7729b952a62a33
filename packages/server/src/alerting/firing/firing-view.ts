// What fires, in groups as routes make them: narrowed, counted and cut to a page.
import { createHash } from 'node:crypto'
import type { LabelMatcher } from '@tidewatch/alertmanager/port.ts'
import type {
  AlertStanding,
  AlertsSummary,
  FiringAlerts,
  FiringCounts,
  FiringGroup,
  FiringLabels,
  FiringRow,
  SilencedAlerts,
} from '@tidewatch/api/firing-alerts.ts'
import { type Severity, severities } from '@tidewatch/core/severity.ts'
import { passes } from '../alertmanager-api/answers.ts'
import type { AlertGroup } from '../dispatch/alert-group.ts'
import { mutingIntervals } from '../dispatch/flush.ts'
import { isResolved } from '../dispatch/held-alert.ts'
import { comparePlaces, type Place, readCursor, writeCursor } from './cursor.ts'
import { compareSeen, type FiringSources, nameOf, type Seen, see, sentenceOf, standingOf, toRow } from './standing.ts'

export interface FiringFilter {
  readonly words: readonly string[]
  readonly severity: Severity | undefined
  readonly standing: AlertStanding | undefined
  readonly receiver: string | undefined
  readonly matchers: readonly LabelMatcher[]
  /** An id of `groupIdOf`. */
  readonly group: string | undefined
}

export interface FiringPage {
  readonly limit: number
  readonly cursor: string | undefined
}

/** Rows of a group in the list of all groups. */
const firstRows = 20
const mostReceivers = 1000
const standings = ['open', 'taken', 'suppressed'] as const satisfies readonly AlertStanding[]

interface SeenGroup {
  readonly id: string
  readonly group: AlertGroup
  readonly mutedBy: readonly string[]
  /** Those that pass. */
  readonly members: Seen[]
}

const ids = new WeakMap<AlertGroup, string>()

/** Short, and the same after a restart. */
function idOf(group: AlertGroup): string {
  let id = ids.get(group)
  if (id === undefined) {
    id = createHash('sha256').update(group.id).digest('base64url').slice(0, 22)
    ids.set(group, id)
  }
  return id
}

/** Looks at an alert once, though it stands in several groups. */
function seer(sources: FiringSources): (fingerprint: string) => Seen | undefined {
  const known = new Map<string, Seen>()
  return (fingerprint) => {
    const before = known.get(fingerprint)
    if (before !== undefined) return before
    const alert = sources.machine.alerts.get(fingerprint)?.alert
    if (alert === undefined || isResolved(alert, sources.nowMs)) return undefined
    const seen = see(alert, sources)
    known.set(fingerprint, seen)
    return seen
  }
}

function seenGroups(filter: FiringFilter, sources: FiringSources): SeenGroup[] {
  const { machine, nowMs } = sources
  const seeOne = seer(sources)
  const found: SeenGroup[] = []
  for (const group of machine.groups.values()) {
    const id = idOf(group)
    if (filter.receiver !== undefined && group.route.receiver !== filter.receiver) continue
    if (filter.group !== undefined && id !== filter.group) continue
    const mutedBy = mutingIntervals(machine.policy, group.route, nowMs)
    const members: Seen[] = []
    for (const fingerprint of group.members) {
      const seen = seeOne(fingerprint)
      if (seen !== undefined && isWanted(seen, mutedBy, filter)) members.push(seen)
    }
    if (members.length > 0) found.push({ id, group, mutedBy, members })
  }
  return found
}

function isWanted(seen: Seen, mutedBy: readonly string[], filter: FiringFilter): boolean {
  const { words, severity, standing, matchers } = filter
  if (severity !== undefined && seen.severity !== severity) return false
  if (standing !== undefined && standingOf(seen, mutedBy) !== standing) return false
  if (!passes(matchers, seen.alert.labels)) return false
  if (words.length === 0) return true
  const labels = Object.entries(seen.alert.labels.toObject()).map(([name, value]) => `${name}=${value}`)
  const text = [nameOf(seen.alert.labels), sentenceOf(seen.alert), ...labels].join(' ').toLowerCase()
  return words.every((word) => text.includes(word))
}

/** What fires of what the filter lets pass. Throws `http.invalid` for a cursor that is none. */
export function listFiring(filter: FiringFilter, page: FiringPage, sources: FiringSources): FiringAlerts {
  const found = seenGroups(filter, sources)
  const common = { counts: countSeen(found), receivers: receiversOf(sources), groupCount: found.length }
  const cut = (one: SeenGroup, limit: number, after?: Place) => toGroup(one, { limit, after, sources })
  if (filter.group !== undefined) {
    const after = page.cursor === undefined ? undefined : readCursor(page.cursor)
    return { ...common, groups: found.map((one) => cut(one, page.limit, after)) }
  }
  const after = page.cursor === undefined ? undefined : readCursor(page.cursor)
  const sorted = found
    .map((one) => ({ one, place: placeOfGroup(one) }))
    .filter(({ place }) => after === undefined || comparePlaces(place, after) > 0)
    .sort((a, b) => comparePlaces(a.place, b.place))
  const groups: FiringGroup[] = []
  let left = page.limit
  for (const { one } of sorted) {
    if (left <= 0) break
    const group = cut(one, Math.min(firstRows, left))
    left -= group.rows.length
    groups.push(group)
  }
  const last = sorted[groups.length - 1]
  const hasMore = last !== undefined && groups.length < sorted.length
  return { ...common, groups, ...(hasMore ? { nextCursor: writeCursor(last.place) } : {}) }
}

/** Open before taken before suppressed; within, the worst first, then the largest. */
function placeOfGroup({ id, mutedBy, members }: SeenGroup): Place {
  let rank = Number.POSITIVE_INFINITY
  for (const seen of members) {
    const standing = standings.indexOf(standingOf(seen, mutedBy))
    rank = Math.min(rank, standing * severities.length + severities.indexOf(seen.severity))
  }
  return [rank, -members.length, id]
}

const placeOfSeen = ({ severity, alert }: Seen): Place => [
  severities.indexOf(severity),
  alert.startsAtMs,
  alert.fingerprint,
]

function toGroup(
  { id, group, mutedBy, members }: SeenGroup,
  {
    limit,
    after,
    sources,
  }: { readonly limit: number; readonly after: Place | undefined; readonly sources: FiringSources },
): FiringGroup {
  const rest = after === undefined ? members : members.filter((seen) => comparePlaces(placeOfSeen(seen), after) > 0)
  const shown = rest.toSorted(compareSeen).slice(0, limit)
  const last = shown.at(-1)
  return {
    ...{ id, receiver: group.route.receiver, labels: group.labels.toObject(), total: members.length },
    rows: shown.map((seen) => toRow(seen, mutedBy, sources.machine)),
    ...(last === undefined || shown.length === rest.length ? {} : { nextCursor: writeCursor(placeOfSeen(last)) }),
  }
}

/** By fingerprint, the best of what it is in its groups: who hears of it in one of them hears of it. */
function bestStandings(groups: readonly SeenGroup[]): Map<string, { readonly seen: Seen; readonly rank: number }> {
  const best = new Map<string, { readonly seen: Seen; readonly rank: number }>()
  for (const { mutedBy, members } of groups) {
    for (const seen of members) {
      const rank = standings.indexOf(standingOf(seen, mutedBy))
      const before = best.get(seen.alert.fingerprint)
      if (before === undefined || rank < before.rank) best.set(seen.alert.fingerprint, { seen, rank })
    }
  }
  return best
}

function countSeen(groups: readonly SeenGroup[]): FiringCounts {
  const counts = { open: 0, taken: 0, suppressed: 0 }
  for (const { rank } of bestStandings(groups).values()) counts[standings[rank] ?? 'open']++
  return counts
}

function receiversOf({ machine }: FiringSources): string[] {
  const names = new Set<string>()
  for (const { route } of machine.groups.values()) {
    names.add(route.receiver)
    if (names.size === mostReceivers) break
  }
  return [...names].sort()
}

/** Labels of all that pass, at most `limit`. */
export function listLabels(filter: FiringFilter, limit: number, sources: FiringSources): FiringLabels {
  const all = [...bestStandings(seenGroups(filter, sources)).values()]
  const alerts = all.slice(0, limit).map(({ seen: { alert, taker } }) => ({
    ...{ fingerprint: alert.fingerprint, labels: alert.labels.toObject(), taken: taker !== undefined },
  }))
  return { alerts, truncated: all.length > limit }
}

const everything: FiringFilter = {
  ...{ words: [], severity: undefined, standing: undefined, receiver: undefined, matchers: [], group: undefined },
}
const worstRows = 5

/** Counts of all, and the worst of those that nothing holds back. */
export function summarize(sources: FiringSources): Pick<AlertsSummary, 'counts' | 'severities' | 'worst'> & {
  readonly next?: FiringRow
} {
  const counts = { open: 0, taken: 0, suppressed: 0 }
  const bySeverity = { critical: 0, high: 0, medium: 0, low: 0 }
  const told: Seen[] = []
  for (const { seen, rank } of bestStandings(seenGroups(everything, sources)).values()) {
    const standing = standings[rank] ?? 'open'
    counts[standing]++
    if (standing === 'suppressed') continue
    bySeverity[seen.severity]++
    told.push(seen)
  }
  told.sort(compareSeen)
  const next = told.find(({ taker }) => taker === undefined)
  const row = (seen: Seen): FiringRow => toRow(seen, [], sources.machine)
  const worst = told.slice(0, worstRows).map(row)
  return { counts, severities: bySeverity, worst, ...(next === undefined ? {} : { next: row(next) }) }
}

/** What each silence hides now. */
export function listSilenced({ machine, silencesOf, nowMs }: FiringSources): SilencedAlerts {
  const found: Record<
    string,
    { total: number; readonly first: { readonly fingerprint: string; readonly name: string } }
  > = {}
  for (const { alert } of machine.alerts.values()) {
    if (isResolved(alert, nowMs)) continue
    for (const id of silencesOf(alert.labels, nowMs)) {
      const known = found[id]
      if (known !== undefined) known.total++
      else found[id] = { total: 1, first: { fingerprint: alert.fingerprint, name: nameOf(alert.labels) } }
    }
  }
  return found
}
