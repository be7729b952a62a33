// The series of one target from scrape to scrape: known by the bytes of their text, relabelled once, marked stale when they go.
// Its `sample` is called once a line of a scrape, bench/src/exposition.ts.
import { encodeLabels } from '@tidewatch/core/encoded-labels.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { metricNameLabel } from '@tidewatch/core/labels.ts'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import { type NativeHistogram, staleHistogram } from '@tidewatch/core/native-histogram.ts'
import type { ExemplarSample, SampleBatch } from '@tidewatch/core/sample-batch.ts'
import { staleHigh, staleLow } from '@tidewatch/core/stale.ts'
import { emptyLike, zeroBelongs } from '@tidewatch/core/start-time.ts'
import type { SampleAcceptor } from '../../ingest/port.ts'
import { EncodedLabelTable } from '../encoded-labels.ts'
import { seriesText } from '../exposition/metric-families.ts'
import { type ExpositionSink, ExpositionTables, type MetadataLine } from '../exposition/parse.ts'
import { parseSeries } from '../exposition/series-text.ts'
import { ClassicFold } from './classic-fold.ts'
import { TargetExemplars } from './exemplars.ts'
import { fitHistogram } from './fit-histogram.ts'
import type { ScrapeJob } from './job.ts'
import { TargetMetadata } from './metadata.ts'
import { checkLabelLimits, limitError, seriesLabels } from './series-labels.ts'
import { TargetStarts } from './start-times.ts'
import type { Target } from './target.ts'

/** What a slot of the series table is. */
const kept = 1
const dropped = 2
const bad = 3
/** No series of its own: a part of a classic histogram that is kept as a native one only, or what tells when a counter began. */
const folded = 4
/** What a series was in a scrape. 0: not there. */
const there = 1
/** There with a time of its own: then its end is not known, and it is not marked stale. */
const thereWithTime = 2

/** Reads a scrape's body into a batch. One scrape at a time: `begin`, the parser's calls, `finish`, then `commit`. */
export class TargetSeries implements ExpositionSink {
  readonly tables = new ExpositionTables()
  readonly metadataOf = new TargetMetadata()
  /** Lines with a sample; those that relabelling left; those that were not in the last good scrape. */
  scraped = 0
  keptSamples = 0
  added = 0
  /** The first reason why the whole scrape is refused. */
  failure: AppError | undefined
  /** The first reason why a series alone was left out (a limit of the store's, not of the configuration). */
  leftOut: AppError | undefined
  readonly #acceptor: SampleAcceptor
  readonly #target: Target
  #job: ScrapeJob
  #encoded = new EncodedLabelTable()
  readonly #errors = new Map<number, AppError>()
  #kinds = new Uint8Array(64)
  /** 1: the newest sample is a native histogram. */
  #isHistogram = new Uint8Array(64)
  #now = new Uint8Array(64)
  /** As of the last scrape that was taken, good or not: who is gone since then gets a marker. */
  #before = new Uint8Array(64)
  /** As of the last good scrape. */
  #lastGood = new Uint8Array(64)
  /** Labels that series had before the configuration changed them. */
  #orphans: { readonly labels: Buffer; readonly isHistogram: boolean }[] = []
  readonly #exemplars = new TargetExemplars()
  readonly #fold = new ClassicFold()
  readonly #starts = new TargetStarts()
  #batch: SampleBatch | undefined
  #atMs = 0

  constructor(target: Target, job: ScrapeJob, acceptor: SampleAcceptor) {
    this.#target = target
    this.#job = job
    this.#acceptor = acceptor
  }

  /** A scrape of that moment begins; its samples go to the batch. */
  begin(batch: SampleBatch, atMs: number): void {
    this.#batch = batch
    this.#atMs = atMs
    this.#now.fill(0)
    this.scraped = 0
    this.keptSamples = 0
    this.added = 0
    this.failure = undefined
    this.leftOut = undefined
    this.metadataOf.begin()
    this.#exemplars.begin()
    this.#fold.begin()
    this.#starts.begin()
  }

