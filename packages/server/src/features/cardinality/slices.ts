import { setImmediate } from 'node:timers/promises'

/** How long one stretch of work keeps the thread, ms: requests and samples wait for no more than that. */
const sliceMs = 4
/** Steps between two looks at the clock. */
const stepsPerLook = 1024

/** Cuts long work on the main thread into stretches. Count steps with `isOver`; where it says so, await `turn`. */
export class Slices {
  readonly #signal: AbortSignal
  #endMs = performance.now() + sliceMs
  #steps = 0

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  /** Whether the stretch is over after so many further steps (each of some ns). */
  isOver(steps = 1): boolean {
    this.#steps += steps
    if (this.#steps < stepsPerLook) return false
    this.#steps = 0
    return performance.now() >= this.#endMs
  }

  /** Lets others have the thread. Throws the signal's reason once it has fired. */
  async turn(): Promise<void> {
    await setImmediate()
    this.#signal.throwIfAborted()
    this.#endMs = performance.now() + sliceMs
  }
}
