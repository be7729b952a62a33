// Lets everybody pass until it is closed; who closes it waits for those inside.

export class AcceptGate {
  #inside = 0
  #opened: PromiseWithResolvers<void> | undefined
  #emptied: PromiseWithResolvers<void> | undefined

  async enter<T>(work: () => Promise<T>): Promise<T> {
    while (this.#opened !== undefined) await this.#opened.promise
    this.#inside++
    try {
      return await work()
    } finally {
      this.#inside--
      if (this.#inside === 0) this.#emptied?.resolve()
    }
  }

  /** Resolves when nobody is inside any more; opened again when that is disposed. One after the other. */
  async close({ signal }: { readonly signal: AbortSignal }): Promise<Disposable> {
    while (this.#opened !== undefined) await this.#opened.promise
    signal.throwIfAborted()
    const opened = Promise.withResolvers<void>()
    this.#opened = opened
    const open = (): void => {
      if (this.#opened !== opened) return
      this.#opened = undefined
      opened.resolve()
    }
    if (this.#inside > 0) {
      const emptied = Promise.withResolvers<void>()
      this.#emptied = emptied
      const stop = (): void => emptied.reject(signal.reason)
      signal.addEventListener('abort', stop, { once: true })
      try {
        await emptied.promise
      } catch (error) {
        open()
        throw error
      } finally {
        signal.removeEventListener('abort', stop)
        this.#emptied = undefined
      }
    }
    return { [Symbol.dispose]: open }
  }
}
