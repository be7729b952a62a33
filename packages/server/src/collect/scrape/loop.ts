// One target: waits for its moment, asks, parses, hands over, reports, again.
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import type { SampleBatch, SampleBatchPool } from '@tidewatch/core/sample-batch.ts'
import { formatDurationMs } from '@tidewatch/core/time.ts'
import { TimeSlices } from '@tidewatch/core/time-slices.ts'
import type { SampleAcceptor } from '../../ingest/port.ts'
import type { Logger } from '../../self/port.ts'
import { MetricFamiliesParser } from '../exposition/metric-families.ts'
import { ExpositionParser } from '../exposition/parse.ts'
import type { ActiveTarget, TargetHealth } from '../port.ts'
import { type TargetFormat, targetFormat } from './answer-format.ts'
import type { ScrapeClient } from './client.ts'
import type { ScrapeJob } from './job.ts'
import { reportMetadata, TargetReport } from './report.ts'
import { TargetSeries } from './series.ts'
import { nextScrapeMs, scrapeOffsetMs, type Target } from './target.ts'

/** What all loops share. */
export interface LoopParts {
  readonly acceptor: SampleAcceptor
  readonly clock: Clock
  readonly batches: SampleBatchPool
  readonly logger: Logger
  /** Differs by installation, so that several servers do not ask one target at the same moment. */
  readonly offsetSeed: string
}

/** A scrape that begins within this of its moment is written under that moment: even steps are kept in fewer bytes. */
const alignToleranceMs = 2
/** Lines parsed between two looks at the clock. */
const sliceLines = 1024

interface Outcome {
  readonly failure: AppError | undefined
  readonly note: string
  readonly atMs: number
  readonly durationMs: number
}

export class TargetLoop {
  readonly #parts: LoopParts
  readonly #series: TargetSeries
  readonly #report: TargetReport
  readonly #stop = new AbortController()
  #wake = new AbortController()
  #target: Target
  #job: ScrapeJob
  #client: ScrapeClient
  #running: Promise<void> | undefined
  #last: Outcome | undefined
  #health: TargetHealth = 'unknown'
  /** Set by the pool: why no target of it is asked. */
  refused: AppError | undefined

  constructor(target: Target, job: ScrapeJob, client: ScrapeClient, parts: LoopParts) {
    this.#target = target
    this.#job = job
    this.#client = client
    this.#parts = parts
    this.#series = new TargetSeries(target, job, parts.acceptor)
    this.#report = new TargetReport(target, parts.acceptor)
  }

  start(): void {
    this.#running = this.#run(this.#stop.signal)
  }

  /** The same target under a new configuration: its series and their state stay. */
  configure(target: Target, job: ScrapeJob, client: ScrapeClient): void {
    const rescheduled = target.intervalMs !== this.#target.intervalMs
    this.#target = target
    this.#job = job
    this.#client = client
    this.#series.configure(job)
    if (rescheduled) this.#wake.abort()
  }

