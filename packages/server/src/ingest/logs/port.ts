import type { LogBatch } from '@tidewatch/core/log-batch.ts'
import type { LogRecord } from '@tidewatch/core/log-record.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'

/** The one way in for lines of logs, whoever brings them. */
export interface LogIntake {
  /** Throws what `store` would reject with while there is no room, before any work is spent on a request. */
  checkRoom(): void
  /** The lines of one request; nothing of it is kept unless it is stored. To be disposed of. */
  begin(options: LogRequestOptions): LogRequest
  /** Is told of every batch that was stored, with its project, before its sender is: it may look at it until it returns. */
  subscribe(listener: LogListener): Disposable
  /**
   * The number of arrival (`seq` of log-id.ts of core) of a moment: lines that are acknowledged before the call have none above it, and lines that
   * come after it none up to it. Resolves when what was under way is safe, or was refused.
   */
  mark(): Promise<bigint>
  /** What a JSON object would be stored as, stamped by the clock where it has no time; undefined where it would not. Absent where a pipeline decides that. */
  readonly preview?: (options: LogRequestOptions, line: PreviewedLine) => LogRecord | undefined
  /** Counters since the start, for our own metrics. */
  readonly stats: Readonly<LogIntakeStats>
}

/** `numbers`: of each line the second half of its place (log-id.ts of core) as UInt64, low word first. */
export type LogListener = (project: ProjectId, batch: LogBatch, numbers: Uint32Array) => void

export interface PreviewedLine {
  readonly bytes: Uint8Array
  readonly from: number
  readonly to: number
  readonly id: string
  readonly resource: ReadonlyMap<string, string>
}

export interface LogRequestOptions {
  readonly project: ProjectId
  /** Who sends, in words for a person: `Loki push from 10.0.0.7`. Named where a secret was found. */
  readonly sender: string
}

export interface LogRequest extends Disposable {
  /** Lines so far. */
  readonly length: number
  /** What names the source of the lines that follow, secrets taken out; few distinct sets. None at first. */
  setResource(resource: ReadonlyMap<string, string>): void
  /** Who sends the lines that follow, in place of who was named at the beginning. */
  setSender(sender: string): void
  /** The service of lines that follow and name none themselves. */
  setService(service: string): void
  /**
   * A line that is a JSON object: its fields become the record's. Undefined, or what is wrong with it (then it is not taken), `at` counted in bytes
   * from `from`. `id`: what its sender calls it; kept as `_id`, and with it the line needs no time of its own to be known again.
   */
  addJson(bytes: Uint8Array, from: number, to: number, id?: string): LineFault | undefined
  /** A line that is a message and nothing else; it has the time of arrival. */
  addText(bytes: Uint8Array, from: number, to: number): void
  /** A line that is a message with what stands beside it; read before this returns. */
  addLine(line: MessageLine, bytes: Uint8Array): void
  /**
   * A record whose texts lie in bytes; read before this returns. False where something of it has to be changed, or whoever takes it wants records:
   * nothing was taken then, and it is to be given to `add`.
   */
  addRecordLine(line: RecordLine, bytes: Uint8Array): boolean
  /** A line whose own time is 0 has the time of arrival. */
  add(record: LogRecord): void
  /** Resolves when all lines are safe, and seen by queries. Rejects (429) where the spool is full; then nothing is kept. */
  store(options?: StoreOptions): Promise<StoredLogs>
}

/** Where a message and what stands beside it lie in bytes. Filled again for each line by its owner. */
export interface MessageLine {
  /** Whole milliseconds since 1970 and the nanoseconds beyond (below 1,000,000); both 0: the time of arrival. */
  timeMs: number
  timeNs: number
  from: number
  to: number
  /** Of each field beside it: where its name begins and ends, and its value. Fields with columns of their own go there. */
  pairs: Int32Array
  pairCount: number
  stream: StreamIdentity
}

/**
 * A record of a protocol that has places of its own for severity and ids, so that its message is not searched for them. Places in bytes; both ends
 * of one that is not there are equal. The stream's severity does not count.
 */
export interface RecordLine extends MessageLine {
  /** Of each pair, an `AttributeKind` as byte: what its value stands for. */
  readonly kinds: Uint8Array
  /** Of each pair, 1 where its value is of a kind that a column may have: a text or a whole number. */
  readonly mayBeColumn: Uint8Array
  /** OpenTelemetry's number, 1 to 24; 0: what its text says. */
  severity: number
  severityFrom: number
  severityTo: number
  /** Hexadecimal, in small letters. */
  traceFrom: number
  traceTo: number
  spanFrom: number
  spanTo: number
}

/** What a line is where nothing beside it says otherwise; before what it says within. */
export interface StreamIdentity {
  readonly severity: number
  /** In the order of `logIdentityFields`; '' where it is not known. */
  readonly identity: readonly string[]
}

/** What a repeat is known by, within 10 minutes; it counts once. */
export interface StoreOptions {
  /** The request as it came; counts where all its lines name their times. */
  readonly body?: Uint8Array
  /** Of a body that means different things at different places: where it was sent to. */
  readonly target?: string
  /** Where the lines stand at their source, such as a file's bytes from here to there: at most 180 bytes; counts always. */
  readonly place?: string
}

export interface LineFault {
  readonly at: number
  readonly message: string
}

export interface StoredLogs {
  readonly lines: number
  /** They were there already. */
  readonly duplicate: boolean
  /** What answers of queries call line number `line` of the request; undefined where that is not known. */
  readonly idOf?: (line: number) => string
}

export interface LogIntakeStats {
  requests: number
  lines: number
  /** Bytes of columns, before compression. */
  bytes: number
  duplicates: number
  /** Lines whose own time could not be kept: outside the retention, or more than an hour ahead. */
  badTimes: number
  /** Lines out of which something was taken. */
  redacted: number
  /** Lines of which fields were folded into one, being too many. */
  folded: number
  /** Lines of which a text was cut. */
  cut: number
}

/** A key to money that somebody logged. Holds nothing of it. */
export interface SecretFound {
  readonly project: ProjectId
  readonly sender: string
  readonly service: string
  readonly kind: string
  readonly field: string
}

export interface LogKeeping {
  /** Age in ms of the oldest line that is kept under its own time; undefined: none is too old. */
  readonly maxAgeMs: number | undefined
  /** The class of a line, in days; 0: as long as the signal is. */
  daysOf(service: string, severity: number): number
  /** Whether `daysOf` looks at the service, which costs a text for each line. */
  readonly usesService: boolean
}
