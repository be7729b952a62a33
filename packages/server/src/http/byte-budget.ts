import { AppError } from '@tidewatch/core/error.ts'

/** What all request bodies in memory may take together; a request that would go beyond is told to come again. */
export class ByteBudget {
  readonly maxBytes: number
  #used = 0

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes
  }

  get usedBytes(): number {
    return this.#used
  }

  /** One request's part of it. */
  open(): ByteShare {
    return new ByteShare(this)
  }

  /** Throws `http.busy` where it does not fit. */
  take(bytes: number): void {
    if (this.#used + bytes > this.maxBytes) {
      throw new AppError(
        'http.busy',
        `request bodies being worked on have reached the limit of ${this.maxBytes} bytes.`,
        {
          fix: 'Send again later, or fewer requests at once.',
          retryAfterSeconds: 1,
        },
      )
    }
    this.#used += bytes
  }

  give(bytes: number): void {
    this.#used -= bytes
  }
}

/** What one request holds of the budget, given back as a whole. */
export class ByteShare implements Disposable {
  readonly #budget: ByteBudget
  #held = 0

  constructor(budget: ByteBudget) {
    this.#budget = budget
  }

  take(bytes: number): void {
    this.#budget.take(bytes)
    this.#held += bytes
  }

  [Symbol.dispose](): void {
    this.#budget.give(this.#held)
    this.#held = 0
  }
}
