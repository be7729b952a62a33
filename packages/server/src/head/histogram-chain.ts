// The native histograms of each series in the head: one node a histogram, the newest first. Main thread only; called once a histogram.
// Bench: bench/src/head-histograms.ts.
//
//   word 0       address of the node before, 0 for none; word 1: a slot no later than that node's. Changed by Atomics, first the address, then the slot,
//                and read in the opposite order: what a reader finds is then never older than the slot says, so it never looks at memory that is gone
//   words 2-3    time, ms as a double
//   word 4       how many bytes follow from word 6 on: core/native-histogram-codec.ts
//
// Slots never rise from a node to the one before it. So where a slot is gone, everything behind is gone too.
import { replacesHistogram } from '@tidewatch/core/native-histogram-codec.ts'
import { type Epochs, retiredKind } from './epochs.ts'
import type { Arena, HeadMemory } from './memory.ts'
import type { SeriesColumns } from './series-columns.ts'
import type { TimeSlots } from './slots.ts'

export const nodeHeaderUnits = 3

interface HistogramParts {
  readonly memory: HeadMemory
  readonly slots: TimeSlots
  readonly epochs: Epochs
  readonly columns: SeriesColumns
}

/** Units of 8 bytes that a node takes. */
export function nodeUnits(arena: Arena, at: number): number {
  return unitsFor(arena.u32[at * 2 + 4])
}

const unitsFor = (bytes: number): number => nodeHeaderUnits + ((bytes + 7) >>> 3)

/** Where a node lies: its address, and the slot whose memory that is. */
interface Place {
  readonly at: number
  readonly slot: number
}

export class HistogramChain {
  readonly #parts: HistogramParts
  /** Nodes from the newest back to the one that a late histogram goes behind. */
  readonly #path: Place[] = []
  /** Histograms of senders whose clocks are ahead: the newest slot took them, and those that are opened later are where they belong. */
  #ahead: { readonly ref: number; readonly timeMs: number }[] = []
  #settledSlot = 0

  constructor(parts: HistogramParts) {
    this.#parts = parts
  }

  /** Whether a slot was opened since histograms of the time to come were last looked at. */
  get isUnsettled(): boolean {
    return this.#ahead.length > 0 && this.#settledSlot !== this.#parts.slots.newest
  }

  /** Moves what belongs to a slot that was opened since, so that it does not go with the one before it. `makeRoom` is called for each. */
  settle(nowMs: number, makeRoom: () => void): void {
    const { slots } = this.#parts
    const ahead = this.#ahead
    this.#ahead = ahead.filter(({ timeMs }) => timeMs > nowMs)
    for (const { ref, timeMs } of ahead) {
      makeRoom()
      this.#relocate(ref, timeMs)
    }
    this.#settledSlot = slots.newest
  }

