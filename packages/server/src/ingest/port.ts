import type { Clock } from '@tidewatch/core/clock.ts'
import type { AppError } from '@tidewatch/core/error.ts'
import type { Labels } from '@tidewatch/core/labels.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import type { NativeHistogram } from '@tidewatch/core/native-histogram.ts'
import type { z } from 'zod'
import type { ResolvedSamples, SeriesOrder, SeriesRef } from '../head/port.ts'
import type { Route } from '../http/port.ts'
import type { Logger, Metrics, TaskGroup } from '../self/port.ts'
import type { StateStore } from '../state/port.ts'
import type { MetricMetadata, StoredExemplar, StoredLog } from '../store/port.ts'
import type { LogIntake } from './logs/port.ts'
import type { Names } from './receivers/elasticsearch/names.ts'
import type { ElasticsearchSettings } from './receivers/elasticsearch/questions.ts'

export type { LogIntake, LogKeeping, LogListener, LogRequest, SecretFound } from './logs/port.ts'

/** The one way in for samples, whoever brings them: receivers, the scraper, host and own metrics, recording rules. */
export interface SampleAcceptor {
  /**
   * Limits, times, spool, head; resolves when the samples are safe and seen by queries. Rejects (429) where the spool is full.
   * The columns are the caller's and must not change until it has settled. Refs are good for the moment they were resolved in:
   * resolve, fill and accept without awaiting anything between that could take minutes, and keep no ref for the next batch.
   */
  accept(samples: ResolvedSamples, options?: AcceptOptions): Promise<AcceptResult>
  /** Throws what `accept` would reject with while there is no room, before any work is spent on a request. */
  checkRoom(): void
  resolve(project: ProjectId, labels: Labels): SeriesRef
  /** The same for labels as remote_write has them (see `SeriesIndex.resolveEncoded`); known bytes are not parsed. */
  resolveEncoded(project: ProjectId, bytes: Uint8Array, start: number, end: number): SeriesRef
  /** The newest exemplar of each series from before the start: what comes without a time and says the same is no new one. */
  rememberExemplars(rows: readonly StoredExemplar[]): void
  /** When the newest sample of a series in memory was taken, ms; -Infinity where there is none. */
  lastMs(ref: number): number
  readonly order: SeriesOrder
  /** Counters since the start, for our own metrics. */
  readonly stats: Readonly<AcceptStats>
}

/** For who has to know that nothing is accepted meanwhile. */
export interface AcceptPause {
  /**
   * Lets what is under way end, then keeps further calls of `accept` waiting until it is disposed: for moments, as senders wait. Rejects with the
   * signal's reason, and nothing waits then.
   */
  pause(options: { readonly signal: AbortSignal }): Promise<Disposable>
  /** Rows of these series may be gone from the store: whatever is accepted of them next brings them again. */
  forgetRows(refs: Iterable<number>): void
}

export interface AcceptOptions {
  readonly metadata?: readonly MetricMetadata[]
}

export interface AcceptResult {
  /** Samples of floats. */
  readonly accepted: number
  readonly histograms: number
  /** Native histograms left out since they are none, and what is wrong with the first: `ingest.bad_histogram`, which names the series. */
  readonly badHistograms: number
  readonly firstBadHistogram: AppError | undefined
  /** Those that were there already among them. */
  readonly exemplars: number
  /** Exemplars left out for their times or more than 128 characters of labels. */
  readonly refusedExemplars: number
  /** Samples left out, by reason; the first few with their series for the answer. */
  readonly refused: { readonly tooOld: number; readonly tooFarAhead: number; readonly examples: readonly string[] }
}

export interface AcceptStats {
  batches: number
  samples: number
  refusedTooOld: number
  refusedTooFarAhead: number
  seriesRows: number
  metadataRows: number
  exemplars: number
  refusedExemplars: number
  histograms: number
  refusedHistograms: number
}

/** A protocol that clients push by: one file in receivers/, one line in receivers/registry.ts. */
export interface ReceiverDefinition<Needs = ReceiverParts> {
  readonly kind: string
  readonly title: string
  /** Its routes, listed by app. Called once; may start background work in `parts.tasks`. */
  routes(parts: Needs): readonly Route[]
}

/** What every receiver of samples needs. */
export interface SampleReceiverParts {
  readonly acceptor: SampleAcceptor
  readonly clock: Clock
  /** Records of accepted requests that were left out, by reason. */
  readonly countLeftOut: (reason: LeftOutReason, count: number) => void
  /** Whether counters get a sample of zero where they say that they began, as the configuration in force has it. */
  readonly wantsZeroSamples: () => boolean
}

