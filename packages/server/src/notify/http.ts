// The one way out for channels: bounded, timed, by the integration's own http_config.
import type { Readable } from 'node:stream'
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import type { HttpClient } from '../collect/http-client/port.ts'
import { httpSchema } from '../collect/http-config/port.ts'
import type { CommonOptions, HttpAnswer, Integration, OutgoingHttp, OutgoingMessage, Outside } from './port.ts'
import { retryAfterMs } from './retry.ts'

/** As much of an answer as is read: more than any that a channel has to understand. */
const maxAnswerBytes = 65_536

export function createOutgoingHttp(client: HttpClient, clock: Clock): OutgoingHttp {
  return {
    async send(url, { method = 'POST', signal, headers, ...message }): Promise<HttpAnswer> {
      const target = URL.parse(url)
      if (target === null || !/^https?:$/.test(target.protocol))
        throw new AppError(
          'config.invalid',
          'the address of the receiver is not a URL that begins with http:// or https://.',
        )
      const { body, type } = bodyOf(message)
      const response = await client.send(target, {
        method,
        headers: { ...(type === undefined ? {} : { 'content-type': type }), ...headers },
        ...(body === undefined ? {} : { body }),
        signal,
      })
      const text = await readSome(response.body, signal)
      const location = response.status >= 300 && response.status < 400 ? response.header('location') : undefined
      const pauseMs = pauseOf(response.status, (name) => response.header(name), clock.nowMs())
      return {
        status: response.status,
        answer: location === undefined ? text : redirected(location, target),
        header: (name) => response.header(name),
        ...(pauseMs === undefined ? {} : { pauseMs }),
      }
    },
  }
}

function bodyOf({ json, form, text }: Pick<OutgoingMessage, 'json' | 'form' | 'text'>): {
  readonly body?: Uint8Array
  readonly type?: string
} {
  if (json !== undefined) return { body: Buffer.from(JSON.stringify(json)), type: 'application/json' }
  if (form !== undefined)
    return { body: Buffer.from(new URLSearchParams(form).toString()), type: 'application/x-www-form-urlencoded' }
  return text === undefined ? {} : { body: Buffer.from(text), type: 'text/plain; charset=utf-8' }
}

/** A redirect that was not followed; where it leads, without what may be secret in it. */
function redirected(location: string, from: URL): string {
  const to = URL.parse(location, from.href)
  return `a redirect to ${to === null ? 'nowhere' : to.origin}: name that address in the configuration`
}

/** Retry-After where the receiver is overrun, or the end of its window where it says that the window is used up (Discord's headers). */
function pauseOf(status: number, header: (name: string) => string | undefined, nowMs: number): number | undefined {
  if (status === 429 || status === 503) {
    const asked = retryAfterMs(header('retry-after'), nowMs)
    if (asked !== undefined) return asked
  }
  return header('x-ratelimit-remaining') === '0' ? retryAfterMs(header('x-ratelimit-reset-after'), nowMs) : undefined
}

/** The beginning of a body, as text; the rest is not read. */
async function readSome(body: Readable, signal: AbortSignal): Promise<string> {
  const parts: Buffer[] = []
  let bytes = 0
  // destroying an unread body is an error to it
  body.on('error', () => undefined)
  const stop = (): void => void body.destroy()
  signal.addEventListener('abort', stop, { once: true })
  try {
    for await (const part of body as AsyncIterable<Buffer>) {
      parts.push(part)
      bytes += part.length
      if (bytes >= maxAnswerBytes) break
    }
  } catch (cause) {
    signal.throwIfAborted()
    throw new AppError('notify.failed', 'the answer broke off.', { cause })
  } finally {
    signal.removeEventListener('abort', stop)
    body.destroy()
  }
  return Buffer.concat(parts).subarray(0, maxAnswerBytes).toString('utf8')
}

/** An HTTP client for each integration, opened when it is first used. Owned by the outbox. */
export class ChannelClients implements AsyncDisposable {
  readonly #outside: Pick<Outside, 'openHttp'>
  readonly #clock: Clock
  readonly #clients = new Map<
    string,
    { readonly config: unknown; readonly client: HttpClient; readonly http: OutgoingHttp }
  >()

  constructor(outside: Pick<Outside, 'openHttp'>, clock: Clock) {
    this.#outside = outside
    this.#clock = clock
  }

  of({ key, config }: Integration): OutgoingHttp {
    const known = this.#clients.get(key)
    if (known !== undefined && known.config === config) return known.http
    if (known !== undefined) void close(known.client)
    const { http_config: httpConfig } = config as CommonOptions
    const client = this.#outside.openHttp(httpConfig ?? httpSchema.parse({}))
    const http = createOutgoingHttp(client, this.#clock)
    this.#clients.set(key, { config, client, http })
    return http
  }

  /** Closes those of integrations that are gone. */
  async keep(integrations: readonly Integration[]): Promise<void> {
    const keys = new Set(integrations.map(({ key }) => key))
    const gone = [...this.#clients].filter(([key]) => !keys.has(key))
    for (const [key] of gone) this.#clients.delete(key)
    await Promise.all(gone.map(([, { client }]) => client[Symbol.asyncDispose]()))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.keep([])
  }
}

async function close(client: HttpClient): Promise<void> {
  try {
    await client[Symbol.asyncDispose]()
  } catch {
    // the old client's requests end or fail by themselves; there is nobody to tell
  }
}
