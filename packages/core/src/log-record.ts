// One line of a log as all of Tidewatch knows it. Source: OpenTelemetry, Logs Data Model (timestamp, severity, body, attributes, resource), with
// the identity that every signal carries beside it.

/** A whole number beyond 2^53 and what is no number in JSON stay texts. */
export type AttributeScalar = string | number | boolean

/**
 * Nested objects are joined with dots before they come here. An array of objects is there twice: its leaves as arrays under `path.leaf`, and its
 * JSON text under `path`.
 */
export type AttributeValue = AttributeScalar | readonly AttributeScalar[]

/** What ties a line to other signals; '' where it is not known. */
export interface LogIdentity {
  readonly service: string
  readonly environment: string
  readonly release: string
  /** 32 lower-case hex digits where it is such an id, else as it was sent. */
  readonly traceId: string
  /** 16 lower-case hex digits where it is such an id, else as it was sent. */
  readonly spanId: string
  readonly requestId: string
  readonly sessionId: string
  readonly user: string
  /** A wallet, contract or transaction of a chain, as it was sent. */
  readonly wallet: string
  readonly contract: string
  readonly tx: string
}

export interface LogRecord extends LogIdentity {
  /** ns since 1970. */
  readonly timeNs: bigint
  /** 1 to 24 as OpenTelemetry counts; 0 where it is not said. */
  readonly severity: number
  /** The severity as it was sent. */
  readonly severityText: string
  /** The message: what Loki calls the line. */
  readonly body: string
  /** What names the source: Loki's stream labels, OTLP's resource, syslog's host and program. Few distinct sets. */
  readonly resource: ReadonlyMap<string, string>
  /** All the rest, flat: Loki's structured metadata, an Elasticsearch document's other fields. */
  readonly attributes: ReadonlyMap<string, AttributeValue>
  /** How its sender wrote the names of what has columns (see log-fields.ts); '' where it wrote ours. */
  readonly spelling: string
}

/** The names of the identity columns, in the order of a batch's columns. */
export const logIdentityFields = [
  'service',
  'environment',
  'release',
  'traceId',
  'spanId',
  'requestId',
  'sessionId',
  'user',
  'wallet',
  'contract',
  'tx',
] as const satisfies readonly (keyof LogIdentity)[]

const emptyRecord: LogRecord = {
  timeNs: 0n,
  severity: 0,
  severityText: '',
  body: '',
  service: '',
  environment: '',
  release: '',
  traceId: '',
  spanId: '',
  requestId: '',
  sessionId: '',
  user: '',
  wallet: '',
  contract: '',
  tx: '',
  resource: new Map(),
  attributes: new Map(),
  spelling: '',
}

/** A record of what is known; the rest is empty. */
export function logRecord(fields: Partial<LogRecord>): LogRecord {
  return { ...emptyRecord, ...fields }
}
