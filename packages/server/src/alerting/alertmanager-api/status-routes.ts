// Status and receivers of API v2, and the old v1 status.
import type { Clock } from '@tidewatch/core/clock.ts'
import { defineRoute, type Route } from '../../http/port.ts'
import type { Dispatcher } from '../dispatch/live.ts'
import { apiErrors, apiTime } from './answers.ts'

export interface StatusRouteParts {
  readonly dispatcher: Pick<Dispatcher, 'policy'>
  /** The alertmanager.yml in force, without secrets. */
  readonly config: () => string
  readonly clock: Clock
  readonly version: string
}

export function createStatusRoutes({ dispatcher, config, clock, version }: StatusRouteParts): readonly Route[] {
  const startedAtMs = clock.nowMs()
  const versionInfo = {
    ...{ branch: '', buildDate: '', buildUser: '', revision: '', version },
    goVersion: `node ${process.version}`,
  }
  return [
    defineRoute({
      method: 'GET',
      path: '/api/v2/status',
      permission: 'view',
      errors: 'prometheus',
      errorBody: apiErrors,
      summary: "Alertmanager's status with the configuration in force",
      handle: () => ({
        body: {
          // one process has no peers; several share the database
          cluster: { peers: [], status: 'disabled' },
          config: { original: config() },
          uptime: apiTime(startedAtMs),
          versionInfo,
        },
      }),
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v2/receivers',
      permission: 'view',
      errors: 'prometheus',
      errorBody: apiErrors,
      summary: 'Names of all receivers',
      handle: () => ({ body: dispatcher.policy.receivers.map((name) => ({ name })) }),
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/status',
      permission: 'view',
      errors: 'prometheus',
      summary: 'The status by the API of old Alertmanagers',
      handle: () => ({
        body: {
          status: 'success',
          data: { configYAML: config(), versionInfo, uptime: apiTime(startedAtMs), clusterStatus: null },
        },
      }),
    }),
  ]
}
