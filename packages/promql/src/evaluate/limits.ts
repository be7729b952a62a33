import { AppError } from '@tidewatch/core/error.ts'

export interface EvaluateLimits {
  /** Samples read plus cells kept, over the whole query. Prometheus's `--query.max-samples` has the same default. */
  readonly maxSamples: number
}

export const defaultLimits: EvaluateLimits = { maxSamples: 50_000_000 }

/** What one query has used, asked between series: stops it when it is cancelled or touches too many samples. */
export class Budget {
  readonly #maxSamples: number
  readonly #cancelled: () => boolean
  #samples = 0
  #read = 0
  #longestRead = 0

  constructor(limits: EvaluateLimits, cancelled: () => boolean) {
    this.#maxSamples = limits.maxSamples
    this.#cancelled = cancelled
  }

  /** Samples and cells counted so far. */
  get samples(): number {
    return this.#samples
  }

  /** Most samples and cells held at once: what is kept, and the longest series that was read. */
  get peakSamples(): number {
    return this.#samples - this.#read + this.#longestRead
  }

  /** Counts the samples of one series, which are held only until the next is read. */
  spendRead(samples: number): void {
    this.#read += samples
    if (samples > this.#longestRead) this.#longestRead = samples
    this.spend(samples)
  }

  /** Counts samples; throws `query.limit` or `query.cancelled`. Called once a series. */
  spend(samples: number): void {
    this.#samples += samples
    if (this.#samples > this.#maxSamples) {
      throw new AppError('query.limit', 'query processing would load too many samples into memory in query execution', {
        fix: 'Ask for fewer series, a shorter range or a longer step, or raise the limit on samples.',
      })
    }
    this.checkCancelled()
  }

  checkCancelled(): void {
    if (this.#cancelled()) throw new AppError('query.cancelled', 'query was canceled in expression evaluation')
  }
}
