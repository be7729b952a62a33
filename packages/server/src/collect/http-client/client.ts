// Asks servers as an http_config says: credentials, TLS, proxies, redirects.
import type { Readable } from 'node:stream'
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import { formatDurationMs } from '@tidewatch/core/time.ts'
import { Agent, type Dispatcher, ProxyAgent } from 'undici'
import type { HttpConfig } from '../http-config/port.ts'
import { readLimited } from './body.ts'
import { ConfigFiles } from './config-files.ts'
import { credentialHeaders } from './credentials.ts'
import { TokenSource } from './oauth2.ts'
import type { BytesAnswer, HttpClient, OutgoingRequest, StreamedAnswer, TlsOptions } from './port.ts'
import { type Environment, type ProxyChoice, proxyChoice } from './proxy.ts'
import { readTls, tlsStamp } from './tls.ts'

export interface HttpClientOptions {
  /** Relative file names are relative to this. */
  readonly baseDir: string
  readonly clock: Clock
  readonly userAgent: string
  /** For `proxy_from_environment`. */
  readonly env: Environment
  /**
   * Redirects that would turn a POST into a GET (301, 302, 303) are answers: what was sent would be lost, and the GET's 200 would look as if it
   * had arrived.
   */
  readonly keepsMethod?: boolean
}

const maxRedirects = 10
/** As long as Prometheus keeps them: connections outlive the pauses between scrapes. */
const keepAliveMs = 300_000
/** Proxies are few: one by the configuration, two by the environment. */
const maxAgents = 8

export function createHttpClient(config: HttpConfig, options: HttpClientOptions): HttpClient {
  return new ConfiguredClient(config, options)
}

class ConfiguredClient implements HttpClient {
  readonly #config: HttpConfig
  readonly #options: HttpClientOptions
  readonly #files: ConfigFiles
  readonly #proxyOf: ProxyChoice
  readonly #tokens: TokenSource | undefined
  readonly #tokenClient: HttpClient | undefined
  #agents = new Map<string, Dispatcher>()
  #tls: { readonly stamp: string; readonly options: TlsOptions } | undefined

