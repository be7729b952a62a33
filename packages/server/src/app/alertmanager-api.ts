// Alertmanager's API over the dispatcher and the silences, its well-known metrics, and what fires as pages ask for it.
import type { Clock } from '@tidewatch/core/clock.ts'
import { createAlertRoutes } from '../alerting/alertmanager-api/alert-routes.ts'
import { createSilenceRoutes } from '../alerting/alertmanager-api/silence-routes.ts'
import { createStatusRoutes } from '../alerting/alertmanager-api/status-routes.ts'
import { defaultTreeYaml } from '../alerting/dispatch/default-tree.ts'
import { addDispatchMetrics } from '../alerting/dispatch/metrics.ts'
import { createFiringRoutes } from '../alerting/firing/routes.ts'
import type { AuditLog, Route } from '../http/port.ts'
import type { Metrics } from '../self/port.ts'
import type { Alerting } from './alerting.ts'
import { alertmanagerOf } from './alertmanager-file.ts'
import type { TidewatchServer } from './server.ts'
import { productVersion } from './version.ts'

export interface AlertmanagerApiParts {
  readonly alerting: Pick<Alerting, 'dispatch' | 'journal' | 'people' | 'rules'>
  readonly configuration: Pick<TidewatchServer['configuration'], 'current'>
  readonly audit: AuditLog
  readonly metrics: Metrics
  readonly clock: Clock
}

export function alertmanagerRoutes({
  alerting,
  configuration,
  audit,
  metrics,
  clock,
}: AlertmanagerApiParts): readonly Route[] {
  const { dispatcher, silences } = alerting.dispatch
  const setup = () => alertmanagerOf(configuration.current)
  const counters = addDispatchMetrics(metrics, { dispatcher, silences, journal: alerting.journal, clock })
  const common = { dispatcher, silences, clock, mode: () => setup()?.config.mode ?? 'fallback' } as const
  return [
    ...createAlertRoutes({ ...common, ...counters }),
    ...createFiringRoutes({
      ...common,
      acknowledgements: () => alerting.people.acknowledgements,
      groups: () => alerting.rules.groups,
      externalLabels: () => configuration.current.prometheus.global.external_labels,
    }),
    ...createSilenceRoutes({ ...common, audit }),
    ...createStatusRoutes({
      ...{ dispatcher, clock, version: productVersion },
      config: () => setup()?.shown ?? defaultTreeYaml(),
    }),
  ]
}
