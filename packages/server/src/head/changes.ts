// Called once a batch. Remembers how far back what came in reached, so that what was computed from older samples can be used again.
import type { ResolvedSamples, SampleChanges } from './port.ts'

/** Times closer together than this are kept as one, the earlier. */
const resolutionMs = 1000
/** Past it the older half becomes one: what it answers is earlier than it must be, never later. */
const maxKept = 4096

/** Of all batches the earliest time that came with or after each: rising times, so that most batches replace the last entry or add one. */
export class ChangedTimes implements SampleChanges {
  #sequence = 0
  readonly #sequences: number[] = []
  readonly #timesMs: number[] = []

  get sequence(): number {
    return this.#sequence
  }

  note({ timesMs, length, histograms = [] }: ResolvedSamples): void {
    let earliest = Number.POSITIVE_INFINITY
    for (let i = 0; i < length; i++) if (timesMs[i] < earliest) earliest = timesMs[i]
    for (const { timeMs } of histograms) earliest = Math.min(earliest, timeMs)
    this.noteFrom(earliest)
  }

  noteFrom(timeMs: number): void {
    if (timeMs === Number.POSITIVE_INFINITY) return
    this.#sequence++
    const sequences = this.#sequences
    const times = this.#timesMs
    while (times.length > 0 && (times[times.length - 1] as number) >= timeMs) {
      times.pop()
      sequences.pop()
    }
    const last = times.length - 1
    if (last >= 0 && (times[last] as number) > timeMs - resolutionMs) sequences[last] = this.#sequence
    else {
      times.push(timeMs)
      sequences.push(this.#sequence)
    }
    if (times.length > maxKept) {
      // the newest of the half with the time of its oldest
      times.splice(1, maxKept / 2)
      sequences.splice(0, maxKept / 2)
    }
  }

  earliestSince(sequence: number): number {
    const sequences = this.#sequences
    let low = 0
    let high = sequences.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((sequences[middle] as number) > sequence) high = middle
      else low = middle + 1
    }
    return this.#timesMs[low] ?? Number.POSITIVE_INFINITY
  }
}
