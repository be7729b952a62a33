// What a request asks, read from its URL and headers as ClickHouse's HTTP interface defines them.
import type { IncomingHttpHeaders } from 'node:http'
import { EngineException } from './exception.ts'

export interface StatementRequest {
  readonly queryId: string
  /** The SQL in the URL; the body then is an insert's rows, or more of the SQL. */
  readonly query: string | undefined
  readonly database: string
  readonly defaultFormat: string
  readonly settings: Readonly<Record<string, string>>
  readonly waitEndOfQuery: boolean
  /** The answer of a SELECT goes into a file that the client reads and removes; what it is sent is the path. Ours alone, no ClickHouse has it. */
  readonly answerInFile: boolean
  /** Of the answer; undefined where it was not asked for. */
  readonly encoding: Encoding | undefined
}

export type Encoding = 'gzip' | 'deflate' | 'br' | 'zstd'

/** Parameters that steer the HTTP interface, or a server's ways that a private engine has not: read here or of no effect. */
const interfaceParameters = new Set([
  'query',
  'query_id',
  'database',
  'default_format',
  'wait_end_of_query',
  'answer_in_file',
  'buffer_size',
  'enable_http_compression',
  'http_zlib_compression_level',
  'send_progress_in_http_headers',
  'http_headers_progress_interval_ms',
  'cancel_http_readonly_queries_on_client_close',
  'add_http_cors_header',
  'user',
  'password',
  'quota_key',
  'stacktrace',
  // Carries the mark by which a session's query is found and killed.
  'log_comment',
])

/** Throws an EngineException for what this engine does not do. */
export function readRequest(
  url: URL,
  headers: IncomingHttpHeaders,
  options: { readonly database: string; readonly newQueryId: () => string },
): StatementRequest {
  const parameters = url.searchParams
  const settings: Record<string, string> = {}
  for (const [name, value] of parameters) {
    if (interfaceParameters.has(name)) continue
    refuse(name, value)
    if (!/^[A-Za-z][A-Za-z0-9_]{0,99}$/.test(name)) {
      throw new EngineException(115, 'UNKNOWN_SETTING', `Unknown setting '${name.slice(0, 100)}'`)
    }
    settings[name] = value
  }
  const format = header(headers, 'x-clickhouse-format') ?? parameters.get('default_format') ?? 'TabSeparated'
  if (!/^\w{1,64}$/.test(format)) throw new EngineException(73, 'UNKNOWN_FORMAT', 'Unknown format')
  const compress = isOn(parameters.get('enable_http_compression'))
  return {
    queryId: parameters.get('query_id') || options.newQueryId(),
    query: parameters.get('query') || undefined,
    database: header(headers, 'x-clickhouse-database') ?? (parameters.get('database') || options.database),
    defaultFormat: format,
    settings,
    waitEndOfQuery: isOn(parameters.get('wait_end_of_query')),
    answerInFile: isOn(parameters.get('answer_in_file')),
    encoding: compress ? pickEncoding(header(headers, 'accept-encoding') ?? '') : undefined,
  }
}

function refuse(name: string, value: string): void {
  if (name.startsWith('param_')) {
    const text = 'Query parameters are not supported by the embedded engine. Render the values into the statement'
    throw new EngineException(48, 'NOT_IMPLEMENTED', text)
  }
  // A session that is told to be read-only cannot be told otherwise again.
  if (name === 'readonly' || name === 'profile') {
    throw new EngineException(48, 'NOT_IMPLEMENTED', `The setting ${name} is not supported by the embedded engine`)
  }
  if (name === 'session_id' || name === 'role' || ((name === 'compress' || name === 'decompress') && isOn(value))) {
    throw new EngineException(48, 'NOT_IMPLEMENTED', `The parameter ${name} is not supported by the embedded engine`)
  }
}

function isOn(value: string | null): boolean {
  return value === '1' || value === 'true'
}

function header(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** The first coding of the list that is known and not refused by `q=0`. */
function pickEncoding(accepted: string): Encoding | undefined {
  for (const part of accepted.split(',')) {
    const [name, ...parameters] = part
      .trim()
      .toLowerCase()
      .split(/\s*;\s*/)
    if (parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))) continue
    if (name === 'gzip' || name === 'deflate' || name === 'br' || name === 'zstd') return name
  }
  return undefined
}
