import type { Labels } from '@tidewatch/core/labels.ts'
import type { LogBatch } from '@tidewatch/core/log-batch.ts'
import type { Matcher, ProjectId } from '@tidewatch/core/matcher.ts'
import type { MetricType } from '@tidewatch/core/metric-types.ts'
import type { SpoolSection } from '../spool/port.ts'

export type {
  FieldOfLog,
  LogAggregation,
  LogArchiveStore,
  LogEraser,
  LogFieldSummary,
  LogFilter,
  LogGroup,
  LogGroupRow,
  LogMeasure,
  LogPart,
  LogPartRange,
  LogReader,
  LogSearch,
  LogSearchStep,
  LogStream,
  MeasuredPart,
  StoredLog,
  StoredLogColumn,
  StoredLogDay,
} from './logs/port.ts'

/** A table of the telemetry store; its definition lives with the module that owns it and is listed in app/tables.ts. */
export interface TelemetryTable {
  readonly name: string
  /** Columns as the loader reads them from a section (Native), in order. */
  readonly incoming: readonly { readonly name: string; readonly type: string }[]
  /** The columns that a load fills, each with its expression over the incoming ones. */
  readonly columns: readonly { readonly name: string; readonly from: string }[]
  /**
   * A whole number over the incoming columns with one value a partition (the day, say), by which a load over more partitions than the
   * store takes at once is split. Where the table has none: `0`.
   */
  readonly partition: string
  /** Whether partitions are named by their day (YYYYMMDD first) and go when it is beyond the retention. */
  readonly retained: boolean
  /** Of one insert; the loader's own where it is left out. */
  readonly insertBytes?: number
  /** Whose retention counts; `metrics` where it is left out. */
  readonly signal?: Signal
  /** Versioned, in order; each safe to be repeated after an interruption. Rendered for one server and for a cluster. */
  readonly migrations: readonly TableMigration[]
}

/** What is kept for a time, and within a size, of its own. */
export type Signal = 'metrics' | 'rollups_5m' | 'rollups_1h' | 'logs'

/** Undefined is no limit. */
export interface RetentionLimits {
  readonly ageMs: number | undefined
  /** Of all days together, on disk. */
  readonly sizeBytes: number | undefined
}

export interface TableMigration {
  /** Greater than all before it in the same table. */
  readonly version: number
  render(target: RenderTarget): readonly string[]
}

/** A table as both renderings need to know it. */
export interface TableShape {
  readonly name: string
  /** Column definitions (and indexes), one an entry. */
  readonly columns: readonly string[]
  readonly engine: 'MergeTree' | 'ReplacingMergeTree'
  /** The version column of a ReplacingMergeTree. */
  readonly engineArgument?: string
  readonly partitionBy?: string
  /** Where it is shorter than `orderBy`. */
  readonly primaryKey?: string
  readonly orderBy: string
  /** Beyond those that all tables have. */
  readonly settings?: readonly string[]
}

/** What differs between the embedded engine and a cluster. */
export interface RenderTarget {
  readonly cluster: string | undefined
  /** CREATE statements that may be repeated: the table with the settings that exactly-once loads and power cuts need; on a cluster also the Distributed one. */
  createTable(shape: TableShape): readonly string[]
  /** The table that holds the rows: the same name, on a cluster the shard's own. Loads and ALTERs go there. */
  localName(table: string): string
  /** ` ON CLUSTER 'name'` or ''. */
  readonly onCluster: string
  /** A table of the database `system`; on a cluster the rows of one replica of each shard. */
  systemTable(name: string): string
}

/** Encodes lines of logs as a section. Hot: called once a request. */
export interface LogTableEncoder {
  /**
   * The section is views of the batch, which has been finished and stays as it is until it is written. `numbers`: of each line, ascending; low word
   * first.
   */
  lines(project: ProjectId, batch: LogBatch, numbers: Uint32Array): SpoolSection
}

/** Encodes rows as the sections that spool and loader carry. Hot: samples are called once a request. */
export interface MetricTablesEncoder {
  /** ids as [low0, high0, low1, high1 ...]. The section is views of the arrays: they stay as they are until it is written. */
  samples(columns: {
    length: number
    projects: Uint32Array
    ids: Uint32Array
    timesMs: Float64Array
    values: Float64Array
  }): SpoolSection
  /** Native histograms as `encodeHistogram` writes them; the section is a copy. */
  histograms(columns: {
    length: number
    projects: Uint32Array
    ids: Uint32Array
    timesMs: Float64Array
    bytes: readonly Uint8Array[]
  }): SpoolSection
  series(rows: readonly StoredSeries[]): SpoolSection
  /** Type, help and unit of a metric family. */
  metadata(rows: readonly MetricMetadata[]): SpoolSection
  exemplars(rows: readonly StoredExemplar[]): SpoolSection
}

