// Metrics that this process reads itself, without a request: this host, and ourselves. They come in as a scrape's would.
import type { Clock } from '@tidewatch/core/clock.ts'
import { encodeLabels } from '@tidewatch/core/encoded-labels.ts'
import { Labels, metricNameLabel } from '@tidewatch/core/labels.ts'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import { SampleBatch } from '@tidewatch/core/sample-batch.ts'
import { staleHigh, staleLow } from '@tidewatch/core/stale.ts'
import { msToSeconds } from '@tidewatch/core/time.ts'
import type { SampleAcceptor } from '../ingest/port.ts'
import type { Logger } from '../self/port.ts'
import type { MetricMetadata } from '../store/port.ts'

/** Takes what a source reads. */
export interface LocalSink {
  /** Type and help of a family; before its samples, each time. */
  family(name: string, type: MetricMetadata['type'], help: string): void
  /** Labels as name, value, name, value ...; job and instance are added. */
  sample(name: string, labels: readonly string[], value: number): void
}

export interface LocalSource {
  readonly job: string
  readonly instance: string
  read(sink: LocalSink): Promise<void> | void
}

export interface LocalOptions {
  readonly acceptor: SampleAcceptor
  readonly clock: Clock
  readonly logger: Logger
  /** 15 s by default. */
  readonly intervalMs?: number
}

const defaultIntervalMs = 15_000

/** Reads the source now and then at every whole interval, until it is disposed of. Its series go on after a restart, so none is marked stale then. */
export function startLocalSource(source: LocalSource, options: LocalOptions): AsyncDisposable {
  const loop = new LocalLoop(source, options)
  return loop
}

interface KnownSeries {
  readonly encoded: Buffer
  round: number
}

class LocalLoop implements LocalSink, AsyncDisposable {
  readonly #source: LocalSource
  readonly #options: LocalOptions
  readonly #batch = new SampleBatch(1024)
  readonly #known = new Map<string, KnownSeries>()
  readonly #metadata = new Map<string, MetricMetadata>()
  readonly #stop = new AbortController()
  readonly #running: Promise<void>
  #round = 0
  #atMs = 0
  #failing = false

  constructor(source: LocalSource, options: LocalOptions) {
    this.#source = source
    this.#options = options
    this.#running = this.#run(this.#stop.signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#running
  }

  family(name: string, type: MetricMetadata['type'], help: string): void {
    if (this.#metadata.has(name)) return
    this.#metadata.set(name, { project: defaultProject, family: name, type, help, unit: '' })
  }

  sample(name: string, labels: readonly string[], value: number): void {
    const key = labels.length === 0 ? name : `${name}\u0000${labels.join('\u0000')}`
    let series = this.#known.get(key)
    if (series === undefined) {
      series = { encoded: this.#encode(name, labels), round: 0 }
      this.#known.set(key, series)
    }
    series.round = this.#round
    this.#batch.add(this.#ref(series), this.#atMs, value)
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, intervalMs = defaultIntervalMs } = this.#options
    while (!signal.aborted) {
      await this.#turn()
      const nowMs = clock.nowMs()
      try {
        await clock.sleep(intervalMs - (nowMs % intervalMs), { signal })
      } catch {
        // the signal: the loop's condition looks at it
      }
    }
  }

  /** One reading, whatever comes: never throws. */
  async #turn(): Promise<void> {
    const { acceptor, clock, logger } = this.#options
    const { job } = this.#source
    const startMs = clock.monotonicMs()
    this.#begin(clock.nowMs())
    try {
      acceptor.checkRoom()
      let failure: unknown
      try {
        await this.#source.read(this)
      } catch (error) {
        failure = error
      }
      this.#report(failure === undefined, clock.monotonicMs() - startMs)
      this.#markStale()
      await acceptor.accept(this.#batch, { metadata: [...this.#metadata.values()] })
      this.#forgetGone()
      if (failure !== undefined) throw failure
      this.#failing = false
    } catch (error) {
      // told once: what fails now fails again in 15 s
      if (!this.#failing) logger.warn(`the metrics of job ${job} could not be read or stored`, { error })
      this.#failing = true
    }
  }

  #begin(atMs: number): void {
    this.#round++
    this.#atMs = atMs
    this.#batch.clear()
  }

  #report(up: boolean, durationMs: number): void {
    this.family('up', 'gauge', 'Whether the target could be scraped.')
    this.sample('up', [], up ? 1 : 0)
    this.family('scrape_duration_seconds', 'gauge', 'How long the scrape took.')
    this.sample('scrape_duration_seconds', [], msToSeconds(durationMs))
  }

  #markStale(): void {
    for (const series of this.#known.values()) {
      if (series.round !== this.#round) this.#batch.addBits(this.#ref(series), this.#atMs, staleLow, staleHigh)
    }
  }

  #forgetGone(): void {
    for (const [key, series] of this.#known) if (series.round !== this.#round) this.#known.delete(key)
  }

  #encode(name: string, labels: readonly string[]): Buffer {
    const { job, instance } = this.#source
    const entries: [string, string][] = [
      [metricNameLabel, name],
      ['job', job],
      ['instance', instance],
    ]
    for (let i = 0; i < labels.length; i += 2) entries.push([labels[i], labels[i + 1]])
    return encodeLabels(Labels.from(entries))
  }

  #ref({ encoded }: KnownSeries): number {
    return this.#options.acceptor.resolveEncoded(defaultProject, encoded, 0, encoded.length)
  }
}
