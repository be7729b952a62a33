// The sections beside `global` and `scrape_configs`: where alerts and samples go, storage, tracing, OTLP.

import { azureAd, checkCloudAuth, googleIam, sigv4 } from '@tidewatch/yaml/cloud-auth.ts'
import { field, list, optional, record, StructForm, type Values } from '@tidewatch/yaml/form.ts'
import { checkHttp, httpFields } from '@tidewatch/yaml/http-client.ts'
import type { Complain } from '@tidewatch/yaml/place.ts'
import {
  count,
  duration,
  integer,
  labelNameFault,
  labelValue,
  oneOf,
  text,
  truth,
  url,
} from '@tidewatch/yaml/scalars.ts'
import { tracingForm } from '@tidewatch/yaml/tracing.ts'
import { discoveryFields, missingDiscoveries, targetWithPath } from './discovery.ts'
import { relabelRules } from './relabel.ts'

const alertmanager = new StructForm(
  {
    ...httpFields,
    sigv4: field(optional(sigv4)),
    scheme: field(text, { initial: () => 'http' }),
    path_prefix: field(text),
    timeout: field(duration, { initial: () => 10_000 }),
    api_version: field(oneOf('version of the Alertmanager API', ['v2']), { always: true, initial: () => 'v2' }),
    relabel_configs: field(relabelRules),
    alert_relabel_configs: field(relabelRules),
    ...discoveryFields,
  },
  {
    refused: missingDiscoveries,
    check(config, complain) {
      checkHttp(config, complain)
      checkCloudAuth(config, complain)
      const target = targetWithPath(config)
      if (target !== undefined)
        complain(
          'static_configs',
          `${JSON.stringify(target)} is not host:port.`,
          'Put the path into path_prefix and https into scheme.',
        )
    },
  },
)

export const alerting = new StructForm({
  alert_relabel_configs: field(relabelRules),
  alertmanagers: field(list(alertmanager, { nullItem: 'this Alertmanager is empty.' })),
})

const exemplars = new StructForm({ max_exemplars: field(integer) })
const retention = new StructForm({ time: field(duration), size: field(text) })
const tsdb = new StructForm(
  {
    // milliseconds; a name that Go made of a field without one
    outofordertimewindow: field(integer, { always: true }),
    out_of_order_time_window: field(duration),
    retention: field(optional(retention)),
  },
  {
    check(config) {
      config.outofordertimewindow = config.out_of_order_time_window
    },
  },
)
export const storage = new StructForm({ tsdb: field(optional(tsdb)), exemplars: field(optional(exemplars)) })

/** Headers that Prometheus sets on what it sends. */
const reservedHeaders: ReadonlySet<string> = new Set([
  'host',
  'content-encoding',
  'content-length',
  'content-type',
  'x-prometheus-remote-write-version',
  'x-prometheus-remote-read-version',
  'user-agent',
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'www-authenticate',
  'accept-encoding',
  'x-amz-date',
  'x-amz-security-token',
  'x-amz-content-sha256',
])

const headers = (ofAuthorization: string) =>
  record(text, (name) => {
    if (name.toLowerCase() === 'authorization') return ofAuthorization
    return reservedHeaders.has(name.toLowerCase())
      ? 'this header is set by Prometheus itself and cannot be written here.'
      : undefined
  })

export const tracing = tracingForm(field(headers('the authorization header cannot be set for tracing.')))

const queue = new StructForm({
  capacity: field(integer, { initial: () => 10_000 }),
  max_shards: field(integer, { initial: () => 50 }),
  min_shards: field(integer, { initial: () => 1 }),
  max_samples_per_send: field(integer, { initial: () => 2000 }),
  batch_send_deadline: field(duration, { initial: () => 5000 }),
  min_backoff: field(duration, { initial: () => 30 }),
  max_backoff: field(duration, { initial: () => 5000 }),
  retry_on_http_429: field(truth),
  sample_age_limit: field(duration),
})

const metadata = new StructForm({
  send: field(truth, { always: true, initial: () => true }),
  send_interval: field(duration, { always: true, initial: () => 60_000 }),
  max_samples_per_send: field(integer, { initial: () => 2000 }),
})

const storageHeaders = headers('the authorization header is set by basic_auth, authorization, oauth2 or sigv4.')
const messages = ['prometheus.WriteRequest', 'io.prometheus.write.v2.Request']