  #relocate(ref: number, timeMs: number): void {
    const { memory, slots, epochs } = this.#parts
    const { f64, u32, u8 } = memory.samples
    const place = this.#walk(ref, timeMs)
    const slot = slots.at(timeMs)
    if (place === undefined || f64[place.at + 1] !== timeMs || place.slot >= slot) return
    const start = (place.at + nodeHeaderUnits) * 8
    const bytes = u8.subarray(start, start + u32[place.at * 2 + 4])
    const at = this.#write(slot, timeMs, bytes, this.#before(place))
    this.#relink(ref, this.#path.length - 1, { at, slot })
    epochs.retire(retiredKind.histogram, place.at, place.slot)
  }

  /** Adds a histogram of a time within the window; there must be room for three pages. `duplicate`: the same or a stronger one was there. */
  insert(
    ref: number,
    sample: { readonly timeMs: number; readonly bytes: Uint8Array; readonly nowMs: number },
  ): 'appended' | 'late' | 'duplicate' {
    const { timeMs, bytes, nowMs } = sample
    if (timeMs > nowMs) this.#ahead.push({ ref, timeMs })
    const { columns, slots } = this.#parts
    const tip = this.#tip(ref)
    if (tip !== undefined && timeMs <= columns.histogramLastMs[ref]) return this.#insertLate(ref, timeMs, bytes)
    const slot = slots.at(timeMs)
    this.#publish(ref, { at: this.#write(slot, timeMs, bytes, tip), slot })
    if (tip === undefined) columns.histogramFirstMs[ref] = timeMs
    columns.histogramLastMs[ref] = timeMs
    return 'appended'
  }

  /** Whether the series has a histogram whose memory is still there. */
  has(ref: number): boolean {
    const { memory, slots, columns } = this.#parts
    return memory.histogramTips[ref] !== 0 && columns.histogramLastMs[ref] >= slots.startMs(slots.oldest)
  }

  /** Takes all histograms of the series out of sight; their memory goes with the slots. */
  forget(ref: number): void {
    const { memory } = this.#parts
    // what was never written to takes no memory
    if (memory.histogramTips[ref] !== 0) Atomics.store(memory.histogramTips, ref, 0)
  }

  #tip(ref: number): Place | undefined {
    const { memory, slots } = this.#parts
    const at = memory.histogramTips[ref]
    const slot = memory.histogramTipSlots[ref]
    return at === 0 || slot < slots.oldest ? undefined : { at, slot }
  }

  #before({ at }: Place): Place | undefined {
    const { memory, slots } = this.#parts
    const { u32 } = memory.samples
    const before = u32[at * 2]
    const slot = u32[at * 2 + 1]
    return before === 0 || slot < slots.oldest ? undefined : { at: before, slot }
  }

  /** The newest node that is not newer than the time; those before it are the path. */
  #walk(ref: number, timeMs: number): Place | undefined {
    const { f64 } = this.#parts.memory.samples
    const path = this.#path
    path.length = 0
    let place = this.#tip(ref)
    while (place !== undefined && f64[place.at + 1] > timeMs) {
      path.push(place)
      place = this.#before(place)
    }
    return place
  }

  #insertLate(ref: number, timeMs: number, bytes: Uint8Array): 'late' | 'duplicate' {
    const { memory, slots, epochs, columns } = this.#parts
    const { f64, u32, u8 } = memory.samples
    const path = this.#path
    const place = this.#walk(ref, timeMs)
    const slot = slots.at(timeMs)
    if (place !== undefined && f64[place.at + 1] === timeMs) {
      const start = (place.at + nodeHeaderUnits) * 8
      if (!replacesHistogram(bytes, u8.subarray(start, start + u32[place.at * 2 + 4]))) return 'duplicate'
      this.#relink(ref, path.length - 1, { at: this.#write(slot, timeMs, bytes, this.#before(place)), slot })
      epochs.retire(retiredKind.histogram, place.at, place.slot)
      return 'late'
    }
    this.#relink(ref, path.length - 1, { at: this.#write(slot, timeMs, bytes, place), slot })
    if (timeMs < columns.histogramFirstMs[ref]) columns.histogramFirstMs[ref] = timeMs
    return 'late'
  }

  /**
   * Makes node `successor` of the path follow on another; past the newest (-1) that one becomes the newest. A sender whose clock is ahead may have put
   * the successor into an earlier slot than the new one's: then it moves to where its time belongs now.
   */
  #relink(ref: number, successor: number, place: Place): void {
    const { memory, slots, epochs } = this.#parts
    if (successor < 0) {
      this.#publish(ref, place)
      return
    }
    const { i32, f64, u8, u32 } = memory.samples
    const next = this.#path[successor]
    if (next.slot >= place.slot) {
      Atomics.store(i32, next.at * 2, place.at)
      Atomics.store(i32, next.at * 2 + 1, place.slot)
      return
    }
    const start = (next.at + nodeHeaderUnits) * 8
    const bytes = u8.subarray(start, start + u32[next.at * 2 + 4])
    const timeMs = f64[next.at + 1]
    const slot = slots.at(timeMs)
    this.#relink(ref, successor - 1, { at: this.#write(slot, timeMs, bytes, place), slot })
    epochs.retire(retiredKind.histogram, next.at, next.slot)
  }

  #write(slot: number, timeMs: number, bytes: Uint8Array, before: Place | undefined): number {
    const { slots, memory } = this.#parts
    const { u32, f64, u8 } = memory.samples
    const at = slots.allocate(slot, unitsFor(bytes.length))
    u32[at * 2] = before?.at ?? 0
    u32[at * 2 + 1] = before?.slot ?? 0
    f64[at + 1] = timeMs
    u32[at * 2 + 4] = bytes.length
    u8.set(bytes, (at + nodeHeaderUnits) * 8)
    return at
  }

  #publish(ref: number, { at, slot }: Place): void {
    const { histogramTips, histogramTipSlots } = this.#parts.memory
    Atomics.store(histogramTips, ref, at)
    Atomics.store(histogramTipSlots, ref, slot)
  }
}
