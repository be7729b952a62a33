// One GET a scrape, as Prometheus sends it: what is accepted, gzip, and a bound on every wait and every byte.
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import { type ScrapeProtocol, scrapeProtocols } from '../config.ts'
import { readLimited } from '../http-client/body.ts'
import { createHttpClient, discard } from '../http-client/client.ts'
import type { HttpClient, StreamedAnswer } from '../http-client/port.ts'
import type { Environment } from '../http-client/proxy.ts'
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

export interface ScrapeClientOptions {
  /** For the User-Agent. */
  readonly version: string
  readonly clock: Clock
  readonly env: Environment
}

/** A client for a job as it is now; a job whose `clientKey` changes gets another. */
export function createScrapeClient(job: ScrapeJob, { version, clock, env }: ScrapeClientOptions): ScrapeClient {
  const userAgent = `Tidewatch/${version}`
  return new HttpScrapeClient(job, createHttpClient(job.http, { baseDir: job.baseDir, clock, env, userAgent }))
}

class HttpScrapeClient implements ScrapeClient {
  readonly #job: ScrapeJob
  readonly #http: HttpClient

  constructor(job: ScrapeJob, http: HttpClient) {
    this.#job = job
    this.#http = http
  }

  async get(url: URL, { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal }) {
    const headers = {
      accept: acceptHeader(this.#job.protocols, this.#job.nameEscaping),
      'x-prometheus-scrape-timeout-seconds': String(timeoutMs / 1000),
      'accept-encoding': this.#job.enableCompression ? 'gzip' : 'identity',
    }
    return await this.#read(await this.#http.send(url, { headers, signal }), signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#http[Symbol.asyncDispose]()
  }

  async #read(answer: StreamedAnswer, signal: AbortSignal): Promise<ScrapeAnswer> {
    if (answer.status !== 200) {
      discard(answer.body)
      throw new AppError('collect.bad_answer', `server returned HTTP status ${answer.status}`)
    }
    const encoding = answer.header('content-encoding')?.toLowerCase() ?? 'identity'
    if (encoding !== 'gzip' && encoding !== 'identity') {
      discard(answer.body)
      throw new AppError(
        'collect.bad_answer',
        `the target answers with Content-Encoding ${quoteValue(encoding)}; gzip was offered`,
      )
    }
    const body = await readLimited(answer.body, {
      gzip: encoding === 'gzip',
      maxBytes: this.#job.limits.bodyBytes,
      fix: 'Expose less at this target, or raise body_size_limit.',
      signal,
    })
    return { body, contentType: answer.header('content-type') }
  }
}

const mediaTypes: Readonly<Record<ScrapeProtocol, string>> = {
  PrometheusProto: 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited',
  'OpenMetricsText1.0.0': 'application/openmetrics-text;version=1.0.0',
  'OpenMetricsText0.0.1': 'application/openmetrics-text;version=0.0.1',
  'PrometheusText1.0.0': 'text/plain;version=1.0.0',
  'PrometheusText0.0.4': 'text/plain;version=0.0.4',
}
/** The formats that know how names may be written. */
const escapes: ReadonlySet<ScrapeProtocol> = new Set(['OpenMetricsText1.0.0', 'PrometheusText1.0.0'])

/** In the order of the configuration, with the weights that Prometheus gives: targets may know its header by heart. */
export function acceptHeader(protocols: readonly ScrapeProtocol[], escaping: string): string {
  const first = scrapeProtocols.length + 1
  const types = protocols.map((protocol, i) => {
    const named = escapes.has(protocol) ? `;escaping=${escaping}` : ''
    return `${mediaTypes[protocol]}${named};q=0.${first - i}`
  })
  return [...types, `*/*;q=0.${first - protocols.length}`].join(',')
}
