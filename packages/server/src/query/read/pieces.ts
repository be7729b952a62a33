// An answer on its way from a worker to its caller: made no faster than it is taken.
import type { AppError } from '@tidewatch/core/error.ts'

/** Pieces that may be on their way or wait for the caller. */
const maxOnTheWay = 4

/** The worker's end. */
export class PieceSender {
  readonly #post: (bytes: Uint8Array<ArrayBuffer>) => void
  readonly #signal: AbortSignal
  #onTheWay = 0
  #resume: { resolve: () => void; reject: (error: unknown) => void } | undefined

  constructor(post: (bytes: Uint8Array<ArrayBuffer>) => void, signal: AbortSignal) {
    this.#post = post
    this.#signal = signal
    signal.addEventListener('abort', () => this.#resume?.reject(signal.reason), { once: true })
  }

  /** Resolves when the next may be sent; rejects with the signal's reason. */
  async send(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    this.#signal.throwIfAborted()
    this.#post(bytes)
    if (++this.#onTheWay < maxOnTheWay) return
    await new Promise<void>((resolve, reject) => {
      this.#resume = { resolve, reject }
    })
  }

  taken(): void {
    this.#onTheWay--
    this.#resume?.resolve()
    this.#resume = undefined
  }
}

interface Piece {
  readonly bytes: Uint8Array
  readonly taken: () => void
}

/** The caller's end: what has come and was not taken yet, bounded by the sender's. */
export class PieceQueue {
  readonly #pieces: Piece[] = []
  #end: { readonly error: AppError | undefined } | undefined
  #wake: (() => void) | undefined

  push(bytes: Uint8Array, taken: () => void): void {
    this.#pieces.push({ bytes, taken })
    this.#wake?.()
  }

  /** Nothing comes after what has come; with an error, that is thrown instead of what was not taken. */
  end(error?: AppError): void {
    if (error !== undefined) this.#pieces.length = 0
    this.#end ??= { error }
    this.#wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      const piece = this.#pieces.shift()
      if (piece !== undefined) {
        piece.taken()
        yield piece.bytes
      } else if (this.#end !== undefined) {
        if (this.#end.error !== undefined) throw this.#end.error
        return
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
    }
  }
}
