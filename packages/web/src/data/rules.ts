import { queryOptions } from '@tanstack/react-query'
import { type ActiveAlert, type AlertingRule, type RuleGroup, rulesData } from '@tidewatch/api/prometheus.ts'
import { type State, severityState } from '../ui/glyph.tsx'
import { callPrometheus } from './client.ts'

export const rulesQuery = queryOptions({
  queryKey: ['rules'],
  queryFn: async ({ signal }) =>
    (await callPrometheus('/rules', new URLSearchParams(), { schema: rulesData, signal })).data.groups,
})

/** An alert that is firing or pending, with the rule that it comes from. */
export interface LiveAlert {
  readonly key: string
  readonly alert: ActiveAlert
  readonly rule: AlertingRule
  readonly group: RuleGroup
  readonly state: 'firing' | 'pending'
  readonly severity: State
  readonly sinceMs: number | undefined
}

const severityOrder: readonly State[] = ['critical', 'high', 'warning', 'info']

/** All that fire or pend: firing first, then by severity, then the longest first. */
export function liveAlerts(groups: readonly RuleGroup[]): LiveAlert[] {
  const alerts: LiveAlert[] = []
  for (const group of groups) {
    for (const rule of group.rules) {
      if (rule.type !== 'alerting') continue
      for (const alert of rule.alerts) {
        if (alert.state === 'inactive') continue
        alerts.push({
          key: alertKey(alert),
          alert,
          rule,
          group,
          state: alert.state,
          severity: severityState(alert.labels.severity),
          sinceMs: sinceMs(alert),
        })
      }
    }
  }
  return alerts.sort(
    (a, b) =>
      Number(a.state === 'pending') - Number(b.state === 'pending') ||
      severityOrder.indexOf(a.severity) - severityOrder.indexOf(b.severity) ||
      (a.sinceMs ?? 0) - (b.sinceMs ?? 0) ||
      (a.key < b.key ? -1 : 1),
  )
}

const alertKey = (alert: ActiveAlert): string =>
  Object.entries(alert.labels)
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join(',')

function sinceMs(alert: ActiveAlert): number | undefined {
  const atMs = alert.activeAt === undefined ? Number.NaN : Date.parse(alert.activeAt)
  return Number.isFinite(atMs) ? atMs : undefined
}

export function countRules(groups: readonly RuleGroup[]): { rules: number; failing: number } {
  const rules = groups.flatMap((group) => group.rules)
  return { rules: rules.length, failing: rules.filter((rule) => rule.health === 'err').length }
}
