// What the rules themselves know beside the set of alerts: what is about to fire, the newest values, which cannot be evaluated.
import { fingerprintOf } from '@tidewatch/alertmanager/fingerprint.ts'
import type { AlertsSummary, PendingRow } from '@tidewatch/api/firing-alerts.ts'
import { Labels } from '@tidewatch/core/labels.ts'
import { type Severity, severities, severityOf, unstatedSeverity } from '@tidewatch/core/severity.ts'
import type { RuleStatus } from '../rules/group-runner.ts'
import type { ActiveAlert } from '../rules/lifecycle.ts'
import { withExternalLabels } from '../rules/rule-alert.ts'
import { nameOf, sentenceOf } from './standing.ts'

type ExternalLabels = Readonly<Record<string, string>>

const severityIn = (labels: Labels): Severity => severityOf(labels.get('severity')) ?? unstatedSeverity

/** What is about to fire, the worst first, then what waits longest. */
export function pendingOf(
  rules: Iterable<RuleStatus>,
  external: ExternalLabels,
  limit: number,
): AlertsSummary['pending'] {
  const found: { readonly status: RuleStatus; readonly alert: ActiveAlert; readonly rank: number }[] = []
  for (const status of rules)
    for (const alert of status.alerts.values())
      if (alert.state === 'pending') found.push({ status, alert, rank: severities.indexOf(severityIn(alert.labels)) })
  found.sort((a, b) => a.rank - b.rank || a.alert.activeAtMs - b.alert.activeAtMs)
  return { total: found.length, rows: found.slice(0, limit).map(({ status, alert }) => toRow(status, alert, external)) }
}

function toRow({ rule }: RuleStatus, alert: ActiveAlert, external: ExternalLabels): PendingRow {
  const labels = withExternalLabels(alert.labels, external)
  return {
    fingerprint: fingerprintOf(labels),
    name: nameOf(labels),
    sentence: sentenceOf(alert) || rule.expr,
    severity: severityIn(labels),
    labels: alert.labels.toObject(),
    sinceMs: alert.activeAtMs,
    forMs: rule.kind === 'alerting' ? rule.forMs : 0,
    value: alert.value,
  }
}

export function countRules(rules: Iterable<RuleStatus>): AlertsSummary['rules'] {
  let [total, failing] = [0, 0]
  for (const { health } of rules) {
    total++
    if (health === 'err') failing++
  }
  return { total, failing }
}

/** The value that its rule saw last; undefined where no rule of ours has it, or the value is no number that JSON knows. */
export function newestValueOf(
  written: Readonly<Record<string, string>>,
  rules: readonly RuleStatus[],
  external: ExternalLabels,
): number | undefined {
  const labels = Labels.from(written)
  const own = Labels.from(
    Object.fromEntries(Object.entries(written).filter(([name, value]) => external[name] !== value)),
  )
  for (const { rule, alerts } of rules) {
    if (rule.kind !== 'alerting' || rule.name !== written.alertname) continue
    const value = (alerts.get(own.key()) ?? alerts.get(labels.key()))?.value
    if (value !== undefined && Number.isFinite(value)) return value
  }
  return undefined
}
