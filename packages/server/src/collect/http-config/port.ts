// Prometheus's http_config: prometheus.io/docs/prometheus/latest/configuration/configuration/#http_config
import { z } from 'zod'
import { listOf, plainText, secretText } from '../config-values.ts'

const tlsVersion = z.enum(['TLS10', 'TLS11', 'TLS12', 'TLS13'])
export const tlsSchema = z.strictObject({
  ca: z.string().optional(),
  cert: z.string().optional(),
  key: secretText.optional(),
  ca_file: z.string().optional(),
  cert_file: z.string().optional(),
  key_file: z.string().optional(),
  // names in a manager of secrets, which Prometheus itself has none of
  ca_ref: z.string().optional(),
  cert_ref: z.string().optional(),
  key_ref: z.string().optional(),
  server_name: z.string().optional(),
  insecure_skip_verify: z.boolean().default(false),
  min_version: tlsVersion.optional(),
  max_version: tlsVersion.optional(),
})

const basicAuthSchema = z.strictObject({
  username: plainText.optional(),
  username_file: z.string().optional(),
  username_ref: z.string().optional(),
  password: secretText.optional(),
  password_file: z.string().optional(),
  password_ref: z.string().optional(),
})

const authorizationSchema = z.strictObject({
  type: z.string().default('Bearer'),
  credentials: secretText.optional(),
  credentials_file: z.string().optional(),
  credentials_ref: z.string().optional(),
})

const headerSchema = z.strictObject({
  values: listOf(plainText),
  secrets: listOf(secretText),
  files: listOf(z.string()),
})

const proxyKeys = {
  proxy_url: z.string().optional(),
  no_proxy: z.string().optional(),
  proxy_from_environment: z.boolean().optional(),
  /** Sent to the proxy with CONNECT. */
  proxy_connect_header: z.record(z.string(), listOf(secretText)).optional(),
}

const oauth2Schema = z.strictObject({
  client_id: plainText,
  client_secret: secretText.optional(),
  client_secret_file: z.string().optional(),
  client_secret_ref: z.string().optional(),
  scopes: listOf(plainText),
  token_url: z.string().min(1),
  endpoint_params: z.record(z.string(), plainText).optional(),
  tls_config: tlsSchema.optional(),
  ...proxyKeys,
})

/** How a client reaches and convinces a server: the keys that scrape jobs, discoveries and remote storage share. */
export const httpKeys = {
  basic_auth: basicAuthSchema.optional(),
  authorization: authorizationSchema.optional(),
  bearer_token: secretText.optional(),
  bearer_token_file: z.string().optional(),
  oauth2: oauth2Schema.optional(),
  follow_redirects: z.boolean().default(true),
  /** Taken and without effect: every server of HTTP/2 answers HTTP/1.1 as well, which is what is spoken. */
  enable_http2: z.boolean().default(true),
  tls_config: tlsSchema.optional(),
  ...proxyKeys,
  http_headers: z.record(z.string(), headerSchema).optional(),
}

export const httpSchema = z.strictObject(httpKeys)

export type HttpConfig = z.output<typeof httpSchema>
export type TlsConfig = z.output<typeof tlsSchema>
export type OAuth2Config = z.output<typeof oauth2Schema>
export type ProxyConfig = Pick<HttpConfig, keyof typeof proxyKeys>

/** The http_config among other keys. */
export function httpConfigOf(config: HttpConfig): HttpConfig {
  const { basic_auth, authorization, bearer_token, bearer_token_file, oauth2, tls_config, http_headers } = config
  const { follow_redirects, enable_http2, proxy_url, no_proxy, proxy_from_environment, proxy_connect_header } = config
  return {
    basic_auth,
    authorization,
    bearer_token,
    bearer_token_file,
    oauth2,
    follow_redirects,
    enable_http2,
    tls_config,
    proxy_url,
    no_proxy,
    proxy_from_environment,
    proxy_connect_header,
    http_headers,
  }
}
