// Goes over all series bit by bit after the window moved: seals blocks that nobody adds to any more, and forgets series whose samples are all gone.
import { type Epochs, retiredKind } from './epochs.ts'
import type { HistogramChain } from './histogram-chain.ts'
import type { HeadMemory } from './memory.ts'
import type { SeriesChain } from './series-chain.ts'
import type { SeriesColumns } from './series-columns.ts'
import type { HeadSeriesIndex } from './series-index.ts'
import type { TimeSlots } from './slots.ts'
import type { HeadWindow } from './window.ts'

/** How long a series stays after it was last asked for: longer than any request between resolving and appending. */
export const graceSeconds = 300
/** Series that may stay without new samples: 220 bytes each, so that queries further back do not need the store. Half of the others may as well. */
const maxIdleSeries = 250_000
/** Above this part of all numbers there are, every idle series is one too many: new ones would be refused. */
const maxShare = 0.75
/** A round takes so long at most, as long as anything comes. */
const roundSeconds = 60
/** Looked at in one step beside what is asked for: half a millisecond. */
const maxOwed = 30_000
/** Series forgotten together, so that each list of series is gone through once for all of them. */
const batch = 4096

interface SweeperParts {
  readonly memory: HeadMemory
  readonly columns: SeriesColumns
  readonly index: HeadSeriesIndex
  readonly window: HeadWindow
  readonly slots: TimeSlots
  readonly chain: SeriesChain
  readonly histograms: HistogramChain
  readonly epochs: Epochs
  readonly maxSeries: number
}

export class Sweeper {
  readonly #parts: SweeperParts
  readonly #gone: number[] = []
  /** The slots there were when the round began, and where it is. */
  #oldest = 0
  #newest = 0
  #next = Number.POSITIVE_INFINITY
  /** When series that were spared are looked at again, by the index's tick. */
  #againTick = Number.POSITIVE_INFINITY
  /** When the last step was, and the series that it should have looked at since. */
  #tick = 0
  #owed = 0
  /** Series of this round that have no sample in the newest two slots. */
  #idle = 0

  constructor(parts: SweeperParts) {
    this.#parts = parts
  }

  /**
   * Looks at so many series, and at what time passed asks for beside: where few samples come for many series, blocks of those that are gone would
   * else take all of the budget. Does nothing without a reason to. A round goes to its end: were it begun anew with each slot, the last series would never be
   * seen.
   */
  step(count: number): void {
    const { index } = this.#parts
    const { tick } = index
    this.#owed = Math.min(index.end, this.#owed + ((tick - this.#tick) * index.end) / roundSeconds)
    this.#tick = tick
    if (this.#next >= index.end && !this.#beginRound()) return
    const more = Math.min(maxOwed, Math.floor(this.#owed))
    this.#owed -= more
    const end = Math.min(index.end, this.#next + count + more)
    for (let ref = this.#next; ref < end; ref++) this.#look(ref)
    this.#next = end
    if (this.#gone.length >= batch || (end === index.end && this.#gone.length > 0)) this.#forget()
    if (end === index.end && this.#hasTooManyIdle()) this.#parts.window.shorten()
  }

  /** Whether the window moved since the last round began, or series that were spared are due. */
  #beginRound(): boolean {
    const { slots, index } = this.#parts
    if (slots.oldest === this.#oldest && slots.newest === this.#newest && index.tick < this.#againTick) return false
    this.#oldest = slots.oldest
    this.#newest = slots.newest
    this.#againTick = Number.POSITIVE_INFINITY
    this.#next = 0
    this.#idle = 0
    return true
  }

  /** Then the window gets shorter by a slot, which begins another round: until those who went have room for those who come. */
  #hasTooManyIdle(): boolean {
    const { index, maxSeries } = this.#parts
    if (this.#idle === 0) return false
    const active = index.size - this.#idle
    return this.#idle > Math.max(maxIdleSeries, active / 2) || index.size > maxSeries * maxShare
  }

  #look(ref: number): void {
    const { columns, chain, histograms, window, memory, index } = this.#parts
    if (columns.live[ref] !== 1) return
    const hasHistograms = histograms.has(ref)
    if (this.#isIdle(ref, hasHistograms)) this.#idle++
    if (!hasHistograms) histograms.forget(ref)
    if (this.#hasNoFloats(ref)) {
      if (memory.tips[ref] !== 0) chain.forget(ref)
      if (hasHistograms) return
      if (index.tick - columns.touched[ref] > graceSeconds) this.#gone.push(ref)
      else this.#againTick = Math.min(this.#againTick, columns.touched[ref] + graceSeconds + 1)
      return
    }
    if (columns.openClass[ref] < 0) return
    if (!this.#isIdle(ref, false) && columns.openClass[ref] <= chain.largestClass()) return
    window.makeRoom()
    chain.seal(ref)
  }

  /** Whether nothing came for it since the last slot but one began. */
  #isIdle(ref: number, hasHistograms: boolean): boolean {
    const { columns, slots } = this.#parts
    if (slots.newest - slots.oldest <= 1) return false
    const sinceMs = slots.startMs(slots.newest - 1)
    return columns.lastMs[ref] < sinceMs && !(hasHistograms && columns.histogramLastMs[ref] >= sinceMs)
  }

  /** Whether the series has no sample whose memory is still there. */
  #isEmpty(ref: number): boolean {
    return this.#hasNoFloats(ref) && !this.#parts.histograms.has(ref)
  }

  #hasNoFloats(ref: number): boolean {
    const { columns, slots } = this.#parts
    const last = columns.lastMs[ref]
    return last === Number.NEGATIVE_INFINITY || last < slots.startMs(slots.oldest)
  }

  #forget(): void {
    const { index, epochs, columns, histograms } = this.#parts
    // some may have been used again since they were looked at
    const gone = this.#gone.filter((ref) => this.#isEmpty(ref) && index.tick - columns.touched[ref] > graceSeconds)
    this.#gone.length = 0
    index.evict(gone, (ref, labelAt) => {
      histograms.forget(ref)
      epochs.retire(retiredKind.labels, labelAt, 0)
      epochs.retire(retiredKind.ref, ref, 0)
    })
  }
}
