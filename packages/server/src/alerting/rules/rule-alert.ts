// An alert of a rule as it goes on to people.
import type { Labels } from '@tidewatch/core/labels.ts'
import type { Alert } from '../port.ts'
import type { ActiveAlert } from './lifecycle.ts'
import type { Rule } from './rule-file.ts'

export interface RuleAlertContext {
  readonly externalLabels: Readonly<Record<string, string>>
  readonly externalUrl: string
}

/** The labels under which people hear of an alert: its own come first. */
export function withExternalLabels(labels: Labels, externalLabels: Readonly<Record<string, string>>): Labels {
  let all = labels
  for (const [name, value] of Object.entries(externalLabels)) if (!all.has(name)) all = all.with(name, value)
  return all
}

export function ruleAlert(alert: ActiveAlert, rule: Rule, { externalLabels, externalUrl }: RuleAlertContext): Alert {
  const query = new URLSearchParams({ 'g0.expr': rule.expr, 'g0.tab': '1' })
  return {
    labels: withExternalLabels(alert.labels, externalLabels),
    annotations: alert.annotations,
    startsAtMs: alert.firedAtMs ?? alert.activeAtMs,
    endsAtMs: alert.resolvedAtMs,
    generatorUrl: `${externalUrl}/graph?${query}`,
    ...(rule.kind === 'alerting' ? { channels: rule.channels, pacing: rule.pacing } : {}),
  }
}
