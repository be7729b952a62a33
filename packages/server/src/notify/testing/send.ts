// One delivery through a real channel, HTTP client and templates, as the outbox makes it; memory, files and terminal are kept here.
import { webhookDataOf } from '@tidewatch/alertmanager/template-data.ts'
import { systemClock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { NotificationTemplates } from '@tidewatch/template/notification-templates.ts'
import { createHttpClient } from '../../collect/http-client/client.ts'
import { ConfigFiles } from '../../collect/http-client/config-files.ts'
import { readTls } from '../../collect/http-client/tls.ts'
import { type AttemptResult, attempt } from '../attempt.ts'
import { ChannelClients } from '../http.ts'
import { channelOf, readOptions } from '../integrations.ts'
import type { ChannelMemory, Integration, Notification, NotifiedAlert, Outside } from '../port.ts'

const templates = NotificationTemplates.parse([])

export class FakeOutside implements Outside {
  readonly files = new Map<string, string>()
  readonly written: string[] = []
  terminal = { isTerminal: false, write: (text: string) => void this.written.push(text) }

  openHttp(config: Parameters<Outside['openHttp']>[0]): ReturnType<Outside['openHttp']> {
    const options = { baseDir: '/', clock: systemClock, env: {}, userAgent: 'Tidewatch/test', keepsMethod: true }
    return createHttpClient(config, options)
  }

  async readFile(file: string): Promise<string> {
    const text = this.files.get(file)
    if (text === undefined) throw new AppError('config.unreadable', `the file ${file} cannot be read`)
    return text
  }

  readTls = (config: Parameters<Outside['readTls']>[0]): ReturnType<Outside['readTls']> =>
    readTls(config, new ConfigFiles('/'))

  templates(notification: Notification): ReturnType<Outside['templates']> {
    const data = webhookDataOf({ ...notification, notificationReason: notification.reason })
    return { text: (text) => templates.text(text, data), html: (text) => templates.html(text, data) }
  }
}

export class FakeMemory implements ChannelMemory {
  value: string | undefined

  async read(): Promise<string | undefined> {
    return this.value
  }

  async write(value: string | undefined): Promise<void> {
    this.value = value
  }
}

/** An integration of options as they are written. Throws what the schema finds. */
export function integrationOf(kind: string, options: Readonly<Record<string, unknown>>): Integration {
  const channel = channelOf(kind)
  if (channel === undefined) throw new Error(`no channel ${kind}`)
  const read = readOptions(channel, options)
  if (!read.ok) throw new Error(read.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'))
  return { key: `channels/${kind}`, receiver: kind, channel, config: read.config, sendsResolved: true }
}

export interface SendOptions {
  readonly outside?: FakeOutside
  readonly memory?: ChannelMemory
  readonly key?: string
  readonly signal?: AbortSignal
}

export async function send(
  kind: string,
  options: Readonly<Record<string, unknown>>,
  notification: Notification,
  { outside = new FakeOutside(), memory = new FakeMemory(), key = 'key-1', signal }: SendOptions = {},
): Promise<AttemptResult> {
  await using clients = new ChannelClients(outside, systemClock)
  const parts = { outside, clients, clock: systemClock }
  return await attempt(integrationOf(kind, options), notification, parts, {
    idempotencyKey: key,
    memory,
    signal: signal ?? new AbortController().signal,
  })
}

export function alertOf(labels: Readonly<Record<string, string>>, more: Partial<NotifiedAlert> = {}): NotifiedAlert {
  return {
    status: 'firing',
    labels: { alertname: 'HighErrorRate', severity: 'critical', ...labels },
    annotations: { summary: 'Error rate above 5 %', description: 'The API answers 12 % of requests with an error.' },
    startsAtMs: Date.UTC(2026, 0, 2, 3, 4, 5),
    endsAtMs: undefined,
    generatorUrl: 'https://watch.example.org/graph?g0.expr=up',
    fingerprint: '0123456789abcdef',
    ...more,
  }
}

const page = 'https://watch.example.org'

/** A group of one alert that fires, changed by what is given. */
export function notificationOf(more: Partial<Notification> = {}): Notification {
  const [alert = alertOf({})] = more.alerts ?? []
  return {
    receiver: 'ops',
    status: 'firing',
    reason: 'firing',
    severity: 'critical',
    groupKey: '{}:{alertname="HighErrorRate"}',
    groupLabels: { alertname: 'HighErrorRate' },
    commonLabels: alert.labels,
    commonAnnotations: alert.annotations,
    externalUrl: page,
    links: { alert: `${page}/alerts/1`, acknowledge: `${page}/ack/abc`, silence: `${page}/silences/new` },
    alerts: [alert],
    truncatedAlerts: 0,
    ...more,
  }
}

/** The same group when it has ended. */
export function resolvedOf(more: Partial<Notification> = {}): Notification {
  const alert = alertOf({}, { status: 'resolved', endsAtMs: Date.UTC(2026, 0, 2, 3, 14, 5) })
  return notificationOf({ status: 'resolved', reason: 'resolved', alerts: [alert], ...more })
}