  series(slot: number, flat: readonly string[]): void {
    if (slot >= this.#kinds.length) this.#grow(slot + 1)
    this.#define(slot, flat)
  }

  sample(slot: number, value: number, timeMs: number): void {
    if (this.#job.histograms.convertClassic) this.#fold.add(slot, value, timeMs)
    if (this.#kinds[slot] === folded) {
      if (this.#job.zeroSamples) this.#starts.tellCreated(slot, value)
      this.#now[slot] = there
      return
    }
    const ref = this.#take(slot, timeMs)
    if (ref < 0) return
    this.#isHistogram[slot] = 0
    this.#batch?.add(ref, this.#timeOf(timeMs), value)
  }

  start(slot: number, startMs: number, histogram?: NativeHistogram): void {
    if (this.#job.zeroSamples) this.#starts.tell(slot, startMs, histogram)
  }

  histogram(slot: number, histogram: NativeHistogram, timeMs: number): void {
    const ref = this.#take(slot, timeMs)
    if (ref < 0) return
    const fitting = fitHistogram(histogram, this.#job.histograms)
    if (fitting === undefined) {
      const limit = this.#job.histograms.bucketLimit
      this.failure ??= limitError(`a native histogram has too many buckets; native_histogram_bucket_limit is ${limit}`)
      return
    }
    this.#isHistogram[slot] = 1
    this.#batch?.histograms.push({ ref, timeMs: this.#timeOf(timeMs), histogram: fitting })
  }

  exemplar(slot: number, exemplar: Omit<ExemplarSample, 'ref'>): void {
    if (this.#job.histograms.convertClassic) this.#fold.exemplar(slot, exemplar)
    if (this.#now[slot] === 0 || this.#kinds[slot] !== kept) return
    const fresh = this.#exemplars.take(slot, exemplar, this.#atMs)
    const ref = fresh === undefined ? -1 : this.#resolve(slot)
    if (fresh !== undefined && ref >= 0) this.#batch?.exemplars.push({ ref, ...fresh })
  }

  /** Notes that the series is in this scrape. Its ref, or -1 where its sample is not wanted. */
  #take(slot: number, timeMs: number): number {
    this.scraped++
    const kind = this.#kinds[slot]
    if (kind === dropped) {
      this.#now[slot] = there
      return -1
    }
    if (kind === bad) {
      this.failure ??= this.#errors.get(slot)
      return -1
    }
    this.keptSamples++
    const { limits, honorTimestamps, trackTimestampsStaleness } = this.#job
    if (limits.samples > 0 && this.keptSamples > limits.samples) return -1
    const ref = this.#resolve(slot)
    if (ref < 0) return -1
    if (this.#lastGood[slot] === 0 && this.#now[slot] === 0) this.added++
    const isOwnTime = honorTimestamps && !Number.isNaN(timeMs) && !trackTimestampsStaleness
    if (this.#now[slot] !== there) this.#now[slot] = isOwnTime ? thereWithTime : there
    return ref
  }

  /** The sample's own time where it has one that counts. */
  #timeOf(timeMs: number): number {
    return this.#job.honorTimestamps && !Number.isNaN(timeMs) ? timeMs : this.#atMs
  }

  comment(slot: number, line: MetadataLine): void {
    this.metadataOf.comment(slot, line)
  }

  metadata(slot: number): void {
    this.metadataOf.seen(slot)
  }

  /**
   * Ends the scrape: stale markers for what is gone. `failed`, or what was found on the way, takes back its samples, so that all
   * that was there before is marked. Returns why the scrape failed.
   */
  finish(failed: AppError | undefined): AppError | undefined {
    if (failed === undefined) {
      this.#addFolded()
      this.#addZeros()
    }
    const { samples: limit } = this.#job.limits
    if (limit > 0 && this.keptSamples > limit) {
      this.failure ??= limitError(`${this.keptSamples} samples after relabelling; sample_limit is ${limit}`)
    }
    const failure = failed ?? this.failure
    if (failure !== undefined) {
      this.#batch?.clear()
      this.#now.fill(0)
      this.added = 0
    }
    this.#markStale(this.#atMs)
    return failure
  }

  /** The batch was taken: what it says is what the next scrape is compared with. */
  commit(good: boolean): void {
    this.#orphans = []
    this.#exemplars.commit(good)
    const before = this.#before
    this.#before = this.#now
    this.#now = before
    if (!good) return
    this.#lastGood.set(this.#before)
    if (this.metadataOf.commit()) this.tables.comments.compact(new Uint32Array(0))
    this.#forgetGone()
  }

  /** Stale markers for everything that was there: the target is no more. */
  end(batch: SampleBatch, atMs: number): void {
    this.#batch = batch
    this.#now.fill(0)
    this.#markStale(atMs)
  }

  /** A new configuration: series whose labels come out otherwise end under the old ones. */
  configure(job: ScrapeJob): void {
    const changed = job.seriesKey !== this.#job.seriesKey
    this.#job = job
    if (!changed) return
    const old = this.#encoded
    this.#encoded = new EncodedLabelTable()
    this.#errors.clear()
    this.#fold.forget()
    this.#starts.forget()
    const { series } = this.tables
    for (let slot = 0; slot < series.size; slot++) {
      const before = this.#kinds[slot] === kept && this.#before[slot] === there ? old.bytes(slot) : undefined
      const text = Buffer.from(series.text(slot))
      this.#define(slot, parseSeries(text, 0, text.length, { blanks: true, complain: neverBad }))
      if (this.#kinds[slot] === kept && before !== undefined && this.#encoded.bytes(slot).equals(before)) continue
      if (before !== undefined) this.#orphans.push({ labels: before, isHistogram: this.#isHistogram[slot] === 1 })
      this.#before[slot] = 0
      this.#lastGood[slot] = 0
    }
  }

  /** The slot of the whole histogram of a part. */
  #wholeSlot(flat: readonly string[]): number {
    const { series } = this.tables
    const nameAt = flat.indexOf(metricNameLabel) + 1
    const text = Buffer.from(seriesText(flat[nameAt], flat.toSpliced(nameAt - 1, 2)))
    const known = series.find(text, 0, text.length)
    if (known >= 0) return known
    const slot = series.add(text, 0, text.length)
    this.series(slot, flat)
    return slot
  }

  /** Histograms put together, but where the target has a native one of the name itself. */
  #addFolded(): void {
    for (const { slot, histogram, timeMs, exemplars } of this.#fold.histograms()) {
      if (this.#now[slot] !== 0) continue
      this.histogram(slot, histogram, timeMs)
      for (const exemplar of exemplars) this.exemplar(slot, exemplar)
    }
  }

  /** Samples of zero where counters began since they were scraped last. */
  #addZeros(): void {
    for (const { slot, startMs, histogram } of this.#starts.all()) {
      if (this.#now[slot] === 0 || this.#kinds[slot] !== kept) continue
      const ref = this.#resolve(slot)
      if (ref < 0 || !zeroBelongs(startMs, this.#atMs, this.#acceptor.lastMs(ref))) continue
      if (histogram === undefined) this.#batch?.add(ref, startMs, 0)
      else this.#batch?.histograms.push({ ref, timeMs: startMs, histogram: emptyLike(histogram) })
    }
  }

  /** Finds the labels of a slot, or why it has none. */
  #define(slot: number, flat: readonly string[]): void {
    const { convertClassic, keepClassic } = this.#job.histograms
    const part = convertClassic ? this.metadataOf.histogramPart(flat) : undefined
    if (part !== undefined) {
      this.#fold.define(slot, part, this.#wholeSlot(part.whole))
      if (!keepClassic) {
        this.#kinds[slot] = folded
        return
      }
    }
    const start = this.#job.zeroSamples ? this.metadataOf.startRole(flat) : undefined
    if (start !== undefined) {
      this.#starts.define(slot, start)
      if (start.role === 'created') {
        this.#kinds[slot] = folded
        return
      }
    }
    try {
      checkLabelLimits(flat, this.#job)
      const labels = seriesLabels(this.metadataOf.withBounds(flat), this.#target, this.#job)
      this.#kinds[slot] = labels === undefined ? dropped : kept
      if (labels !== undefined) this.#encoded.set(slot, encodeLabels(labels))
    } catch (error) {
      this.#kinds[slot] = bad
      this.#errors.set(slot, AppError.from(error))
    }
  }

  #resolve(slot: number): number {
    const encoded = this.#encoded
    return this.#resolveBytes(encoded.arena, encoded.start(slot), encoded.end(slot))
  }

  /** Asked anew each time: a ref is good only until the head forgets the series. -1: left out. */
  #resolveBytes(bytes: Uint8Array, start: number, end: number): number {
    try {
      return this.#acceptor.resolveEncoded(defaultProject, bytes, start, end)
    } catch (error) {
      if (!(error instanceof AppError) || !error.code.startsWith('ingest.')) throw error
      this.leftOut ??= error
      return -1
    }
  }

  #markStale(atMs: number): void {
    const batch = this.#batch
    if (batch === undefined) return
    const before = this.#before
    for (let slot = 0; slot < this.tables.series.size; slot++) {
      if (before[slot] !== there || this.#now[slot] !== 0 || this.#kinds[slot] !== kept) continue
      addStale(batch, this.#resolve(slot), { atMs, isHistogram: this.#isHistogram[slot] === 1 })
    }
    for (const { labels, isHistogram } of this.#orphans)
      addStale(batch, this.#resolveBytes(labels, 0, labels.length), { atMs, isHistogram })
  }

  /** Series that are gone stay known until they outnumber those that are there; then the tables are made anew. */
  #forgetGone(): void {
    const { series } = this.tables
    const present = this.#before.subarray(0, series.size).reduce((count, state) => count + (state === 0 ? 0 : 1), 0)
    if (series.size <= present * 2 + 1000) return
    const keep = new Uint32Array(present)
    let next = 0
    for (let slot = 0; slot < series.size; slot++) if (this.#before[slot] !== 0) keep[next++] = slot
    const encoded = Array.from(keep, (slot) => (this.#kinds[slot] === kept ? this.#encoded.bytes(slot) : undefined))
    const move = (states: Uint8Array): Uint8Array<ArrayBuffer> => {
      const moved = new Uint8Array(Math.max(64, present))
      for (let i = 0; i < present; i++) moved[i] = states[keep[i]]
      return moved
    }
    this.#kinds = move(this.#kinds)
    this.#isHistogram = move(this.#isHistogram)
    this.#exemplars.forget()
    this.#fold.move(keep)
    this.#starts.move(keep)
    this.#before = move(this.#before)
    this.#lastGood = move(this.#lastGood)
    this.#now = new Uint8Array(this.#kinds.length)
    this.#errors.clear()
    this.#encoded = new EncodedLabelTable()
    for (const [slot, bytes] of encoded.entries()) if (bytes !== undefined) this.#encoded.set(slot, bytes)
    series.compact(keep)
  }

  #grow(length: number): void {
    const larger = (array: Uint8Array): Uint8Array<ArrayBuffer> => {
      const grown = new Uint8Array(Math.max(length, array.length * 2))
      grown.set(array)
      return grown
    }
    this.#kinds = larger(this.#kinds)
    this.#isHistogram = larger(this.#isHistogram)
    this.#now = larger(this.#now)
    this.#before = larger(this.#before)
    this.#lastGood = larger(this.#lastGood)
  }
}

function addStale(
  batch: SampleBatch,
  ref: number,
  { atMs, isHistogram }: { readonly atMs: number; readonly isHistogram: boolean },
): void {
  if (ref < 0) return
  if (isHistogram) batch.histograms.push({ ref, timeMs: atMs, histogram: staleHistogram })
  else batch.addBits(ref, atMs, staleLow, staleHigh)
}

function neverBad(_at: number, expected: string): AppError {
  return new AppError('internal.bug', `a known series is no series: expected ${expected}`)
}