const remoteWrite = new StructForm(
  {
    url: field(url, { always: true }),
    remote_timeout: field(duration, { initial: () => 30_000 }),
    headers: field(storageHeaders),
    write_relabel_configs: field(relabelRules),
    name: field(text),
    send_exemplars: field(truth),
    send_native_histograms: field(truth),
    round_robin_dns: field(truth),
    protobuf_message: field(oneOf('message of remote write', messages), { initial: () => messages[0] as string }),
    ...httpFields,
    enable_http2: field(truth, { always: true }),
    queue_config: field(queue, { initial: () => queue.initial() }),
    metadata_config: field(metadata, { initial: () => metadata.initial() }),
    sigv4: field(optional(sigv4)),
    azuread: field(optional(azureAd)),
    google_iam: field(optional(googleIam)),
  },
  {
    check(config, complain) {
      if (config.url === undefined) complain('url', 'the URL to write to is missing.')
      if (config.protobuf_message === '') complain('protobuf_message', `empty. Allowed: ${messages.join(', ')}.`)
      checkHttp(config, complain)
      checkCloudAuth(config, complain)
    },
  },
)

const remoteRead = new StructForm(
  {
    url: field(url, { always: true }),
    remote_timeout: field(duration, { initial: () => 60_000 }),
    chunked_read_limit: field(count, { initial: () => 50_000_000 }),
    headers: field(storageHeaders),
    read_recent: field(truth),
    name: field(text),
    ...httpFields,
    required_matchers: field(record(labelValue, labelNameFault)),
    filter_external_labels: field(truth, { initial: () => true }),
  },
  {
    check(config, complain) {
      if (config.url === undefined) complain('url', 'the URL to read from is missing.')
      checkHttp(config, complain)
    },
  },
)

export const remoteWrites = list(remoteWrite, { nullItem: 'this remote_write is empty.' })
export const remoteReads = list(remoteRead, { nullItem: 'this remote_read is empty.' })

const otlpFields = {
  promote_all_resource_attributes: field(truth),
  promote_resource_attributes: field(list(text)),
  ignore_resource_attributes: field(list(text)),
  translation_strategy: field(text, { initial: () => 'UnderscoreEscapingWithSuffixes' }),
  keep_identifying_resource_attributes: field(truth),
  convert_histograms_to_nhcb: field(truth),
  promote_scope_metadata: field(truth),
  // newer than the release whose defaults are told: only what is written is shown
  label_name_underscore_sanitization: field(optional(truth)),
  label_name_preserve_multiple_underscores: field(optional(truth)),
}
type Otlp = Values<typeof otlpFields>

export const otlp = new StructForm(otlpFields, {
  check(config, complain) {
    const { promote_resource_attributes: promoted, ignore_resource_attributes: ignored } = config
    if (config.promote_all_resource_attributes && (promoted ?? []).length > 0)
      complain(
        'promote_resource_attributes',
        'means nothing beside promote_all_resource_attributes.',
        'Keep one of them.',
      )
    if (!config.promote_all_resource_attributes && (ignored ?? []).length > 0)
      complain('ignore_resource_attributes', 'works with promote_all_resource_attributes: true alone.')
    for (const key of ['promote_resource_attributes', 'ignore_resource_attributes'] as const)
      tidyAttributes(config, key, complain)
  },
})

function tidyAttributes(
  config: Otlp,
  key: 'promote_resource_attributes' | 'ignore_resource_attributes',
  complain: Complain,
): void {
  const names = config[key]?.map((name) => name.trim())
  if (names === undefined) return
  if (names.includes('')) complain(key, 'has an empty name.')
  const twice = names.find((name, i) => name !== '' && names.indexOf(name) !== i)
  if (twice !== undefined) complain(key, `${JSON.stringify(twice)} stands here twice.`)
  config[key] = names
}

/** Strategies that keep UTF-8 in names, which the legacy validation of names refuses. */
const utf8Strategies = ['NoUTF8EscapingWithSuffixes', 'NoTranslation']
const strategies = ['', 'UnderscoreEscapingWithSuffixes', 'UnderscoreEscapingWithoutSuffixes', ...utf8Strategies]

/** What is wrong with the way in which OTLP's names are translated, beside what `global` says of names. */
export function strategyFault(strategy: string, validationScheme: string): string | undefined {
  if (!strategies.includes(strategy))
    return `${JSON.stringify(strategy)} is no translation strategy. Allowed: ${strategies.filter(Boolean).join(', ')}.`
  if (utf8Strategies.includes(strategy) && validationScheme === 'legacy')
    return `${strategy} keeps UTF-8 in names, and metric_name_validation_scheme is legacy.`
  return undefined
}
