// What a group tells when its time has come: without what is held back, and only to who does not know it yet.
import { createHash } from 'node:crypto'
import type { Inhibitor } from '@tidewatch/alertmanager/inhibitor.ts'
import type { TemplateData } from '@tidewatch/alertmanager/port.ts'
import { templateDataOf } from '@tidewatch/alertmanager/template-data.ts'
import type { Labels } from '@tidewatch/core/labels.ts'
import { severityOf, unstatedSeverity, worstSeverity } from '@tidewatch/core/severity.ts'
import type { Notification, NotificationLinks } from '../../notify/port.ts'
import type { JournalEntry, JournalStage } from '../port.ts'
import type { AlertGroup } from './alert-group.ts'
import { compareAlerts, type HeldAlert, isResolved } from './held-alert.ts'
import { type HoldSources, isHeldBack, unheld, withAttached } from './hold.ts'
import { pageLinks } from './page-links.ts'
import type { Destination, DispatchPolicy } from './policy.ts'
import { reasonToTell, type ToldReason, toldUntilMs } from './told.ts'
import type { ToldBook } from './told-book.ts'

/** Whatever holds alerts back beside the configuration. */
export interface MuteSources {
  readonly silencesOf: (labels: Labels, nowMs: number) => readonly string[]
  readonly acknowledgedBy: (fingerprint: string) => string | undefined
}

/** One notification that has to go out. */
export interface GroupNews {
  /** Different for each, the same for each attempt to send it. */
  readonly id: string
  /** The integration's key. */
  readonly integration: string
  readonly atMs: number
  readonly notification: Notification
}

export interface FlushParts extends MuteSources, HoldSources {
  readonly alerts: readonly HeldAlert[]
  readonly nowMs: number
  readonly policy: DispatchPolicy
  readonly inhibitor: Pick<Inhibitor, 'isInhibited'>
  readonly told: ToldBook
  readonly externalUrl: string
  readonly links: (groupKey: string) => NotificationLinks
  readonly step: (entry: JournalEntry) => void
}

export function flushGroup(group: AlertGroup, parts: FlushParts): GroupNews[] {
  const heard = unheld(group, unmuted(group, parts), {
    ...parts,
    note: (alert, what) => note(group, alert, parts, what),
  })
  if (heard.length === 0) return []
  heard.sort(compareAlerts)
  return tell(group, heard, parts)
}

/** As Alertmanager's stages follow one another: inhibition, active and mute intervals, silences. */
function unmuted(group: AlertGroup, parts: FlushParts): HeldAlert[] {
  const { policy, nowMs, inhibitor, silencesOf } = parts
  const { activeTimeIntervals, muteTimeIntervals } = group.route
  const free: HeldAlert[] = []
  for (const alert of parts.alerts) {
    const inhibition = inhibitor.isInhibited(alert.labels, nowMs)
    if (inhibition === undefined) free.push(alert)
    else
      note(group, alert, parts, { stage: 'inhibited', text: 'is muted by another alert that fires', by: inhibition.by })
  }
  group.mutedBy = mutingIntervals(policy, { activeTimeIntervals, muteTimeIntervals }, nowMs)
  if (group.mutedBy.length > 0) {
    for (const alert of free)
      note(group, alert, parts, { stage: 'muted', text: 'is muted by the time of the day or week', by: group.mutedBy })
    return []
  }
  return free.filter((alert) => {
    const silences = silencesOf(alert.labels, nowMs)
    if (silences.length > 0) note(group, alert, parts, { stage: 'silenced', text: 'is silenced', by: silences })
    // what holds an alert back at each look is told once
    else if (!isHeldBack(group, alert.fingerprint)) group.noted.delete(alert.fingerprint)
    return silences.length === 0
  })
}

/** Names of the intervals for which the route is silent now; of active ones all, where none is. */
export function mutingIntervals(
  { intervals }: Pick<DispatchPolicy, 'intervals'>,
  route: { readonly activeTimeIntervals: readonly string[]; readonly muteTimeIntervals: readonly string[] },
  nowMs: number,
): readonly string[] {
  const { activeTimeIntervals, muteTimeIntervals } = route
  if (activeTimeIntervals.length > 0 && intervals.mutes(activeTimeIntervals, nowMs).length === 0)
    return activeTimeIntervals
  return muteTimeIntervals.length === 0 ? [] : intervals.mutes(muteTimeIntervals, nowMs)
}

/** Tells a step of an alert when it is another than the last one. */
function note(
  group: AlertGroup,
  { fingerprint }: HeldAlert,
  { nowMs, step }: FlushParts,
  what: { readonly stage: JournalStage; readonly text: string; readonly by: readonly string[] },
): void {
  const by = what.by.join(', ')
  const said = `${what.stage} ${by}`
  if (group.noted.get(fingerprint) === said) return
  group.noted.set(fingerprint, said)
  const detail = { receiver: group.route.receiver, groupKey: group.key, by }
  step({ atMs: nowMs, fingerprint, stage: what.stage, text: `${what.text}: ${by}`, detail })
}