/** Lines that came as documents, as they are stored. */
export interface StoredDocuments {
  /** Whether an index has any. */
  has(projects: readonly ProjectId[], index: string, options: { readonly signal: AbortSignal }): Promise<boolean>
  /** Those of the last day that came with an id of their own, the newest first. What was acknowledged before is among them. */
  newest(options: { readonly limit: number; readonly signal: AbortSignal }): AsyncIterable<StoredLog>
}

export interface ReceiverParts extends SampleReceiverParts {
  readonly metrics: Metrics
  readonly documents: StoredDocuments
  /** Indices and aliases of Elasticsearch's API. */
  readonly indexNames: Names
  /** As the configuration in force has them. */
  readonly elasticsearch: () => ElasticsearchSettings
  readonly logs: LogIntake
  readonly state: StateStore
  readonly tasks: TaskGroup
  readonly readExposition: ReadExposition
  /** As the configuration in force has it; the same object until that changes. */
  readonly otlp: () => OtlpSettings
}

/** Prometheus's text format, OpenMetrics, or delimited protobuf (io.prometheus.client.MetricFamily). */
export type PushedFormat = 'text' | 'openmetrics' | 'protobuf'

/**
 * Reads a whole body of an exposition format, in slices that let others have the thread. Throws an AppError that names the line or the family.
 * Declared here, implemented by collect.
 */
export type ReadExposition = (
  bytes: Uint8Array,
  options: { readonly format: PushedFormat; readonly signal: AbortSignal },
  sink: ExpositionReader,
) => Promise<void>

/** Is told the lines in their order. */
export interface ExpositionReader {
  /** Names and values, flat and as written, the metric name under `__name__`; `timeMs` is NaN where the line has none. */
  sample(flat: readonly string[], value: number, timeMs: number): void
  /** A native histogram; the samples of its classic form are told beside it. */
  histogram(flat: readonly string[], histogram: NativeHistogram, timeMs: number): void
  metadata(kind: 'help' | 'type' | 'unit', family: string, text: string): void
}

export type LeftOutReason = 'bad_histogram' | 'exemplar' | 'bad_series' | 'repeated_delta' | 'too_old' | 'too_far_ahead'

/** `otlp` of prometheus.yml. */
export interface OtlpSettings {
  /** Names are made of letters, digits and underscores; else they stay as they are. */
  readonly escapes: boolean
  /** Names end in their unit and in `_total` or `_ratio`. */
  readonly addsSuffixes: boolean
  /** `_x` becomes the label `key_x`; where names are escaped. */
  readonly guardsUnderscore: boolean
  /** `a..b` becomes the label `a__b`, else `a_b`; where names are escaped. */
  readonly keepsUnderscores: boolean
  /** Attributes of resources that become labels of every series. */
  readonly promotes: 'all' | ReadonlySet<string>
  /** Of all, those that do not. */
  readonly ignores: ReadonlySet<string>
  /** `target_info` has the attributes that make `job` and `instance` as well. */
  readonly keepsIdentifying: boolean
  /** Histograms with bounds become native ones with custom buckets. */
  readonly makesCustomBuckets: boolean
  /** Name, version and attributes of scopes become labels. */
  readonly promotesScope: boolean
}

/** A protocol that has a port of its own, beside HTTP's: one file in receivers/, one line in receivers/registry.ts, a key of `listeners`. */
export interface ListenerDefinition<Config = unknown> {
  readonly kind: string
  readonly title: string
  /** What stands below its key; it listens where the key is there. */
  readonly config: z.ZodType<Config>
  /** Resolves once it listens. Throws `http.cannot_listen`. */
  open(config: Config, parts: ListenerParts): Promise<OpenListener>
}

export interface OpenListener extends AsyncDisposable {
  /** Where it listens: host:port. */
  readonly address: string
}

/** PEM files. With `clientCaFile` only clients are let in whose certificate one of its authorities signed. */
export interface CertificateFiles {
  readonly certFile: string
  readonly keyFile: string
  readonly clientCaFile?: string
}

/** A certificate in use, read again when its files change. */
export interface OpenCertificate extends AsyncDisposable {
  current(): ServedCertificate
  follow(apply: (certificate: ServedCertificate) => void): void
}

/** PEM. `ca`: whoever signs certificates of clients. */
export interface ServedCertificate {
  readonly cert: string
  readonly key: string
  readonly ca?: string
}

export interface ListenerParts {
  readonly acceptor: SampleAcceptor
  /** Throws `http.bad_certificate`. Declared here, implemented by http. */
  readonly openCertificate: (files: CertificateFiles) => Promise<OpenCertificate>
  readonly logs: LogIntake
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
}

export function defineListener<Config>(listener: ListenerDefinition<Config>): ListenerDefinition {
  return listener as unknown as ListenerDefinition
}

export function defineReceiver<Needs = ReceiverParts>(receiver: ReceiverDefinition<Needs>): ReceiverDefinition<Needs> {
  return receiver
}
