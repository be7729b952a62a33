// Rollups are made in statements that read samples and write buckets: a deletion must not come between the two, or the buckets bring back what it deleted.

export class RollupTurns {
  #last: Promise<void> = Promise.resolve()
  #generation = 0

  /** Changes with each deletion. */
  get generation(): number {
    return this.#generation
  }

  deleted(): void {
    this.#generation++
  }

  /** Waits for whoever has the turn. Rejects with the signal's reason, and then leaves the row. */
  async take({ signal }: { readonly signal: AbortSignal }): Promise<Disposable> {
    const before = this.#last
    const mine = Promise.withResolvers<void>()
    this.#last = before.then(() => mine.promise)
    const given = { [Symbol.dispose]: () => mine.resolve() }
    try {
      await unlessAborted(before, signal)
      return given
    } catch (error) {
      mine.resolve()
      throw error
    }
  }
}

function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(signal.reason)
    if (signal.aborted) leave()
    signal.addEventListener('abort', leave, { once: true })
    void work.then(resolve).finally(() => signal.removeEventListener('abort', leave))
  })
}
