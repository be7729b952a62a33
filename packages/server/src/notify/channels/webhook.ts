import { z } from 'zod'
import { defineChannel, type Notification } from '../port.ts'

/** Alertmanager's webhook payload, version 4. https://prometheus.io/docs/alerting/latest/configuration/#webhook_config */
export const webhook = defineChannel({
  kind: 'webhook',
  title: 'Webhook',
  // the receiver can tell a repeat by the header
  repeats: 'once',
  config: z.strictObject({
    url: z
      .url({ protocol: /^https?$/, error: 'not a URL that begins with http:// or https://' })
      .meta({ title: 'URL' }),
    headers: z.record(z.string(), z.string()).default({}).meta({ title: 'Headers' }),
    max_alerts: z.number().int().min(0).default(0).meta({ title: 'Most alerts in one message', help: '0: all' }),
  }),
  async send(notification, { url, headers, max_alerts: maxAlerts }, { http, signal, idempotencyKey }) {
    const body = webhookPayload(notification, maxAlerts)
    return http.post(url, { body, headers: { 'idempotency-key': idempotencyKey, ...headers }, signal })
  },
})

/** A time of Alertmanager's JSON; the zero time says that there is none. */
const isoTime = (atMs: number | undefined): string =>
  atMs === undefined ? '0001-01-01T00:00:00Z' : new Date(atMs).toISOString()

export function webhookPayload(notification: Notification, maxAlerts: number): object {
  const { alerts } = notification
  const shown = maxAlerts === 0 ? alerts : alerts.slice(0, maxAlerts)
  return {
    version: '4',
    groupKey: notification.groupKey,
    truncatedAlerts: notification.truncatedAlerts + alerts.length - shown.length,
    status: notification.status,
    receiver: notification.receiver,
    groupLabels: notification.groupLabels,
    commonLabels: notification.commonLabels,
    commonAnnotations: notification.commonAnnotations,
    externalURL: notification.externalUrl,
    alerts: shown.map((alert) => ({
      status: alert.status,
      labels: alert.labels,
      annotations: alert.annotations,
      startsAt: isoTime(alert.startsAtMs),
      endsAt: isoTime(alert.endsAtMs),
      generatorURL: alert.generatorUrl,
      fingerprint: alert.fingerprint,
    })),
  }
}
