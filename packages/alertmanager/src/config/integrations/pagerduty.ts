import { field, list, record, StructForm, type Values } from '@tidewatch/yaml/form.ts'
import type { Complain } from '@tidewatch/yaml/place.ts'
import { text } from '@tidewatch/yaml/scalars.ts'
import { isGiven, notBoth } from '../given.ts'
import { defineIntegration, fillHttp, httpKeys } from '../integration.ts'
import { anything, hidden, template, timeout, webUrl } from '../values.ts'

const image = new StructForm({ src: field(text), alt: field(text), href: field(text) })
const link = new StructForm({ href: field(text), text: field(text) })

const defaultDetails = {
  firing: '{{ .Alerts.Firing | toJson }}',
  resolved: '{{ .Alerts.Resolved | toJson }}',
  num_firing: '{{ .Alerts.Firing | len }}',
  num_resolved: '{{ .Alerts.Resolved | len }}',
}

const fields = {
  ...httpKeys(true),
  service_key: field(hidden),
  service_key_file: field(text),
  routing_key: field(hidden),
  routing_key_file: field(text),
  url: field(webUrl),
  client: template('{{ template "pagerduty.default.client" . }}'),
  client_url: template('{{ template "pagerduty.default.clientURL" . }}'),
  description: template('{{ template "pagerduty.default.description" .}}'),
  /** Nested as one likes; every text is a template. */
  details: field(record(anything)),
  images: field(list(image)),
  links: field(list(link)),
  source: template(),
  severity: template(),
  class: template(),
  component: template(),
  group: template(),
  timeout: field(timeout),
}

const keys = ['routing_key', 'service_key', 'routing_key_file', 'service_key_file'] as const

function check(config: Values<typeof fields>, complain: Complain): void {
  if (!keys.some((key) => isGiven(config[key])))
    complain('routing_key', `missing; one of ${keys.join(', ')} must be given.`)
  notBoth(config, 'routing_key', 'routing_key_file', complain)
  notBoth(config, 'service_key', 'service_key_file', complain)
  config.source ||= config.client
  const details = config.details ?? new Map<string, unknown>()
  for (const [name, value] of Object.entries(defaultDetails)) if (!details.has(name)) details.set(name, value)
  config.details = details
}

export const pagerduty = defineIntegration(new StructForm(fields, { check }), (config, global, complain) => {
  fillHttp(config, global)
  config.url ??= global.pagerduty_url
  if (config.url === undefined) complain('url', 'missing; global has no pagerduty_url either.')
})