function tell(group: AlertGroup, heard: readonly HeldAlert[], parts: FlushParts): GroupNews[] {
  const { nowMs, told, policy } = parts
  const firing = new Set<string>()
  const resolved = new Set<string>()
  for (const alert of heard) {
    ;(isResolved(alert, nowMs) ? resolved : firing).add(alert.fingerprint)
    // that it comes and goes is news, once
    if (alert.flappingSinceMs !== undefined && firing.has(alert.fingerprint))
      firing.add(`${alert.fingerprint}/flapping`)
  }
  const { repeatIntervalMs } = group.route
  const news: GroupNews[] = []
  const fresh = new Set<HeldAlert>()
  for (const destination of policy.destinationsOf(group.route)) {
    const { key, sendsResolved } = destination
    const reason = reasonToTell(
      told.get(group.id, key),
      { firing, resolved },
      { sendsResolved, repeatIntervalMs, nowMs },
    )
    if (reason === undefined) continue
    if (reason === 'repeat' && (isTaken(group, heard, parts) || isThrottled(heard, parts))) continue
    for (const alert of heard)
      if (firing.has(alert.fingerprint) && (reason === 'repeat' || !told.believesFiring(group.id, alert.fingerprint)))
        fresh.add(alert)
    told.set(group.id, key, { firing, resolved, atMs: nowMs, expiresAtMs: toldUntilMs(nowMs, repeatIntervalMs) })
    const shown = sendsResolved ? heard : heard.filter((alert) => firing.has(alert.fingerprint))
    // only ends, and the integration does not want those: it is known to have been told, and that is all
    if (shown.length > 0) news.push(newsFor(group, { destination, reason, shown }, parts))
  }
  for (const alert of fresh) parts.noteTold(alert)
  return news
}

/** All that fires was told as often as it may be. */
function isThrottled(heard: readonly HeldAlert[], { nowMs, holdOf }: FlushParts): boolean {
  return heard.every((alert) => isResolved(alert, nowMs) || holdOf(alert) !== undefined)
}

/** Somebody has taken all that fires: they need not hear of it again. */
function isTaken(group: AlertGroup, heard: readonly HeldAlert[], parts: FlushParts): boolean {
  const firing = heard.filter((alert) => !isResolved(alert, parts.nowMs))
  const takers = firing.map(({ fingerprint }) => parts.acknowledgedBy(fingerprint))
  if (takers.includes(undefined)) return false
  for (const [i, alert] of firing.entries())
    note(group, alert, parts, {
      stage: 'throttled',
      text: 'is not repeated, since it was taken by',
      by: [takers[i] ?? ''],
    })
  return true
}

interface News {
  readonly destination: Destination
  readonly reason: ToldReason
  readonly shown: readonly HeldAlert[]
}

function newsFor(group: AlertGroup, { destination, reason, shown }: News, parts: FlushParts): GroupNews {
  const { nowMs, externalUrl, step } = parts
  const { key, receiver } = destination
  const data = templateDataOf(
    shown.map((one) => {
      const alert = withAttached(one, parts)
      return isResolved(alert, nowMs) ? alert : { ...alert, endsAtMs: undefined }
    }),
    { receiver, groupLabels: group.labels, externalUrl, notificationReason: reason, nowMs },
  )
  for (const { status, fingerprint } of data.alerts)
    step({
      atMs: nowMs,
      fingerprint,
      stage: 'notified',
      text: `${receiver} is told by ${key}: ${status}${reason === 'repeat' ? ', again' : ''}`,
      detail: { receiver, integration: key, groupKey: group.key, status, reason },
    })
  const notification: Notification = {
    ...{ receiver, status: data.status, reason, severity: severityOfAll(data), groupKey: group.key },
    ...{ groupLabels: data.groupLabels, commonLabels: data.commonLabels, commonAnnotations: data.commonAnnotations },
    links: { ...parts.links(group.key), ...pageLinks({ ...data, externalUrl, receiver }) },
    ...{ externalUrl, alerts: data.alerts, truncatedAlerts: 0 },
  }
  const id = createHash('sha256').update(`${group.id}\n${key}\n${nowMs}`).digest('hex').slice(0, 32)
  return { id, integration: key, atMs: nowMs, notification }
}

/** The worst of what fires; of what has ended where nothing does. */
function severityOfAll({ alerts, status }: TemplateData): Notification['severity'] {
  const counting = alerts.filter((alert) => alert.status === status)
  return (
    worstSeverity(counting.map(({ labels }) => severityOf(labels.severity ?? '') ?? unstatedSeverity)) ??
    unstatedSeverity
  )
}
