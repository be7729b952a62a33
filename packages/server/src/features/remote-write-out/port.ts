import type { HttpClient } from '../../collect/http-client/port.ts'
import type { SpoolReader } from '../../spool/port.ts'
import type { MetricMetadata, MetricSectionReader, SeriesById } from '../../store/port.ts'

/** One `remote_write` of prometheus.yml, checked. `Http` and `Rule` belong to who opens clients and compiles rules. */
export interface RemoteSettings<Http = unknown, Rule = unknown> {
  /** Unique, and the same over restarts while name and URL are: what its place in the spool is kept under. */
  readonly id: string
  /** What metrics and log lines call it. */
  readonly name: string
  readonly url: string
  readonly timeoutMs: number
  readonly headers: Readonly<Record<string, string>>
  readonly relabelRules: readonly Rule[]
  readonly sendExemplars: boolean
  readonly sendHistograms: boolean
  readonly message: '1.0' | '2.0'
  readonly queue: QueueSettings
  readonly metadata: { readonly send: boolean; readonly everyMs: number; readonly maxPerSend: number }
  readonly http: Http
}

export interface QueueSettings {
  readonly capacity: number
  readonly maxShards: number
  readonly minShards: number
  readonly maxSamplesPerSend: number
  readonly minBackoffMs: number
  readonly maxBackoffMs: number
  readonly retryOn429: boolean
  /** 0: no sample is too old. */
  readonly sampleAgeLimitMs: number
}

/** Changes labels in place; false drops the series. */
export type RelabelSeries = (labels: Map<string, string>) => boolean

/** Where what is sent comes from, and what it needs. Declared here, joined by app. */
export interface RemoteSource {
  /** A reader of the spool that keeps its place; the same for the same id. */
  attach(id: string): Promise<SpoolReader>
  detach(id: string): Promise<void>
  /** Ids that have a place, those of a former process too. */
  attached(): readonly string[]
  /** Nothing more can be taken in: what is kept for a receiver that does not answer must go. */
  isSpoolFull(): boolean
  readonly sections: MetricSectionReader
  /** From the store, after everything that was written is in it. */
  readonly series: SeriesById
  metadata(signal: AbortSignal): Promise<readonly MetricMetadata[]>
}

export interface RemoteParts<Http, Rule> {
  readonly source: RemoteSource
  readonly openClient: (http: Http) => HttpClient
  readonly compileRelabel: (rules: readonly Rule[]) => RelabelSeries
}
