// Options as packages/alertmanager reads them, to what the schemas of channels take: there a text that is not given is empty, secrets are
// concealed in several ways, and http_config has every key.
import { Secret } from '@tidewatch/core/secret.ts'

/** Text keys where empty says "not given"; everywhere else it is a template that gives nothing. */
const isReference = (key: string): boolean =>
  /_file$|_ref$|^(?:server_name|min_version|max_version|proxy_url|no_proxy)$/.test(key)

/** In ms there. */
const durations: ReadonlySet<string> = new Set(['timeout', 'retry', 'expire', 'ttl'])

/** A copy for a channel's schema. */
export function alertmanagerOptions(type: string, config: object): Record<string, unknown> {
  const options = plainOptions(config)
  for (const key of durations) if (typeof options[key] === 'number') options[key] = `${Math.round(options[key])}ms`
  if (type === 'slack') {
    // stands in http_config.authorization by then, and the address is that of the bot's method
    if (options.api_url !== undefined) for (const key of ['app_token', 'app_token_file']) delete options[key]
    if (options.update_message === undefined) options.update_message = false
  }
  if (type === 'email') {
    const headers = (options.headers ?? {}) as Record<string, unknown>
    options.headers = { Subject: '{{ template "email.default.subject" . }}', ...headers }
  }
  if (type === 'pagerduty') for (const key of ['source', 'severity']) options[key] ??= ''
  return options
}

function plainOptions(config: object): Record<string, unknown> {
  const options: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(config)) {
    if (key === 'send_resolved') continue
    const plain = isSealed(value) ? given(value.reveal()) : plainOf(key, value)
    if (plain !== undefined) options[key] = plain
  }
  return options
}

function plainOf(key: string, value: unknown): unknown {
  if (value === null || value === undefined) return undefined
  if (value === '' && isReference(key)) return undefined
  if (value instanceof Secret || typeof value !== 'object') return value
  if (isSealed(value)) return given(value.reveal())
  if (Array.isArray(value)) return value.map((one) => plainOf('', one))
  if (value instanceof Map) return plainOf(key, Object.fromEntries(value))
  return plainOptions(value)
}

/** Only what is given: of http_config and tls_config, where an empty value always means that there is none. */
function given(value: unknown): unknown {
  if (value === null || value === undefined || value === '') return undefined
  if (value instanceof Secret || typeof value !== 'object') return value
  if (isSealed(value)) return given(value.reveal())
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(given)
  if (value instanceof Map) return given(Object.fromEntries(value))
  const entries = Object.entries(value).flatMap(([key, one]) => {
    const kept = given(one)
    return kept === undefined ? [] : [[key, kept] as const]
  })
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

interface Sealed {
  reveal(): unknown
}

const isSealed = (value: unknown): value is Sealed =>
  typeof value === 'object' &&
  value !== null &&
  !(value instanceof Secret) &&
  'reveal' in value &&
  typeof value.reveal === 'function'