export interface StoredSeries {
  readonly project: ProjectId
  readonly idLow: number
  readonly idHigh: number
  readonly labels: Labels
  /** The time of a sample of it. The store remembers the UTC day: a series needs a row for each day it has samples of. */
  readonly seenMs: number
}

export interface MetricMetadata {
  readonly project: ProjectId
  readonly family: string
  readonly type: MetricType
  readonly help: string
  readonly unit: string
}

/** An example of what a sample of a series counted. */
export interface StoredExemplar {
  readonly project: ProjectId
  /** The series. */
  readonly idLow: number
  readonly idHigh: number
  readonly labels: Labels
  readonly timeMs: number
  readonly value: number
  /** The exemplar's own labels: names and values in turn. */
  readonly example: readonly string[]
}

/** What a section of the spool holds, for readers beside the loader. Columns may be views of the section. */
export type MetricSection =
  | { readonly kind: 'series'; readonly series: readonly StoredSeries[] }
  | { readonly kind: 'samples'; readonly samples: StoredSamples }
  | { readonly kind: 'histograms'; readonly histograms: StoredHistogramBytes }
  | { readonly kind: 'exemplars'; readonly exemplars: readonly StoredExemplar[] }
  | { readonly kind: 'other' }

/** Histograms as `encodeHistogram` writes them; ids as little-endian halves. */
export interface StoredHistogramBytes {
  readonly length: number
  readonly ids: Uint32Array
  readonly timesMs: Float64Array
  readonly bytes: readonly Uint8Array[]
}

/** Reads what `MetricTablesEncoder` wrote. */
export interface MetricSectionReader {
  read(section: { readonly table: string; readonly bytes: Uint8Array }): Promise<MetricSection>
}

/** Labels of series by their ids, for who has samples and has not seen their series. */
export interface SeriesById {
  /** ids as little-endian halves, each once; those that are not known are left out. */
  seriesById(ids: Uint32Array, options: { readonly signal: AbortSignal }): Promise<readonly StoredSeries[]>
}

export interface ExemplarReader {
  /** The newest exemplars, at most `limit`, of series that any of the sets matches, with startMs <= time <= endMs; newest first. */
  exemplars(
    project: ProjectId,
    window: {
      readonly matcherSets: readonly (readonly Matcher[])[]
      readonly startMs: number
      readonly endMs: number
      readonly limit: number
    },
    options: { readonly signal: AbortSignal },
  ): Promise<readonly StoredExemplar[]>
}

/** Reads metrics back; used in query workers for what the head does not hold. */
export interface MetricStoreReader {
  /** What is kept longer than samples; undefined in tests that have none. */
  readonly rollups?: RollupReader
  /** Series with samples, or buckets of samples that are gone, on a day of the window, in order of name and id, at most `limit`. */
  series(
    project: ProjectId,
    matchers: readonly Matcher[],
    startMs: number,
    endMs: number,
    options: { readonly signal: AbortSignal; readonly limit?: number },
  ): Promise<readonly StoredSeries[]>
  /**
   * Samples of these series with startMs <= time <= endMs in stretches of one series, each with its times ascending, in no order; duplicates not yet
   * resolved. Where the caller has no use for more than `atMost` of them it says so: then there may be one more, for it to see that, and none after that.
   */
  samples(
    project: ProjectId,
    ids: Uint32Array,
    startMs: number,
    endMs: number,
    options: { readonly signal: AbortSignal; readonly atMost?: number },
  ): AsyncIterable<StoredSamples>
  /** The same for native histograms. */
  histograms(
    project: ProjectId,
    ids: Uint32Array,
    startMs: number,
    endMs: number,
    options: { readonly signal: AbortSignal },
  ): AsyncIterable<StoredHistograms>
  /** What is known of metric families, by name; at most `limit`. */
  metadata(
    project: ProjectId,
    options: { readonly signal: AbortSignal; readonly family?: string; readonly limit?: number },
  ): Promise<readonly MetricMetadata[]>
}

/** Buckets of five minutes, or of an hour. */
export type RollupName = '5m' | '1h'

/** Reads what is kept longer than samples. */
export interface RollupReader {
  /** Undefined where there are none. Asked anew for each query: what it says of `freshUntilMs` changes with every late sample. */
  kept(options: { readonly signal: AbortSignal }): Promise<KeptRollups | undefined>
  /** Buckets of these series with samples of startMs <= time <= endMs among theirs: by series and time, each once. */
  buckets(
    level: RollupName,
    ids: Uint32Array,
    window: { readonly startMs: number; readonly endMs: number },
    options: { readonly signal: AbortSignal },
  ): AsyncIterable<StoredBuckets>
}

