// Rules on logs as Loki's ruler shows them: what Grafana asks of a Loki data source. Those of LogQL alone; files of rules are not changed from here.
// https://grafana.com/docs/loki/latest/reference/loki-http-api/#list-rule-groups
import { AppError } from '@tidewatch/core/error.ts'
import { formatDurationMs } from '@tidewatch/core/time.ts'
import { logqlOfRule } from '@tidewatch/logquery/rule-expression.ts'
import { stringify } from 'yaml'
import { type Answer, defineRoute, type RequestContext, type Route } from '../../http/port.ts'
import type { GroupRunner } from './group-runner.ts'
import { type ExternalLabels, ruleAlerts, ruleGroups } from './routes.ts'
import type { Rule, RuleGroup } from './rule-file.ts'

/** Loki's path, and the one of its first releases, which Grafana asks. */
const prefixes = ['/loki/api/v1/rules', '/api/prom/rules']

export function createLokiRulerRoutes(
  groups: () => readonly GroupRunner[],
  externalLabels: () => ExternalLabels,
): Route[] {
  const status = (name: string, summary: string, handle: (context: RequestContext) => Answer): Route => {
    const path = `/prometheus/api/v1/${name}`
    return defineRoute({ method: 'GET', path, permission: 'view', errors: 'prometheus', summary, handle })
  }
  return [
    status('rules', 'Rule groups of LogQL with their rules and alerts, as Loki has them', ({ query }) => {
      const { groups: found, ...more } = ruleGroups(groups(), query, externalLabels())
      return success({ groups: found.flatMap(withLogql), ...more })
    }),
    status('alerts', 'Pending and firing alerts of rules of LogQL, as Loki has them', () => {
      const rules = groups().flatMap((group) => group.status.rules)
      const own = rules.filter(({ rule }) => logqlOfRule(rule.expr) !== undefined)
      return success({ alerts: own.flatMap((rule) => ruleAlerts(rule, externalLabels())) })
    }),
    ...prefixes.flatMap((path) => fileRoutes(path, groups)),
  ]
}

const success = (data: unknown): Answer => ({ body: { status: 'success', data } })

type ShownGroup = ReturnType<typeof ruleGroups>['groups'][number]

function withLogql(group: ShownGroup): ShownGroup[] {
  const rules = group.rules.flatMap((rule) => {
    const query = logqlOfRule(rule.query)
    return query === undefined ? [] : [{ ...rule, query }]
  })
  return rules.length === 0 ? [] : [{ ...group, rules }]
}

function fileRoutes(prefix: string, groups: () => readonly GroupRunner[]): Route[] {
  const common = { permission: 'view', errors: 'text' } as const
  const files = `${prefix}/:namespace`
  const group = `${files}/:group`
  const get = (path: string, summary: string): Route =>
    defineRoute({ ...common, method: 'GET', path, summary, handle: (context) => written(context, groups()) })
  const refuse = (method: 'POST' | 'DELETE', path: string): Route =>
    defineRoute({
      ...{ method, path, summary: 'Refused: rules stand in files', permission: 'edit', errors: 'text' },
      bodyKind: 'bytes',
      handle: () => {
        throw new AppError('http.method', 'rules are not changed by this API: they stand in files.', {
          fix: 'Change the files that `rules` of tidewatch.yml names; they are read again at once.',
        })
      },
    })
  return [
    get(prefix, 'Rules of LogQL as they are written, by file and group, in YAML'),
    get(files, 'Rules of LogQL of one file'),
    get(group, 'One group of rules of LogQL'),
    refuse('POST', files),
    refuse('DELETE', files),
    refuse('DELETE', group),
  ]
}

function written({ params }: RequestContext, runners: readonly GroupRunner[]): Answer {
  const { namespace, group } = params as { readonly namespace?: string; readonly group?: string }
  const files = new Map<string, object[]>()
  for (const runner of runners) {
    if (namespace !== undefined && runner.group.file !== namespace) continue
    if (group !== undefined && runner.group.name !== group) continue
    const rules = writtenRules(runner.group)
    if (rules.length === 0) continue
    const shown = { name: runner.group.name, interval: formatDurationMs(runner.intervalMs), rules }
    if (group !== undefined) return yaml(shown)
    files.set(runner.group.file, [...(files.get(runner.group.file) ?? []), shown])
  }
  // Grafana knows a Loki without rules by these words
  if (files.size === 0)
    return { status: 404, body: group === undefined ? 'no rule groups found\n' : 'group does not exist\n' }
  return yaml(Object.fromEntries(files))
}

const yaml = (content: object): Answer => ({
  headers: { 'content-type': 'application/yaml' },
  body: stringify(content, { lineWidth: 0 }),
})

const writtenRules = ({ rules }: RuleGroup): readonly object[] =>
  rules.flatMap((rule) => {
    const expr = logqlOfRule(rule.expr)
    return expr === undefined ? [] : [writtenRule(rule, expr)]
  })

function writtenRule(rule: Rule, expr: string): object {
  const labels = Object.keys(rule.labels).length === 0 ? {} : { labels: rule.labels }
  if (rule.kind === 'recording') return { record: rule.name, expr, ...labels }
  return {
    ...{ alert: rule.name, expr },
    ...(rule.forMs > 0 ? { for: formatDurationMs(rule.forMs) } : {}),
    ...(rule.keepFiringForMs > 0 ? { keep_firing_for: formatDurationMs(rule.keepFiringForMs) } : {}),
    ...labels,
    ...(Object.keys(rule.annotations).length === 0 ? {} : { annotations: rule.annotations }),
  }
}
