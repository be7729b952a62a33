import { webhookDataOf } from '@tidewatch/alertmanager/template-data.ts'
import { z } from 'zod'
import { httpOptions, oneOf, plain, secret, secretUrl } from '../options.ts'
import { defineChannel, type MessageTemplates, type Notification } from '../port.ts'

/** Alertmanager's webhook payload, version 4. https://prometheus.io/docs/alerting/latest/configuration/#webhook_config */
export const webhook = defineChannel({
  kind: 'webhook',
  title: 'Webhook',
  // the receiver can tell a repeat by the header
  repeats: 'once',
  config: z
    .strictObject({
      url: z
        .union([secretUrl, secret.refine((value) => value.reveal().includes('{{'), 'not a URL')])
        .optional()
        .meta({
          title: 'URL',
          help: 'begins with http:// or https://; may be a template',
        }),
      url_file: plain.optional().meta({ title: 'File with the URL' }),
      headers: z.record(z.string(), plain).default({}).meta({ title: 'Headers' }),
      max_alerts: z.number().int().min(0).default(0).meta({ title: 'Most alerts in one message', help: '0: all' }),
      payload: z.unknown().optional().meta({ title: 'Another body', help: 'JSON whose texts are templates' }),
      ...httpOptions,
    })
    .superRefine(oneOf('url', 'url_file')),
  address: (config) => [config.url, config.url_file],
  async send(notification, config, { http, signal, idempotencyKey, templates, secrets }) {
    const url = templates.text((await secrets.read(config.url, config.url_file)) ?? '')
    const json =
      config.payload === undefined || config.payload === null
        ? webhookPayload(notification, config.max_alerts)
        : filledIn(config.payload, templates)
    return http.send(url, {
      json,
      headers: { 'idempotency-key': idempotencyKey, ...lowerCase(config.headers) },
      signal,
    })
  },
})

const lowerCase = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

export function webhookPayload(notification: Notification, maxAlerts: number): object {
  const { alerts, reason } = notification
  const shown = maxAlerts === 0 ? alerts : alerts.slice(0, maxAlerts)
  return {
    version: '4',
    groupKey: notification.groupKey,
    truncatedAlerts: notification.truncatedAlerts + alerts.length - shown.length,
    ...webhookDataOf({ ...notification, alerts: shown, notificationReason: reason }),
  }
}

/** Every text of the payload rendered; keys stay. */
function filledIn(value: unknown, templates: MessageTemplates): unknown {
  if (typeof value === 'string') return templates.text(value)
  if (Array.isArray(value)) return value.map((one) => filledIn(one, templates))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, filledIn(one, templates)]))
}
