// Asks for a rule's past in stretches as long as its samples allow: each stretch reads a little of the one before it, and starts a statement of the
// engine for each of its days, so that long ones cost less; but what is read is held in memory.
import { AppError } from '@tidewatch/core/error.ts'
import type { QueryService } from '../../query/port.ts'
import type { RuleWindow } from './rule-replay.ts'

export interface HistoryOptions {
  readonly queries: Pick<QueryService, 'matrix'>
  readonly expr: string
  /** Between evaluations, in ms. */
  readonly intervalMs: number
  readonly queryOffsetMs: number
  readonly signal: AbortSignal
  /** Shared by all rules of a backtest. */
  readonly pace: Pace
}

/** What rules read so far: a rule that was not asked yet begins with as long a stretch as the heaviest of them had room for. */
export class Pace {
  /** Samples for each ms of the past; 0: nothing known. */
  perMs = 0

  add(perMs: number): void {
    this.perMs = Math.max(this.perMs, perMs)
  }
}

/** What one question reads at most; 16 bytes a sample. */
const maxSamples = 3_750_000
/** What it should read: half as much again still fits, and 40 series at 15 s for ten days do. */
const wantedSamples = 2_500_000
const firstMs = 86_400_000
const longestMs = 10 * 86_400_000
const maxSteps = 45_000
/** Below that a question is as short as it gets, and may read as much as any query. */
const shortestMs = 900_000
/** Nobody's page waits for it. */
const timeoutMs = 600_000

export class RuleHistory {
  readonly #options: HistoryOptions
  #isAsked = false
  /** How long the next stretch is to be. */
  #spanMs: number

  constructor(options: HistoryOptions) {
    this.#options = options
    this.#spanMs = firstMs
  }

  #bounded(ms: number): number {
    return Math.max(shortestMs, Math.min(ms, longestMs, maxSteps * this.#options.intervalMs))
  }

  /** The evaluations from `firstMs` to `lastMs`, both included and on the rule's grid. Throws what the query throws. */
  async *windows(firstEvaluationMs: number, lastMs: number): AsyncGenerator<RuleWindow> {
    const { intervalMs } = this.#options
    const { perMs } = this.#options.pace
    if (!this.#isAsked) this.#spanMs = this.#bounded(perMs === 0 ? firstMs : wantedSamples / perMs)
    this.#isAsked = true
    let atMs = firstEvaluationMs
    while (atMs <= lastMs) {
      const steps = Math.min(
        Math.max(1, Math.floor(this.#spanMs / intervalMs)),
        Math.floor((lastMs - atMs) / intervalMs) + 1,
      )
      const window = await this.#ask(atMs, steps)
      if (window === undefined) continue
      yield window
      atMs += steps * intervalMs
    }
  }

  /** Undefined: too much at once, the next stretch is shorter. */
  async #ask(atMs: number, steps: number): Promise<RuleWindow | undefined> {
    const { queries, expr, intervalMs, queryOffsetMs, signal } = this.#options
    const startMs = atMs - queryOffsetMs
    const isShortest = this.#spanMs <= shortestMs || steps === 1
    try {
      const { series, samples } = await queries.matrix({
        ...{ query: expr, startMs, endMs: startMs + (steps - 1) * intervalMs, stepMs: intervalMs, timeoutMs, signal },
        ...{ projects: 'all', user: 'backtest', ...(isShortest ? {} : { maxSamples }) },
      })
      const perMs = samples / (steps * intervalMs)
      this.#options.pace.add(perMs)
      this.#spanMs = this.#bounded(perMs === 0 ? longestMs : wantedSamples / perMs)
      return { firstMs: atMs, stepMs: intervalMs, steps, series }
    } catch (error) {
      signal.throwIfAborted()
      if (isShortest || !(error instanceof AppError) || error.code !== 'query.limit') throw error
      this.#spanMs = this.#bounded(Math.min(this.#spanMs, steps * intervalMs) / 4)
      return undefined
    }
  }
}
