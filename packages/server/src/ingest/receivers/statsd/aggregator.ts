// All metrics that StatsD's lines named, flushed every interval.
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import { SampleBatch } from '@tidewatch/core/sample-batch.ts'
import type { MetricMetadata } from '../../../store/port.ts'
import type { SampleAcceptor } from '../../port.ts'
import type { LineHead, LineTarget, StatsdKind } from './parse.ts'
import { type Accumulator, createAccumulator, escapedName, type FlushTarget, labelsOf, metadataOf } from './series.ts'

export interface AggregatorOptions {
  readonly acceptor: Pick<SampleAcceptor, 'accept' | 'resolveEncoded'>
  readonly clock: Pick<Clock, 'nowMs'>
  readonly maxSeries: number
  /** Metrics that no line named for so long end. */
  readonly expireMs: number
  readonly timerBuckets: readonly number[]
  readonly histogramBuckets: readonly number[]
}

export class Aggregator {
  readonly #options: AggregatorOptions
  readonly #series = new Map<string, Accumulator>()
  /** A metric is of one kind, whatever its tags. */
  readonly #kinds = new Map<string, { readonly kind: StatsdKind; series: number }>()
  readonly #batch = new SampleBatch()
  #lastMs = 0

  constructor(options: AggregatorOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#series.size
  }

  target(head: LineHead): LineTarget | 'too_many_series' | 'conflict' {
    const name = escapedName(head.name)
    const labels = labelsOf(head)
    const key = JSON.stringify([name, ...[...labels].sort(([a], [b]) => (a < b ? -1 : 1)).flat()])
    const known = this.#kinds.get(name)
    if (known !== undefined && known.kind !== head.kind) return 'conflict'
    const found = this.#series.get(key)
    if (found !== undefined) return this.#touching(found)
    if (this.#series.size >= this.#options.maxSeries) return 'too_many_series'
    const { clock, timerBuckets, histogramBuckets } = this.#options
    const bounds = head.kind === 'timer' ? timerBuckets : histogramBuckets
    const made = createAccumulator(head.kind, { name, labels, firstMs: clock.nowMs(), bounds })
    this.#series.set(key, made)
    if (known === undefined) this.#kinds.set(name, { kind: head.kind, series: 1 })
    else known.series++
    return this.#touching(made)
  }

  /** Notes when a line last named it: at flushes, what was added since the last one is known by this. */
  #touching(series: Accumulator): LineTarget {
    const { clock } = this.#options
    const touch = (): void => {
      series.touchedMs = clock.nowMs()
    }
    return {
      add(value, weight) {
        touch()
        series.add(value, weight)
      },
      change(by) {
        touch()
        series.change(by)
      },
      member(text) {
        touch()
        series.member(text)
      },
    }
  }

  /**
   * Stores everything as of now; true where metrics have ended, so that who remembers them looks them up again. What cannot be stored stays,
   * and is part of the next flush.
   */
  async flush(): Promise<boolean> {
    const { acceptor, clock, expireMs } = this.#options
    const batch = this.#batch
    batch.clear()
    const nowMs = clock.nowMs()
    // a clock that is set back makes no two flushes of one moment
    this.#lastMs = nowMs <= this.#lastMs && this.#lastMs - nowMs < 1000 ? this.#lastMs + 1 : nowMs
    const to: FlushTarget = {
      ...{ batch, atMs: this.#lastMs },
      resolve: (bytes) => acceptor.resolveEncoded(defaultProject, bytes, 0, bytes.length),
    }
    const ended: [key: string, series: Accumulator][] = []
    const stored: Accumulator[] = []
    for (const [key, series] of this.#series) {
      const isOver = nowMs - series.touchedMs > expireMs
      if (isOver) ended.push([key, series])
      else stored.push(series)
      fill(batch, () => (isOver ? series.end(to) : series.flush(to)))
    }
    const metadata: MetricMetadata[] = [...this.#kinds].map(([name, { kind }]) =>
      metadataOf(defaultProject, name, kind),
    )
    await acceptor.accept(batch, { metadata })
    for (const series of stored) series.flushed()
    // unless a line came while it was written: then it goes on
    for (const [key, series] of ended) if (nowMs - series.touchedMs > expireMs) this.#end(key)
    return ended.length > 0
  }

  #end(key: string): void {
    this.#series.delete(key)
    const name = (JSON.parse(key) as string[])[0] as string
    const kind = this.#kinds.get(name)
    if (kind === undefined) return
    kind.series--
    if (kind.series === 0) this.#kinds.delete(name)
  }
}

/** A series that the index does not take (labels, too many) is left out, the others are stored. */
function fill(batch: SampleBatch, add: () => void): void {
  const samples = batch.length
  const histograms = batch.histograms.length
  try {
    add()
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    batch.length = samples
    batch.histograms.length = histograms
  }
}
