// Backtests, joined to what is in force: rules, routes, silences, schedules.

import { Backtests } from '../alerting/backtest/backtests.ts'
import { type InForce, planFor } from '../alerting/backtest/plan.ts'
import { createBacktestRoutes } from '../alerting/backtest/routes.ts'
import { createPackRoutes } from '../alerting/packs/routes.ts'
import { valuesSection } from '../alerting/rules/rules-config.ts'
import type { WrittenValues } from '../alerting/rules/values/named-values.ts'
import { readWrittenYaml } from '../config/yaml.ts'
import type { Route } from '../http/port.ts'
import { oncall } from '../notify/channels/oncall.ts'
import { createRuleQueries } from '../query/logs/rule-queries.ts'
import type { RouteParts } from './routes.ts'

type Parts = Pick<
  RouteParts,
  'catalog' | 'accounts' | 'alerting' | 'configuration' | 'queries' | 'logs' | 'clock' | 'tasks' | 'externalUrl'
>

export function backtestRoutes(parts: Parts): Route[] {
  const { clock, tasks, catalog, alerting, accounts, logs } = parts
  const queries = createRuleQueries({ queries: parts.queries, logs: logs.queries, clock })
  const plan = (request: Parameters<typeof planFor>[0]) =>
    planFor(request, { inForce: inForce(parts), nowMs: clock.nowMs(), readYaml: readWrittenYaml })
  const backtests = new Backtests({ plan, queries, clock, tasks })
  const nowMs = (): number => clock.nowMs()
  const packs = { ...{ backtests, catalog, nowMs, readYaml: readWrittenYaml }, audit: accounts.audit }
  return [...createBacktestRoutes(backtests), ...createPackRoutes({ ...packs, book: () => alerting.packs })]
}

/** Whom the first step of an escalation would have called: later ones follow only where nobody takes it, which the past cannot tell. */
function firstCalled({ notify, people }: Parts['alerting']): InForce['peopleOf'] {
  const { onCall } = people.parts
  return ({ integration: key, atMs }) => {
    const integration = notify.integrations().find((one) => one.key === key)
    if (integration?.channel.kind !== oncall.kind) return []
    const policy = onCall.plan().policies.find(({ name }) => name === policyOf(integration.config))
    return onCall.resolve(policy?.steps[0]?.targets ?? [], atMs).map(({ name }) => name)
  }
}

/** The channel's configuration has been checked: it names its policy. */
const policyOf = (config: unknown): unknown =>
  typeof config === 'object' && config !== null && 'policy' in config ? config.policy : undefined

function inForce({ alerting, configuration, externalUrl }: Parts): InForce {
  const { prometheus, rules, sections } = configuration.current
  const { evaluation_interval, rule_query_offset, external_labels } = prometheus.global
  const { dispatcher, silences } = alerting.dispatch
  return {
    groups: [...rules.flatMap((file) => file.rules), ...alerting.packs.groups],
    ruleSet: { values: sections.get(valuesSection.key) as WrittenValues },
    policy: dispatcher.policy,
    silencesOf: silences.silencesOfPast(),
    peopleOf: firstCalled(alerting),
    externalLabels: external_labels,
    externalUrl: externalUrl(),
    defaultIntervalMs: evaluation_interval,
    defaultQueryOffsetMs: rule_query_offset,
  }
}
