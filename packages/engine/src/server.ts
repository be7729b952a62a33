// ClickHouse's HTTP interface on the socket: a request becomes a statement, the statement an answer.
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Answer } from './answer.ts'
import { type BodyDir, readSql } from './body.ts'
import { EngineException, statusOf } from './exception.ts'
import { log } from './log.ts'
import type { SessionPool } from './pool.ts'
import type { JobSummary } from './protocol.ts'
import { readRequest, type StatementRequest } from './request.ts'
import { insertFromFile, namesSetting, readStatement, type Statement, selectIntoFile } from './statement.ts'

export interface EngineServerOptions {
  readonly pool: SessionPool
  readonly bodies: BodyDir
  readonly database: string
  readonly version: string
}

/** Not listening yet. */
export function createEngineServer(options: EngineServerOptions): Server {
  const server = createServer(
    // Statements stand in the URL where the body is data.
    { maxHeaderSize: 1024 * 1024, keepAliveTimeout: 30_000, headersTimeout: 10_000, requestTimeout: 600_000 },
    (request, response) => {
      handle(request, response, options).catch((caught: unknown) => {
        log('error', 'request_failed', {
          message: caught instanceof Error ? (caught.stack ?? caught.message) : String(caught),
        })
        response.destroy()
      })
    },
  )
  return server
}

async function handle(request: IncomingMessage, response: ServerResponse, options: EngineServerOptions): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost')
  if (url.pathname === '/ping' || (url.pathname === '/' && url.search === '' && request.method === 'GET')) {
    response.writeHead(200, { 'Content-Type': 'text/html; charset=UTF-8' }).end('Ok.\n')
    return
  }
  if (url.pathname !== '/' || (request.method !== 'GET' && request.method !== 'POST')) {
    response.writeHead(404, { 'Content-Type': 'text/plain; charset=UTF-8' })
    response.end(`There is no handle ${request.method} ${url.pathname}. Use / or /ping.\n`)
    return
  }
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  let parsed: StatementRequest
  try {
    parsed = readRequest(url, request.headers, { database: options.database, newQueryId: randomUUID })
  } catch (caught) {
    refuse(request, response, EngineException.from(caught), options.version)
    return
  }
  await answer(request, response, { parsed, options, signal: gone.signal })
}

interface Turn {
  readonly parsed: StatementRequest
  readonly options: EngineServerOptions
  readonly signal: AbortSignal
}

async function answer(request: IncomingMessage, response: ServerResponse, turn: Turn): Promise<void> {
  const { parsed, options } = turn
  const shape = { queryId: parsed.queryId, version: options.version, waitEndOfQuery: parsed.waitEndOfQuery }
  let reply = new Answer(response, { ...shape, format: parsed.defaultFormat, encoding: undefined })
  try {
    await using insert = await readAll(request, turn)
    const { statement, sql, bodyBytes } = insert
    if (request.method === 'GET' && (statement.kind === 'insert' || statement.kind === 'write')) {
      throw new EngineException(
        164,
        'READONLY',
        'Cannot execute query in readonly mode. Use method POST for queries that modify data',
      )
    }
    await using file = parsed.answerInFile ? options.bodies.answerFile() : undefined
    const format = file !== undefined ? 'TabSeparated' : (statement.format ?? parsed.defaultFormat)
    reply = new Answer(response, { ...shape, format, encoding: parsed.encoding })
    const summary = await options.pool.run(
      {
        sql: file === undefined ? sql : selectIntoFile(statement, file.path),
        format: parsed.defaultFormat,
        streamed: statement.kind === 'select' && file === undefined,
        database: parsed.database,
        settings: settingsOf(statement, parsed),
      },
      {
        lane: statement.kind === 'insert' ? 'write' : 'read',
        signal: turn.signal,
        // A change of tables half done is worse than one nobody waits for.
        killable: statement.kind !== 'write',
        onChunk: (bytes) => reply.chunk(bytes),
      },
    )
    if (file !== undefined) await reply.chunk(Buffer.from(file.path))
    await reply.finish(summaryOf(statement, summary, bodyBytes))
    // from here on the client's, which has its name
    if (!turn.signal.aborted) file?.handOver()
  } catch (caught) {
    // What is left of a body that nobody reads keeps the connection from its next request.
    if (!request.complete) response.setHeader('Connection', 'close')
    reply.fail(EngineException.from(caught))
    if (!request.complete) request.resume()
  }
}

