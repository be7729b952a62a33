// What one request tells of where counters began, series by series: samples of zero there. Called only for requests that tell of it.
import type { SampleBatch } from '@tidewatch/core/sample-batch.ts'
import { emptyLike, zeroBelongs } from '@tidewatch/core/start-time.ts'
import type { ReadHistogram } from './remote-write-histogram.ts'

/** Of one series at a time: `note` for its samples, then `addSamples` and `addHistograms` once it is known which it is. */
export class StartTimes {
  readonly #lastMs: (ref: number) => number
  /** Indexes of samples in the batch, ascending, and what each says. */
  readonly #samples: number[] = []
  readonly #startsMs: number[] = []

  /** `lastMs`: when the newest sample of a series was taken, -Infinity where there is none. */
  constructor(lastMs: (ref: number) => number) {
    this.#lastMs = lastMs
  }

  note(sample: number, startMs: number): void {
    this.#samples.push(sample)
    this.#startsMs.push(startMs)
  }

  /** Whether nothing was noted of the series that is read. */
  get isEmpty(): boolean {
    return this.#samples.length === 0
  }

  forget(): void {
    this.#samples.length = 0
    this.#startsMs.length = 0
  }

  /** The series' samples are those from `first` to the end of the batch. */
  addSamples(batch: SampleBatch, ref: number, first: number): void {
    // from the last to the first: what is put in moves those behind it
    for (let k = this.#samples.length - 1; k >= 0; k--) {
      const at = this.#samples[k]
      const startMs = this.#startsMs[k]
      const lastMs = at > first ? batch.timesMs[at - 1] : this.#lastMs(ref)
      if (zeroBelongs(startMs, batch.timesMs[at], lastMs)) batch.insert(at, ref, startMs, 0)
    }
    this.forget()
  }

  addHistograms(batch: SampleBatch, ref: number, histograms: readonly ReadHistogram[]): void {
    let before: number | undefined
    for (const { timeMs, startMs, histogram } of histograms) {
      if (startMs > 0 && zeroBelongs(startMs, timeMs, before ?? this.#lastMs(ref)))
        batch.histograms.push({ ref, timeMs: startMs, histogram: emptyLike(histogram) })
      before = timeMs
    }
  }
}
