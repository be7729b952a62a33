// How a client reaches and convinces a server: the keys that scrape jobs, discoveries, Alertmanagers and remote storage share.
import { field, list, optional, record, StructForm, type Values } from './form.ts'
import type { Complain } from './place.ts'
import { fileName, oneOf, secret, text, truth, url } from './scalars.ts'

const tlsVersion = oneOf('TLS version', ['TLS10', 'TLS11', 'TLS12', 'TLS13'])

export const tls = new StructForm(
  {
    ca: field(text),
    cert: field(text),
    key: field(secret),
    ca_file: field(fileName),
    cert_file: field(fileName),
    key_file: field(fileName),
    ca_ref: field(text),
    cert_ref: field(text),
    key_ref: field(text),
    server_name: field(text),
    insecure_skip_verify: field(truth, { always: true }),
    min_version: field(tlsVersion),
    max_version: field(tlsVersion),
  },
  {
    check(config, complain) {
      atMostOne(config, ['ca', 'ca_file', 'ca_ref'], complain)
      atMostOne(config, ['cert', 'cert_file', 'cert_ref'], complain)
      atMostOne(config, ['key', 'key_file', 'key_ref'], complain)
      const certificate = firstGiven(config, ['cert', 'cert_file', 'cert_ref'])
      const key = firstGiven(config, ['key', 'key_file', 'key_ref'])
      if (certificate !== undefined && key === undefined)
        complain(certificate, 'a client certificate has no key beside it.', 'Add key_file.')
      if (certificate === undefined && key !== undefined)
        complain(key, 'a client key has no certificate beside it.', 'Add cert_file.')
    },
  },
)

const basicAuth = new StructForm({
  username: field(text, { always: true }),
  username_file: field(fileName),
  username_ref: field(text),
  password: field(secret),
  password_file: field(fileName),
  password_ref: field(text),
})

const authorization = new StructForm({
  type: field(text),
  credentials: field(secret),
  credentials_file: field(fileName),
  credentials_ref: field(text),
})

export const httpHeaders = record(
  new StructForm({
    values: field(list(text)),
    secrets: field(list(secret)),
    files: field(list(fileName)),
  }),
  (name) => {
    if (ownHeaders.has(name.toLowerCase())) return 'the client itself sets this header; it cannot be written here.'
    return undefined
  },
)

/** Headers that cannot be set by http_headers. */
const ownHeaders: ReadonlySet<string> = new Set([
  'authorization',
  'host',
  'content-encoding',
  'content-length',
  'content-type',
  'user-agent',
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'www-authenticate',
  'accept-encoding',
  'x-prometheus-remote-write-version',
  'x-prometheus-remote-read-version',
  'x-prometheus-scrape-timeout-seconds',
  'x-amz-date',
  'x-amz-security-token',
  'x-amz-content-sha256',
])

const proxyFields = {
  proxy_url: field(url),
  no_proxy: field(text),
  proxy_from_environment: field(truth),
  proxy_connect_header: field(record(list(secret))),
}

const oauth2 = new StructForm(
  {
    client_id: field(text, { always: true }),
    client_secret: field(secret),
    client_secret_file: field(fileName),
    client_secret_ref: field(text),
    scopes: field(list(text)),
    token_url: field(text, { always: true }),
    endpoint_params: field(record(text)),
    tls_config: field(tls),
    ...proxyFields,
  },
  {
    check(config, complain) {
      if (config.client_id === '') complain('client_id', 'the client_id of oauth2 is missing.')
      if (config.token_url === '') complain('token_url', 'the token_url of oauth2 is missing.')
      atMostOne(config, ['client_secret', 'client_secret_file', 'client_secret_ref'], complain)
      checkProxy(config, complain)
    },
  },
)

export const httpFields = {
  basic_auth: field(optional(basicAuth)),
  authorization: field(optional(authorization)),
  oauth2: field(optional(oauth2)),
  bearer_token: field(secret),
  bearer_token_file: field(fileName),
  tls_config: field(tls),
  follow_redirects: field(truth, { always: true, initial: () => true }),
  enable_http2: field(truth, { always: true, initial: () => true }),
  ...proxyFields,
  http_headers: field(httpHeaders),
}

export type HttpValues = Values<typeof httpFields>

/** What must hold between the keys; a bearer token becomes the authorization that it is short for. */
export function checkHttp(config: HttpValues, complain: Complain): void {
  const token = atMostOne(config, ['bearer_token', 'bearer_token_file'], complain)
  const ways = (['basic_auth', 'authorization', 'oauth2'] as const).filter((way) => config[way] !== undefined)
  const used = [...ways, ...(token === undefined ? [] : [token])]
  if (used.length > 1)
    complain(
      used[1] as string,
      `cannot stand beside ${used[0]}: a request has one Authorization header.`,
      'Keep one of them.',
    )
  if (config.basic_auth !== undefined) {
    const inside: Complain = (key, message, fix) => complain('basic_auth', `${key} ${message}`, fix)
    atMostOne(config.basic_auth, ['username', 'username_file', 'username_ref'], inside)
    atMostOne(config.basic_auth, ['password', 'password_file', 'password_ref'], inside)
  }
  if (config.authorization !== undefined) checkAuthorization(config.authorization, complain)
  else if (token !== undefined && ways.length === 0) config.authorization = authorizationOf(config)
  config.bearer_token = ''
  config.bearer_token_file = ''
  checkProxy(config, complain)
}

function checkAuthorization(config: Values<typeof authorization.fields>, complain: Complain): void {
  atMostOne(config, ['credentials', 'credentials_file', 'credentials_ref'], (key, message, fix) =>
    complain('authorization', `${key} ${message}`, fix),
  )
  config.type = config.type.trim() || 'Bearer'
  if (config.type.toLowerCase() === 'basic') complain('authorization', 'its type cannot be basic.', 'Use basic_auth.')
}

function authorizationOf(config: HttpValues): HttpValues['authorization'] {
  return {
    ...authorization.zero(),
    type: 'Bearer',
    credentials: config.bearer_token,
    credentials_file: config.bearer_token_file,
  }
}

function checkProxy(config: Values<typeof proxyFields>, complain: Complain): void {
  const hasUrl = (config.proxy_url ?? '') !== ''
  if ((config.proxy_connect_header?.size ?? 0) > 0 && !config.proxy_from_environment && !hasUrl)
    complain('proxy_connect_header', 'needs proxy_url or proxy_from_environment beside it.')
  if (config.proxy_from_environment && hasUrl)
    complain('proxy_url', 'cannot stand beside proxy_from_environment.', 'Keep one of them.')
  if (config.proxy_from_environment && config.no_proxy !== '')
    complain('no_proxy', 'cannot stand beside proxy_from_environment.', 'Keep one of them.')
  if (!hasUrl && !config.proxy_from_environment && config.no_proxy !== '')
    complain('no_proxy', 'needs proxy_url beside it.')
}

const firstGiven = <K extends string>(config: Readonly<Record<K, unknown>>, keys: readonly K[]): K | undefined =>
  keys.find((key) => config[key] !== '' && config[key] !== undefined)

/** The one that is given. */
function atMostOne<K extends string>(
  config: Readonly<Record<K, unknown>>,
  keys: readonly K[],
  complain: Complain,
): K | undefined {
  const given = keys.filter((key) => config[key] !== '')
  if (given.length > 1) complain(given[1] as string, `cannot stand beside ${given[0]}.`, 'Keep one of them.')
  return given[0]
}
