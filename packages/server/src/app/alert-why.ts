// "Why did it, why didn't it", and the history of alerts, joined to what is in force.
import { createEpisodeReader } from '../alerting/history/read.ts'
import { createHistoryRoutes } from '../alerting/history/routes.ts'
import type { EpisodeTables } from '../alerting/history/state.ts'
import { type AlertSettings, alertsSection } from '../alerting/rules/rules-config.ts'
import { createWhyRoutes } from '../alerting/why/routes.ts'
import type { Route } from '../http/port.ts'
import type { RouteParts } from './routes.ts'

type Parts = Pick<RouteParts, 'alerting' | 'configuration' | 'queries' | 'clock' | 'state' | 'externalUrl'>

export function whyRoutes({ alerting, configuration, queries, clock, state, externalUrl }: Parts): Route[] {
  const { dispatcher, silences } = alerting.dispatch
  const global = () => configuration.current.prometheus.global
  const episodes = createEpisodeReader(state.database<EpisodeTables>())
  const rules = () => [...configuration.current.rules.flatMap((file) => file.rules), ...alerting.packs.groups]
  const why = createWhyRoutes({
    ...{ silences, queries, clock, episodes, journal: alerting.journal },
    groups: () => alerting.rules.groups,
    configured: rules,
    defaults: () => ({ intervalMs: global().evaluation_interval, queryOffsetMs: global().rule_query_offset }),
    machine: () => dispatcher.machine,
    acknowledgements: () => alerting.people.acknowledgements,
    context: () => ({ externalLabels: global().external_labels, externalUrl: externalUrl() }),
  })
  const response = () => (configuration.current.sections.get(alertsSection.key) as AlertSettings).response
  return [...why, ...createHistoryRoutes({ episodes, rules, response, queries, clock })]
}