  constructor(config: HttpConfig, options: HttpClientOptions) {
    this.#config = config
    this.#options = options
    this.#files = new ConfigFiles(options.baseDir)
    this.#proxyOf = proxyChoice(config, options.env)
    const { oauth2 } = config
    if (oauth2 !== undefined) {
      this.#tokenClient = createHttpClient(tokenConfig(config), options)
      this.#tokens = new TokenSource({
        config: oauth2,
        files: this.#files,
        clock: options.clock,
        http: this.#tokenClient,
      })
    }
  }

  async send(url: URL, request: OutgoingRequest & { readonly signal: AbortSignal }): Promise<StreamedAnswer> {
    let target = url
    let { method = 'GET', body } = request
    for (let hops = 0; hops <= maxRedirects; hops++) {
      // credentials are for the server that was named, not for whom it points at
      const answer = await this.#request(target, { ...request, method, body, trusted: target.origin === url.origin })
      const location = this.#config.follow_redirects ? redirectOf(answer) : undefined
      if (location === undefined || (answer.status < 307 && this.#options.keepsMethod === true)) return answer
      discard(answer.body)
      target = redirectTarget(location, target)
      // as every client does: only 307 and 308 repeat what was sent
      if (answer.status < 307) {
        method = 'GET'
        body = undefined
      }
    }
    throw new AppError('collect.bad_answer', `the target answers with more than ${maxRedirects} redirects`)
  }

  async fetch(
    url: URL,
    request: OutgoingRequest & { readonly timeoutMs: number; readonly maxBytes: number; readonly signal?: AbortSignal },
  ): Promise<BytesAnswer> {
    const { timeoutMs, maxBytes } = request
    await using timeout = startTimeout(this.#options.clock, timeoutMs)
    const signal = request.signal === undefined ? timeout.signal : AbortSignal.any([request.signal, timeout.signal])
    const answer = await this.send(url, {
      ...request,
      headers: { 'accept-encoding': 'gzip', ...request.headers },
      signal,
    })
    const gzip = answer.header('content-encoding')?.toLowerCase() === 'gzip'
    const body = await readLimited(answer.body, { gzip, maxBytes, signal })
    return { status: answer.status, body, header: (name) => answer.header(name) }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#agents.values()].map((agent) => agent.close()))
    await this.#tokenClient?.[Symbol.asyncDispose]()
  }

  async #request(
    url: URL,
    request: Omit<OutgoingRequest, 'body'> & {
      readonly body: Uint8Array | undefined
      readonly signal: AbortSignal
      readonly trusted: boolean
    },
  ): Promise<StreamedAnswer> {
    const { method = 'GET', body, signal, trusted } = request
    const own = trusted ? await credentialHeaders(this.#config, this.#files) : {}
    const token = trusted ? await this.#tokens?.header(signal) : undefined
    const headers: Record<string, string | string[]> = { 'user-agent': this.#options.userAgent }
    for (const [name, value] of Object.entries({ ...request.headers, ...own })) {
      headers[name] = typeof value === 'string' ? value : [...value]
    }
    if (token !== undefined) headers.authorization = token
    // last, with nothing to wait for after it: an agent that is replaced takes no more requests
    const agent = await this.#agent(url)
    const send = () =>
      agent.request({
        origin: url.origin,
        path: url.pathname + url.search,
        method,
        headers,
        signal,
        ...(body === undefined ? {} : { body }),
      })
    const answer = await sendTwice(send, url, signal)
    if (answer.statusCode === 401 && token !== undefined) this.#tokens?.forget(token)
    return { status: answer.statusCode, body: answer.body, header: (name) => headerOf(answer, name) }
  }

  /** One agent for each way; all are made anew when a file of the TLS configuration changes. */
  async #agent(url: URL): Promise<Dispatcher> {
    const { tls_config: tls } = this.#config
    const stamp = await tlsStamp(tls, this.#files)
    const options = this.#tls?.stamp === stamp ? this.#tls.options : await readTls(tls, this.#files)
    if (this.#tls?.stamp !== stamp) {
      this.#tls = { stamp, options }
      const old = this.#agents
      this.#agents = new Map()
      for (const agent of old.values()) void agent.close().catch(ignoreClosing)
    }
    const proxy = this.#proxyOf(url)
    const key = proxy === undefined ? '' : `${url.protocol} ${proxy}`
    const known = this.#agents.get(key)
    if (known !== undefined) return known
    const agent = createAgent(options, { proxy, url, connectHeaders: this.#config.proxy_connect_header })
    if (this.#agents.size >= maxAgents) throw new AppError('internal.bug', 'a client has too many proxies')
    this.#agents.set(key, agent)
    return agent
  }
}

function createAgent(
  tls: TlsOptions,
  {
    proxy,
    url,
    connectHeaders,
  }: {
    readonly proxy: string | undefined
    readonly url: URL
    readonly connectHeaders: HttpConfig['proxy_connect_header']
  },
): Dispatcher {
  const common = {
    keepAliveTimeout: keepAliveMs,
    keepAliveMaxTimeout: keepAliveMs,
    headersTimeout: 0,
    bodyTimeout: 0,
    allowH2: false,
  }
  if (proxy === undefined) return new Agent({ ...common, connect: { ...tls, timeout: 0 } })
  const headers: Record<string, string[]> = {}
  // these are for CONNECT; a plain request to a proxy is passed on, and its headers with it
  if (url.protocol === 'https:')
    for (const [name, values] of Object.entries(connectHeaders ?? {}))
      headers[name.toLowerCase()] = values.map((value) => value.reveal())
  return new ProxyAgent({ ...common, uri: proxy, headers, requestTls: tls, proxyTls: tls })
}

/** Once more where a kept connection was closed by the other side just as we wrote to it. */
async function sendTwice(
  send: () => Promise<Dispatcher.ResponseData>,
  url: URL,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  try {
    return await send()
  } catch (error) {
    signal.throwIfAborted()
    if (errorCode(error) !== 'UND_ERR_SOCKET') throw unreachable(error, url)
  }
  return await send().catch((error: unknown) => {
    signal.throwIfAborted()
    throw unreachable(error, url)
  })
}

/** The token's server is reached by the keys of oauth2 itself, and without the credentials of the target. */
function tokenConfig({ oauth2, follow_redirects, enable_http2 }: HttpConfig): HttpConfig {
  return {
    follow_redirects,
    enable_http2,
    tls_config: oauth2?.tls_config,
    proxy_url: oauth2?.proxy_url,
    no_proxy: oauth2?.no_proxy,
    proxy_from_environment: oauth2?.proxy_from_environment,
    proxy_connect_header: oauth2?.proxy_connect_header,
  }
}

/** A signal that fires on our clock; disposing stops the clock. */
function startTimeout(clock: Clock, timeoutMs: number): { readonly signal: AbortSignal } & AsyncDisposable {
  const timeout = new AbortController()
  const done = new AbortController()
  const timer = clock.sleep(timeoutMs, { signal: done.signal }).then(
    () => timeout.abort(new AppError('collect.timeout', `no whole answer within ${formatDurationMs(timeoutMs)}`)),
    () => undefined,
  )
  return {
    signal: timeout.signal,
    [Symbol.asyncDispose]: async () => {
      done.abort()
      await timer
    },
  }
}

const redirectStatus: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

function redirectOf(answer: StreamedAnswer): string | undefined {
  return redirectStatus.has(answer.status) ? answer.header('location') : undefined
}

function redirectTarget(location: string, from: URL): URL {
  const target = URL.parse(location, from.href)
  if (target === null || !/^https?:$/.test(target.protocol)) {
    throw new AppError('collect.bad_answer', `the target redirects to ${quoteValue(location)}, which is no http URL`)
  }
  return target
}

/** A body that nobody wants: not read to its end, which may never come. */
export function discard(body: Readable): void {
  // destroying an unread body is an error to it
  body.on('error', () => undefined)
  body.destroy()
}

function headerOf(response: Dispatcher.ResponseData, name: string): string | undefined {
  const value = response.headers[name]
  return Array.isArray(value) ? value[0] : value
}

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

function unreachable(error: unknown, url: URL): AppError {
  if (error instanceof AppError) return error
  // several addresses fail as one AggregateError without a text of its own
  const errors = error instanceof AggregateError ? error.errors : [error]
  const reasons = errors.map((one: unknown) => (one instanceof Error ? one.message : String(one)))
  const reason = [...new Set(reasons)].join('; ')
  return new AppError('collect.unreachable', `cannot reach ${url.host}: ${reason}`, { cause: error })
}

function ignoreClosing(): void {
  // the old agent's requests have ended or fail by themselves; there is nobody to tell
}
