// What applications call: an alert of their own, and the ping of a heartbeat.
import { type PostedAlert, postedAlert, postedAlertAnswer } from '@tidewatch/api/posted-alerts.ts'
import type { Clock } from '@tidewatch/core/clock.ts'
import { Labels, metricNameLabel } from '@tidewatch/core/labels.ts'
import { SampleBatchPool } from '@tidewatch/core/sample-batch.ts'
import { z } from 'zod'
import { defineRoute, type Route } from '../../http/port.ts'
import type { SampleAcceptor } from '../../ingest/port.ts'
import { heartbeatMetric, heartbeatName } from '../rules/rule-kinds/heartbeat.ts'
import type { PostedAlerts } from './raise.ts'

export interface PostedRouteParts {
  readonly posted: () => PostedAlerts
  readonly acceptor: SampleAcceptor
  readonly clock: Clock
}

const maxBytes = 65_536
const heartbeatParams = z.strictObject({
  name: z.string().regex(heartbeatName, 'must be letters, digits, _, - and ., 1 to 100 of them'),
})

export function createPostedRoutes({ posted, acceptor, clock }: PostedRouteParts): readonly Route[] {
  const batches = new SampleBatchPool()
  return [
    defineRoute<unknown, unknown, PostedAlert>({
      method: 'POST',
      path: '/api/tidewatch/v1/alerts',
      permission: 'ingest',
      errors: 'tidewatch',
      summary: 'An application raises an alert, or ends it: severity, message, data.',
      body: postedAlert,
      response: postedAlertAnswer,
      limits: { maxBytes, maxInflatedBytes: maxBytes },
      handle: async ({ body }) => ({ body: await posted().take(body) }),
    }),
    ...(['GET', 'POST'] as const).map((method) =>
      defineRoute<z.output<typeof heartbeatParams>>({
        method,
        path: '/api/tidewatch/v1/heartbeats/:name',
        permission: 'ingest',
        errors: 'tidewatch',
        summary: 'The ping of a heartbeat: a rule tells people when it stops.',
        params: heartbeatParams,
        async handle({ params: { name }, identity }) {
          const atMs = clock.nowMs()
          using lease = batches.lease()
          const labels = Labels.from({ [metricNameLabel]: heartbeatMetric, name })
          lease.batch.add(acceptor.resolve(identity.project, labels), atMs, atMs / 1000)
          await acceptor.accept(lease.batch)
          return { body: { name, atMs } }
        },
      }),
    ),
  ]
}
