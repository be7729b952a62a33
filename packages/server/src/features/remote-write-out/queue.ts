// One receiver's way through the spool: segment after segment, its place kept after each round (decision 011).
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { TimeSlices } from '@tidewatch/core/time-slices.ts'
import type { HttpClient } from '../../collect/http-client/port.ts'
import type { Logger } from '../../self/port.ts'
import type { SpoolFrame, SpoolReader, SpoolSegment } from '../../spool/port.ts'
import type {
  MetricMetadata,
  MetricSection,
  StoredExemplar,
  StoredHistogramBytes,
  StoredSamples,
} from '../../store/port.ts'
import { RemoteCounters } from './counters.ts'
import { encodeMetadata, type FamilyOf } from './encode.ts'
import { Families } from './families.ts'
import type { RelabelSeries, RemoteSettings, RemoteSource } from './port.ts'
import { Round, recordsOf } from './round.ts'
import { Sender, type SendRequest } from './sender.ts'
import { SeriesCache } from './series-cache.ts'
import { unknownIds } from './unknown-ids.ts'

export interface QueueOptions {
  readonly settings: RemoteSettings
  readonly source: RemoteSource
  readonly http: HttpClient
  readonly relabel: RelabelSeries
  readonly externalLabels: Readonly<Record<string, string>>
  readonly clock: Clock
  readonly logger: Logger
  readonly version: string
  /** Of segments that stay in the spool for this receiver alone; the oldest go beyond it. */
  readonly maxHeldBytes: number
  /** Those of a queue that this one goes on for. */
  readonly counters?: RemoteCounters
}

/** A round that is under way may end so long after the queue is asked to. */
const graceMs = 3000
/** Two full segments of the spool. */
const lagBytes = 32 << 20
const sliceRows = 512
const tellDropsEveryMs = 60_000

export class RemoteQueue implements AsyncDisposable {
  readonly counters: RemoteCounters
  readonly #options: QueueOptions
  readonly #series: SeriesCache
  readonly #families = new Families()
  readonly #round: Round
  readonly #sender: Sender
  /** Soon: after the round. At once: whatever is under way. */
  readonly #soon = new AbortController()
  readonly #now = new AbortController()
  #running: Promise<unknown> = Promise.resolve()
  #toldDropsMs = Number.NEGATIVE_INFINITY
  readonly #slices: TimeSlices

  constructor(options: QueueOptions) {
    const { settings, http, clock, logger, version, externalLabels, relabel } = options
    this.#options = options
    this.counters = options.counters ?? new RemoteCounters()
    this.#series = new SeriesCache({ externalLabels, relabel })
    const familyOf: FamilyOf = (metric) => this.#families.of(metric)
    this.#round = new Round(settings, familyOf)
    this.counters.shards = this.#round.shards
    this.#slices = new TimeSlices(clock)
    this.#sender = new Sender({ settings, http, clock, logger, counters: this.counters, version })
  }

  start(): void {
    this.#running = Promise.all([this.#run(), this.#sendMetadata()])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { clock, http } = this.#options
    this.#soon.abort(stopping())
    const grace = new AbortController()
    const timer = clock.sleep(graceMs, { signal: grace.signal }).then(
      () => this.#now.abort(stopping()),
      () => undefined,
    )
    await this.#running
    grace.abort()
    await timer
    this.#now.abort(stopping())
    await http[Symbol.asyncDispose]()
  }

