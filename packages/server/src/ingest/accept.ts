// Called once a batch, its loops once a sample, bench/src/ingest-remote-write.ts: limits, series rows, spool, head, then the answer.
import { setImmediate } from 'node:timers/promises'
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { type SampleBatch, SampleBatchPool } from '@tidewatch/core/sample-batch.ts'
import type { HeadWriter, ResolvedSamples, SeriesIndex, SeriesRef } from '../head/port.ts'
import type { SpoolSection, SpoolWriter } from '../spool/port.ts'
import type { MetricMetadata, MetricTablesEncoder, StoredExemplar, StoredSeries } from '../store/port.ts'
import { KnownExemplars } from './exemplars.ts'
import { AcceptGate } from './gate.ts'
import { appendHistograms, noHistograms, type TakenHistograms, takeHistograms } from './histograms.ts'
import { KnownMetadata } from './known-metadata.ts'
import type { AcceptOptions, AcceptPause, AcceptResult, AcceptStats, SampleAcceptor } from './port.ts'
import { dayOf, SeriesDays } from './series-days.ts'

export interface SampleAcceptorOptions {
  readonly index: SeriesIndex
  readonly head: HeadWriter
  readonly spool: SpoolWriter
  readonly encoder: MetricTablesEncoder
  readonly clock: Clock
  /** Samples older than this are refused; undefined: none is too old (but none before 1970 is taken). */
  readonly retentionMs: number | undefined
  /** Samples further ahead of the clock than this are refused; 1 h by default. */
  readonly maxAheadMs?: number
}

/** The one way in for samples (see the port). Has nothing open: what it was given is its owner's to close. */
export function createSampleAcceptor(options: SampleAcceptorOptions): SampleAcceptor & AcceptPause {
  const acceptor = new Acceptor(options)
  const gate = new AcceptGate()
  const { index, spool } = options
  return {
    accept: (samples, acceptOptions) => gate.enter(() => acceptor.accept(samples, acceptOptions)),
    pause: (pauseOptions) => gate.close(pauseOptions),
    forgetRows: (refs) => acceptor.forgetRows(refs),
    checkRoom: () => spool.checkRoom(),
    resolve: (project, labels) => index.resolve(project, labels),
    resolveEncoded: (project, bytes, start, end) => index.resolveEncoded(project, bytes, start, end),
    lastMs: (ref) => index.lastMs(ref as SeriesRef),
    order: index,
    stats: acceptor.stats,
    rememberExemplars: (rows) => acceptor.rememberExemplars(rows),
  }
}

const hourMs = 3_600_000
const maxExamples = 3
/** So many samples reach the head in one go (about 5 ms); between slices the thread answers HTTP. */
const headSlice = 1 << 15

/** So many series rows are made and encoded in one go (about 5 ms). */
const rowSlice = 1 << 10

/** Series that have no row of that day yet, with the time of the sample that says so. */
interface NewSeries {
  readonly refs: number[]
  readonly days: number[]
  readonly timesMs: number[]
}

class Acceptor {
  readonly stats: AcceptStats = {
    batches: 0,
    samples: 0,
    refusedTooOld: 0,
    refusedTooFarAhead: 0,
    seriesRows: 0,
    metadataRows: 0,
    exemplars: 0,
    refusedExemplars: 0,
    histograms: 0,
    refusedHistograms: 0,
  }
  readonly #options: SampleAcceptorOptions
  readonly #days = new SeriesDays()
  readonly #metadata = new KnownMetadata()
  readonly #exemplars: KnownExemplars
  readonly #pool = new SampleBatchPool()
  /** Columns of sections that are not being written. */
  readonly #idleColumns: SectionColumns[] = []

  constructor(options: SampleAcceptorOptions) {
    this.#options = options
    this.#exemplars = new KnownExemplars(options.index)
  }

  rememberExemplars(rows: readonly StoredExemplar[]): void {
    this.#exemplars.remember(rows)
  }