  /** Ends it. `markStale`: the target is no more, so its series end now; not when the server stops, which will be back. */
  async stop({ markStale }: { readonly markStale: boolean }): Promise<void> {
    this.#stop.abort(new AppError('internal.stopping', 'the target is no longer scraped'))
    await this.#running
    if (!markStale || this.#last === undefined) return
    const { acceptor, batches, clock, logger } = this.#parts
    using lease = batches.lease()
    const atMs = Math.max(clock.nowMs(), this.#last.atMs + 1)
    try {
      this.#series.end(lease.batch, atMs)
      this.#report.end(lease.batch, atMs)
      await acceptor.accept(lease.batch)
    } catch (error) {
      logger.warn('the series of a removed target could not be marked as ended', { job: this.#job.name, error })
    }
  }

  status(): ActiveTarget {
    const last = this.#last
    return {
      discoveredLabels: this.#target.discoveredLabels,
      labels: this.#target.labels.toObject(),
      scrapePool: this.#job.name,
      scrapeUrl: shownUrl(this.#target.url),
      lastError: last?.failure?.message ?? last?.note ?? '',
      lastScrapeMs: last?.atMs,
      lastScrapeDurationMs: last?.durationMs ?? 0,
      health: this.#health,
      intervalMs: this.#target.intervalMs,
      timeoutMs: this.#target.timeoutMs,
      metadata: () => this.#series.metadataOf.list(),
    }
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts
    let plannedMs = this.#next()
    for (;;) {
      const nowMs = clock.nowMs()
      const intervalMs = this.#target.intervalMs
      // a clock that was set, or a machine that slept: the moments begin anew
      if (plannedMs < nowMs - intervalMs || plannedMs > nowMs + 2 * intervalMs) plannedMs = this.#next()
      const slept = await this.#sleep(plannedMs - nowMs, signal)
      if (signal.aborted) return
      if (!slept) {
        plannedMs = this.#next()
        continue
      }
      await this.#scrape(plannedMs, signal)
      plannedMs += intervalMs
    }
  }

  #next(): number {
    const { clock, offsetSeed } = this.#parts
    return nextScrapeMs(clock.nowMs(), this.#target.intervalMs, scrapeOffsetMs(this.#target, offsetSeed))
  }

  /** False where something woke it before its time. */
  async #sleep(ms: number, signal: AbortSignal): Promise<boolean> {
    this.#wake = new AbortController()
    try {
      await this.#parts.clock.sleep(Math.max(0, ms), { signal: AbortSignal.any([signal, this.#wake.signal]) })
      return true
    } catch {
      // one of the two signals, which the caller looks at
      return false
    }
  }

  /** One scrape, whatever comes: never throws. */
  async #scrape(plannedMs: number, signal: AbortSignal): Promise<void> {
    const { clock, batches, logger } = this.#parts
    const nowMs = clock.nowMs()
    const tolerance = Math.min(alignToleranceMs, this.#target.intervalMs / 100)
    const atMs = Math.abs(nowMs - plannedMs) <= tolerance ? plannedMs : nowMs
    const startMs = clock.monotonicMs()
    const job = this.#job
    using lease = batches.lease()
    try {
      this.#parts.acceptor.checkRoom()
      const { failure, bodyBytes } = await this.#fill(lease.batch, atMs, signal)
      if (signal.aborted) return
      const durationMs = clock.monotonicMs() - startMs
      this.#report.add(lease.batch, atMs, {
        up: failure === undefined,
        durationMs,
        scraped: this.#series.scraped,
        kept: this.#series.keptSamples,
        added: this.#series.added,
        extra: job.extraMetrics
          ? { timeoutMs: this.#target.timeoutMs, sampleLimit: job.limits.samples, bodyBytes }
          : undefined,
      })
      const note = await this.#handOver(lease.batch, failure === undefined)
      this.#report.commit(job.extraMetrics)
      this.#health = failure === undefined ? 'up' : 'down'
      this.#last = { failure, note, atMs, durationMs }
    } catch (caught) {
      if (signal.aborted) return
      const error = AppError.from(caught)
      if (error.kind === 'bug') logger.error('a scrape failed for a fault of ours', { job: job.name, error })
      // the target may be well: it is our side that could not take what it said
      const failure = new AppError(error.code, `not stored: ${error.message}`, { cause: error })
      this.#last = { failure, note: '', atMs, durationMs: clock.monotonicMs() - startMs }
    }
  }

  async #fill(batch: SampleBatch, atMs: number, signal: AbortSignal) {
    const series = this.#series
    series.begin(batch, atMs)
    let bodyBytes = -1
    let failed = this.refused
    if (failed === undefined) {
      try {
        const answer = await this.#get(signal)
        bodyBytes = answer.body.length
        await this.#parse(answer.body, targetFormat(answer.contentType, this.#job.fallbackProtocol))
      } catch (error) {
        failed = AppError.from(error)
        if (failed.kind === 'bug') this.#parts.logger.error('a scrape failed for a fault of ours', { error })
      }
    }
    return { failure: series.finish(failed), bodyBytes }
  }

  /** The answer within the timeout, on our clock. */
  async #get(signal: AbortSignal) {
    const { url, timeoutMs } = this.#target
    const timeout = new AbortController()
    const done = new AbortController()
    const timer = this.#parts.clock.sleep(timeoutMs, { signal: done.signal }).then(
      () => {
        const message = `no whole answer within the scrape timeout of ${formatDurationMs(timeoutMs)}`
        timeout.abort(new AppError('collect.timeout', message))
      },
      () => undefined,
    )
    try {
      return await this.#client.get(url, { timeoutMs, signal: AbortSignal.any([signal, timeout.signal]) })
    } finally {
      done.abort()
      await timer
    }
  }

  async #parse(body: Uint8Array, format: TargetFormat): Promise<void> {
    const tables = this.#series.tables
    const { histograms } = this.#job
    const sink = this.#series
    const parser =
      format === 'protobuf'
        ? new MetricFamiliesParser(body, { tables, sink, histograms: histograms.forms })
        : new ExpositionParser(body, { format, tables, sink })
    const slices = new TimeSlices(this.#parts.clock)
    while (!parser.step(sliceLines)) if (slices.isOver()) await slices.turn()
  }

  /** To the spool and the head. Answers what was left out, in words. */
  async #handOver(batch: SampleBatch, good: boolean): Promise<string> {
    const { metadataOf } = this.#series
    const news = metadataOf.takeNews().map((row) => ({ ...row, project: defaultProject }))
    try {
      const { refused } = await this.#parts.acceptor.accept(batch, { metadata: [...reportMetadata, ...news] })
      this.#series.commit(good)
      const count = refused.tooOld + refused.tooFarAhead
      if (count > 0) return `${count} samples left out for their times: ${refused.examples.join('; ')}`
      return this.#series.leftOut === undefined ? '' : `series left out: ${this.#series.leftOut.message}`
    } catch (error) {
      if (news.length > 0) metadataOf.returnNews()
      throw error
    }
  }
}

const secretParameter = /token|key|secret|pass|auth|credential/i

/** The URL as people may see it. */
function shownUrl(url: URL): string {
  const shown = new URL(url.href)
  shown.username = ''
  shown.password = ''
  for (const name of [...shown.searchParams.keys()]) {
    if (secretParameter.test(name)) shown.searchParams.set(name, '[secret]')
  }
  return shown.href
}
