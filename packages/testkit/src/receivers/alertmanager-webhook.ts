// A receiver of Alertmanager's webhook payload, version 4. https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
import { answering, fields, json, known, list, must, text } from './checks.ts'
import type { Vendor } from './stand-in.ts'

const names = [
  'version',
  'groupKey',
  'truncatedAlerts',
  'status',
  'receiver',
  'groupLabels',
  'commonLabels',
  'commonAnnotations',
  'externalURL',
  'notification_reason',
  'alerts',
]

export const alertmanagerWebhook: Vendor = (request) =>
  answering(
    () => {
      must(request.method === 'POST', 'POST')
      const payload = json(request)
      known(payload, names, 'payload')
      must(payload.version === '4', 'version')
      text(payload.groupKey, 'groupKey')
      must(Number.isInteger(payload.truncatedAlerts), 'truncatedAlerts')
      must(payload.status === 'firing' || payload.status === 'resolved', 'status')
      text(payload.receiver, 'receiver')
      text(payload.externalURL, 'externalURL')
      for (const name of ['groupLabels', 'commonLabels', 'commonAnnotations'])
        for (const value of Object.values(fields(payload[name], name))) text(value, name, { least: 0 })
      for (const one of list(payload.alerts, 'alerts')) {
        const alert = fields(one, 'alert')
        known(alert, ['status', 'labels', 'annotations', 'startsAt', 'endsAt', 'generatorURL', 'fingerprint'], 'alert')
        for (const name of ['startsAt', 'endsAt'])
          must(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/.test(text(alert[name], name)), `${name} is not RFC 3339`)
        must(/^[0-9a-f]{16}$/.test(text(alert.fingerprint, 'fingerprint')), 'fingerprint')
      }
      return { status: 200 }
    },
    (why) => ({ status: 400, body: why }),
  )
