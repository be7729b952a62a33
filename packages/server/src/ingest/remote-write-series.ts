// What both versions of remote write do with a series once it is read: find it, give its samples their number, leave out what is none.
import { AppError } from '@tidewatch/core/error.ts'
import type { ProtoReader } from '@tidewatch/core/proto-reader.ts'
import type { ExemplarSample, SampleBatch } from '@tidewatch/core/sample-batch.ts'
import type { MetricMetadata } from '../store/port.ts'
import { type ReadHistogram, readHistogram } from './remote-write-histogram.ts'
import type { StartTimes } from './start-times.ts'

/** Finds or adds the series of the label bytes; throws an AppError of `ingest.…` for labels that are no series. */
export type ResolveSeries = (bytes: Uint8Array, start: number, end: number) => number

/** What a request brought beside samples. */
export interface DecodedRequest {
  readonly metadata: Omit<MetricMetadata, 'project'>[]
  /** Series that are none (labels) or one too many; their samples are left out, the rest is taken. */
  badSeries: number
  /** Samples of either kind of such series. */
  badSamples: number
  /** Exemplars that cannot be read, and those of bad series. */
  badExemplars: number
  /** Why, for the first of the series. */
  firstBad: AppError | undefined
}

/** More bad series than this in one request end it: each costs an error. */
const maxBadSeries = 10_000

/** Takes the series of one request, one after the other: what belongs to it, then `finish`. */
export class SeriesTaker {
  readonly found: DecodedRequest = {
    metadata: [],
    badSeries: 0,
    badSamples: 0,
    badExemplars: 0,
    firstBad: undefined,
  }
  readonly #batch: SampleBatch
  readonly #resolve: ResolveSeries
  readonly #histograms: ReadHistogram[] = []
  readonly #starts: StartTimes | undefined
  readonly #exemplars: Omit<ExemplarSample, 'ref'>[] = []

  /** With `starts` counters get a sample of zero where they began. */
  constructor(batch: SampleBatch, resolve: ResolveSeries, starts?: StartTimes) {
    this.#batch = batch
    this.#resolve = resolve
    this.#starts = starts
  }

  /** How many histograms the series has so far. */
  get histograms(): number {
    return this.#histograms.length
  }

  /** Reads a Histogram message of the series. Throws RangeError for bytes that are none. */
  histogram(reader: ProtoReader): void {
    this.#histograms.push(readHistogram(reader))
  }

  exemplar(exemplar: Omit<ExemplarSample, 'ref'>): void {
    this.#exemplars.push(exemplar)
  }

  /** Finds the series and gives what belongs to it its ref, or takes that back where the labels are no series: -1. `first`: where its samples begin. */
  finish(first: number, bytes: Uint8Array, start: number, end: number): number {
    if (this.#batch.length === first && this.#histograms.length === 0 && this.#exemplars.length === 0) return -1
    let ref: number
    try {
      ref = this.#resolve(bytes, start, end)
    } catch (caught) {
      if (!(caught instanceof AppError) || !caught.code.startsWith('ingest.')) throw caught
      this.refuse(first, caught)
      return -1
    }
    this.give(first, ref)
    return ref
  }

  /** Gives what belongs to the series its ref. */
  give(first: number, ref: number): void {
    const batch = this.#batch
    const { refs, length } = batch
    for (let i = first; i < length; i++) refs[i] = ref
    this.#starts?.addSamples(batch, ref, first)
    // nearly always there are none: to look costs less than to go through nothing
    if (this.#histograms.length > 0) {
      this.#starts?.addHistograms(batch, ref, this.#histograms)
      for (const { timeMs, histogram } of this.#histograms) batch.histograms.push({ ref, timeMs, histogram })
      this.#histograms.length = 0
    }
    if (this.#exemplars.length > 0) {
      for (const exemplar of this.#exemplars) batch.exemplars.push({ ref, ...exemplar })
      this.#exemplars.length = 0
    }
  }

  /** Takes back what the series brought. Throws the error where there were too many such. */
  refuse(first: number, error: AppError): void {
    const { found } = this
    found.badSeries++
    found.badSamples += this.#batch.length - first + this.#histograms.length
    found.badExemplars += this.#exemplars.length
    found.firstBad ??= error
    this.#starts?.forget()
    this.#batch.length = first
    this.#histograms.length = 0
    this.#exemplars.length = 0
    if (found.badSeries > maxBadSeries) throw error
  }
}
