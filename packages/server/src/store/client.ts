// The one way to the store, embedded or remote: ClickHouse's HTTP interface. Works in worker threads.
import { randomUUID } from 'node:crypto'
import { Agent } from 'node:http'
import { Readable } from 'node:stream'
import { ClickHouseError, ClickHouseLogLevel, type ClickHouseSettings, createClient } from '@clickhouse/client'
import { AppError } from '@tidewatch/core/error.ts'
import { storeError } from './failure.ts'
import type { StoreAddress, StoreClient, StoreQueryOptions } from './port.ts'

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
/** An exception in the middle of an answer ends it: at most so much text. */
const exceptionBytes = 16 * 1024

/** Opens nothing yet: connections are made as they are needed, and kept. */
export function createStoreClient(
  address: StoreAddress,
  options: StoreClientOptions = {},
): StoreClient & AsyncDisposable {
  return new HttpStoreClient(address, options)
}

class HttpStoreClient implements StoreClient, AsyncDisposable {
  readonly #client: ReturnType<typeof createClient>
  readonly #agent: Agent | undefined
  readonly #place: string
  readonly #timeoutMs: number

  constructor(address: StoreAddress, options: StoreClientOptions) {
    const maxSockets = options.maxConnections ?? 8
    this.#timeoutMs = options.timeoutMs ?? 60_000
    this.#place = address.socketPath ?? new URL(address.url).host
    this.#agent =
      address.socketPath === undefined
        ? undefined
        : new Agent({ keepAlive: true, maxSockets, socketPath: address.socketPath } as ConstructorParameters<
            typeof Agent
          >[0])
    this.#client = createClient({
      url: address.url,
      database: address.database,
      username: address.username ?? 'default',
      password: address.password ?? '',
      max_open_connections: maxSockets,
      // our own limit ends a statement that hangs; this one would end long ones that do not
      request_timeout: 24 * 60 * 60 * 1000,
      log: { level: ClickHouseLogLevel.OFF },
      ...(this.#agent === undefined ? {} : { http_agent: this.#agent }),
    })
  }

  async query<Row>(sql: string, options: StoreQueryOptions): Promise<readonly Row[]> {
    return this.#limited(options, async (signal) => {
      const answer = await this.#client.query({
        query: sql,
        format: 'JSONEachRow',
        abort_signal: signal,
        query_id: randomUUID(),
        clickhouse_settings: { ...this.#settings(options), output_format_json_quote_64bit_integers: 0 },
      })
      return answer.json<Row>()
    })
  }

  async *stream(sql: string, options: StoreQueryOptions): AsyncGenerator<Uint8Array> {
    using limit = new Limit(options.signal, (options.timeoutMs ?? this.#timeoutMs) + graceMs)
    let stream: Readable | undefined
    try {
      const request = { query: sql, abort_signal: limit.signal, query_id: randomUUID() }
      stream = (await this.#client.exec({ ...request, clickhouse_settings: this.#settings(options) })).stream
      const opened = stream
      limit.signal.addEventListener('abort', () => opened.destroy(limit.reason()), { once: true })
      yield* withoutException(opened)
    } catch (error) {
      throw limit.reason() ?? storeError(error, this.#place)
    } finally {
      // who stops reading early has no use for the rest: closing the connection ends the query
      stream?.destroy()
    }
  }

  async command(sql: string, options: StoreQueryOptions): Promise<void> {
    await this.#limited(options, async (signal) => {
      const clickhouse_settings: ClickHouseSettings = { ...this.#settings(options), wait_end_of_query: 1 }
      await this.#client.command({ query: sql, abort_signal: signal, query_id: randomUUID(), clickhouse_settings })
    })
  }

  async insert(
    sql: string,
    body: AsyncIterable<Uint8Array> | readonly Uint8Array[],
    options: StoreQueryOptions & { readonly token?: string },
  ): Promise<void> {
    await this.#limited(options, async (signal) => {
      const { stream } = await this.#client.exec({
        query: sql,
        values: Readable.from(body, { objectMode: false }),
        abort_signal: signal,
        query_id: randomUUID(),
        clickhouse_settings: { ...this.#settings(options), ...insertSettings, ...tokenSettings(options.token) },
      })
      // an insert answers nothing, or an exception
      for await (const _ of withoutException(stream));
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.close()
    this.#agent?.destroy()
  }

  #settings(options: StoreQueryOptions): ClickHouseSettings {
    return {
      max_execution_time: (options.timeoutMs ?? this.#timeoutMs) / 1000,
      max_query_size: String(maxStatementBytes),
      cancel_http_readonly_queries_on_client_close: 1,
      ...(options.maxMemoryBytes === undefined ? {} : { max_memory_usage: String(options.maxMemoryBytes) }),
      ...(options.maxRows === undefined
        ? {}
        : { max_result_rows: String(options.maxRows), result_overflow_mode: 'throw' as const }),
    }
  }

  async #limited<T>(options: StoreQueryOptions, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    using limit = new Limit(options.signal, (options.timeoutMs ?? this.#timeoutMs) + graceMs)
    try {
      return await run(limit.signal)
    } catch (error) {
      throw limit.reason() ?? storeError(error, this.#place)
    }
  }
}

/**
 * An insert is one block and, on one thread, the same block whenever it is repeated: what its token stands for. Duplicates in it wait for a
 * merge, since sorting them out at once costs as much as the rest of the load (0.33 against 0.15 µs a sample).
 */
const insertSettings: ClickHouseSettings = {
  async_insert: 0,
  max_threads: 1,
  max_insert_threads: '1',
  min_insert_block_size_rows: '100000000',
  min_insert_block_size_bytes: String(1024 ** 3),
  optimize_on_insert: 0,
  wait_end_of_query: 1,
}

function tokenSettings(token: string | undefined): ClickHouseSettings {
  if (token === undefined) return {}
  const settings: ClickHouseSettings & { readonly deduplicate_insert_select: string } = {
    insert_deduplicate: 1,
    insert_deduplication_token: token,
    // newer than the client's list of settings; without it the token of an INSERT SELECT is not looked at
    deduplicate_insert_select: 'enable_even_for_bad_queries',
  }
  return settings
}

/** Fires when the caller gives up, and when the store does not keep its own limit. */
class Limit implements Disposable {
  readonly #controller = new AbortController()
  readonly #caller: AbortSignal
  readonly #timer: NodeJS.Timeout
  readonly #onAbort = (): void => this.#controller.abort(this.#caller.reason)

  constructor(caller: AbortSignal, limitMs: number) {
    this.#caller = caller
    const late = new AppError('store.unavailable', `The store gave no answer within ${Math.round(limitMs / 1000)} s`, {
      fix: 'Look at the state of the store',
    })
    this.#timer = setTimeout(() => this.#controller.abort(late), limitMs)
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

const exceptionPattern = /Code: (\d+)\. (DB::Exception: [\s\S]*?)\(([A-Z][A-Z0-9_]+)\)/

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
    throw exceptionIn(held) ?? broken
  }
  const exception = exceptionIn(held)
  if (exception !== undefined) throw exception
  yield* held
}

function exceptionIn(held: readonly Uint8Array[]): ClickHouseError | undefined {
  const tail = Buffer.concat(held).subarray(-exceptionBytes)
  if (!tail.includes('__exception__') && tail.subarray(0, 6).toString('latin1') !== 'Code: ') return undefined
  const match = exceptionPattern.exec(tail.toString('utf8'))
  return match === null
    ? undefined
    : new ClickHouseError({ code: match[1] ?? '', message: match[2] ?? '', type: match[3] ?? '' })
}
