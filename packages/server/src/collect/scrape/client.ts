// One GET a scrape, as Prometheus sends it: headers, auth, TLS, redirects, gzip, and a bound on every wait and every byte.
import { readFile, stat } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import { Agent, type Dispatcher, ProxyAgent } from 'undici'
import type { HttpConfig, ScrapeProtocol } from '../config.ts'
import type { ScrapeJob } from './job.ts'

/** Asks targets of one job. Owned by the job's pool, which disposes of it; that lets requests under way come to their end. */
export interface ScrapeClient extends AsyncDisposable {
  /** The whole body, inflated. Throws `collect.…` errors; `signal` ends it with its reason. */
  get(url: URL, options: { readonly timeoutMs: number; readonly signal: AbortSignal }): Promise<ScrapeAnswer>
}

export interface ScrapeAnswer {
  readonly body: Uint8Array
  readonly contentType: string | undefined
}

const maxRedirects = 10
const redirectStatus: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
/** As many as Prometheus waits: connections outlive the pauses between scrapes. */
const keepAliveMs = 300_000

/** A client for a job as it is now; a job whose `clientKey` changes gets another. */
export function createScrapeClient(job: ScrapeJob, options: { readonly version: string }): ScrapeClient {
  return new HttpScrapeClient(job, options.version)
}

class HttpScrapeClient implements ScrapeClient {
  readonly #job: ScrapeJob
  readonly #version: string
  #dispatcher: { readonly agent: Dispatcher; readonly tlsKey: string } | undefined

  constructor(job: ScrapeJob, version: string) {
    this.#job = job
    this.#version = version
  }

