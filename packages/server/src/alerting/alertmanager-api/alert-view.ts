// Alerts and groups as API v2 shows them.
import type { LabelMatcher } from '@tidewatch/alertmanager/port.ts'
import { Labels } from '@tidewatch/core/labels.ts'
import type { ValueTest } from '@tidewatch/core/regexp.ts'
import type { AlertGroup } from '../dispatch/alert-group.ts'
import { mutingIntervals } from '../dispatch/flush.ts'
import { compareAlerts, type HeldAlert, isResolved } from '../dispatch/held-alert.ts'
import type { AlertInGroups, DispatchMachine } from '../dispatch/machine.ts'
import { apiTime, passes } from './answers.ts'

export interface ViewParts {
  readonly machine: DispatchMachine
  readonly silencesOf: (labels: Labels, nowMs: number) => readonly string[]
  readonly nowMs: number
}

export interface AlertFilter {
  readonly matchers: readonly LabelMatcher[]
  readonly receiver: ValueTest | undefined
  readonly active: boolean
  readonly silenced: boolean
  readonly inhibited: boolean
}

interface Status {
  readonly state: 'active' | 'suppressed' | 'unprocessed'
  readonly silencedBy: readonly string[]
  readonly inhibitedBy: readonly string[]
  readonly mutedBy: readonly string[]
}

function statusOf(alert: HeldAlert, { machine, silencesOf, nowMs }: ViewParts, mutedBy: readonly string[]): Status {
  const silencedBy = silencesOf(alert.labels, nowMs)
  const inhibitedBy = machine.inhibitor.isInhibited(alert.labels, nowMs)?.by ?? []
  const isHeld = silencedBy.length + inhibitedBy.length + mutedBy.length > 0
  return { state: isHeld ? 'suppressed' : 'active', silencedBy, inhibitedBy, mutedBy }
}

/** What the filter lets pass, as it is now; undefined: not shown. */
function shown(
  alert: HeldAlert,
  filter: AlertFilter,
  parts: ViewParts,
  mutedBy: readonly string[] = [],
): Status | undefined {
  if (isResolved(alert, parts.nowMs) || !passes(filter.matchers, alert.labels)) return undefined
  const status = statusOf(alert, parts, mutedBy)
  const { silencedBy, inhibitedBy } = status
  if (!filter.active && silencedBy.length + inhibitedBy.length === 0) return undefined
  if (!filter.silenced && silencedBy.length > 0) return undefined
  return !filter.inhibited && inhibitedBy.length > 0 ? undefined : status
}

function toApi(alert: HeldAlert, status: Status, receivers: readonly string[]): object {
  return {
    annotations: alert.annotations,
    endsAt: apiTime(alert.endsAtMs),
    fingerprint: alert.fingerprint,
    receivers: receivers.map((name) => ({ name })),
    startsAt: apiTime(alert.startsAtMs),
    status,
    updatedAt: apiTime(alert.updatedAtMs),
    ...(alert.generatorUrl === '' ? {} : { generatorURL: alert.generatorUrl }),
    labels: alert.labels.toObject(),
  }
}

const receiversOf = ({ alert }: AlertInGroups, { machine }: ViewParts): string[] =>
  machine.policy.routesFor(alert).map(({ receiver }) => receiver)

/** By fingerprint. */
export function listAlerts(filter: AlertFilter, parts: ViewParts): object[] {
  const found: { readonly fingerprint: string; readonly view: object }[] = []
  for (const entry of parts.machine.alerts.values()) {
    const status = shown(entry.alert, filter, parts)
    if (status === undefined) continue
    const receivers = receiversOf(entry, parts)
    if (filter.receiver !== undefined && !receivers.some(filter.receiver)) continue
    found.push({ fingerprint: entry.alert.fingerprint, view: toApi(entry.alert, status, receivers) })
  }
  return found.sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1)).map(({ view }) => view)
}

/** By labels, then receiver. `muted`: also those that are silent by the time of the day. */
export function listGroups(filter: AlertFilter & { readonly muted: boolean }, parts: ViewParts): object[] {
  const { machine, nowMs } = parts
  const groups = [...machine.groups.values()]
    .filter(({ route }) => filter.receiver?.(route.receiver) ?? true)
    .sort((a, b) => Labels.compare(a.labels, b.labels) || (a.route.receiver < b.route.receiver ? -1 : 1))
  return groups.flatMap((group) => {
    const mutedBy = mutingIntervals(machine.policy, group.route, nowMs)
    if (!filter.muted && mutedBy.length > 0) return []
    const alerts = alertsIn(group, { filter, parts, mutedBy })
    if (alerts.length === 0) return []
    return [{ alerts, labels: group.labels.toObject(), receiver: { name: group.route.receiver } }]
  })
}

function alertsIn(
  group: AlertGroup,
  { filter, parts, mutedBy }: { filter: AlertFilter; parts: ViewParts; mutedBy: readonly string[] },
): object[] {
  const entries = [...group.members].map((fingerprint) => parts.machine.alerts.get(fingerprint))
  return entries
    .filter((entry) => entry !== undefined)
    .sort((a, b) => compareAlerts(a.alert, b.alert))
    .flatMap((entry) => {
      const status = shown(entry.alert, filter, parts, mutedBy)
      if (status === undefined) return []
      return [
        toApi(
          entry.alert,
          status,
          [...entry.groups].map(({ route }) => route.receiver),
        ),
      ]
    })
}
