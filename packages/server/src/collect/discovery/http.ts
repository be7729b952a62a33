// http_sd_configs: prometheus.io/docs/prometheus/latest/http_sd/
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import type { HttpDiscoveryConfig, TargetGroup } from '../config.ts'
import type { HttpClient } from '../http-client/port.ts'
import type { Discovery, DiscoveryParts } from './discovery.ts'
import { Refreshing } from './refreshing.ts'
import { readGroups } from './target-groups.ts'

/** As much as a file may have. */
const maxBytes = 16 << 20

/** Asks a server for target groups. Where it fails, the last ones stay. Owns its client. */
export class HttpTargets implements Discovery {
  readonly #config: HttpDiscoveryConfig
  readonly #http: HttpClient
  readonly #refreshing: Refreshing
  groups: readonly TargetGroup[] = []
  #text = ''

  constructor(config: HttpDiscoveryConfig, http: HttpClient, parts: DiscoveryParts) {
    this.#config = config
    this.#http = http
    this.#refreshing = new Refreshing({
      mechanism: 'http',
      everyMs: config.refresh_interval,
      parts,
      refresh: (signal) => this.#refresh(signal),
    })
  }

  async start(): Promise<void> {
    this.#refreshing.start()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#refreshing[Symbol.asyncDispose]()
    await this.#http[Symbol.asyncDispose]()
  }

  async #refresh(signal: AbortSignal): Promise<boolean> {
    const { url, refresh_interval: timeoutMs } = this.#config
    const answer = await this.#http.fetch(new URL(url), {
      headers: { accept: 'application/json', 'x-prometheus-refresh-interval-seconds': String(timeoutMs / 1000) },
      timeoutMs,
      maxBytes,
      signal,
    })
    const type = answer.header('content-type') ?? ''
    if (answer.status !== 200) throw bad(`server returned HTTP status ${answer.status}`)
    if (!/^\s*application\/json\s*(;|$)/i.test(type))
      throw bad(`its content type is ${quoteValue(type)}, not application/json`)
    const text = Buffer.from(answer.body).toString('utf8')
    if (text === this.#text) return false
    this.groups = readGroups(parseJson(text), { __meta_url: url })
    this.#text = text
    return true
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw bad(`it is no JSON: ${(cause as Error).message}`)
  }
}

function bad(why: string): AppError {
  return new AppError('collect.bad_answer', `the answer has no targets: ${why}`)
}
