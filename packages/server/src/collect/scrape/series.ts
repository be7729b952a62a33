// The series of one target from scrape to scrape: known by the bytes of their text, relabelled once, marked stale when they go.
// Its `sample` is called once a line of a scrape, bench/src/exposition.ts.
import { encodeLabels } from '@tidewatch/core/encoded-labels.ts'
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import { metricNameLabel } from '@tidewatch/core/labels.ts'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import type { SampleBatch } from '@tidewatch/core/sample-batch.ts'
import { staleHigh, staleLow } from '@tidewatch/core/stale.ts'
import type { SampleAcceptor } from '../../ingest/port.ts'
import { EncodedLabelTable } from '../encoded-labels.ts'
import { type ExpositionSink, ExpositionTables, type MetadataLine } from '../exposition/parse.ts'
import { parseSeries } from '../exposition/series-text.ts'
import type { LabelDraft } from '../relabel.ts'
import type { ScrapeJob } from './job.ts'
import { TargetMetadata } from './metadata.ts'
import type { Target } from './target.ts'

/** What a slot of the series table is. */
const kept = 1
const dropped = 2
const bad = 3
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
  #now = new Uint8Array(64)
  /** As of the last scrape that was taken, good or not: who is gone since then gets a marker. */
  #before = new Uint8Array(64)
  /** As of the last good scrape. */
  #lastGood = new Uint8Array(64)
  /** Labels that series had before the configuration changed them. */
  #orphans: Buffer[] = []
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
  }

  series(slot: number, flat: readonly string[]): void {
    if (slot >= this.#kinds.length) this.#grow(slot + 1)
    this.#define(slot, flat)
  }

  sample(slot: number, value: number, timeMs: number): void {
    this.scraped++
    const kind = this.#kinds[slot]
    if (kind === dropped) {
      this.#now[slot] = there
      return
    }
    if (kind === bad) {
      this.failure ??= this.#errors.get(slot)
      return
    }
    this.keptSamples++
    const { limits, honorTimestamps, trackTimestampsStaleness } = this.#job
    const batch = this.#batch
    if (batch === undefined || (limits.samples > 0 && this.keptSamples > limits.samples)) return
    const hasTime = honorTimestamps && !Number.isNaN(timeMs)
    const ref = this.#resolve(slot)
    if (ref < 0) return
    if (this.#lastGood[slot] === 0 && this.#now[slot] === 0) this.added++
    if (this.#now[slot] !== there) this.#now[slot] = hasTime && !trackTimestampsStaleness ? thereWithTime : there
    batch.add(ref, hasTime ? timeMs : this.#atMs, value)
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
    const { series } = this.tables
    for (let slot = 0; slot < series.size; slot++) {
      const before = this.#kinds[slot] === kept && this.#before[slot] === there ? old.bytes(slot) : undefined
      const text = Buffer.from(series.text(slot))
      this.#define(slot, parseSeries(text, 0, text.length, { blanks: true, complain: neverBad }))
      if (this.#kinds[slot] === kept && before !== undefined && this.#encoded.bytes(slot).equals(before)) continue
      if (before !== undefined) this.#orphans.push(before)
      this.#before[slot] = 0
      this.#lastGood[slot] = 0
    }
  }

  /** Finds the labels of a slot, or why it has none. */
  #define(slot: number, flat: readonly string[]): void {
    try {
      checkLabelLimits(flat, this.#job)
      const labels = seriesLabels(flat, this.#target, this.#job)
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
      const ref = this.#resolve(slot)
      if (ref >= 0) batch.addBits(ref, atMs, staleLow, staleHigh)
    }
    for (const orphan of this.#orphans) {
      const ref = this.#resolveBytes(orphan, 0, orphan.length)
      if (ref >= 0) batch.addBits(ref, atMs, staleLow, staleHigh)
    }
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
    this.#now = larger(this.#now)
    this.#before = larger(this.#before)
    this.#lastGood = larger(this.#lastGood)
  }
}

/** The series' labels beside the target's, and relabelled. Undefined: dropped. */
function seriesLabels(flat: readonly string[], target: Target, job: ScrapeJob): LabelDraft | undefined {
  const written = new Map<string, string>()
  for (let i = 0; i < flat.length; i += 2) written.set(flat[i], flat[i + 1])
  const labels: LabelDraft = new Map([...written].filter(([, value]) => value !== ''))
  const conflicting: [string, string][] = []
  for (const [name, value] of target.labels.entries()) {
    // with honor_labels an empty label counts as written: so a federated series without the label stays without it
    if (job.honorLabels && written.has(name)) continue
    const exposed = labels.get(name)
    if (exposed !== undefined) conflicting.push([name, exposed])
    labels.set(name, value)
  }
  for (const [name, value] of conflicting.sort(([a], [b]) => a.length - b.length)) {
    let renamed = `exported_${name}`
    while (labels.has(renamed)) renamed = `exported_${renamed}`
    labels.set(renamed, value)
  }
  if (!job.metricRelabel(labels) || labels.size === 0) return undefined
  if (!labels.has(metricNameLabel)) {
    throw limitError(`the series ${quoteValue(written.get(metricNameLabel))} has no name after relabelling`)
  }
  return labels
}

/** Prometheus checks the labels as they come, the metric name among them. */
function checkLabelLimits(flat: readonly string[], job: ScrapeJob): void {
  const { labels, labelNameLength, labelValueLength } = job.limits
  const name = quoteValue(flat[flat.indexOf(metricNameLabel) + 1])
  const count = flat.length / 2
  if (labels > 0 && count > labels) throw limitError(`${count} labels on ${name}; label_limit is ${labels}`)
  for (let i = 0; i < flat.length; i += 2) {
    const label = quoteValue(flat[i], 40)
    const nameBytes = Buffer.byteLength(flat[i])
    const valueBytes = Buffer.byteLength(flat[i + 1])
    if (labelNameLength > 0 && nameBytes > labelNameLength) {
      throw limitError(
        `the label name ${label} on ${name} has ${nameBytes} bytes; label_name_length_limit is ${labelNameLength}`,
      )
    }
    if (labelValueLength > 0 && valueBytes > labelValueLength) {
      throw limitError(
        `the value of ${label} on ${name} has ${valueBytes} bytes; label_value_length_limit is ${labelValueLength}`,
      )
    }
  }
}

function limitError(message: string): AppError {
  return new AppError('collect.limit', message)
}

function neverBad(_at: number, expected: string): AppError {
  return new AppError('internal.bug', `a known series is no series: expected ${expected}`)
}