  async accept(samples: ResolvedSamples, { metadata = [] }: AcceptOptions = {}): Promise<AcceptResult> {
    const { spool } = this.#options
    spool.checkRoom()
    const limits = this.#limits()
    using lease = outside(samples, limits) > 0 ? this.#pool.lease() : undefined
    const refused = { tooOld: 0, tooFarAhead: 0, examples: [] as string[] }
    if (lease !== undefined) this.#keepWithin(samples, limits, lease.batch, refused)
    const kept = lease?.batch ?? samples
    const histograms =
      samples.histograms === undefined || samples.histograms.length === 0
        ? noHistograms
        : await takeHistograms(samples.histograms, limits, this.#options.index)
    this.#countTimes(histograms, refused)
    const newSeries = this.#newSeries(kept, histograms)
    const newMetadata = this.#metadata.news(metadata)
    const { exemplars = [] } = samples
    const taken = this.#exemplars.take(exemplars, limits)
    const sections: SpoolSection[] = []
    // series before samples: who reads the frame in order knows a sample's series
    if (newSeries.refs.length > 0) sections.push(await this.#seriesSection(newSeries))
    if (newMetadata.length > 0) sections.push(this.#options.encoder.metadata(newMetadata))
    using columns = this.#leaseColumns(kept.length)
    if (kept.length > 0) sections.push(this.#sampleSection(kept, columns))
    if (histograms.length > 0) sections.push(this.#histogramSection(histograms))
    if (taken.rows.length > 0) sections.push(this.#options.encoder.exemplars(taken.rows))
    if (sections.length > 0) await spool.append(sections)
    // a row is noted only now: a batch that the spool refused leaves the next one to carry it, and two at once both carry it
    this.#note(newSeries, newMetadata)
    this.#exemplars.note(taken.kept)
    await this.#toHead(kept)
    await appendHistograms(this.#options.head, histograms)
    this.stats.batches++
    this.stats.samples += kept.length
    this.stats.refusedTooOld += refused.tooOld
    this.stats.refusedTooFarAhead += refused.tooFarAhead
    this.stats.exemplars += taken.rows.length
    this.stats.refusedExemplars += taken.refused
    this.stats.histograms += histograms.length
    this.stats.refusedHistograms += histograms.bad
    return {
      accepted: kept.length,
      histograms: histograms.length,
      badHistograms: histograms.bad,
      firstBadHistogram: histograms.firstBad,
      exemplars: taken.kept.length,
      refusedExemplars: taken.refused,
      refused,
    }
  }

  forgetRows(refs: Iterable<number>): void {
    for (const ref of refs) {
      this.#days.forget(ref)
      this.#exemplars.forget(ref)
    }
  }

  #limits(): TimeLimits {
    const { clock, retentionMs, maxAheadMs = hourMs } = this.#options
    const nowMs = clock.nowMs()
    return { minMs: retentionMs === undefined ? 0 : Math.max(0, nowMs - retentionMs), maxMs: nowMs + maxAheadMs }
  }

  /** The samples within the limits, by bits, into the batch; what is not is counted. */
  #keepWithin(samples: ResolvedSamples, limits: TimeLimits, batch: SampleBatch, refused: Refused): void {
    const { refs, timesMs, values, length } = samples
    const words = new Uint32Array(values.buffer, values.byteOffset, length * 2)
    batch.reserve(length)
    for (let i = 0; i < length; i++) {
      const timeMs = timesMs[i]
      if (timeMs >= limits.minMs && timeMs <= limits.maxMs) {
        batch.addBits(refs[i], timeMs, words[i * 2], words[i * 2 + 1])
        continue
      }
      if (timeMs > limits.maxMs) refused.tooFarAhead++
      else refused.tooOld++
      this.#addExample(refs[i], timeMs, refused)
    }
  }

  #countTimes({ tooOld, tooFarAhead }: TakenHistograms, refused: Refused): void {
    refused.tooOld += tooOld.length
    refused.tooFarAhead += tooFarAhead.length
    for (const { ref, timeMs } of [...tooOld, ...tooFarAhead].slice(0, maxExamples))
      this.#addExample(ref, timeMs, refused)
  }

  #addExample(ref: number, timeMs: number, { examples }: Refused): void {
    if (examples.length >= maxExamples) return
    examples.push(`${this.#options.index.labels(ref as SeriesRef)} at ${formatTime(timeMs)}`)
  }

  /** Which series need a row in the store's `series` table beside these samples: new ones, and those of a further UTC day. */
  #newSeries(samples: ResolvedSamples, histograms: TakenHistograms): NewSeries {
    const found: NewSeries = { refs: [], days: [], timesMs: [] }
    const seen = new Set<number>()
    this.#addNewSeries(samples, found, seen)
    this.#addNewSeries(histograms, found, seen)
    return found
  }

  #addNewSeries(
    { refs, timesMs, length }: Pick<ResolvedSamples, 'refs' | 'timesMs' | 'length'>,
    found: NewSeries,
    seen: Set<number>,
  ): void {
    const { index } = this.#options
    let dayStartMs = 0
    let dayEndMs = 0
    let day = 0
    for (let i = 0; i < length; i++) {
      const timeMs = timesMs[i]
      if (timeMs < dayStartMs || timeMs >= dayEndMs) {
        day = dayOf(timeMs)
        dayStartMs = day * 24 * hourMs
        dayEndMs = dayStartMs + 24 * hourMs
      }
      const ref = refs[i] as SeriesRef
      if (this.#days.has(ref, day) && index.isSaved(ref)) continue
      const key = ref * 0x1_0000 + day
      if (seen.has(key)) continue
      seen.add(key)
      found.refs.push(ref)
      found.days.push(day)
      found.timesMs.push(timeMs)
    }
  }

  /** In slices: a first request may bring a hundred thousand series, and others wait for the thread. */
  async #seriesSection({ refs, timesMs }: NewSeries): Promise<SpoolSection> {
    const { index, encoder } = this.#options
    const sections: SpoolSection[] = []
    for (let at = 0; at < refs.length; at += rowSlice) {
      if (at > 0) await setImmediate()
      const rows = refs.slice(at, at + rowSlice).map((number, i): StoredSeries => {
        const ref = number as SeriesRef
        const { idLow, idHigh } = index
        return {
          project: index.project(ref),
          idLow: idLow[ref],
          idHigh: idHigh[ref],
          labels: index.labels(ref),
          seenMs: timesMs[at + i],
        }
      })
      sections.push(encoder.series(rows))
    }
    return {
      table: sections[0].table,
      parts: sections.flatMap((section) => section.parts),
      rows: sections.reduce((sum, section) => sum + section.rows, 0),
    }
  }

  /** Taken back when disposed: a section's bytes are these arrays until it is written. */
  #leaseColumns(length: number): SectionColumns & Disposable {
    const idle = this.#idleColumns.pop()
    const columns = idle !== undefined && idle.projects.length >= length ? idle : newColumns(length)
    return {
      ...columns,
      [Symbol.dispose]: () => {
        const isWorthIt = this.#idleColumns.length < maxIdleColumns && columns.projects.length <= maxKeptRows
        if (isWorthIt) this.#idleColumns.push(columns)
      },
    }
  }

