import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { TimeSlices } from '@tidewatch/core/time-slices.ts'

/** Bytes of lines in a step: some 100 µs of work. */
const stepBytes = 1 << 14
/** What a line costs beside its bytes: 64 short ones are a step. */
const lineBytes = 1 << 8

/** Where the steps of work on lines end: by their number and by their length, so that neither many short nor few long ones are one step. */
export class LineSteps {
  #bytes = 0

  /** To be asked behind each line, with as many bytes (or characters) as were read for it. */
  endWith(bytes: number): boolean {
    this.#bytes += bytes + lineBytes
    if (this.#bytes < stepBytes) return false
    this.#bytes = 0
    return true
  }
}

/** So long work goes on before others of its kind have their turn: a body of 4 MB. */
const turnMs = 64

/** Whose turn it is, of all whose work takes more than a slice; the others wait in order. */
class Turns {
  readonly #waiting: (() => void)[] = []
  #isTaken = false

  async take(): Promise<void> {
    if (this.#isTaken) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#isTaken = true
  }

  /** Hands it to the one who waits longest. */
  release(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#isTaken = false
    else next()
  }
}

const turns = new Turns()

/**
 * Does the work step by step (some 100 µs each, see `LineSteps`), and lets others have the thread in between. What is done within a slice waits for
 * nobody. Of longer work one goes on at a time: side by side all would end late, and at once, so that the thread had nothing to do until their
 * senders have sent the next. Rejects where the sender went away.
 */
export async function inSlices(
  work: Iterator<void>,
  { clock, signal }: { readonly clock: Pick<Clock, 'monotonicMs'>; readonly signal: AbortSignal },
): Promise<void> {
  const slices = new TimeSlices(clock)
  let turnEndMs: number | undefined
  try {
    while (work.next().done !== true) {
      if (!slices.isOver()) continue
      if (turnEndMs !== undefined && clock.monotonicMs() >= turnEndMs) {
        turns.release()
        turnEndMs = undefined
      }
      if (turnEndMs === undefined) {
        await turns.take()
        turnEndMs = clock.monotonicMs() + turnMs
      }
      await slices.turn()
      if (signal.aborted) throw new AppError('internal.cancelled', 'the sender went away')
    }
  } finally {
    if (turnEndMs !== undefined) turns.release()
  }
}
