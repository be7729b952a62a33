// Alerts as the one set keeps them, whoever brought them, and how news of one meets what was known: as Alertmanager merges.
import { fingerprintOf } from '@tidewatch/alertmanager/fingerprint.ts'
import { compareUtf8, Labels } from '@tidewatch/core/labels.ts'
import type { Alert, AlertPacing, JournalEntry } from '../port.ts'
import { shownLabels } from '../rules/rule-journal.ts'
import type { AlertMemory } from './restraint.ts'

/** One alert of the set. Times in ms. */
export interface HeldAlert {
  readonly fingerprint: string
  readonly labels: Labels
  readonly annotations: Readonly<Record<string, string>>
  readonly startsAtMs: number
  /** When it has ended, or will end unless it is heard of before. */
  readonly endsAtMs: number
  /** When it was last heard of. */
  readonly updatedAtMs: number
  /** Nobody said when it ends: the end is how long one who is silent is believed. */
  readonly isTimeout: boolean
  readonly generatorUrl: string
  readonly channels: readonly string[] | undefined
  readonly pacing?: AlertPacing | undefined
  /** It comes and goes: since when it is held firing. */
  readonly flappingSinceMs?: number | undefined
  readonly memory?: AlertMemory | undefined
}

export const isResolved = (alert: HeldAlert, nowMs: number): boolean => alert.endsAtMs <= nowMs

/** What came in, with what it leaves open filled in. */
export function holdAlert(alert: Alert, resolveTimeoutMs: number, nowMs: number): HeldAlert {
  const { labels, annotations, startsAtMs, endsAtMs, generatorUrl, channels, validForMs, pacing } = alert
  return {
    fingerprint: fingerprintOf(labels),
    labels,
    annotations,
    startsAtMs,
    endsAtMs: endsAtMs ?? nowMs + (validForMs ?? resolveTimeoutMs),
    updatedAtMs: nowMs,
    isTimeout: endsAtMs === undefined,
    generatorUrl,
    channels,
    ...(pacing === undefined ? {} : { pacing }),
  }
}

/** The younger one rules; the earliest start stays where the two overlap. https://github.com/prometheus/alertmanager, alert/alert.go */
export function mergeAlerts(known: HeldAlert, news: HeldAlert, nowMs: number): HeldAlert {
  const overlap =
    (news.endsAtMs > known.startsAtMs && news.endsAtMs < known.endsAtMs) ||
    (news.startsAtMs > known.startsAtMs && news.startsAtMs < known.endsAtMs)
  if (!overlap) return news
  const startsAtMs = Math.min(known.startsAtMs, news.startsAtMs)
  const lastsLonger = known.endsAtMs > news.endsAtMs
  const keepsEnd = isResolved(news, nowMs) ? isResolved(known, nowMs) && lastsLonger : lastsLonger && !known.isTimeout
  return { ...news, startsAtMs, endsAtMs: keepsEnd ? known.endsAtMs : news.endsAtMs }
}

/** Whether only the times of hearing of it differ: nothing that would have to be kept. */
export function isRenewal(known: HeldAlert, news: HeldAlert, nowMs: number): boolean {
  return (
    known.startsAtMs === news.startsAtMs &&
    known.generatorUrl === news.generatorUrl &&
    !isResolved(known, nowMs) &&
    !isResolved(news, nowMs) &&
    sameTexts(known.annotations, news.annotations) &&
    (known.channels ?? []).join('\n') === (news.channels ?? []).join('\n')
  )
}

function sameTexts(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  if (a === b) return true
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name])
}

/**
 * After a start: who renewed it could not reach us meanwhile, so that an alert which fired gets as long again before its silence counts as its end.
 */
export function afterOutage(alert: HeldAlert, resolveTimeoutMs: number, nowMs: number): HeldAlert {
  if (alert.endsAtMs <= alert.updatedAtMs) return alert
  return { ...alert, endsAtMs: Math.max(alert.endsAtMs, nowMs + resolveTimeoutMs) }
}

/** The order in which Alertmanager lists alerts: by job, by instance, then by all labels. */
export function compareAlerts(a: HeldAlert, b: HeldAlert): number {
  for (const name of ['job', 'instance']) {
    const order = compareUtf8(a.labels.get(name), b.labels.get(name))
    if (order !== 0) return order
  }
  return Labels.compare(a.labels, b.labels)
}

/** For the journal, where an alert comes into the set. */
export function receivedStep({ fingerprint, labels, startsAtMs }: HeldAlert, atMs: number): JournalEntry {
  const detail = { startsAtMs, ...shownLabels(labels) }
  return { atMs, fingerprint, stage: 'received', text: 'is in the set of alerts and looks for its routes', detail }
}
