// The one way to the store, embedded or remote: ClickHouse's HTTP interface. Works in worker threads.
import { randomUUID } from 'node:crypto'
import { AppError } from '@tidewatch/core/error.ts'
import { readAnswerFile } from './answer-file.ts'
import { exceptionAtEnd, exceptionBytes } from './exception.ts'
import { storeError } from './failure.ts'
import { type Parameters, StoreHttp } from './http.ts'
import type { StoreAddress, StoreClient, StoreQueryOptions, StreamOptions } from './port.ts'

export interface StoreClientOptions {
  /** Statements under way at once; more wait. Default 8. */
  readonly maxConnections?: number
  /** For statements that name none; default 60 s. */
  readonly timeoutMs?: number
}

/** How long after its own limit a store may take to say that it stopped, before it counts as gone. */
const graceMs = 5000
/** A statement may list some 100,000 ids. */
const maxStatementBytes = 16 * 1024 * 1024
/** Opens nothing yet: connections are made as they are needed, and kept. */
export function createStoreClient(
  address: StoreAddress,
  options: StoreClientOptions = {},
): StoreClient & AsyncDisposable {
  return new HttpStoreClient(address, options)
}

class HttpStoreClient implements StoreClient, AsyncDisposable {
  readonly #http: StoreHttp
  readonly #isEmbedded: boolean
  readonly #place: string
  readonly #timeoutMs: number

  constructor(address: StoreAddress, options: StoreClientOptions) {
    this.#timeoutMs = options.timeoutMs ?? 60_000
    this.#isEmbedded = address.socketPath !== undefined
    this.#place = address.socketPath ?? new URL(address.url).host
    this.#http = new StoreHttp(address, options.maxConnections ?? 8)
  }

  async query<Row>(sql: string, options: StoreQueryOptions): Promise<readonly Row[]> {
    const chunks: Uint8Array[] = []
    for await (const chunk of this.stream(`${sql}\nFORMAT JSONEachRow`, options)) chunks.push(chunk)
    return readRows<Row>(Buffer.concat(chunks).toString())
  }

  stream(sql: string, options: StreamOptions): AsyncIterable<Uint8Array> {
    return options.viaFile === true && this.#isEmbedded ? this.#readFile(sql, options) : this.#read(sql, options, {})
  }

