// An alert of a rule as it goes on to people.
import type { ActiveAlert } from './lifecycle.ts'
import type { Alert } from './port.ts'
import type { Rule } from './rule-file.ts'

export interface RuleAlertContext {
  readonly externalLabels: Readonly<Record<string, string>>
  readonly externalUrl: string
}

export function ruleAlert(alert: ActiveAlert, rule: Rule, { externalLabels, externalUrl }: RuleAlertContext): Alert {
  const query = new URLSearchParams({ 'g0.expr': rule.expr, 'g0.tab': '1' })
  let { labels } = alert
  for (const [name, value] of Object.entries(externalLabels)) if (!labels.has(name)) labels = labels.with(name, value)
  return {
    labels,
    annotations: alert.annotations,
    startsAtMs: alert.firedAtMs ?? alert.activeAtMs,
    endsAtMs: alert.resolvedAtMs,
    generatorUrl: `${externalUrl}/graph?${query}`,
    ...(rule.kind === 'alerting' ? { channels: rule.channels, pacing: rule.pacing } : {}),
  }
}
