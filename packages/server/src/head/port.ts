import type { Brand } from '@tidewatch/core/brand.ts'
import type { Labels } from '@tidewatch/core/labels.ts'
import type { Matcher, ProjectId } from '@tidewatch/core/matcher.ts'
import type { ExemplarSample, HistogramSample } from '@tidewatch/core/sample-batch.ts'

/** A series' place in the index of this process: small, dense, reused after eviction; never stored. */
export type SeriesRef = Brand<number, 'SeriesRef'>

/** Senders repeat the order of their series, so the next is mostly known by the one before it: without hashing, nor taking its labels apart. */
export interface SeriesOrder {
  /**
   * The series that followed `after` last time, where it is of that project and its label bytes (as `resolveEncoded` takes them) stand at `start`; else -1.
   * Whether a further label comes behind them is the caller's to see.
   */
  guess(after: number, project: ProjectId, bytes: Uint8Array, start: number, limit: number): number
  /** Bytes of a series' labels. */
  encodedLength(ref: number): number
  note(after: number, ref: number): void
}

/** Finds and adds series; lives on the thread that takes samples in. */
export interface SeriesIndex extends SeriesOrder {
  /** The series with these labels, added where it is new. Throws `ingest.too_many_series` at the limit. */
  resolve(project: ProjectId, labels: Labels): SeriesRef
  /**
   * The same for labels as remote_write has them: bytes of repeated `Label` fields (tag 0x0a). Known bytes are hashed, found and compared without
   * being parsed; unknown ones are checked (UTF-8, names, duplicates, limits; sorted where the sender did not). Throws `ingest.bad_label` and its kin.
   */
  resolveEncoded(project: ProjectId, bytes: Uint8Array, start: number, end: number): SeriesRef
  labels(ref: SeriesRef): Labels
  project(ref: SeriesRef): ProjectId
  /** The stored identity: 64-bit keyed hash of project and labels, as two unsigned halves, indexed by ref. */
  readonly idLow: Uint32Array
  readonly idHigh: Uint32Array
  /** Whether a `series` row for it is safely in the spool. */
  isSaved(ref: SeriesRef): boolean
  markSaved(ref: SeriesRef): void
  /** When the newest sample of a series in the head was taken, ms; -Infinity where there is none. */
  lastMs(ref: SeriesRef): number
  /**
   * How often the number was given to a series. Who keeps a ref for longer than a request keeps this too, and calls `touch` before using it again:
   * false says that the ref is another series' now, or nobody's, and must be resolved anew. A resolved or touched ref stays the series' for 5 minutes.
   */
  generation(ref: SeriesRef): number
  touch(ref: SeriesRef, generation: number): boolean
  /**
   * Series of a project that match all matchers and whose first and last sample in the head span any of the time (inclusive). For reading in a
   * worker, select after its `acquire`. Throws `query.parse` for a bad regular expression.
   */
  select(project: ProjectId, matchers: readonly Matcher[], startMs: number, endMs: number): Uint32Array
  /** At least as many as `select` can give, from what is counted anyway: takes microseconds. Infinity where only a look at the values would tell. */
  countAtMost(project: ProjectId, matchers: readonly Matcher[]): number
  /** Label names, or the values of one name, of the series that `select` gives; in no order. */
  labelNames(project: ProjectId, matchers: readonly Matcher[], startMs: number, endMs: number): string[]
  labelValues(project: ProjectId, name: string, matchers: readonly Matcher[], startMs: number, endMs: number): string[]
  readonly size: number
}

/**
 * All series at once, for counting them in slices. What a number means, of a value as of a series, holds until the next turn of the loop: after it
 * counts are those of about that moment.
 */
export interface SeriesSurvey {
  /** The postings of a project by label name. */
  names(project: ProjectId): ReadonlyMap<string, LabelPostings>
  /** One more than the greatest series number in use. */
  readonly end: number
  /** Of a series, ms: the time of its first sample since this process knows it, and of its last; Infinity and -Infinity while it has none. */
  firstMs(ref: number): number
  lastMs(ref: number): number
  /** How many chunks of a series are in the head's window. */
  chunks(ref: number): number
}

/** The values of one label name, each with its series. */
export interface LabelPostings {
  /** How many values there are. */
  readonly size: number
  /** By value number; undefined where a number is free. */
  readonly values: readonly (string | undefined)[]
  /** Series with a value. */
  count(value: number): number
  /** Copies the series with a value into `out` from `at` on; returns where the next may go. */
  copyTo(value: number, out: Uint32Array, at: number): number
}

/**
 * Series that got another id than their hash because a different series had it. The caller keeps them with the hash key, for ever, and hands them in at
 * the next start. With a 64-bit keyed hash this is not expected to happen: among a million series once in 30 million installations.
 */
export interface SeriesCollisions {
  readonly known: readonly SettledSeries[]
  /** Called before the series is used; must have written it down, or throw, when it returns. */
  record(series: SettledSeries): void
}