  async get(url: URL, { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal }) {
    let target = url
    for (let hops = 0; hops <= maxRedirects; hops++) {
      const response = await this.#request(target, { timeoutMs, signal, trusted: target.origin === url.origin })
      const location = this.#job.http.follow_redirects ? redirectOf(response) : undefined
      if (location === undefined) return await this.#read(response, signal)
      discard(response.body)
      target = redirectTarget(location, target)
    }
    throw new AppError('collect.bad_answer', `the target answers with more than ${maxRedirects} redirects`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#dispatcher?.agent.close()
  }

  async #request(
    url: URL,
    {
      timeoutMs,
      signal,
      trusted,
    }: { readonly timeoutMs: number; readonly signal: AbortSignal; readonly trusted: boolean },
  ): Promise<Dispatcher.ResponseData> {
    const agent = await this.#agent()
    const headers: Record<string, string | string[]> = {
      accept: acceptHeader(this.#job.protocols),
      'user-agent': `Tidewatch/${this.#version}`,
      'x-prometheus-scrape-timeout-seconds': String(timeoutMs / 1000),
      ...(this.#job.enableCompression ? { 'accept-encoding': 'gzip' } : { 'accept-encoding': 'identity' }),
      // credentials are for the target, not for whom it points at
      ...(trusted ? await this.#credentials() : {}),
    }
    const send = () =>
      agent.request({ origin: url.origin, path: url.pathname + url.search, method: 'GET', headers, signal })
    try {
      return await send()
    } catch (error) {
      signal.throwIfAborted()
      // a kept connection may be closed by the other side just as we write to it
      if (errorCode(error) !== 'UND_ERR_SOCKET') throw unreachable(error, url)
    }
    return await send().catch((error: unknown) => {
      signal.throwIfAborted()
      throw unreachable(error, url)
    })
  }

  async #read(response: Dispatcher.ResponseData, signal: AbortSignal): Promise<ScrapeAnswer> {
    if (response.statusCode !== 200) {
      discard(response.body)
      throw new AppError('collect.bad_answer', `server returned HTTP status ${response.statusCode}`)
    }
    const encoding = headerOf(response, 'content-encoding')?.toLowerCase() ?? 'identity'
    if (encoding !== 'gzip' && encoding !== 'identity') {
      discard(response.body)
      throw new AppError(
        'collect.bad_answer',
        `the target answers with Content-Encoding ${quoteValue(encoding)}; gzip was offered`,
      )
    }
    const body = await readLimited(response.body, {
      gzip: encoding === 'gzip',
      limit: this.#job.limits.bodyBytes,
      signal,
    })
    return { body, contentType: headerOf(response, 'content-type') }
  }

  /** One agent for all targets; made anew when a file of the TLS configuration changes. */
  async #agent(): Promise<Dispatcher> {
    const tlsKey = await this.#tlsKey()
    if (this.#dispatcher?.tlsKey === tlsKey) return this.#dispatcher.agent
    const old = this.#dispatcher?.agent
    const connect = await this.#tlsOptions()
    const common = {
      keepAliveTimeout: keepAliveMs,
      keepAliveMaxTimeout: keepAliveMs,
      headersTimeout: 0,
      bodyTimeout: 0,
      allowH2: false,
    }
    const proxy = this.#job.http.proxy_url
    const agent =
      proxy === undefined || proxy === ''
        ? new Agent({ ...common, connect: { ...connect, timeout: 0 } })
        : new ProxyAgent({ ...common, uri: proxy, requestTls: connect })
    this.#dispatcher = { agent, tlsKey }
    if (old !== undefined) void old.close().catch(ignoreClosing)
    return agent
  }

  async #tlsKey(): Promise<string> {
    const tls = this.#job.http.tls_config
    const files = [tls?.ca_file, tls?.cert_file, tls?.key_file].filter((file) => file !== undefined)
    const times = await Promise.all(
      files.map(async (file) => (await this.#fromFile(file, (path) => stat(path))).mtimeMs),
    )
    return times.join(',')
  }

  async #tlsOptions() {
    const tls = this.#job.http.tls_config
    if (tls === undefined) return {}
    const text = async (inline: string | undefined, file: string | undefined) =>
      inline ?? (file === undefined ? undefined : await this.#readFile(file))
    const [ca, cert, key] = await Promise.all([
      text(tls.ca, tls.ca_file),
      text(tls.cert, tls.cert_file),
      text(tls.key?.reveal(), tls.key_file),
    ])
    return {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(tls.server_name === undefined ? {} : { servername: tls.server_name }),
      ...(tls.min_version === undefined ? {} : { minVersion: tlsVersions[tls.min_version] }),
      ...(tls.max_version === undefined ? {} : { maxVersion: tlsVersions[tls.max_version] }),
      rejectUnauthorized: !tls.insecure_skip_verify,
    }
  }

  /** Files are read each time, as Prometheus does: what is in them may be renewed. */
  async #credentials(): Promise<Record<string, string | string[]>> {
    const { http } = this.#job
    const authorization = await this.#authorization(http)
    const headers: Record<string, string | string[]> = {}
    for (const [name, { values, secrets, files }] of Object.entries(http.http_headers ?? {})) {
      const fromFiles = await Promise.all(files.map((file) => this.#readFile(file)))
      headers[name.toLowerCase()] = [
        ...values,
        ...secrets.map((secret) => secret.reveal()),
        ...fromFiles.map((text) => text.trim()),
      ]
    }
    return authorization === undefined ? headers : { ...headers, authorization }
  }

  async #authorization(http: HttpConfig): Promise<string | undefined> {
    const basic = http.basic_auth
    if (basic !== undefined) {
      const user = basic.username ?? (await this.#trimmedFile(basic.username_file)) ?? ''
      const password = basic.password?.reveal() ?? (await this.#trimmedFile(basic.password_file)) ?? ''
      return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
    }
    const bearer = http.bearer_token?.reveal() ?? (await this.#trimmedFile(http.bearer_token_file))
    if (bearer !== undefined) return `Bearer ${bearer}`
    const { authorization } = http
    const credentials =
      authorization?.credentials?.reveal() ?? (await this.#trimmedFile(authorization?.credentials_file))
    return authorization === undefined || credentials === undefined ? undefined : `${authorization.type} ${credentials}`
  }

  async #trimmedFile(file: string | undefined): Promise<string | undefined> {
    return file === undefined ? undefined : (await this.#readFile(file)).trim()
  }

  #readFile(file: string): Promise<string> {
    return this.#fromFile(file, (path) => readFile(path, 'utf8'))
  }

  async #fromFile<T>(file: string, use: (path: string) => Promise<T>): Promise<T> {
    try {
      return await use(isAbsolute(file) ? file : join(this.#job.baseDir, file))
    } catch (cause) {
      throw new AppError(
        'config.unreadable',
        `the file ${quoteValue(file)} of the job's configuration cannot be read`,
        {
          cause,
          fix: 'Check the path and its permissions.',
        },
      )
    }
  }
}

const tlsVersions = { TLS10: 'TLSv1', TLS11: 'TLSv1.1', TLS12: 'TLSv1.2', TLS13: 'TLSv1.3' } as const

/** Inflates and joins a body, and stops it at the limit: what flows in after that is not read. */
async function readLimited(
  body: Readable,
  { gzip, limit, signal }: { readonly gzip: boolean; readonly limit: number; readonly signal: AbortSignal },
): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  let size = 0
  const collect = async (source: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of source) {
      size += chunk.length
      if (size > limit) {
        throw new AppError('collect.limit', `the answer is longer than ${limit} bytes`, {
          fix: 'Expose less at this target, or raise body_size_limit.',
        })
      }
      chunks.push(chunk)
    }
  }
  try {
    await (gzip ? pipeline(body, createGunzip(), collect, { signal }) : pipeline(body, collect, { signal }))
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof AppError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new AppError('collect.bad_answer', `the answer broke off or is no gzip: ${reason}`, { cause: error })
  }
  return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)
}

const mediaTypes: Readonly<Partial<Record<ScrapeProtocol, string>>> = {
  'OpenMetricsText1.0.0': 'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8',
  'OpenMetricsText0.0.1': 'application/openmetrics-text;version=0.0.1',
  'PrometheusText1.0.0': 'text/plain;version=1.0.0;escaping=allow-utf-8',
  'PrometheusText0.0.4': 'text/plain;version=0.0.4',
}

/** In the order of the configuration, with falling weights. Protobuf is not offered, since only its text siblings are read. */
export function acceptHeader(protocols: readonly ScrapeProtocol[]): string {
  const known = protocols.map((protocol) => mediaTypes[protocol]).filter((type) => type !== undefined)
  const types = known.length === 0 ? [mediaTypes['PrometheusText0.0.4']] : known
  let weight = types.length + 1
  return [...types.map((type) => `${type};q=0.${weight--}`), `*/*;q=0.${weight}`].join(',')
}

function redirectOf(response: Dispatcher.ResponseData): string | undefined {
  return redirectStatus.has(response.statusCode) ? headerOf(response, 'location') : undefined
}

function redirectTarget(location: string, from: URL): URL {
  const target = URL.parse(location, from.href)
  if (target === null || !/^https?:$/.test(target.protocol)) {
    throw new AppError('collect.bad_answer', `the target redirects to ${quoteValue(location)}, which is no http URL`)
  }
  return target
}

/** A body that nobody wants: not read to its end, which may never come. */
function discard(body: Readable): void {
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
