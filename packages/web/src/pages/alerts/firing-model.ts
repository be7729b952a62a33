// What the list of alerts shows: groups of the API narrowed by the filter, the worst first. No React here.
import type { AcknowledgementItem } from '@tidewatch/api/acknowledgements.ts'
import type { GettableAlert, GettableAlertGroup } from '@tidewatch/api/alertmanager.ts'
import { compareFiring, nameOf, sentenceOf, severityOf, severityOrder } from '../../data/alerts.ts'
import { wordsOf } from '../../data/targets.ts'
import type { State } from '../../ui/glyph.tsx'

export type AlertStanding = 'open' | 'taken' | 'suppressed'
export const standings: readonly AlertStanding[] = ['open', 'taken', 'suppressed']

export interface ShownAlert {
  readonly alert: GettableAlert
  readonly severity: State
  readonly standing: AlertStanding
  readonly taker: AcknowledgementItem | undefined
}

export interface ShownGroup {
  readonly key: string
  readonly receiver: string
  readonly labels: readonly (readonly [string, string])[]
  readonly alerts: readonly ShownAlert[]
}

export interface FiringFilter {
  readonly text: string
  readonly severity: State | undefined
  readonly receiver: string | undefined
  readonly standing: AlertStanding | undefined
}

export const hasFilter = ({ text, severity, receiver, standing }: FiringFilter): boolean =>
  text.trim() !== '' || severity !== undefined || receiver !== undefined || standing !== undefined

type Takers = ReadonlyMap<string, AcknowledgementItem>

/** Groups with what the filter leaves of them; those with the worst open alert first. */
export function shownGroups(
  groups: readonly GettableAlertGroup[],
  takers: Takers,
  filter: FiringFilter,
): readonly ShownGroup[] {
  const words = wordsOf(filter.text)
  const shown = groups.flatMap((group): ShownGroup[] => {
    if (filter.receiver !== undefined && group.receiver.name !== filter.receiver) return []
    const alerts = group.alerts
      .toSorted(compareFiring)
      .map((alert) => standingOf(alert, takers))
      .filter((one) => passes(one, filter, words))
    if (alerts.length === 0) return []
    const labels = Object.entries(group.labels)
    const key = JSON.stringify([group.receiver.name, labels])
    return [{ key, receiver: group.receiver.name, labels, alerts }]
  })
  return shown
    .map((group) => ({ group, rank: rankOf(group) }))
    .sort((a, b) => a.rank - b.rank || b.group.alerts.length - a.group.alerts.length)
    .map(({ group }) => group)
}

function standingOf(alert: GettableAlert, takers: Takers): ShownAlert {
  const taker = takers.get(alert.fingerprint)
  const isHeld = alert.status.state === 'suppressed'
  const standing = isHeld ? 'suppressed' : taker === undefined ? 'open' : 'taken'
  return { alert, severity: severityOf(alert), standing, taker }
}

function passes(shown: ShownAlert, { severity, standing }: FiringFilter, words: readonly string[]): boolean {
  if (severity !== undefined && shown.severity !== severity) return false
  if (standing !== undefined && shown.standing !== standing) return false
  if (words.length === 0) return true
  const { alert } = shown
  const labels = Object.entries(alert.labels).map(([name, value]) => `${name}=${value}`)
  const haystack = [nameOf(alert), sentenceOf(alert), ...labels].join(' ').toLowerCase()
  return words.every((word) => haystack.includes(word))
}

/** Open before taken before suppressed; within, the worst first. */
function rankOf({ alerts }: ShownGroup): number {
  return Math.min(
    ...alerts
      .slice(0, 1000)
      .map(({ severity, standing }) => standings.indexOf(standing) * 10 + severityOrder.indexOf(severity)),
  )
}

export interface FiringCounts {
  readonly open: number
  readonly taken: number
  readonly suppressed: number
}

/** Different alerts: one that stands in several groups counts once. */
export function countFiring(groups: readonly ShownGroup[]): FiringCounts {
  const counts = { open: 0, taken: 0, suppressed: 0 }
  for (const { standing } of distinct(groups)) counts[standing]++
  return counts
}

export function distinct(groups: readonly ShownGroup[]): ShownAlert[] {
  const byFingerprint = new Map<string, ShownAlert>()
  for (const { alerts } of groups) for (const one of alerts) byFingerprint.set(one.alert.fingerprint, one)
  return [...byFingerprint.values()]
}

/** Names of receivers, as a dictionary has them. */
export const receiversOf = (groups: readonly GettableAlertGroup[]): string[] =>
  [...new Set(groups.map(({ receiver }) => receiver.name))].sort()

/** Rows that are drawn of a group until more are asked for, and of all groups together. */
const firstRows = 20
export const maxRows = 400

/** Of each group the rows to draw: `firstRows`, or all of those that were opened, and no more than `maxRows` of all closed ones together. */
export function drawnRows(groups: readonly ShownGroup[], opened: ReadonlySet<string>): ReadonlyMap<string, number> {
  const drawn = new Map<string, number>()
  let left = maxRows
  for (const { key, alerts } of groups) {
    const rows = opened.has(key) ? alerts.length : Math.min(alerts.length, firstRows, Math.max(left, 0))
    drawn.set(key, rows)
    left -= Math.min(rows, firstRows)
  }
  return drawn
}

/** Labels that tell an alert from others of its group. */
export function restLabels({ labels }: GettableAlert, group: ShownGroup): [string, string][] {
  const known = new Set(['alertname', 'severity', ...group.labels.map(([name]) => name)])
  return Object.entries(labels).filter(([name]) => !known.has(name))
}

/** Why nobody is told of it, in a few words. */
export function heldWords({ status }: GettableAlert, nameOfFingerprint: (fingerprint: string) => string): string {
  const { silencedBy, inhibitedBy, mutedBy } = status
  const [source] = inhibitedBy
  const parts = [
    silencedBy.length > 0 ? (silencedBy.length === 1 ? 'silenced' : `silenced by ${silencedBy.length}`) : '',
    source === undefined ? '' : `held by ${nameOfFingerprint(source)}`,
    mutedBy.length > 0 ? `muted by ${mutedBy.join(', ')}` : '',
  ]
  return parts.filter((part) => part !== '').join(', ')
}
