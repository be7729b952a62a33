// Counters of deliveries: Alertmanager's, which its dashboards and alerts ask for, and ours by channel.
import { msToSeconds } from '@tidewatch/core/time.ts'
import type { Metrics } from '../self/port.ts'
import { channelKinds } from './integrations.ts'
import type { AttemptSeen } from './outbox.ts'

export interface NotifyMetrics {
  seen(seen: AttemptSeen): void
}

/** `waiting` and `failed`: notifications in the outbox, as last counted. */
export function createNotifyMetrics(
  metrics: Metrics,
  counts: () => { readonly waiting: number; readonly failed: number },
): NotifyMetrics {
  const labels = ['integration']
  const notifications = metrics.counter({
    ...{ name: 'alertmanager_notifications_total', help: 'Notifications that were attempted.', labels },
  })
  const failures = metrics.counter({
    name: 'alertmanager_notifications_failed_total',
    help: 'Notifications that were given up, by why.',
    labels: ['integration', 'reason'],
  })
  const requests = metrics.counter({
    ...{ name: 'alertmanager_notification_requests_total', help: 'Attempts to deliver a notification.', labels },
  })
  const failedRequests = metrics.counter({
    ...{ name: 'alertmanager_notification_requests_failed_total', help: 'Attempts that did not deliver.', labels },
  })
  const latency = metrics.histogram({
    ...{ name: 'alertmanager_notification_latency_seconds', help: 'How long attempts to deliver took.', labels },
    buckets: [1, 5, 10, 15, 20],
  })
  const own = metrics.counter({
    name: 'tidewatch_notifications_total',
    help: 'Attempts to notify, by channel and outcome.',
    labels: ['channel', 'outcome'],
  })
  const delay = metrics.histogram({
    name: 'tidewatch_notification_delay_seconds',
    help: 'From the decision to notify to the receiver having it, waiting and retries included.',
    labels: ['severity'],
    buckets: [0.1, 0.25, 0.5, 1, 2, 5, 15, 60, 300, 3600],
  })
  const rows = metrics.gauge({
    name: 'tidewatch_notifications_kept',
    help: 'Notifications in the outbox: waiting for their turn, or given up and kept for a person.',
    labels: ['state'],
  })
  // zeros from the start, so that a first failure is a rise that a rule can see
  for (const kind of channelKinds) {
    notifications.with(kind).add(0)
    failures.with(kind, 'other').add(0)
    requests.with(kind).add(0)
    failedRequests.with(kind).add(0)
  }
  metrics.beforeRead(() => {
    const { waiting, failed } = counts()
    rows.with('waiting').set(waiting)
    rows.with('failed').set(failed)
  })
  return {
    seen({ integration, delivery, reason, notification, ageMs }) {
      const { outcome } = delivery
      own.with(delivery.integration, outcome).add()
      const kind = integration?.channel.kind
      if (kind === undefined || outcome === 'skipped') return
      if (delivery.attempt === 1) notifications.with(kind).add()
      requests.with(kind).add()
      latency.with(kind).observe(msToSeconds(delivery.durationMs))
      if (outcome === 'delivered') delay.with(notification.severity).observe(msToSeconds(ageMs))
      else failedRequests.with(kind).add()
      if (outcome === 'failed') failures.with(kind, reason ?? 'other').add()
    },
  }
}
