// "Why did it, why didn't it", and the history of alerts, joined to what is in force.
import { createEpisodeReader } from '../alerting/history/read.ts'
import { createHistoryRoutes } from '../alerting/history/routes.ts'
import type { EpisodeTables } from '../alerting/history/state.ts'
import { type AlertSettings, alertsSection } from '../alerting/rules/rules-config.ts'
import { createWhyRoutes } from '../alerting/why/routes.ts'
import type { Route } from '../http/port.ts'
import { createRuleQueries } from '../query/logs/rule-queries.ts'
import type { RouteParts } from './routes.ts'

type Parts = Pick<
  RouteParts,
  'logs' | 'alerting' | 'configuration' | 'queries' | 'clock' | 'state' | 'externalUrl' | 'accounts'
>

export function whyRoutes(parts: Parts): Route[] {
  const { alerting, configuration, logs, clock, state, externalUrl, accounts } = parts
  const queries = createRuleQueries({ queries: parts.queries, logs: logs.queries, clock })
  const { dispatcher, silences } = alerting.dispatch
  const global = () => configuration.current.prometheus.global
  const episodes = createEpisodeReader(state.database<EpisodeTables>())
  const rules = () => [...configuration.current.rules.flatMap((file) => file.rules), ...alerting.packs.groups]
  const why = createWhyRoutes({
    ...{ silences, queries, clock, episodes, journal: alerting.journal },
    async changes(fromMs, toMs) {
      const { atMs, result } = configuration.lastReload
      const subject = result.ok
        ? 'new rules, routes or channels may be in force'
        : 'it was refused, the former one stays'
      const load = { atMs, who: 'Tidewatch', action: 'configuration.load', subject }
      const isNear = atMs >= fromMs && atMs <= toMs
      return [...(isNear ? [load] : []), ...(await accounts.audit.changes(fromMs, toMs))]
    },
    deploys: (fromMs, toMs) => logs.deploys.list(logs.queries.projects('all'), { fromMs, toMs, limit: 100 }),
    groups: () => alerting.rules.groups,
    configured: rules,
    defaults: () => ({ intervalMs: global().evaluation_interval, queryOffsetMs: global().rule_query_offset }),
    machine: () => dispatcher.machine,
    acknowledgements: () => alerting.people.acknowledgements,
    context: () => ({ externalLabels: global().external_labels, externalUrl: externalUrl() }),
  })
  const settings = () => configuration.current.sections.get(alertsSection.key) as AlertSettings
  const response = () => settings().response
  const businessHours = () => settings().businessHours
  return [...why, ...createHistoryRoutes({ episodes, rules, response, businessHours, queries, clock })]
}