  async *#readFile(sql: string, options: StoreQueryOptions): AsyncGenerator<Uint8Array> {
    const path: Uint8Array[] = []
    // the embedded engine's own parameter
    for await (const chunk of this.#read(sql, options, { answer_in_file: 1 })) path.push(chunk)
    try {
      yield* readAnswerFile(Buffer.concat(path).toString())
    } catch (error) {
      throw storeError(error, this.#place)
    }
  }

  async *#read(sql: string, options: StoreQueryOptions, more: Parameters): AsyncGenerator<Uint8Array> {
    using limit = new Limit(options.signal, (options.timeoutMs ?? this.#timeoutMs) + graceMs)
    try {
      const parameters = { ...this.#parameters(options), ...more }
      const answer = await this.#http.send({ sql, parameters, signal: limit.signal, repeatable: true })
      try {
        yield* withoutException(answer)
      } finally {
        // who stops reading early has no use for the rest: closing the connection ends the query
        answer.destroy()
      }
    } catch (error) {
      throw limit.reason() ?? storeError(error, this.#place)
    }
  }

  command(sql: string, options: StoreQueryOptions): Promise<void> {
    return this.#write({ sql }, options, {})
  }

  insert(
    sql: string,
    body: AsyncIterable<Uint8Array> | readonly Uint8Array[],
    options: StoreQueryOptions & { readonly token?: string },
  ): Promise<void> {
    return this.#write({ sql, body }, options, { ...insertSettings, ...tokenSettings(options.token) })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#http[Symbol.dispose]()
  }

  /** Resolves when all is done: nothing is answered, or an exception. */
  async #write(
    statement: { readonly sql: string; readonly body?: AsyncIterable<Uint8Array> | readonly Uint8Array[] },
    options: StoreQueryOptions,
    settings: Parameters,
  ): Promise<void> {
    using limit = new Limit(options.signal, (options.timeoutMs ?? this.#timeoutMs) + graceMs)
    try {
      const parameters = { ...this.#parameters(options), wait_end_of_query: 1, ...settings }
      const answer = await this.#http.send({ ...statement, parameters, signal: limit.signal, repeatable: false })
      for await (const _ of withoutException(answer));
    } catch (error) {
      throw limit.reason() ?? storeError(error, this.#place)
    }
  }

  #parameters(options: StoreQueryOptions): Parameters {
    return {
      query_id: randomUUID(),
      max_execution_time: (options.timeoutMs ?? this.#timeoutMs) / 1000,
      max_query_size: maxStatementBytes,
      // for all alike: a session is told what differs from its last statement, which takes half a millisecond
      output_format_json_quote_64bit_integers: 0,
      cancel_http_readonly_queries_on_client_close: 1,
      ...(options.maxMemoryBytes === undefined ? {} : { max_memory_usage: options.maxMemoryBytes }),
      ...(options.maxRows === undefined ? {} : { max_result_rows: options.maxRows, result_overflow_mode: 'throw' }),
    }
  }
}

const readRows = <Row>(text: string): Row[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row)

/**
 * An insert is one block and, on one thread, the same block whenever it is repeated: what its token stands for. Duplicates in it wait for a
 * merge, since sorting them out at once costs as much as the rest of the load (0.33 against 0.15 µs a sample).
 */
const insertSettings: Parameters = {
  async_insert: 0,
  max_threads: 1,
  max_insert_threads: '1',
  min_insert_block_size_rows: '100000000',
  min_insert_block_size_bytes: String(1024 ** 3),
  optimize_on_insert: 0,
}

function tokenSettings(token: string | undefined): Parameters {
  if (token === undefined) return {}
  return {
    insert_deduplicate: 1,
    insert_deduplication_token: token,
    // without it the token of an INSERT SELECT is not looked at
    deduplicate_insert_select: 'enable_even_for_bad_queries',
  }
}

/** Fires when the caller gives up, and when the store does not keep its own limit. */
class Limit implements Disposable {
  readonly #controller = new AbortController()
  readonly #caller: AbortSignal
  readonly #timer: NodeJS.Timeout
  readonly #onAbort = (): void => this.#controller.abort(this.#caller.reason)

  constructor(caller: AbortSignal, limitMs: number) {
    this.#caller = caller
    // made when it is late: each statement has such a limit
    this.#timer = setTimeout(() => this.#controller.abort(late(limitMs)), limitMs)
    if (caller.aborted) this.#onAbort()
    else caller.addEventListener('abort', this.#onAbort, { once: true })
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Why it fired; undefined when it did not. */
  reason(): Error | undefined {
    if (!this.signal.aborted) return undefined
    const { reason } = this.signal
    return reason instanceof Error ? reason : new AppError('internal.cancelled', String(reason))
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
    this.#caller.removeEventListener('abort', this.#onAbort)
  }
}

const late = (limitMs: number): AppError =>
  new AppError('store.unavailable', `The store gave no answer within ${Math.round(limitMs / 1000)} s`, {
    fix: 'Look at the state of the store',
  })

/**
 * The chunks of an answer. An exception in its middle comes as text at its end, after the status said that all was well: the last chunks
 * are therefore looked at before they are handed on.
 */
async function* withoutException(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const held: Uint8Array[] = []
  let heldBytes = 0
  try {
    for await (const chunk of chunks) {
      held.push(chunk)
      heldBytes += chunk.length
      while (held.length > 1 && heldBytes - (held[0] as Uint8Array).length >= exceptionBytes) {
        const first = held.shift() as Uint8Array
        heldBytes -= first.length
        yield first
      }
    }
  } catch (broken) {
    // an answer that breaks off in the middle usually says why in its last bytes
    throw exceptionAtEnd(Buffer.concat(held)) ?? broken
  }
  const exception = exceptionAtEnd(Buffer.concat(held))
  if (exception !== undefined) throw exception
  yield* held
}