interface Complete extends AsyncDisposable {
  readonly statement: Statement
  readonly sql: string
  readonly bodyBytes: number
}

/** The statement with all that belongs to it: SQL from URL and body, an insert's rows in a file. */
async function readAll(request: IncomingMessage, { parsed, options }: Turn): Promise<Complete> {
  const nothing = async (): Promise<void> => {}
  if (parsed.query !== undefined) {
    const statement = readStatement(parsed.query)
    if (statement.wantsBody) {
      const file = await options.bodies.store(request)
      try {
        if (file.bytes === 0) throw new EngineException(108, 'NO_DATA_TO_INSERT', 'No data to insert')
        const sql = insertFromFile(statement, file.path, { ordered: needsOrder(statement, parsed) })
        return { statement, sql, bodyBytes: file.bytes, [Symbol.asyncDispose]: () => file[Symbol.asyncDispose]() }
      } catch (caught) {
        await file[Symbol.asyncDispose]()
        throw caught
      }
    }
  }
  const body = await readSql(request)
  const sql = parsed.query === undefined ? body : `${parsed.query}\n${body}`
  const statement = readStatement(sql)
  if (statement.wantsBody) throw new EngineException(108, 'NO_DATA_TO_INSERT', 'No data to insert')
  return { statement, sql, bodyBytes: 0, [Symbol.asyncDispose]: nothing }
}

function hasToken(statement: Statement, parsed: StatementRequest): boolean {
  const { insert_deduplication_token: token } = parsed.settings
  return (token !== undefined && token !== '') || namesSetting(statement, 'insert_deduplication_token')
}

/** `force_enable` refuses a selection without an order; a caller that asks for another way answers itself for equal blocks. */
function needsOrder(statement: Statement, parsed: StatementRequest): boolean {
  const { deduplicate_insert_select: way = 'force_enable' } = parsed.settings
  return way === 'force_enable' && hasToken(statement, parsed)
}

/** An insert by token counts once also where it selects; ClickHouse must be told. */
function settingsOf(statement: Statement, parsed: StatementRequest): Readonly<Record<string, string>> {
  if (!statement.wantsBody || !hasToken(statement, parsed)) return parsed.settings
  return { deduplicate_insert_select: 'force_enable', ...parsed.settings }
}

function summaryOf(statement: Statement, { rows, elapsedNs }: JobSummary, bodyBytes: number): Record<string, string> {
  const elapsed = { elapsed_ns: String(elapsedNs) }
  if (statement.kind === 'insert') {
    // The library counts the rows of a file that is inserted as it is, not those of an INSERT ... SELECT.
    const written = rows === undefined || rows === 0 ? {} : { written_rows: String(rows) }
    return { ...written, ...(bodyBytes === 0 ? {} : { read_bytes: String(bodyBytes) }), ...elapsed }
  }
  return { ...(rows === undefined ? {} : { result_rows: String(rows) }), ...elapsed }
}

function refuse(request: IncomingMessage, response: ServerResponse, exception: EngineException, version: string): void {
  request.resume()
  response.writeHead(statusOf(exception), {
    'Content-Type': 'text/plain; charset=UTF-8',
    'X-ClickHouse-Exception-Code': String(exception.exceptionCode),
    ...(request.complete ? {} : { Connection: 'close' }),
  })
  response.end(`${exception.message} (version ${version} (official build))\n`)
}
