// Who hears of alerts, as Prometheus lists it. https://prometheus.io/docs/prometheus/latest/querying/api/#alertmanagers
import { defineRoute, type Route } from '../http/port.ts'
import { type AlertmanagersSection, alertingSchema } from './static-targets.ts'

export interface AlertmanagersOptions {
  /** The `alerting` section of prometheus.yml. */
  readonly alerting: () => unknown
  readonly externalUrl: () => string
}

/** We are the Alertmanager: those of prometheus.yml are not asked, and stand where Prometheus lists what it dropped. */
export function createAlertmanagersRoute({ alerting, externalUrl }: AlertmanagersOptions): Route {
  return defineRoute({
    method: 'GET',
    path: '/api/v1/alertmanagers',
    permission: 'view',
    errors: 'prometheus',
    summary: 'Who is told of alerts: this server itself; those of prometheus.yml are not asked',
    handle: () => {
      const dropped = alertingSchema.parse(alerting() ?? {}).alertmanagers.flatMap(addresses)
      const data = {
        activeAlertmanagers: [{ url: `${externalUrl()}/api/v2/alerts` }],
        droppedAlertmanagers: dropped.map((url) => ({ url })),
      }
      return { body: { status: 'success', data } }
    },
  })
}

function addresses(section: AlertmanagersSection): string[] {
  const prefix = section.path_prefix.replace(/^\/?/, '/').replace(/\/$/, '')
  return section.static_configs.flatMap(({ targets }) =>
    targets.map((target) => `${section.scheme}://${target}${prefix}/api/v2/alerts`),
  )
}
