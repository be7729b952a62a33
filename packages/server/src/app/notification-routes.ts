// What an administrator should know of the server itself, as Prometheus's page asks for it.
// https://prometheus.io/docs/prometheus/latest/querying/api/#notifications
import { formatProblem } from '@tidewatch/core/error.ts'
import { defineRoute, type Route } from '../http/port.ts'
import type { TidewatchServer } from './server.ts'

export interface NotificationRoutesOptions {
  readonly configuration: Pick<TidewatchServer['configuration'], 'lastReload'>
}

export function createNotificationRoutes({ configuration }: NotificationRoutesOptions): Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/api/v1/notifications',
      permission: 'view',
      errors: 'prometheus',
      summary: 'What is wrong with the server itself now',
      handle: () => ({ body: { status: 'success', data: reloadFailed(configuration) } }),
    }),
  ]
}

/** The old configuration stays in force, which is easily overlooked. */
function reloadFailed({ lastReload: { atMs, result } }: NotificationRoutesOptions['configuration']): object[] {
  if (result.ok) return []
  const first = result.problems[0]
  const why = first === undefined ? '' : ` ${formatProblem(first)}`
  return [{ text: `Configuration reload has failed.${why}`, date: new Date(atMs).toISOString(), active: true }]
}
