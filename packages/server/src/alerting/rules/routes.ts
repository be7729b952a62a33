// Prometheus's view of rules and alerts. https://prometheus.io/docs/prometheus/latest/querying/api/#rules
import { fingerprintOf } from '@tidewatch/alertmanager/fingerprint.ts'
import { msToSeconds } from '@tidewatch/core/time.ts'
import { printNumber } from '@tidewatch/promql/print.ts'
import { type Answer, defineRoute, type RequestContext, type Route } from '../../http/port.ts'
import type { GroupRunner, RuleStatus } from './group-runner.ts'
import type { ActiveAlert } from './lifecycle.ts'
import { withExternalLabels } from './rule-alert.ts'
import { findRules, readRuleFilters } from './rule-filters.ts'

const path = (name: string): string => `/api/v1/${name}`

export type ExternalLabels = Readonly<Record<string, string>>

export function createAlertingRoutes(
  groups: () => readonly GroupRunner[],
  externalLabels: () => ExternalLabels,
): Route[] {
  const get = (name: string, summary: string, handle: (context: RequestContext) => Answer): Route =>
    defineRoute({ method: 'GET', path: path(name), permission: 'view', errors: 'prometheus', summary, handle })
  return [
    get('rules', 'Rule groups with their rules and alerts', (context) =>
      success(ruleGroups(groups(), context.query, externalLabels())),
    ),
    get('alerts', 'Pending and firing alerts', () => {
      const external = externalLabels()
      const rules = groups().flatMap((group) => group.status.rules)
      return success({ alerts: rules.flatMap((rule) => ruleAlerts(rule, external)) })
    }),
  ]
}

const success = (data: unknown): Answer => ({ body: { status: 'success', data } })

const isoTime = (atMs: number | undefined): string =>
  atMs === undefined ? '0001-01-01T00:00:00Z' : new Date(atMs).toISOString()

/** The groups that a request means, as Prometheus answers them. */
export function ruleGroups(
  groups: readonly GroupRunner[],
  query: unknown,
  external: ExternalLabels,
): { readonly groups: readonly ShownGroup[]; readonly groupNextToken?: string } {
  const filters = readRuleFilters(query)
  const { groups: wanted, nextToken } = findRules(groups, filters)
  return {
    groups: wanted.map(({ runner, rules }) => toGroup(runner, rules, filters.withAlerts ? external : undefined)),
    ...(nextToken === undefined ? {} : { groupNextToken: nextToken }),
  }
}

interface ShownGroup extends Readonly<Record<string, unknown>> {
  readonly rules: readonly ShownRule[]
}

interface ShownRule extends Readonly<Record<string, unknown>> {
  readonly query: string
}

function toGroup(
  { group, intervalMs, queryOffsetMs, status }: GroupRunner,
  rules: readonly RuleStatus[],
  /** Undefined: without alerts. */
  external: ExternalLabels | undefined,
): ShownGroup {
  return {
    name: group.name,
    file: group.file,
    rules: rules.map((rule) => toRule(rule, external)),
    interval: msToSeconds(intervalMs),
    limit: group.limit,
    queryOffset: msToSeconds(queryOffsetMs),
    iterations: status.counts.iterations,
    missedIterations: status.counts.missed,
    evaluationTime: status.evaluationSeconds,
    lastEvaluation: isoTime(status.lastEvaluationMs),
  }
}

function toRule(status: RuleStatus, external: ExternalLabels | undefined): ShownRule {
  const { rule, health, lastError, lastEvaluationMs, evaluationSeconds } = status
  const evaluation = {
    health,
    ...(lastError === '' ? {} : { lastError }),
    evaluationTime: evaluationSeconds,
    lastEvaluation: isoTime(lastEvaluationMs),
  }
  if (rule.kind === 'recording')
    return { name: rule.name, query: rule.expr, labels: rule.labels, ...evaluation, type: 'recording' }
  const states = new Set([...status.alerts.values()].map(({ state }) => state))
  return {
    state: states.has('firing') ? 'firing' : states.has('pending') ? 'pending' : 'inactive',
    name: rule.name,
    query: rule.expr,
    duration: msToSeconds(rule.forMs),
    keepFiringFor: msToSeconds(rule.keepFiringForMs),
    labels: rule.labels,
    annotations: rule.annotations,
    alerts: external === undefined ? [] : ruleAlerts(status, external),
    ...evaluation,
    type: 'alerting',
  }
}

/** Pending and firing alerts of a rule, as Prometheus answers them. */
export function ruleAlerts({ alerts }: RuleStatus, external: ExternalLabels): object[] {
  return [...alerts.values()].filter(({ state }) => state !== 'inactive').map((alert) => toAlert(alert, external))
}

function toAlert(alert: ActiveAlert, external: ExternalLabels): object {
  return {
    // beside Prometheus's fields: by which the alert is known where people are told of it
    fingerprint: fingerprintOf(withExternalLabels(alert.labels, external)),
    labels: alert.labels.toObject(),
    annotations: alert.annotations,
    state: alert.state,
    activeAt: isoTime(alert.activeAtMs),
    ...(alert.keepFiringSinceMs === undefined ? {} : { keepFiringSince: isoTime(alert.keepFiringSinceMs) }),
    value: alertValue(alert.value),
  }
}

/** Go's FormatFloat(v, 'e', -1, 64). */
function alertValue(value: number): string {
  if (!Number.isFinite(value)) return printNumber(value)
  return value.toExponential().replace(/e([-+])(\d)$/, 'e$10$2')
}
