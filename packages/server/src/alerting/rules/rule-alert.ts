// An alert of a rule as it goes on to people.
import type { Labels } from '@tidewatch/core/labels.ts'
import { isLogRule } from '@tidewatch/logquery/rule-expression.ts'
import { linesOfRule } from '@tidewatch/logquery/rule-lines.ts'
import type { Alert } from '../port.ts'
import type { ActiveAlert } from './lifecycle.ts'
import type { Rule } from './rule-file.ts'

export interface RuleAlertContext {
  readonly externalLabels: Readonly<Record<string, string>>
  readonly externalUrl: string
}

/** What of an alert goes on to people. */
export type ToldAlert = Pick<ActiveAlert, 'labels' | 'annotations' | 'activeAtMs' | 'firedAtMs' | 'resolvedAtMs'>

/** The labels under which people hear of an alert: its own come first. */
export function withExternalLabels(labels: Labels, externalLabels: Readonly<Record<string, string>>): Labels {
  let all = labels
  for (const [name, value] of Object.entries(externalLabels)) if (!all.has(name)) all = all.with(name, value)
  return all
}

export function ruleAlert(alert: ToldAlert, rule: Rule, { externalLabels, externalUrl }: RuleAlertContext): Alert {
  return {
    labels: withExternalLabels(alert.labels, externalLabels),
    annotations: alert.annotations,
    startsAtMs: alert.firedAtMs ?? alert.activeAtMs,
    endsAtMs: alert.resolvedAtMs,
    generatorUrl: `${externalUrl}${placeOf(alert, rule)}`,
    ...(rule.kind === 'alerting' ? { channels: rule.channels, pacing: rule.pacing } : {}),
  }
}

/** What people see of a log beside the window in which it was counted. */
const aroundMs = 5 * 60_000

/** The page that shows what the rule looked at: of a rule on logs its lines at that time. */
function placeOf({ labels, activeAtMs, resolvedAtMs }: ToldAlert, { expr }: Rule): string {
  if (!isLogRule(expr)) return `/graph?${new URLSearchParams({ 'g0.expr': expr, 'g0.tab': '1' })}`
  const { language, query, windowMs } = linesOfRule(expr, labels.toObject())
  const [fromMs, toMs] = [activeAtMs - windowMs - aroundMs, (resolvedAtMs ?? activeAtMs) + aroundMs]
  const [from, to] = [fromMs, toMs].map((atMs) => new Date(Math.floor(atMs / 1000) * 1000).toISOString()) as [
    string,
    string,
  ]
  return `/logs?${new URLSearchParams({ q: query, lang: language, from, to })}`
}
