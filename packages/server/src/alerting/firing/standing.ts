// Each alert that fires, with what a person wants to know of it first. Called per alert and look: 10,000 alerts a few times in 10 s and viewer.
import type { AlertStanding, FiringRow } from '@tidewatch/api/firing-alerts.ts'
import type { Labels } from '@tidewatch/core/labels.ts'
import { type Severity, severities, severityOf, unstatedSeverity } from '@tidewatch/core/severity.ts'
import type { HeldAlert } from '../dispatch/held-alert.ts'
import type { DispatchMachine } from '../dispatch/machine.ts'
import type { Acknowledgement } from '../port.ts'

export interface FiringSources {
  readonly machine: Pick<DispatchMachine, 'alerts' | 'groups' | 'policy' | 'inhibitor'>
  /** Ids of silences that hide it. */
  readonly silencesOf: (labels: Labels, nowMs: number) => readonly string[]
  readonly takerOf: (fingerprint: string) => Acknowledgement | undefined
  readonly nowMs: number
}

/** One alert as it is now, whatever group it is seen in. */
export interface Seen {
  readonly alert: HeldAlert
  readonly severity: Severity
  readonly silencedBy: readonly string[]
  readonly inhibitedBy: readonly string[]
  readonly taker: Acknowledgement | undefined
}

const none: readonly string[] = []

export function see(alert: HeldAlert, { machine, silencesOf, takerOf, nowMs }: FiringSources): Seen {
  return {
    alert,
    severity: severityOf(alert.labels.get('severity')) ?? unstatedSeverity,
    silencedBy: silencesOf(alert.labels, nowMs),
    inhibitedBy: machine.inhibitor.isInhibited(alert.labels, nowMs)?.by ?? none,
    taker: takerOf(alert.fingerprint),
  }
}

export function standingOf({ silencedBy, inhibitedBy, taker }: Seen, mutedBy: readonly string[]): AlertStanding {
  if (silencedBy.length + inhibitedBy.length + mutedBy.length > 0) return 'suppressed'
  return taker === undefined ? 'open' : 'taken'
}

/** The worst first, then what fires longest. */
export function compareSeen(a: Seen, b: Seen): number {
  return (
    severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
    a.alert.startsAtMs - b.alert.startsAtMs ||
    (a.alert.fingerprint < b.alert.fingerprint ? -1 : 1)
  )
}

export const nameOf = (labels: Labels): string => labels.get('alertname') || 'Alert without a name'

/** Longer ones are read on the alert's own page. */
const longestSentence = 400

export function sentenceOf({ annotations }: Pick<HeldAlert, 'annotations'>): string {
  const text = annotations.summary ?? annotations.message ?? annotations.description ?? ''
  return text.length <= longestSentence ? text : `${text.slice(0, longestSentence)}…`
}

export function toRow(seen: Seen, mutedBy: readonly string[], machine: FiringSources['machine']): FiringRow {
  const { alert, severity, silencedBy, inhibitedBy, taker } = seen
  const [source] = inhibitedBy
  const holder = source === undefined ? undefined : machine.alerts.get(source)?.alert
  return {
    ...{ fingerprint: alert.fingerprint, name: nameOf(alert.labels), sentence: sentenceOf(alert), severity },
    ...{ standing: standingOf(seen, mutedBy), startsAtMs: alert.startsAtMs, labels: alert.labels.toObject() },
    ...(taker === undefined ? {} : { taker: { by: taker.by, atMs: taker.atMs } }),
    silences: silencedBy.length,
    ...(source === undefined ? {} : { heldBy: holder === undefined ? source : nameOf(holder.labels) }),
    mutedBy: [...mutedBy],
  }
}
