import type { LogPlace } from '@tidewatch/core/log-id.ts'
import type { LogRecord } from '@tidewatch/core/log-record.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import type { FieldRef, Predicate } from '@tidewatch/logquery/predicate.ts'

/** Which lines: of these projects, with fromNs <= time < toNs (ns since 1970), that satisfy the predicate. */
export interface LogFilter {
  readonly projects: readonly ProjectId[]
  readonly predicate: Predicate
  readonly fromNs: bigint
  readonly toNs: bigint
  /** Only lines whose number of arrival (`seq` of their place) is not above it: what was there at a moment, whatever came since. */
  readonly upToSeq?: bigint
}

/** A line as it is kept. */
export interface StoredLog {
  readonly project: ProjectId
  /** Its place in the order of all lines, which cursors continue from and ids name (log-id.ts of core). */
  readonly place: LogPlace
  readonly record: LogRecord
}

export interface LogSearch extends LogFilter {
  /** Newest first, or oldest first. */
  readonly direction: 'backward' | 'forward'
  /** Lines at most. */
  readonly limit: number
  /** Only what comes after it in the direction: the place of the last line that is known. */
  readonly after?: LogPlace
}

/** What a search found since the step before. */
export interface LogSearchStep {
  /** In the order of the search, which goes on through all steps. */
  readonly lines: readonly StoredLog[]
  /** All lines up to this time in the direction of the search have been looked at, ns since 1970. */
  readonly searchedToNs: bigint
  /** Lines looked at from the beginning of the search on, and about how many bytes they have. */
  readonly rowsRead: number
  readonly bytesRead: number
}

/** What lines are grouped by. A line with several values of a field counts in each of their groups, one with none is left out. */
export type LogGroup =
  /** With `missing`, lines without a value are grouped under it. */
  | { readonly kind: 'field'; readonly field: FieldOfLog; readonly missing?: string }
  /** The key is the begin of an interval, ns since 1970; intervals begin at multiples of their width, moved by the offset. */
  | { readonly kind: 'interval'; readonly widthNs: bigint; readonly offsetNs?: bigint }
  /** The key is the last of these moments that is not after the line, ns since 1970: intervals of unequal length. Ascending, not empty. */
  | { readonly kind: 'spans'; readonly startsNs: readonly bigint[] }
  /** The key is the begin of an interval of numbers. */
  | {
      readonly kind: 'numbers'
      readonly field: FieldOfLog
      readonly width: number
      readonly offset?: number
      /** What lines without a value count as. */
      readonly missing?: number
    }
  /** The key is the place of each of the predicates that holds: a line may count in several groups. */
  | { readonly kind: 'predicates'; readonly of: readonly Predicate[] }

/** A field with values of its own. */
export type FieldOfLog = Exclude<FieldRef, { readonly kind: 'any' } | { readonly kind: 'keys' }>

/** What lines without a value of the field count as; they count as nothing where it is left out. */
interface OrMissing {
  readonly missing?: number
}

/** Over the values of a field in a group that are numbers, or read as such. */
export type LogMeasure =
  | ({ readonly kind: 'count' | 'min' | 'max' | 'sum' | 'avg' | 'stddev'; readonly field: FieldOfLog } & OrMissing)
  /** Values that are numbers. */
  | ({ readonly kind: 'numbers'; readonly field: FieldOfLog } & OrMissing)
  /** Distinct values, about. */
  | ({ readonly kind: 'cardinality'; readonly field: FieldOfLog } & OrMissing)
  /** 0 to 100 each, about. */
  | ({ readonly kind: 'percentiles'; readonly field: FieldOfLog; readonly percents: readonly number[] } & OrMissing)
  /** Of all bodies, UTF-8. */
  | { readonly kind: 'body-bytes' }

export interface LogAggregation {
  readonly groups: readonly LogGroup[]
  readonly measures: readonly LogMeasure[]
  /** By keys ascending where it is left out. */
  readonly order?: { readonly by: 'count' | 'keys' | { readonly measure: number }; readonly descending: boolean }
  /** Groups at most; what more there is is left out. */
  readonly limit: number
}

export interface LogGroupRow {
  /** One a group; times and numbers are written as decimal texts. */
  readonly keys: readonly string[]
  /** Lines. */
  readonly count: number
  /** One a measure; undefined where the group has no number. */
  readonly values: readonly (number | readonly number[] | undefined)[]
}

export interface LogFieldSummary {
  readonly name: string
  /** Where values of that name are kept. */
  readonly place: 'column' | 'attribute' | 'resource'
  /** What its values are: several where lines differ. */
  readonly types: readonly ('text' | 'number' | 'boolean' | 'json')[]
  /** Lines with it among those that were looked at. */
  readonly count: number
}

