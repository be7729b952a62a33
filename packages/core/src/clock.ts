/** Where time comes from, everywhere: rules, routes and schedules can be run over history by the production code. */
export interface Clock {
  /** Milliseconds since 1970. May jump. */
  nowMs(): number
  /** Milliseconds of a clock that never jumps; only differences mean anything. */
  monotonicMs(): number
  /** Resolves after that many milliseconds; rejects with the signal's reason when it fires first. */
  sleep(ms: number, options?: { readonly signal?: AbortSignal }): Promise<void>
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (ms, { signal } = {}) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason)
        return
      }
      const onAbort = (): void => {
        clearTimeout(timer)
        reject(signal?.reason)
      }
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      }, ms)
      signal?.addEventListener('abort', onAbort, { once: true })
    }),
}
