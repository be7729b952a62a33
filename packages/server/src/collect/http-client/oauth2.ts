// OAuth 2.0 client credentials: RFC 6749, section 4.4. One token for all requests of a client, fetched anew when it is about to end.

import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import { z } from 'zod'
import type { OAuth2Config } from '../http-config/port.ts'
import type { ConfigFiles } from './config-files.ts'
import type { BytesAnswer, HttpClient } from './port.ts'

/** A token counts as ended so long before it is, since requests take time. */
const earlyMs = 10_000
const fetchTimeoutMs = 30_000
const maxAnswerBytes = 1 << 20

const tokenSchema = z.looseObject({
  access_token: z.string().min(1),
  token_type: z.string().optional(),
  // some servers write the number as text
  expires_in: z.coerce.number().min(0).optional(),
})

interface Token {
  readonly header: string
  readonly endsMs: number
  /** What it was got with: a renewed secret gets a new token. */
  readonly secret: string
}

export interface TokenSourceParts {
  readonly config: OAuth2Config
  readonly files: ConfigFiles
  readonly clock: Clock
  /** Reaches the token's server. */
  readonly http: HttpClient
}

export class TokenSource {
  readonly #parts: TokenSourceParts
  #token: Token | undefined
  #fetching: Promise<Token> | undefined
  /** How the server wants to know us; found out with the first token. */
  #sendsInHeader: boolean | undefined

  constructor(parts: TokenSourceParts) {
    this.#parts = parts
  }

  /** The Authorization header's value. Requests that come while a token is fetched share it. */
  async header(signal: AbortSignal): Promise<string> {
    const { config, files, clock } = this.#parts
    const secret = config.client_secret?.reveal() ?? (await files.trimmed(config.client_secret_file)) ?? ''
    const token = this.#token
    if (token !== undefined && token.secret === secret && clock.nowMs() < token.endsMs) return token.header
    this.#fetching ??= this.#fetch(secret).finally(() => {
      this.#fetching = undefined
    })
    return (await withSignal(this.#fetching, signal)).header
  }

  /** The server did not take the token: the next request gets another. */
  forget(header: string): void {
    if (this.#token?.header === header) this.#token = undefined
  }

  async #fetch(secret: string): Promise<Token> {
    let answer = await this.#ask(secret, this.#sendsInHeader ?? true)
    if (answer.status !== 200 && this.#sendsInHeader === undefined) {
      // some servers read id and secret from the body alone
      const other = await this.#ask(secret, false)
      if (other.status === 200) this.#sendsInHeader = false
      answer = other.status === 200 ? other : answer
    } else if (answer.status === 200) this.#sendsInHeader ??= true
    this.#token = this.#read(answer, secret)
    return this.#token
  }

  async #ask(secret: string, inHeader: boolean): Promise<BytesAnswer> {
    const { config, http } = this.#parts
    const form = new URLSearchParams({ grant_type: 'client_credentials' })
    if (config.scopes.length > 0) form.set('scope', config.scopes.join(' '))
    for (const [name, value] of Object.entries(config.endpoint_params ?? {})) form.set(name, value)
    const headers: Record<string, string> = {
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
    }
    if (inHeader) {
      const pair = `${encodeURIComponent(config.client_id)}:${encodeURIComponent(secret)}`
      headers.authorization = `Basic ${Buffer.from(pair).toString('base64')}`
    } else {
      form.set('client_id', config.client_id)
      if (secret !== '') form.set('client_secret', secret)
    }
    return await http.fetch(new URL(config.token_url), {
      method: 'POST',
      headers,
      body: Buffer.from(String(form)),
      timeoutMs: fetchTimeoutMs,
      maxBytes: maxAnswerBytes,
    })
  }

  #read({ status, body }: BytesAnswer, secret: string): Token {
    const { config, clock } = this.#parts
    const host = new URL(config.token_url).host
    if (status < 200 || status > 299) {
      throw new AppError(
        'collect.bad_answer',
        `no token from ${host}: it answers ${status} ${quoteValue(textOf(body))}`,
        {
          fix: 'Check client_id, the secret and the scopes of oauth2.',
        },
      )
    }
    const parsed = tokenSchema.safeParse(jsonOf(body))
    if (!parsed.success)
      throw new AppError('collect.bad_answer', `no token from ${host}: the answer has no access_token`)
    const { access_token: token, token_type: type = 'Bearer', expires_in: seconds } = parsed.data
    return {
      header: `${/^bearer$/i.test(type) ? 'Bearer' : type} ${token}`,
      endsMs:
        seconds === undefined || seconds === 0 ? Number.POSITIVE_INFINITY : clock.nowMs() + seconds * 1000 - earlyMs,
      secret,
    }
  }
}

function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(textOf(body))
  } catch {
    // a form, as a few servers still answer; or nothing that has a token, which the schema tells
    return Object.fromEntries(new URLSearchParams(textOf(body)))
  }
}

const textOf = (body: Uint8Array): string => Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8')

/** What is shared goes on when one of those who wait for it leaves. */
async function withSignal<T>(shared: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  const left = Promise.withResolvers<never>()
  const leave = (): void => left.reject(signal.reason)
  signal.addEventListener('abort', leave, { once: true })
  try {
    return await Promise.race([shared, left.promise])
  } finally {
    signal.removeEventListener('abort', leave)
  }
}
