// How many evaluations of LogQL there may be at once: each may hold numbers for millions of points.
import { AppError } from '@tidewatch/core/error.ts'

/** Evaluations at once, and those that wait for their turn; both over all callers. */
const maxRunning = 8
const maxWaiting = 64

export class Turns {
  readonly #waiting: (() => void)[] = []
  #running = 0

  /** The work, as soon as it is its turn. Rejects with `query.busy` where too many wait already, and with the signal's reason. */
  async run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    await this.#enter(signal)
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      // the place goes on to whoever waits longest
      if (next === undefined) this.#running--
      else next()
    }
  }

  async #enter(signal: AbortSignal): Promise<void> {
    if (this.#running < maxRunning) {
      this.#running++
      return
    }
    if (this.#waiting.length >= maxWaiting)
      throw new AppError('query.busy', `${maxWaiting} queries of logs wait already.`, { retryAfterSeconds: 2 })
    const turn = Promise.withResolvers<void>()
    const leave = (): void => {
      const at = this.#waiting.indexOf(turn.resolve)
      if (at >= 0) this.#waiting.splice(at, 1)
      turn.reject(signal.reason)
    }
    this.#waiting.push(turn.resolve)
    signal.addEventListener('abort', leave, { once: true })
    try {
      if (signal.aborted) leave()
      await turn.promise
    } finally {
      signal.removeEventListener('abort', leave)
    }
  }
}
