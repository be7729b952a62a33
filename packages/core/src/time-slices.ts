import { setImmediate } from 'node:timers/promises'
import type { Clock } from './clock.ts'

/** Cuts long work into stretches, so that others who need the thread wait for no more than one. Where `isOver` says so, await `turn`. */
export class TimeSlices {
  readonly #clock: Pick<Clock, 'monotonicMs'>
  readonly #sliceMs: number
  #endMs: number

  constructor(clock: Pick<Clock, 'monotonicMs'>, sliceMs = 8) {
    this.#clock = clock
    this.#sliceMs = sliceMs
    this.#endMs = clock.monotonicMs() + sliceMs
  }

  isOver(): boolean {
    return this.#clock.monotonicMs() >= this.#endMs
  }

  /** Lets others have the thread. The caller looks whether it is still wanted afterwards. */
  async turn(): Promise<void> {
    await setImmediate()
    this.#endMs = this.#clock.monotonicMs() + this.#sliceMs
  }
}
