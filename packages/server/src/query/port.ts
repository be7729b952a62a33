import type { Labels } from '@tidewatch/core/labels.ts'
import type { Matcher, ProjectId } from '@tidewatch/core/matcher.ts'
import type { FloatHistogram } from '@tidewatch/core/native-histogram.ts'
import type { MetricMetadata, StoredExemplar } from '../store/port.ts'

/** Answers PromQL over head and store. Bodies of large answers are made in the workers, hence bytes. */
export interface QueryService {
  /** The whole answer in Prometheus's JSON, `data` and annotations included. */
  instant(request: InstantRequest): Promise<QueryAnswer>
  range(request: RangeRequest): Promise<QueryAnswer>
  /** For rules: the vector itself. A scalar comes as one sample without labels. */
  vector(request: InstantRequest): Promise<readonly VectorSample[]>
  /** For rules that are tried on the past: what an instant query at each step gives, as numbers, without the cells that are not there. */
  matrix(request: MatrixRequest): Promise<Matrix>
}

export interface QueryOptions {
  readonly projects: 'all' | ReadonlySet<ProjectId>
  /** Whose turn it is: queries of one user wait for one another before those of others do. */
  readonly user: string
  readonly signal: AbortSignal
  readonly timeoutMs?: number
  readonly lookbackMs?: number
  readonly limit?: number
  /** What the answer says of the query itself: times and samples, or each step and where the samples came from too. */
  readonly stats?: 'basic' | 'all'
  /** Nothing of an earlier answer is used. */
  readonly isFresh?: boolean
}

export interface InstantRequest extends QueryOptions {
  readonly query: string
  readonly atMs: number
}

export interface RangeRequest extends QueryOptions {
  readonly query: string
  readonly startMs: number
  readonly endMs: number
  readonly stepMs: number
}

/** UTF-8 JSON of the whole response body. */
export interface QueryAnswer {
  readonly json: Uint8Array
}

export interface VectorSample {
  readonly labels: Labels
  readonly atMs: number
  /** 0 where there is a histogram. */
  readonly value: number
  readonly histogram?: FloatHistogram | undefined
}

export interface MatrixRequest extends RangeRequest {
  /** Throws `query.limit` above so many samples read and cells kept, where that is fewer than for all queries. */
  readonly maxSamples?: number
}

export interface Matrix {
  readonly series: readonly MatrixSeries[]
  /** Samples read and cells kept. */
  readonly samples: number
}

export interface MatrixSeries {
  readonly labels: Labels
  /** The first step of a stretch of cells and the step after its last, in pairs, ascending. Step 0 is the request's start. */
  readonly runs: Uint32Array
  /** The cells of all stretches, one after the other; 0 where there is a histogram. */
  readonly values: Float64Array
}

/** Raw samples as other systems read them. */
export interface ReadService {
  /**
   * The answer's body in pieces, made no faster than they are taken. To stop taking them, or the signal, ends the work. Throws before the first
   * piece what is wrong with the request; a body of samples (`sampled`) is one piece.
   */
  read(request: ReadRequest): AsyncIterable<Uint8Array>
}

export interface ReadRequest extends Pick<QueryOptions, 'projects' | 'user' | 'signal'> {
  readonly windows: readonly ReadWindow[]
  /** Remote read's two shapes, or the newest sample of each series as text or MetricFamily messages, all windows as one. */
  readonly format: 'sampled' | 'chunked' | 'text' | 'families'
  /** For the last two: names that need quoting are quoted, not changed. */
  readonly utf8Names?: boolean
  /** name, value, name, value ... sorted: given to series that have none of that name. */
  readonly externalLabels: readonly string[]
}

export interface ReadWindow {
  readonly matchers: readonly Matcher[]
  readonly startMs: number
  readonly endMs: number
}

/** Series, label names and values over head and store. */
export interface SeriesCatalog {
  series(request: CatalogRequest): Promise<readonly Labels[]>
  labelNames(request: CatalogRequest): Promise<readonly string[]>
  labelValues(name: string, request: CatalogRequest): Promise<readonly string[]>
}

export interface CatalogRequest {
  readonly projects: 'all' | ReadonlySet<ProjectId>
  /** Each set is one `match[]`; a series counts when any set matches. Empty: every series. */
  readonly matcherSets: readonly (readonly Matcher[])[]
  readonly startMs: number
  readonly endMs: number
  readonly limit?: number
  readonly signal: AbortSignal
}

/** Type, help and unit of metric families: what targets say now, and what was stored. */
export interface MetadataSource {
  families(request: {
    readonly projects: 'all' | ReadonlySet<ProjectId>
    readonly family?: string
    readonly signal: AbortSignal
  }): Promise<readonly MetricMetadata[]>
}

/** Examples of what samples counted. */
export interface ExemplarQueries {
  query(request: ExemplarsRequest): Promise<FoundExemplars>
}

export interface ExemplarsRequest extends Pick<QueryOptions, 'projects' | 'signal'> {
  /** Whose series any of these matches; at least one. */
  readonly matcherSets: readonly (readonly Matcher[])[]
  readonly startMs: number
  readonly endMs: number
  /** At most so many exemplars, the newest; 0: as many as are answered at most. */
  readonly limit: number
}

export interface FoundExemplars {
  readonly series: readonly SeriesExemplars[]
  /** There are more than were asked for. */
  readonly isCut: boolean
}

export interface SeriesExemplars {
  readonly labels: Labels
  /** Times ascending. */
  readonly exemplars: readonly Pick<StoredExemplar, 'example' | 'value' | 'timeMs'>[]
}

/** Deletes what matches, for good. Declared here, implemented by features/deletion. */
export interface SampleDeletion {
  /**
   * Resolves once nothing of it is seen any more, here and after a restart. What is accepted from then on stays, whatever its time. Who gives up waiting
   * does not stop it.
   */
  deleteSeries(request: DeletionRequest): Promise<void>
  /** Gives the disk back what was deleted. */
  cleanTombstones(options: { readonly who: string; readonly signal: AbortSignal }): Promise<void>
}

export interface DeletionRequest
  extends Pick<CatalogRequest, 'projects' | 'matcherSets' | 'startMs' | 'endMs' | 'signal'> {
  /** For the audit log. */
  readonly who: string
  /** As they were written, for the audit log. */
  readonly selectors: readonly string[]
}

/** A name of Elasticsearch's API for lines of indices. */
export interface IndexAlias {
  readonly name: string
  /** A name or a pattern. */
  readonly index: string
  /** In Elasticsearch's form; undefined: all lines of the index. */
  readonly filter: unknown
  readonly isWriteIndex: boolean | undefined
}

/** Names that clients of Elasticsearch set up, beside those that lines came under. */
export interface IndexNames {
  aliases(projects: readonly ProjectId[]): Promise<readonly IndexAlias[]>
  /** Indices and data streams that were set up, whether or not lines came. */
  created(projects: readonly ProjectId[]): Promise<readonly string[]>
  /** What was set up under the name is no longer there, and no alias leads to it. Whether there was anything. */
  forget(projects: readonly ProjectId[], index: string): Promise<boolean>
}
