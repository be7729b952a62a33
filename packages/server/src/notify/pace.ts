// How fast one receiver may be sent to, by all integrations that have its address: its limits, what it asks for itself, and patience with one that fails.
import type { RateLimit } from './port.ts'

const firstRestMs = 1000
const longestRestMs = 30_000

/** Times are of a clock that never jumps. */
export class Pace {
  /** When the last messages went out, as many as the largest limit counts. */
  readonly #sentMs: number[] = []
  #most = 0
  #pausedUntilMs = Number.NEGATIVE_INFINITY
  #restUntilMs = Number.NEGATIVE_INFINITY
  #failures = 0

  /** How long the next message must wait. A critical one tries a receiver that has just failed; what the receiver itself asks for holds for all. */
  waitMs(
    nowMs: number,
    { isCritical, limits }: { readonly isCritical: boolean; readonly limits: readonly RateLimit[] },
  ): number {
    let untilMs = isCritical ? this.#pausedUntilMs : Math.max(this.#pausedUntilMs, this.#restUntilMs)
    for (const { messages, perMs } of limits) {
      const oldest = this.#sentMs.at(-messages)
      if (oldest !== undefined) untilMs = Math.max(untilMs, oldest + perMs)
    }
    return Math.max(0, untilMs - nowMs)
  }

  /** A message has its turn, which nobody else may have; what is given back says when it really goes out. */
  take(nowMs: number, limits: readonly RateLimit[]): (sentMs: number) => void {
    for (const { messages } of limits) this.#most = Math.max(this.#most, messages)
    this.#add(nowMs)
    return (sentMs) => {
      const place = this.#sentMs.indexOf(nowMs)
      if (place >= 0) this.#sentMs.splice(place, 1)
      this.#add(sentMs)
    }
  }

  #add(atMs: number): void {
    this.#sentMs.push(atMs)
    this.#sentMs.sort((a, b) => a - b)
    if (this.#sentMs.length > this.#most) this.#sentMs.splice(0, this.#sentMs.length - this.#most)
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