  #sampleSection(samples: ResolvedSamples, { projects, ids }: SectionColumns): SpoolSection {
    const { refs, timesMs, values, length } = samples
    this.#identify(refs, length, projects, ids)
    return this.#options.encoder.samples({ length, projects, ids, timesMs, values })
  }

  #histogramSection({ refs, timesMs, bytes, length }: TakenHistograms): SpoolSection {
    const { projects, ids } = newColumns(length)
    this.#identify(refs, length, projects, ids)
    return this.#options.encoder.histograms({ length, projects, ids, timesMs, bytes })
  }

  #identify(refs: Uint32Array, length: number, projects: Uint32Array, ids: Uint32Array): void {
    const { index } = this.#options
    const { idLow, idHigh } = index
    for (let i = 0; i < length; i++) {
      const ref = refs[i]
      projects[i] = index.project(ref as SeriesRef)
      ids[i * 2] = idLow[ref]
      ids[i * 2 + 1] = idHigh[ref]
    }
  }

  #note(series: NewSeries, metadata: readonly MetricMetadata[]): void {
    const { index } = this.#options
    for (let i = 0; i < series.refs.length; i++) {
      const ref = series.refs[i] as SeriesRef
      this.#days.note(ref, series.days[i], !index.isSaved(ref))
      index.markSaved(ref)
    }
    this.#metadata.note(metadata)
    this.stats.seriesRows += series.refs.length
    this.stats.metadataRows += metadata.length
  }

  async #toHead(samples: ResolvedSamples): Promise<void> {
    const { head } = this.#options
    if (samples.length === 0) return
    if (samples.length <= headSlice) {
      head.append(samples)
      return
    }
    const { refs, timesMs, values, length } = samples
    for (let at = 0; at < length; at += headSlice) {
      const to = Math.min(length, at + headSlice)
      if (at > 0) await setImmediate()
      head.append({
        length: to - at,
        refs: refs.subarray(at, to),
        timesMs: timesMs.subarray(at, to),
        values: values.subarray(at, to),
      })
    }
  }
}

/** What a section's rows have beside times and values. */
interface SectionColumns {
  readonly projects: Uint32Array
  /** Low and high half of each. */
  readonly ids: Uint32Array
}

const maxIdleColumns = 4
const maxKeptRows = 1 << 18

function newColumns(length: number): SectionColumns {
  const rows = length + (length >>> 1)
  return { projects: new Uint32Array(rows), ids: new Uint32Array(rows * 2) }
}

interface TimeLimits {
  readonly minMs: number
  readonly maxMs: number
}

interface Refused {
  tooOld: number
  tooFarAhead: number
  readonly examples: string[]
}

/** How many of the samples lie outside the limits; a NaN does. */
function outside(samples: ResolvedSamples, { minMs, maxMs }: TimeLimits): number {
  const { timesMs, length } = samples
  let count = 0
  for (let i = 0; i < length; i++) if (!(timesMs[i] >= minMs && timesMs[i] <= maxMs)) count++
  return count
}

function formatTime(timeMs: number): string {
  return Math.abs(timeMs) <= 8.64e15 ? new Date(timeMs).toISOString() : `${timeMs} ms`
}

/** What a receiver answers where samples were refused by their times: 400, since sending them again would not help. */
export function refusedTimesError(result: AcceptResult): AppError {
  const { tooOld, tooFarAhead, examples } = result.refused
  const parts = [
    ...(tooOld > 0 ? [`${tooOld} ${tooOld === 1 ? 'is' : 'are'} older than what is kept`] : []),
    ...(tooFarAhead > 0 ? [`${tooFarAhead} ${tooFarAhead === 1 ? 'lies' : 'lie'} more than an hour ahead`] : []),
  ]
  const total = result.accepted + result.histograms + tooOld + tooFarAhead
  const message = `of ${total} samples ${parts.join(' and ')}: ${examples.join('; ')}. The others were taken.`
  const fixes = [
    ...(tooFarAhead > 0 ? ["Set the sender's clock (NTP)."] : []),
    ...(tooOld > 0 ? ['To take old samples start with a longer --retention, or --retention off.'] : []),
  ]
  return new AppError('ingest.bad_time', message, { fix: fixes.join(' ') })
}
