// Routes of rules and of the alerts that applications raise, joined to their parts.
import { createTreeRoutes } from '../alerting/dispatch/tree-routes.ts'
import { PostedAlerts } from '../alerting/posted/raise.ts'
import { createPostedRoutes } from '../alerting/posted/routes.ts'
import { createPostedRows, type PostedTables } from '../alerting/posted/state.ts'
import { createRuleRoutes } from '../alerting/rules/rule-routes.ts'
import { type AlertSettings, alertsSection, valuesSection } from '../alerting/rules/rules-config.ts'
import type { WrittenValues } from '../alerting/rules/values/named-values.ts'
import { readWrittenYaml } from '../config/yaml.ts'
import type { Route } from '../http/port.ts'
import { alertmanagerOf } from './alertmanager-file.ts'
import type { RouteParts } from './routes.ts'

type Parts = Pick<RouteParts, 'alerting' | 'configuration' | 'telemetry' | 'state' | 'clock' | 'roles'>

export function ruleRoutes({ alerting, configuration, telemetry, state, clock, roles }: Parts): readonly Route[] {
  const sections = (): ReadonlyMap<string, unknown> => configuration.current.sections
  let posted: PostedAlerts | undefined
  const { dispatcher, silences } = alerting.dispatch
  return [
    ...createTreeRoutes({
      ...{ dispatcher, silences, clock },
      isDefault: () => alertmanagerOf(configuration.current) === undefined,
    }),
    ...createRuleRoutes({
      groups: () => alerting.rules.groups,
      values: () => sections().get(valuesSection.key) as WrittenValues,
      response: () => (sections().get(alertsSection.key) as AlertSettings).response,
      readYaml: readWrittenYaml,
    }),
    ...(roles.ingests
      ? createPostedRoutes({
          posted: () => {
            posted ??= new PostedAlerts({
              ...{ rows: createPostedRows(state.database<PostedTables>()), sink: alerting.dispatch.dispatcher, clock },
            })
            return posted
          },
          acceptor: telemetry.acceptor,
          clock,
        })
      : []),
  ]
}
