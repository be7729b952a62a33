import type { AlertingRule, RecordingRule } from '@tidewatch/api/prometheus.ts'
import { type State, severityState } from '../../ui/glyph.tsx'

export type Rule = AlertingRule | RecordingRule

/** What a rule is doing now. */
export function ruleState(rule: Rule): { readonly state: State; readonly word: string } {
  if (rule.health === 'err') return { state: 'warning', word: 'Fails' }
  if (rule.health === 'unknown') return { state: 'no-data', word: 'Not yet' }
  if (rule.type === 'recording') return { state: 'fine', word: 'Records' }
  const severity = severityState(rule.labels?.severity)
  if (rule.state === 'firing')
    return { state: severity, word: `${rule.alerts.filter((alert) => alert.state === 'firing').length} firing` }
  if (rule.state === 'pending') return { state: 'pending', word: `${rule.alerts.length} pending` }
  return { state: 'fine', word: 'Quiet' }
}