  /** Goes on until it is stopped, whatever fails. */
  async #run(): Promise<void> {
    const { source, settings, clock, logger } = this.#options
    for (let backoffMs = 1000; !this.#soon.signal.aborted; backoffMs = Math.min(60_000, backoffMs * 2)) {
      try {
        const reader = await source.attach(settings.id)
        while (!this.#soon.signal.aborted) {
          const segment = await reader.next({ signal: this.#soon.signal })
          if (await this.#segment(segment, reader)) await reader.confirm(segment.number)
          backoffMs = 1000
        }
      } catch (error) {
        if (this.#soon.signal.aborted) return
        // what was gathered is read again
        this.#round.take()
        logger.error('sending on stopped and begins again', { remote: settings.name, error })
        await clock.sleep(backoffMs, { signal: this.#soon.signal }).catch(() => undefined)
      }
    }
  }

  /** Sends a segment from where its progress says. False: stopped within it. */
  async #segment(segment: SpoolSegment, reader: SpoolReader): Promise<boolean> {
    const done = Number(reader.progress(segment.number) ?? 0)
    let row = 0
    const keep = async (): Promise<boolean> => {
      await this.#flush(reader)
      await reader.saveProgress(segment.number, String(row))
      return !this.#soon.signal.aborted
    }
    for (const frame of await segment.frames()) {
      for (const read of await this.#sectionsOf(frame)) {
        const rows = await this.#readable(read, reader, done - row)
        if (rows === undefined) continue
        for (let i = 0; i < rows.length; i++) {
          if (row++ < done) continue
          rows.add(i)
          if (this.#round.isFull && !(await keep())) return false
          if (row % sliceRows === 0 && this.#slices.isOver()) await this.#slices.turn()
        }
      }
      this.counters.dropped.exemplar_alone += this.#round.dropWaiting()
    }
    return this.#round.size === 0 ? !this.#soon.signal.aborted || row === done : await keep()
  }

  /** Series first, then exemplars, which go along with the samples that follow. */
  async #sectionsOf({ sections }: SpoolFrame): Promise<readonly MetricSection[]> {
    const read = await Promise.all(sections.map((section) => this.#options.source.sections.read(section)))
    return read.sort((a, b) => sectionOrder.indexOf(a.kind) - sectionOrder.indexOf(b.kind))
  }

  /** A section's records as the loop takes them, once all of their series are known. `skip`: as many were sent before. */
  async #readable(read: MetricSection, reader: SpoolReader, skip: number): Promise<Rows | undefined> {
    const { settings } = this.#options
    switch (read.kind) {
      case 'series':
        for (const series of read.series) this.#series.learn(series)
        return undefined
      case 'samples':
        if (read.samples.length > skip) await this.#learnMissing(read.samples, reader)
        return { length: read.samples.length, add: this.#samples(read.samples) }
      case 'histograms':
        if (settings.sendHistograms && read.histograms.length > skip) await this.#learnMissing(read.histograms, reader)
        return {
          length: read.histograms.length,
          add: settings.sendHistograms ? this.#histograms(read.histograms) : () => undefined,
        }
      case 'exemplars':
        return {
          length: read.exemplars.length,
          add: settings.sendExemplars ? this.#exemplars(read.exemplars) : () => undefined,
        }
      case 'other':
        return undefined
      default:
        return read satisfies never
    }
  }

  #samples({ ids, timesMs, values }: StoredSamples): (i: number) => void {
    const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2)
    const { counters } = this
    const oldestMs = this.#oldestMs()
    return (i) => {
      const idLow = ids[i * 2] as number
      const timeMs = timesMs[i] as number
      if (timeMs > counters.highestReadMs) counters.highestReadMs = timeMs
      const series = this.#series.get(idLow, ids[i * 2 + 1] as number)
      if (series === undefined) counters.dropped.unknown_series++
      else if (series.isDropped) counters.dropped.relabelled++
      else if (timeMs < oldestMs) counters.dropped.too_old++
      else this.#round.shardOf(idLow).sample(series, timeMs, words[i * 2] as number, words[i * 2 + 1] as number)
    }
  }

  #histograms({ ids, timesMs, bytes }: StoredHistogramBytes): (i: number) => void {
    const { counters } = this
    const oldestMs = this.#oldestMs()
    return (i) => {
      const idLow = ids[i * 2] as number
      const timeMs = timesMs[i] as number
      counters.highestReadMs = Math.max(counters.highestReadMs, timeMs)
      const series = this.#series.get(idLow, ids[i * 2 + 1] as number)
      if (series === undefined) counters.dropped.unknown_series++
      else if (series.isDropped) counters.dropped.relabelled++
      else if (timeMs < oldestMs) counters.dropped.too_old++
      else this.#round.shardOf(idLow).histogram(series, timeMs, bytes[i] as Uint8Array)
    }
  }

  #exemplars(exemplars: readonly StoredExemplar[]): (i: number) => void {
    return (i) => {
      const exemplar = exemplars[i] as StoredExemplar
      const series = this.#series.learn(exemplar)
      if (series.isDropped) this.counters.dropped.relabelled++
      else this.#round.shardOf(exemplar.idLow).exemplar(series, exemplar)
    }
  }

  #oldestMs(): number {
    const { sampleAgeLimitMs: limitMs } = this.#options.settings.queue
    return limitMs === 0 ? Number.NEGATIVE_INFINITY : this.#options.clock.nowMs() - limitMs
  }

  /** Series whose rows stand in segments that were read by a former process, or before this receiver was there. */
  async #learnMissing(
    { ids, length }: { readonly ids: Uint32Array; readonly length: number },
    reader: SpoolReader,
  ): Promise<void> {
    const missing = unknownIds(ids, length, this.#series)
    if (missing.length === 0) return
    const { source, settings, clock, logger } = this.#options
    for (let backoffMs = 100; ; backoffMs = Math.min(5000, backoffMs * 2)) {
      try {
        for (const series of await source.series.seriesById(missing, { signal: this.#soon.signal }))
          this.#series.learn(series)
        return
      } catch (error) {
        this.#soon.signal.throwIfAborted()
        // the store is away: what cannot be named is dropped only where it would fill the disk
        if (this.#isBehind(reader)) return
        logger.debug('labels of series cannot be read yet', { remote: settings.name, error })
        await clock.sleep(backoffMs, { signal: this.#soon.signal })
      }
    }
  }

  /** Sends the round: shards side by side, the requests of a shard one after the other. */
  async #flush(reader: SpoolReader): Promise<void> {
    const { counters } = this
    counters.pending = this.#round.size
    await Promise.all(this.#round.take().map((requests) => this.#sendShard(requests, reader)))
    counters.pending = 0
    this.#adapt(reader)
  }

  async #sendShard(requests: readonly SendRequest[], reader: SpoolReader): Promise<void> {
    for (const request of requests) {
      const shouldGiveUp = (): boolean => this.#isBehind(reader) || this.#isTooOld(request)
      const outcome = await this.#sender.send(request, { signal: this.#now.signal, shouldGiveUp })
      if (outcome !== 'given up') continue
      const reason = this.#isTooOld(request) ? 'too_old' : 'behind'
      this.counters.dropped[reason] += recordsOf(request.counts)
      this.#tellDrops(recordsOf(request.counts))
    }
  }

  #isTooOld({ newestMs }: SendRequest): boolean {
    return newestMs > 0 && newestMs < this.#oldestMs()
  }

  /** What waits for this receiver alone has reached its bound, or takes the room that new samples need. */
  #isBehind(reader: SpoolReader): boolean {
    const { source, maxHeldBytes } = this.#options
    const held = reader.heldBytes()
    return held > maxHeldBytes || (held > 0 && source.isSpoolFull())
  }

  #tellDrops(count: number): void {
    const { clock, logger, settings } = this.#options
    if (clock.monotonicMs() - this.#toldDropsMs < tellDropsEveryMs) return
    this.#toldDropsMs = clock.monotonicMs()
    logger.error('samples for a receiver that does not answer are dropped', { remote: settings.name, atLeast: count })
  }

  /** More shards while full segments wait behind the one that is sent, fewer when none does. */
  #adapt(reader: SpoolReader): void {
    const { minShards, maxShards } = this.#options.settings.queue
    const { shards } = this.#round
    const wanted = reader.heldBytes() > lagBytes ? Math.min(maxShards, shards * 2) : Math.max(minShards, shards - 1)
    if (wanted !== shards) this.#round.resize(wanted)
    this.counters.shards = wanted
  }

  /** Type, help and unit: in version 1.0 as requests of their own, in 2.0 beside each series. */
  async #sendMetadata(): Promise<void> {
    const { settings, source, clock, logger } = this.#options
    const { send, everyMs } = settings.metadata
    const { signal } = this.#soon
    while (send && !signal.aborted) {
      try {
        const rows = await source.metadata(signal)
        this.#families.set(rows)
        if (settings.message === '1.0') await this.#sendFamilies(rows, signal)
      } catch (error) {
        if (signal.aborted) return
        logger.debug('metadata cannot be sent on yet', { remote: settings.name, error })
      }
      await clock.sleep(everyMs, { signal }).catch(() => undefined)
    }
  }

  async #sendFamilies(rows: readonly MetricMetadata[], signal: AbortSignal): Promise<void> {
    const { maxPerSend } = this.#options.settings.metadata
    for (let first = 0; first < rows.length; first += maxPerSend) {
      const part = rows.slice(first, first + maxPerSend)
      const counts = { samples: 0, histograms: 0, exemplars: 0, metadata: part.length }
      const request = { bytes: encodeMetadata(part), counts, newestMs: 0 }
      // not tried again: the next turn sends all of it
      const outcome = await this.#sender.send(request, { signal, shouldGiveUp: () => true })
      if (outcome === 'sent') continue
      if (outcome === 'given up') this.counters.failed.metadata += part.length
      return
    }
  }
}

const sectionOrder: readonly MetricSection['kind'][] = ['series', 'exemplars', 'samples', 'histograms', 'other']

/** Records of one section. */
interface Rows {
  readonly length: number
  readonly add: (i: number) => void
}

const stopping = (): AppError => new AppError('internal.stopping', 'sending on stops')
