// What the main thread and a query worker say to each other. Plain data: everything is cloned or transferred.
import type { AppErrorData } from '@tidewatch/core/error.ts'
import type { Matcher } from '@tidewatch/core/matcher.ts'
import type { FloatHistogram } from '@tidewatch/core/native-histogram.ts'
import type { IndexedJson } from './indexed-json.ts'
import type { StatsWanted } from './trace.ts'

export interface QueryJob {
  /** `vector` and `matrix` are answered as numbers for the program itself, the others as JSON. */
  readonly kind: 'instant' | 'range' | 'vector' | 'matrix'
  readonly query: string
  readonly startMs: number
  readonly endMs: number
  /** 0 for an instant. */
  readonly stepMs: number
  readonly lookbackMs: number
  readonly projects: readonly number[]
  /** Most samples that may be read, over all selectors. */
  readonly maxSamples: number
  /** Most series in the answer; 0: all. */
  readonly limit: number
  /** The answer comes with the places of its cells; for a range without a limit. */
  readonly keepsPlaces?: boolean
  /** What the answer says of the query itself; undefined: nothing. */
  readonly stats?: StatsWanted
}

/** Raw samples, handed on as bytes in pieces. */
export type ReadJob = RemoteReadJob | FederateJob

interface ReadJobBase {
  /** What is read; `federate` takes all as one. */
  readonly windows: readonly SelectorWindow[]
  readonly projects: readonly number[]
  /** name, value, name, value ... sorted: for series that have none of that name. */
  readonly externalLabels: readonly string[]
  /** Most series and samples in the answer. */
  readonly maxSeries: number
  readonly maxSamples: number
}

interface RemoteReadJob extends ReadJobBase {
  readonly kind: 'remote_read'
  /** Frames of XOR chunks; else one body of samples. */
  readonly isChunked: boolean
  /** Most bytes in a body of samples, before it is compressed. */
  readonly maxBytes: number
}

interface FederateJob extends ReadJobBase {
  readonly kind: 'federate'
  /** The text format otherwise, which has no native histograms. */
  readonly isProtobuf: boolean
  /** The caller reads quoted metric and label names. */
  readonly utf8Names: boolean
}

/** One selector's window. */
export interface SelectorWindow {
  readonly matchers: readonly Matcher[]
  readonly startMs: number
  readonly endMs: number
}

/** The head's series for one selector: refs with the halves of their ids. */
export interface SelectedRefs {
  readonly refs: Uint32Array
  readonly idLow: Uint32Array
  readonly idHigh: Uint32Array
}

export type ToWorker =
  /** `queuedMs`: how long it waited for its turn. */
  | { readonly type: 'run'; readonly id: number; readonly job: QueryJob | ReadJob; readonly queuedMs: number }
  | { readonly type: 'selected'; readonly id: number; readonly selectors: readonly SelectedRefs[] }
  | { readonly type: 'select_failed'; readonly id: number; readonly error: AppErrorData }
  /** A piece was taken. */
  | { readonly type: 'more'; readonly id: number }
  | { readonly type: 'cancel'; readonly id: number }

export interface WireSample {
  /** name, value, name, value ... */
  readonly labels: readonly string[]
  readonly atMs: number
  readonly value: number
  readonly histogram?: FloatHistogram | undefined
}

/** One series of a range query as numbers: only the cells that are there. */
export interface WireSeries {
  /** name, value, name, value ... */
  readonly labels: readonly string[]
  /** The first step of a stretch of cells and the step after its last, in pairs, ascending. */
  readonly runs: Uint32Array
  /** The cells of all stretches, one after the other; 0 where there is a histogram. */
  readonly values: Float64Array
}

export interface WireMatrix {
  readonly series: readonly WireSeries[]
  /** Samples read and cells kept: what the limit counts. */
  readonly samples: number
}

export type FromWorker =
  | {
      readonly type: 'select'
      readonly id: number
      readonly windows: readonly SelectorWindow[]
      readonly projects: readonly number[]
      readonly fromStore: boolean
    }
  | ({ readonly type: 'answer'; readonly id: number } & IndexedJson)
  | { readonly type: 'samples'; readonly id: number; readonly samples: readonly WireSample[] }
  | ({ readonly type: 'matrix'; readonly id: number } & WireMatrix)
  /** Part of a read's answer; `ended` comes after the last. */
  | { readonly type: 'piece'; readonly id: number; readonly bytes: Uint8Array }
  | { readonly type: 'ended'; readonly id: number }
  | { readonly type: 'failed'; readonly id: number; readonly error: AppErrorData }
