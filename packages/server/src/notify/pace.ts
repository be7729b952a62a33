// How fast one integration may be sent to: the receiver's limits, what it asks for itself, and patience with one that fails.
import type { RateLimit } from './port.ts'

const firstRestMs = 1000
const longestRestMs = 30_000

/** Times are of a clock that never jumps. */
export class Pace {
  readonly #limits: readonly RateLimit[]
  /** Of the last messages, for each limit as many as it counts. */
  readonly #sentMs: number[][]
  #pausedUntilMs = Number.NEGATIVE_INFINITY
  #restUntilMs = Number.NEGATIVE_INFINITY
  #failures = 0

  constructor(limits: readonly RateLimit[]) {
    this.#limits = limits
    this.#sentMs = limits.map(() => [])
  }

  /** How long the next message must wait. A critical one tries a receiver that has just failed; what the receiver itself asks for holds for all. */
  waitMs(nowMs: number, { isCritical }: { readonly isCritical: boolean }): number {
    let untilMs = isCritical ? this.#pausedUntilMs : Math.max(this.#pausedUntilMs, this.#restUntilMs)
    for (const [i, { messages, perMs }] of this.#limits.entries()) {
      const sent = this.#sentMs[i] ?? []
      const oldest = sent[0]
      if (sent.length >= messages && oldest !== undefined) untilMs = Math.max(untilMs, oldest + perMs)
    }
    return Math.max(0, untilMs - nowMs)
  }

  /** A message is on its way. */
  take(nowMs: number): void {
    for (const [i, { messages }] of this.#limits.entries()) {
      const sent = this.#sentMs[i]
      if (sent === undefined) continue
      sent.push(nowMs)
      if (sent.length > messages) sent.shift()
    }
  }

  /** The receiver asked to be left alone. */
  pause(nowMs: number, pauseMs: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, nowMs + pauseMs)
  }

  /** It failed: what is not critical lets it rest, longer each time, so that a hundred notifications do not each wait for a timeout. */
  failed(nowMs: number): void {
    this.#restUntilMs = nowMs + Math.min(longestRestMs, firstRestMs * 2 ** Math.min(this.#failures, 20))
    this.#failures++
  }

  worked(): void {
    this.#failures = 0
    this.#restUntilMs = Number.NEGATIVE_INFINITY
  }
}
