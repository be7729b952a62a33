// A group of alerts as templates and webhooks get it.

import type { Labels } from '@tidewatch/core/labels.ts'
import { compareUtf8 } from '@tidewatch/core/labels.ts'
import { fingerprintOf } from './fingerprint.ts'
import type { GroupedAlert, NotificationReason, TemplateAlert, TemplateData } from './port.ts'

export interface TemplateDataOptions {
  readonly receiver: string
  readonly groupLabels: Labels
  readonly externalUrl: string
  readonly notificationReason: NotificationReason
  /** An alert whose end is not after it has ended. */
  readonly nowMs: number
}

type Texts = Readonly<Record<string, string>>

/** Names in their order, what all alerts have in common, each alert's fingerprint. A group of which nothing fires is resolved. */
export function templateDataOf(alerts: readonly GroupedAlert[], options: TemplateDataOptions): TemplateData {
  const shown = alerts.map((alert) => templateAlertOf(alert, options.nowMs))
  return {
    receiver: options.receiver,
    status: shown.some(({ status }) => status === 'firing') ? 'firing' : 'resolved',
    alerts: shown,
    notificationReason: options.notificationReason,
    groupLabels: options.groupLabels.toObject(),
    commonLabels: inAll(shown.map(({ labels }) => labels)),
    commonAnnotations: inAll(shown.map(({ annotations }) => annotations)),
    externalUrl: options.externalUrl,
  }
}

function templateAlertOf(alert: GroupedAlert, nowMs: number): TemplateAlert {
  const { labels, endsAtMs } = alert
  return {
    status: endsAtMs === undefined || endsAtMs > nowMs ? 'firing' : 'resolved',
    labels: labels.toObject(),
    annotations: ordered(Object.entries(alert.annotations)),
    startsAtMs: alert.startsAtMs,
    endsAtMs,
    generatorUrl: alert.generatorUrl,
    fingerprint: fingerprintOf(labels),
  }
}

function ordered(entries: readonly (readonly [string, string])[]): Texts {
  // without a prototype: an annotation may be called __proto__
  const texts: Record<string, string> = Object.create(null)
  for (const [name, value] of [...entries].sort(([a], [b]) => compareUtf8(a, b))) texts[name] = value
  return texts
}

/** The pairs that all have. */
function inAll(all: readonly Texts[]): Texts {
  const [first, ...others] = all
  if (first === undefined) return ordered([])
  return ordered(Object.entries(first).filter(([name, value]) => others.every((other) => other[name] === value)))
}

/** The year 1, by which Alertmanager writes that a time is not known. */
const unknownTime = '0001-01-01T00:00:00Z'

/** RFC 3339 in UTC, with milliseconds only where there are some. */
const formatTime = (atMs: number | undefined): string =>
  atMs === undefined ? unknownTime : new Date(atMs).toISOString().replace(/\.000Z$/, 'Z')

/** The data as the body of a webhook has it, but for what the webhook itself adds: version, group key, how many alerts were left out. */
export function webhookDataOf(data: TemplateData) {
  return {
    receiver: data.receiver,
    status: data.status,
    alerts: data.alerts.map((alert) => ({
      status: alert.status,
      labels: alert.labels,
      annotations: alert.annotations,
      startsAt: formatTime(alert.startsAtMs),
      endsAt: formatTime(alert.endsAtMs),
      generatorURL: alert.generatorUrl,
      fingerprint: alert.fingerprint,
    })),
    groupLabels: data.groupLabels,
    commonLabels: data.commonLabels,
    commonAnnotations: data.commonAnnotations,
    externalURL: data.externalUrl,
    notification_reason: data.notificationReason,
  }
}
