import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'

/** One request that is being worked on; its signal ends what waits for it. */
export interface Flight {
  readonly abort: AbortController
  readonly deadlineMs: number
  readonly timeoutMs: number
  /** A stream that somebody follows: it is not waited for at a stop. */
  readonly isEndless: boolean
}

/** All requests that are being worked on: their time limits, and who is waited for at a stop. */
export class InFlight {
  readonly #flights = new Set<Flight>()
  readonly #clock: Clock
  #onEmpty: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get size(): number {
    return this.#flights.size
  }

  begin(timeoutMs: number): Flight {
    const deadlineMs = this.#clock.monotonicMs() + timeoutMs
    const isEndless = timeoutMs === Number.POSITIVE_INFINITY
    const flight = { abort: new AbortController(), deadlineMs, timeoutMs, isEndless }
    this.#flights.add(flight)
    return flight
  }

  end(flight: Flight): void {
    this.#flights.delete(flight)
    if (this.#flights.size === 0) this.#onEmpty?.()
  }

  /** Ends those whose time is over. Called on a beat: a timer for each request would cost more than the precision is worth. */
  sweep(): void {
    const nowMs = this.#clock.monotonicMs()
    for (const { abort, deadlineMs, timeoutMs } of this.#flights) {
      if (nowMs < deadlineMs || abort.signal.aborted) continue
      abort.abort(
        new AppError('http.timeout', `the request took longer than its limit of ${timeoutMs / 1000} s.`, {
          fix: 'Ask for less at once, or try again when the server is less busy.',
        }),
      )
    }
  }

  abortAll(reason: AppError): void {
    for (const { abort } of this.#flights) abort.abort(reason)
  }

  /** Resolves when nothing is in flight, or after so many ms. */
  async drained(withinMs: number): Promise<void> {
    for (const { abort, isEndless } of this.#flights)
      if (isEndless) abort.abort(new AppError('internal.stopping', 'Tidewatch is stopping.'))
    if (this.#flights.size === 0) return
    const late = new AbortController()
    const empty = new Promise<void>((resolve) => {
      this.#onEmpty = resolve
    })
    const timeout = this.#clock.sleep(withinMs, { signal: late.signal }).catch(() => undefined)
    await Promise.race([empty, timeout])
    late.abort()
    this.#onEmpty = undefined
  }
}
