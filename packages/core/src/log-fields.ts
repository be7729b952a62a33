// What senders call the fields that have columns of their own. Sources: Elastic Common Schema, OpenTelemetry's semantic conventions, and what pino,
// winston, NestJS, loguru, structlog, python-json-logger and zap write.
import { logIdentityFields } from './log-record.ts'

/** A column that several names lead to. */
export type LogColumn = 'time' | 'severity' | 'body' | (typeof logIdentityFields)[number]

/** The first name of each is ours: what we print where a line does not say how it was spelled. At most 26 a column. */
export const logFieldNames: Readonly<Record<LogColumn, readonly string[]>> = {
  time: ['@timestamp', 'timestamp', 'time', 'ts', 'datetime', 'asctime', '@t', 'eventTime', 'date'],
  severity: [
    ...['level', 'severity', 'log.level', 'loglevel', 'levelname', 'log_level', 'logLevel', 'lvl', '@l'],
    ...['severity_text', 'severityText', 'level_name', 'record.level.name'],
  ],
  body: ['message', 'msg', 'body', 'log', 'text', '@m', 'event.original'],
  service: ['service', 'service.name', 'service_name', 'serviceName', 'fields.service'],
  environment: [
    ...['environment', 'env', 'service.environment', 'deployment.environment', 'deployment.environment.name'],
  ],
  release: ['release', 'service.version', 'app_version', 'appVersion'],
  traceId: ['trace_id', 'traceId', 'trace.id', 'traceID', 'dd.trace_id', 'otelTraceID', 'trace'],
  spanId: ['span_id', 'spanId', 'span.id', 'spanID', 'dd.span_id', 'otelSpanID', 'span'],
  requestId: [
    ...['request_id', 'requestId', 'request.id', 'reqId', 'req.id', 'http.request.id', 'requestID', 'x-request-id'],
    ...['correlation_id', 'correlationId'],
  ],
  sessionId: ['session_id', 'sessionId', 'session.id'],
  user: ['user_id', 'userId', 'user.id', 'enduser.id', 'userID', 'user'],
  wallet: ['wallet', 'wallet_address', 'walletAddress'],
  contract: ['contract', 'contract_address', 'contractAddress'],
  tx: ['tx', 'tx_hash', 'txHash', 'transaction_hash', 'transactionHash', 'transaction.hash'],
}

/** In the order of a line's `spelling`. */
export const logColumns: readonly LogColumn[] = ['time', 'severity', 'body', ...logIdentityFields]

const columnOfName: ReadonlyMap<string, LogColumn> = new Map(
  logColumns.flatMap((column) => logFieldNames[column].map((name) => [name, column] as const)),
)

/** The column that a name leads to; undefined where it is an attribute's. */
export function logColumnOf(name: string): LogColumn | undefined {
  return columnOfName.get(name)
}

/** How a line's sender wrote the names of some columns, and whether it wrote a number there. */
export interface SpelledName {
  readonly column: LogColumn
  readonly name: string
  readonly isNumber: boolean
}

// A spelling is two letters for each column that needs them: the column's place as a capital, then the name's place, a capital where a number was sent.
const capitalA = 0x41
const smallA = 0x61

/** The two letters for `logColumns[column]` written as its name number `name`; undefined where nothing need be said. */
export function spellingBytes(
  column: number,
  name: number,
  isNumber: boolean,
): readonly [first: number, second: number] | undefined {
  if (name === 0 && !isNumber) return undefined
  return [capitalA + column, (isNumber ? capitalA : smallA) + name]
}

export function readSpelling(spelling: string): SpelledName[] {
  const names: SpelledName[] = []
  for (let i = 0; i + 1 < spelling.length; i += 2) {
    const column = logColumns[spelling.charCodeAt(i) - capitalA]
    const second = spelling.charCodeAt(i + 1)
    const isNumber = second < smallA
    const name = column && logFieldNames[column][second - (isNumber ? capitalA : smallA)]
    if (column !== undefined && name !== undefined) names.push({ column, name, isNumber })
  }
  return names
}
