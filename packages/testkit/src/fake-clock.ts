import { setImmediate } from 'node:timers/promises'
import type { Clock } from '@tidewatch/core/clock.ts'

interface Sleeper {
  readonly atMs: number
  readonly wake: () => void
}

/** A clock that stands still until it is told: `advance` wakes sleepers in the order of their times. */
export class FakeClock implements Clock {
  #nowMs: number
  #monotonicMs = 0
  #sleepers: Sleeper[] = []

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#nowMs = startMs
  }

  nowMs(): number {
    return this.#nowMs
  }

  monotonicMs(): number {
    return this.#monotonicMs
  }

  /** How many are waiting for a time to come. */
  get sleeping(): number {
    return this.#sleepers.length
  }

  sleep(ms: number, { signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason)
        return
      }
      const onAbort = (): void => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper)
        reject(signal?.reason)
      }
      const wake = (): void => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      }
      const sleeper = { atMs: this.#monotonicMs + Math.max(0, ms), wake }
      this.#sleepers.push(sleeper)
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  }

  /** Lets time pass: whoever sleeps until within it is woken at its moment, and may sleep again within it. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#monotonicMs + ms
    await setImmediate()
    for (;;) {
      const next = this.#sleepers.reduce<Sleeper | undefined>(
        (first, sleeper) => (first === undefined || sleeper.atMs < first.atMs ? sleeper : first),
        undefined,
      )
      if (next === undefined || next.atMs > endMs) break
      this.#sleepers = this.#sleepers.filter((other) => other !== next)
      this.#pass(next.atMs - this.#monotonicMs)
      next.wake()
      await setImmediate()
    }
    this.#pass(endMs - this.#monotonicMs)
    await setImmediate()
  }

  /** The wall clock jumps; sleepers do not notice. */
  jump(ms: number): void {
    this.#nowMs += ms
  }

  #pass(ms: number): void {
    this.#monotonicMs += ms
    this.#nowMs += ms
  }
}
