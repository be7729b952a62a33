// A read may take as long as its caller takes to receive it, so reads never have all the workers: queries keep one.
import { AppError } from '@tidewatch/core/error.ts'

export class Turns {
  readonly #maxWaiting: number
  readonly #waiting = new Set<() => void>()
  #free: number

  constructor(count: number, maxWaiting: number) {
    this.#free = count
    this.#maxWaiting = maxWaiting
  }

  /** Resolves when it is the caller's turn, in order; the result ends it. Throws `query.busy` where too many wait, or the signal's reason. */
  async take(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted()
    if (this.#free > 0) this.#free--
    else await this.#wait(signal)
    return () => {
      const [next] = this.#waiting
      if (next === undefined) this.#free++
      else next()
    }
  }

  #wait(signal: AbortSignal): Promise<void> {
    if (this.#waiting.size >= this.#maxWaiting) {
      throw new AppError('query.busy', `${this.#waiting.size} reads are waiting already.`, {
        retryAfterSeconds: 1,
        fix: 'Try again in a moment, or ask for less at once.',
      })
    }
    return new Promise((resolve, reject) => {
      const begin = (): void => {
        this.#waiting.delete(begin)
        signal.removeEventListener('abort', onAbort)
        resolve()
      }
      const onAbort = (): void => {
        this.#waiting.delete(begin)
        reject(signal.reason)
      }
      this.#waiting.add(begin)
      signal.addEventListener('abort', onAbort, { once: true })
    })
  }
}
