import type { Severity } from '@tidewatch/core/severity.ts'
import { z } from 'zod'
import { httpOptions, httpUrl, plain, secret, template } from '../options.ts'
import { defineChannel, type MessageTemplates, type Notification, type SendContext } from '../port.ts'
import { cut, groupHash, headline, stateWord } from '../wording.ts'

const eventsV2 = 'https://events.pagerduty.com/v2/enqueue'
const eventsV1 = 'https://events.pagerduty.com/generic/2010-04-15/create_event.json'

const defaultDetails = {
  firing: '{{ .Alerts.Firing | toJson }}',
  resolved: '{{ .Alerts.Resolved | toJson }}',
  num_firing: '{{ .Alerts.Firing | len }}',
  num_resolved: '{{ .Alerts.Resolved | len }}',
}

const schema = z
  .strictObject({
    routing_key: secret.optional().meta({ title: 'Integration key', help: 'service → Integrations → Events API v2' }),
    routing_key_file: plain.optional(),
    service_key: secret.optional().meta({ title: 'Integration key of the old Events API v1' }),
    service_key_file: plain.optional(),
    url: httpUrl.default(eventsV2),
    client: template.default('Tidewatch'),
    client_url: template.default('{{ template "pagerduty.default.clientURL" . }}'),
    description: template.optional(),
    severity: template.optional(),
    details: z.record(z.string(), z.unknown()).default(defaultDetails),
    images: z.array(z.strictObject({ src: template, alt: template.optional(), href: template.optional() })).default([]),
    links: z.array(z.strictObject({ href: template, text: template.optional() })).default([]),
    source: template.optional(),
    class: template.optional(),
    component: template.optional(),
    group: template.optional(),
    ...httpOptions,
  })
  .superRefine((options, context) => {
    const keys = ['routing_key', 'routing_key_file', 'service_key', 'service_key_file'] as const
    if (!keys.some((key) => options[key] !== undefined))
      context.addIssue({ code: 'custom', path: ['routing_key'], message: `one of ${keys.join(', ')} is needed.` })
  })

type Config = z.output<typeof schema>

/** Our scale in PagerDuty's words. */
const severityOf: Readonly<Record<Severity, string>> = {
  critical: 'critical',
  high: 'error',
  medium: 'warning',
  low: 'info',
}

/** https://developer.pagerduty.com/docs/events-api-v2-overview: "a maximum size of 512 KB". */
const maxEventBytes = 512_000
const longestSummary = 1024

/** One incident a group: dedup_key is the hash of the group's key, as Alertmanager makes it, so that moving over splits no incident. */
export const pagerduty = defineChannel({
  kind: 'pagerduty',
  title: 'PagerDuty',
  repeats: 'once',
  config: schema,
  // 960 events a minute and integration key are let in at least
  address: (config) => [config.routing_key, config.routing_key_file, config.service_key, config.service_key_file],
  limits: () => [{ messages: 900, perMs: 60_000 }],
  environment: {
    variables: { PAGERDUTY_ROUTING_KEY: 'integration key of a service (Events API v2)' },
    trigger: 'PAGERDUTY_ROUTING_KEY',
    read: ({ PAGERDUTY_ROUTING_KEY }) => ({ options: { routing_key: PAGERDUTY_ROUTING_KEY } }),
  },
  async send(notification, config, context) {
    const service = await context.secrets.read(config.service_key, config.service_key_file)
    const isOld = service !== undefined && service !== ''
    const routing = isOld ? '' : ((await context.secrets.read(config.routing_key, config.routing_key_file)) ?? '')
    const details = filledIn(config.details, context.templates)
    const event = (own: unknown): object =>
      isOld
        ? eventV1(notification, config, context, { key: context.templates.text(service), details: own })
        : eventV2(notification, config, context, { key: context.templates.text(routing), details: own })
    const whole = event(details)
    const isLong = Buffer.byteLength(JSON.stringify(whole)) > maxEventBytes
    const json = isLong ? event({ error: 'The details were left out: the event was longer than 512 kB.' }) : whole
    const url = isOld && config.url === eventsV2 ? eventsV1 : config.url
    const answer = await context.http.send(url, { json, signal: context.signal })
    // the old API answers 403 where it is overrun
    return isOld && answer.status === 403 ? { ...answer, verdict: 'retry' } : answer
  },
})

const actionOf = ({ status }: Notification): string => (status === 'resolved' ? 'resolve' : 'trigger')

const summaryOf = (notification: Notification, config: Config, templates: MessageTemplates): string =>
  cut(
    (config.description === undefined ? undefined : templates.text(config.description)) ||
      `${stateWord(notification)}: ${headline(notification)}`,
    longestSummary,
  )

interface EventParts {
  readonly key: string
  readonly details: unknown
}

function eventV2(
  notification: Notification,
  config: Config,
  context: SendContext,
  { key, details }: EventParts,
): object {
  const { templates } = context
  const text = (template: string | undefined): string => (template === undefined ? '' : templates.text(template))
  const severity = config.severity === undefined ? severityOf[notification.severity] : text(config.severity) || 'error'
  const optional = { class: text(config.class), component: text(config.component), group: text(config.group) }
  const { alert } = notification.links
  const links = config.links.map((link) => ({ href: text(link.href), text: text(link.text) }))
  return {
    routing_key: key,
    event_action: actionOf(notification),
    dedup_key: groupHash(notification.groupKey),
    client: text(config.client),
    client_url: text(config.client_url),
    payload: {
      summary: summaryOf(notification, config, templates),
      source: text(config.source) || text(config.client) || 'Tidewatch',
      severity,
      custom_details: details,
      ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== '')),
    },
    images: config.images
      .map((image) => ({ src: text(image.src), alt: text(image.alt), href: text(image.href) }))
      .filter(({ src }) => src !== ''),
    links: [
      ...links.filter(({ href }) => href !== ''),
      ...(config.description === undefined ? [{ href: alert, text: 'Alert in Tidewatch' }] : []),
    ],
  }
}

function eventV1(
  notification: Notification,
  config: Config,
  { templates }: SendContext,
  { key, details }: EventParts,
): object {
  const action = actionOf(notification)
  return {
    service_key: key,
    event_type: action,
    incident_key: groupHash(notification.groupKey),
    description: summaryOf(notification, config, templates),
    details,
    ...(action === 'trigger'
      ? { client: templates.text(config.client), client_url: templates.text(config.client_url) }
      : {}),
  }
}

/** Every text rendered; what is JSON then, such as `{{ .Alerts.Firing | toJson }}`, is nested as such. */
function filledIn(value: unknown, templates: MessageTemplates): unknown {
  if (typeof value === 'string') return nested(templates.text(value), value)
  if (Array.isArray(value)) return value.map((one) => filledIn(one, templates))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, filledIn(one, templates)]))
}

function nested(text: string, template: string): unknown {
  if (text === template || !/^\s*[[{]/.test(text)) return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
