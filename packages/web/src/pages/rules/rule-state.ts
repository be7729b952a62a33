import type { AlertingRule, RecordingRule, RuleGroup } from '@tidewatch/api/prometheus.ts'
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

/** What is wrong with how a group is evaluated: it takes most of its interval, or evaluations were left out. */
export function groupTrouble({
  interval,
  evaluationTime = 0,
  missedIterations = 0,
}: Pick<RuleGroup, 'interval' | 'evaluationTime' | 'missedIterations'>): string | undefined {
  const missed =
    missedIterations === 0
      ? undefined
      : `${missedIterations} ${missedIterations === 1 ? 'evaluation was' : 'evaluations were'} left out since the start`
  const share = evaluationTime / interval
  const slow = share < 0.8 ? undefined : `the last one took ${Math.round(share * 100)} % of the interval`
  if (missed === undefined && slow === undefined) return undefined
  const text = [missed, slow].filter((part) => part !== undefined).join('; ')
  return `${text[0]?.toUpperCase()}${text.slice(1)}.`
}