export interface LogStream {
  readonly project: ProjectId
  readonly service: string
  readonly resource: ReadonlyMap<string, string>
  readonly count: number
  readonly newestNs: bigint
}

/** What lines of one day that are kept equally long take. */
export interface StoredLogDay {
  /** Its begin, ms since 1970. */
  readonly dayMs: number
  /** 0: as long as logs are. */
  readonly keepDays: number
  /** When it goes, ms, where it came out of the archive. */
  readonly restoredUntilMs?: number
  readonly lines: number
  readonly bytes: number
  /** Of it the indexes. */
  readonly indexBytes: number
  /** Before compression. */
  readonly rawBytes: number
}

/** Lines of a day, a project and one time of keeping: what is archived as one. */
export interface LogPart {
  /** The begin of its UTC day, ms since 1970. */
  readonly dayMs: number
  readonly project: ProjectId
  readonly keepDays: number
}

/** Of a part the lines that came after one and up to another, by their numbers. */
export interface LogPartRange {
  readonly afterSeq: bigint
  readonly throughSeq: bigint
}

export interface MeasuredPart {
  readonly lines: number
  /** Of times and numbers of all lines, in any order: equal for equal lines. */
  readonly digest: string
  readonly lastSeq: bigint
  readonly firstNs: bigint
  readonly lastNs: bigint
}

/** Whole days out of the store and back. Lines that were restored are no lines of `days`, `parts` and `measure`. */
export interface LogArchiveStore {
  /** Oldest first. */
  days(options: Cancellable): Promise<readonly StoredLogDay[]>
  /** Days that came back, and when they go, ms. */
  restored(options: Cancellable): Promise<readonly (StoredLogDay & { readonly untilMs: number })[]>
  parts(dayMs: number, options: Cancellable): Promise<readonly LogPart[]>
  measure(part: LogPart, range: LogPartRange, options: Cancellable): Promise<MeasuredPart>
  /** NDJSON in the order of time: one object a line with the table's columns, and `time` as people read it. */
  lines(
    part: LogPart,
    range: LogPartRange & Pick<MeasuredPart, 'firstNs' | 'lastNs'>,
    options: Cancellable,
  ): AsyncIterable<Uint8Array>
  /** Whole lines as `lines` gives them, to go at `untilMs`; the same under the same token are stored once. */
  restore(
    lines: readonly Uint8Array[],
    options: Cancellable & { readonly untilMs: number; readonly token: string },
  ): Promise<void>
  dropRestored(dayMs: number, options: Cancellable): Promise<void>
}

/** What a column or an index of the table of logs takes, over all days. */
export interface StoredLogColumn {
  readonly name: string
  readonly kind: 'column' | 'index'
  readonly bytes: number
  /** Before compression. */
  readonly rawBytes: number
}

interface Cancellable {
  readonly signal: AbortSignal
}

/**
 * Reads logs out of the store. What was acknowledged and is not loaded yet has to be flushed before. Rejects with `query.limit` for what would take too
 * much, and as `StoreClient` does.
 */
export interface LogReader {
  /** In slices of time from where the search begins: steps come as they are done, and the last says that all was searched, or the limit is reached. */
  search(search: LogSearch, options: Cancellable): AsyncIterable<LogSearchStep>
  count(filter: LogFilter, options: Cancellable): Promise<number>
  aggregate(filter: LogFilter, aggregation: LogAggregation, options: Cancellable): Promise<readonly LogGroupRow[]>
  /** Names of what the newest lines of the filter have, at most `rows` of them looked at; by count. */
  fields(filter: LogFilter, options: Cancellable & { readonly rows?: number }): Promise<readonly LogFieldSummary[]>
  /** Lines around one, from the same stream (project, service and resource): oldest first, the line itself left out. */
  context(
    line: Pick<StoredLog, 'project' | 'place' | 'record'>,
    range: { readonly before: number; readonly after: number },
    options: Cancellable,
  ): Promise<{ readonly before: readonly StoredLog[]; readonly after: readonly StoredLog[] }>
  /** Distinct sources, those with the most lines first. */
  streams(filter: LogFilter, options: Cancellable & { readonly limit: number }): Promise<readonly LogStream[]>
}

/** Takes lines out for good. */
export interface LogEraser {
  /**
   * The lines of a filter that the store can decide by itself (names, values, times), as far as they are loaded. Resolves when the
   * store will do it whatever is restarted; true where reading finds nothing of them any more, false where that takes longer than `waitMs`.
   */
  erase(filter: LogFilter, options: Cancellable & { readonly waitMs: number }): Promise<boolean>
}
