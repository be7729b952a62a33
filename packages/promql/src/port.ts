// What the evaluator asks of the world: samples of series. Implemented by the server's query workers over head and store.
import type { Labels } from '@tidewatch/core/labels.ts'
import type { Matcher } from '@tidewatch/core/matcher.ts'
import type { FloatHistogram } from '@tidewatch/core/native-histogram.ts'

/** What one selector of a query needs, over the whole evaluation: offsets, `@`, ranges, subqueries and lookback are already in the window. */
export interface SelectRequest {
  readonly matchers: readonly Matcher[]
  /** Samples with startMs <= time <= endMs; the evaluator cuts exact windows itself. */
  readonly startMs: number
  readonly endMs: number
  /** The function around the selector and the grouping around that, for a source that can push work down; may be ignored. */
  readonly hints: SelectHints
}

export interface SelectHints {
  readonly func?: string
  readonly stepMs?: number
  /** One of the times the selector is evaluated at, offset and `@` included: the others lie multiples of `stepMs` away. Not where ranges are `anchored` or `smoothed`. */
  readonly gridMs?: number
  readonly rangeMs?: number
  readonly grouping?: readonly string[]
  readonly by?: boolean
}

/** Where the samples of one series are read into; owned and reused by the evaluator, grown by the source. */
export interface SampleBuffer {
  length: number
  timesMs: Float64Array
  /** A stale marker is kept by its bits (core/stale.ts). For a histogram sample: its sum, or the stale marker. */
  values: Float64Array
  /** Undefined while every sample is a float; else one entry a sample, undefined for floats. */
  histograms: (FloatHistogram | undefined)[] | undefined
  /** Makes room for at least so many samples, keeping what is there. */
  reserve(capacity: number): void
}

/** The series of one selector. Order is the source's; each label set occurs once. */
export interface SelectedSeries {
  readonly count: number
  /** Labels with the metric name. May be called often: the source caches. */
  labels(index: number): Labels
  /** Replaces the buffer's content by the series' samples of the request's window: times ascending and unique, stale markers included. */
  read(index: number, buffer: SampleBuffer): void
}

/** Answers all selectors of a query at once, so a source can fetch them in one go. Reading afterwards is synchronous. */
export interface SampleSource {
  select(
    requests: readonly SelectRequest[],
    options: { readonly signal: AbortSignal },
  ): Promise<readonly SelectedSeries[]>
}
