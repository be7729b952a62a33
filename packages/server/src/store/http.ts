// ClickHouse's HTTP interface as the store's client needs it: one statement, one POST, one stream of bytes.
import { once } from 'node:events'
import { type ClientRequest, Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { readException } from './exception.ts'
import type { StoreAddress } from './port.ts'

/** Settings of a statement, and what steers the interface itself. */
export type Parameters = Readonly<Record<string, string | number>>

export interface Statement {
  readonly sql: string
  /** Rows of an INSERT, in the format that the SQL names. */
  readonly body?: AsyncIterable<Uint8Array> | readonly Uint8Array[]
  readonly parameters: Parameters
  readonly signal: AbortSignal
  /** To be asked again where the connection was closed while nobody used it: true of what only reads. */
  readonly repeatable: boolean
}

/** Of a text that is no exception (a proxy's page): so much is told. */
const toldOfAnswer = 500
const maxErrorBytes = 1024 * 1024

/** Connections are made as they are needed, and kept for as long as the store's Keep-Alive header says. */
export class StoreHttp implements Disposable {
  readonly #agent: HttpAgent
  readonly #open: typeof requestHttp
  readonly #target: URL
  readonly #headers: Readonly<Record<string, string>>
  readonly #socketPath: string | undefined

  constructor(address: StoreAddress, maxConnections: number) {
    this.#target = new URL(address.url)
    this.#target.searchParams.set('database', address.database)
    this.#socketPath = address.socketPath
    const isTls = this.#target.protocol === 'https:'
    this.#agent = new (isTls ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets: maxConnections })
    this.#open = isTls ? requestHttps : requestHttp
    const credentials = Buffer.from(`${address.username ?? 'default'}:${address.password ?? ''}`).toString('base64')
    this.#headers = { authorization: `Basic ${credentials}`, 'user-agent': 'tidewatch' }
  }

  /** The body of a good answer. Rejects with StoreException, with what the connection failed of, or as the signal does. */
  async send(statement: Statement): Promise<IncomingMessage> {
    statement.signal.throwIfAborted()
    const answer = await this.#answerTo(statement)
    const { statusCode = 0, headers } = answer
    if (statusCode >= 200 && statusCode < 300 && headers['x-clickhouse-exception-code'] === undefined) return answer
    const text = await readAtMost(answer, maxErrorBytes)
    throw readException(text) ?? new Error(`status ${statusCode}: ${text.slice(0, toldOfAnswer)}`)
  }

  [Symbol.dispose](): void {
    this.#agent.destroy()
  }

  async #answerTo(statement: Statement): Promise<IncomingMessage> {
    const first = this.#request(statement)
    try {
      return await responseOf(first, statement)
    } catch (error) {
      if (!statement.repeatable || !first.reusedSocket || !isConnectionLost(error)) throw error
      return responseOf(this.#request(statement), statement)
    }
  }

  #request({ sql, body, parameters, signal }: Statement): ClientRequest {
    const url = new URL(this.#target)
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, String(value))
    if (body !== undefined) url.searchParams.set('query', sql)
    return this.#open(url, {
      method: 'POST',
      agent: this.#agent,
      headers: this.#headers,
      signal,
      ...(this.#socketPath === undefined ? {} : { socketPath: this.#socketPath }),
    })
  }
}

async function responseOf(request: ClientRequest, { sql, body, signal }: Statement): Promise<IncomingMessage> {
  // the connection may also fail when the answer is already being read: that is its reader's to say
  request.on('error', () => {})
  // by the signal too: a request that is cancelled while it waits for a connection says so only when it has one
  const answered = once(request, 'response', { signal }) as Promise<[IncomingMessage]>
  if (body === undefined) request.end(sql)
  else {
    // a store that refuses rows answers before it has all of them
    const sent = pipeline(Readable.from(body, { objectMode: false }), request).then(() => answered)
    const [answer] = await Promise.race([answered, sent])
    return answer
  }
  const [answer] = await answered
  return answer
}

const isConnectionLost = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE')

async function readAtMost(answer: IncomingMessage, most: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of answer) {
    chunks.push(chunk)
    size += chunk.length
    if (size >= most) break
  }
  return Buffer.concat(chunks).toString()
}