export interface SettledSeries {
  readonly project: ProjectId
  /** Canonical label bytes. */
  readonly labelBytes: Uint8Array
  readonly idLow: number
  readonly idHigh: number
}

/** Samples of known series in columns; `length` of each array is used. Order within a series is the sender's. */
export interface ResolvedSamples {
  readonly length: number
  readonly refs: Uint32Array
  readonly timesMs: Float64Array
  /** Stale markers by their bits: move with typed-array copies only. */
  readonly values: Float64Array
  /** Beside the columns, not counted in `length`. */
  readonly histograms?: readonly HistogramSample[]
  readonly exemplars?: readonly ExemplarSample[]
}

/** Native histograms of known series, as `encodeHistogram` writes them. */
export interface EncodedHistograms {
  readonly length: number
  readonly refs: Uint32Array
  readonly timesMs: Float64Array
  readonly bytes: readonly Uint8Array[]
}

/** The newest samples in memory. */
export interface HeadWriter {
  /** Called after the spool has taken the same samples. Samples older than `beginMs` are left out: the store has them. */
  append(samples: ResolvedSamples): void
  /** The same for native histograms. */
  appendHistograms(histograms: EncodedHistograms): void
  /** The head holds every acknowledged sample from this moment on, for all series. -Infinity: all there ever were. */
  readonly beginMs: number
  readonly changes: SampleChanges
}

/** How far back what was taken in reaches. */
export interface SampleChanges {
  /** Rises with each batch. */
  readonly sequence: number
  /**
   * The earliest time (ms) of what came after that moment, at most one second too early; Infinity where nothing did. What was computed from samples
   * before it is as it was.
   */
  earliestSince(sequence: number): number
  /** Something at or after this time was changed in another way: deleted, say. -Infinity: anything may have been. */
  noteFrom(timeMs: number): void
}

/** Everything a worker needs to read the head: shared memory and plain numbers, safe to pass by `workerData`. */
export type HeadDescriptor = Brand<object, 'HeadDescriptor'>

/** Reads samples in a query worker while the writer goes on. One query at a time: for several at once make several. */
export interface HeadReader extends Disposable {
  /**
   * Announces a reader: memory it may look at is not reused until `release`. Returns the head's begin at that moment. Refs are safe to read when they were
   * selected after this. Where memory runs out because of readers that stay too long, they are revoked: `read` and `labels` then throw `query.busy`.
   */
  acquire(): { readonly beginMs: number }
  release(): void
  labels(ref: SeriesRef): Labels
  /**
   * Samples of the series with startMs <= time <= endMs, ascending, times unique (a number before a NaN, then the greater), appended to
   * `into` from its `length` on.
   */
  read(ref: SeriesRef, startMs: number, endMs: number, into: SampleColumns): void
  /**
   * Native histograms of the series with startMs <= time <= endMs, ascending, times unique. Undefined: there are none. Which counts where a float
   * has the same time is the caller's to say.
   */
  readHistograms(ref: SeriesRef, startMs: number, endMs: number): TimedHistograms | undefined
}

/** Native histograms of one series by time, as `encodeHistogram` writes them. */
export interface TimedHistograms {
  readonly timesMs: readonly number[]
  readonly bytes: readonly Uint8Array[]
}

/** Structurally the evaluator's `SampleBuffer`. */
export interface SampleColumns {
  length: number
  timesMs: Float64Array
  values: Float64Array
  reserve(capacity: number): void
}

/** What the head is filled from at a start: the store's newest samples (after the spool was replayed). Declared here, implemented by store. */
export interface RefillSource {
  /** Series with a sample at or after the time. */
  series(sinceMs: number, options: { readonly signal: AbortSignal }): AsyncIterable<readonly RefillSeries[]>
  /** Samples at or after the time, by series id, times ascending. */
  samples(sinceMs: number, options: { readonly signal: AbortSignal }): AsyncIterable<RefillSamples>
  /** Native histograms at or after the time, by series id, times ascending. */
  histograms(sinceMs: number, options: { readonly signal: AbortSignal }): AsyncIterable<RefillHistograms>
  /**
   * Newest sample time, and how many samples each hour before it holds, newest first: what a budget is fitted to. The head begins where the hours end at the
   * earliest. Undefined: there are no samples.
   */
  extent(options: {
    readonly signal: AbortSignal
  }): Promise<{ readonly newestMs: number; readonly perHour: readonly number[] } | undefined>
}

export interface RefillSeries {
  readonly project: ProjectId
  readonly idLow: number
  readonly idHigh: number
  readonly labels: Labels
}

export interface RefillSamples {
  readonly length: number
  /** id of each sample as little-endian halves: [low0, high0, low1, high1 ...]. */
  readonly ids: Uint32Array
  readonly timesMs: Float64Array
  readonly values: Float64Array
}

export interface RefillHistograms extends Omit<RefillSamples, 'values'> {
  /** As `encodeHistogram` writes them. */
  readonly bytes: readonly Uint8Array[]
}