export interface KeptRollups {
  /** Samples after this moment are all there; infinite where none are. */
  readonly rawFromMs: number
  /** From fine to coarse. */
  readonly levels: readonly KeptRollup[]
}

export interface KeptRollup {
  readonly name: RollupName
  readonly widthMs: number
  /** Begin of its oldest bucket's day, and end of its newest's. */
  readonly fromMs: number
  readonly untilMs: number
  /** Buckets that end at or before this moment are made of all samples that the store has. */
  readonly freshUntilMs: number
}

/** Buckets in columns; ids as little-endian halves. Times are ms since 1970, NaN for none. */
export interface StoredBuckets {
  readonly length: number
  readonly ids: Uint32Array
  /** It holds samples with start < time <= start + width. */
  readonly startsMs: Float64Array
  /** Of the first and last sample that is no stale marker. */
  readonly firstMs: Float64Array
  readonly lastMs: Float64Array
  /** The earliest stale marker before the first sample, and after the last. */
  readonly staleBeforeMs: Float64Array
  readonly staleAfterMs: Float64Array
  /** Without stale markers; 0 where there is a stale marker alone. */
  readonly counts: Float64Array
  readonly first: Float64Array
  readonly last: Float64Array
  readonly lowest: Float64Array
  readonly highest: Float64Array
  readonly sums: Float64Array
  /** The values before each drop, added up: last - first + resets is what a counter counted. */
  readonly resets: Float64Array
}

/** A block of stored samples; ids as little-endian halves. */
export interface StoredSamples {
  readonly length: number
  readonly ids: Uint32Array
  readonly timesMs: Float64Array
  readonly values: Float64Array
}

/** A block of stored native histograms; ids as little-endian halves. */
export interface StoredHistograms {
  readonly length: number
  readonly ids: Uint32Array
  readonly timesMs: Float64Array
  /** As `encodeHistogram` writes them. */
  readonly bytes: readonly Uint8Array[]
}

/** Deletes samples, native histograms, exemplars and rows of series. */
export interface SampleEraser {
  /**
   * What was loaded before is deleted, however long that takes and whatever is restarted meanwhile; what is loaded after the call has resolved stays.
   * Rejecting it leaves some of it deleted: call it again, with nothing loaded in between that is to stay.
   */
  submit(erasure: Erasure, options: { readonly signal: AbortSignal }): Promise<{ readonly series: number }>
  /** Resolves when reading finds nothing of what was submitted. */
  settle(options: { readonly signal: AbortSignal }): Promise<void>
  /** Gives the disk back what was deleted. */
  compact(options: { readonly signal: AbortSignal }): Promise<void>
}

/** Samples with startMs <= time <= endMs (either may be infinite) of the series that match any of the sets. */
export interface Erasure {
  readonly projects: readonly ProjectId[]
  readonly matcherSets: readonly (readonly Matcher[])[]
  readonly startMs: number
  readonly endMs: number
}

/**
 * One statement against the store. SQL text is made by our renderers only, never taken from a user. Rejects with `store.unavailable`
 * (its state: try again), `store.limit` (time, memory, rows), `store.refused` (anything else), or the signal's reason.
 */
export interface StoreClient {
  query<Row>(sql: string, options: StoreQueryOptions): Promise<readonly Row[]>
  /** Raw bytes in the format named in the SQL, streamed. */
  stream(sql: string, options: StreamOptions): AsyncIterable<Uint8Array>
  command(sql: string, options: StoreQueryOptions): Promise<void>
  /** An INSERT whose body are Native blocks. */
  insert(
    sql: string,
    body: AsyncIterable<Uint8Array> | readonly Uint8Array[],
    options: StoreQueryOptions & { readonly token?: string },
  ): Promise<void>
}

export interface StoreQueryOptions {
  readonly signal: AbortSignal
  /** Milliseconds; the store stops the query itself. */
  readonly timeoutMs?: number
  readonly maxMemoryBytes?: number
  readonly maxRows?: number
}

export interface StreamOptions extends StoreQueryOptions {
  /**
   * The caller takes the whole answer, which is bounded, and each chunk is valid until the one after the next is asked for. The embedded engine
   * then writes it to a file: half the work of sending it, but it takes room on the disk and begins when all is there.
   */
  readonly viaFile?: boolean
}

/** Where the store is reached: by worker threads too, hence plain data. */
export interface StoreAddress {
  /** `http://localhost` with a socket path for the embedded engine, else the URL of a ClickHouse server. */
  readonly url: string
  readonly socketPath?: string
  readonly username?: string
  readonly password?: string
  readonly database: string
}
