// Samples that come out of order or a second time. The slow way: a chunk is made anew for each, so nothing that a reader sees changes.

import { replaces } from '@tidewatch/core/sample-order.ts'
import { decodeSealed, sealedCount } from './chunk-decoder.ts'
import { blockCapacities, chunkKind, largestBlock, maxChunkSamples } from './chunk-layout.ts'
import { type Epochs, retiredKind } from './epochs.ts'
import { maxChunkSpanMs, type SeriesChain, sealedUnits } from './series-chain.ts'
import type { SeriesColumns } from './series-columns.ts'
import type { TimeSlots } from './slots.ts'

interface LateParts {
  readonly slots: TimeSlots
  readonly epochs: Epochs
  readonly columns: SeriesColumns
  readonly chain: SeriesChain
}

/** A sample in columns of the caller's. */
interface SampleAt {
  readonly timeMs: number
  readonly values: Float64Array
  readonly words: Uint32Array
  readonly at: number
}

export class LateSamples {
  readonly #parts: LateParts
  /** Addresses and slots of the chunks from the newest back to the one that is looked for. */
  readonly #path: number[] = []
  readonly #pathSlots: number[] = []

  constructor(parts: LateParts) {
    this.#parts = parts
  }

  /** Merges a sample that is not newer than the series' newest. False where the same or a stronger one was there. */
  insert(ref: number, sample: SampleAt): boolean {
    const { columns, chain } = this.#parts
    const tip = chain.tip(ref)
    if (columns.openClass[ref] >= 0 && sample.timeMs >= chain.arena.f64[tip + 1])
      return this.#intoBlock(ref, tip, sample)
    this.#walk(ref, sample.timeMs)
    const target = this.#path.length - 1
    // an open block alone, and the sample before it: the sample becomes a chunk of its own behind the block
    const count = this.#isOpen(this.#path[target]) ? 0 : this.#decode(this.#path[target])
    const merged = this.#merge(count, sample)
    if (merged < 0) return false
    this.#rewrite(ref, count === 0 ? target + 1 : target, merged)
    return true
  }

  #isOpen(at: number): boolean {
    return (this.#parts.chain.arena.u32[at * 2 + 4] & 15) === chunkKind.open
  }

  #decode(at: number): number {
    const { arena, encoder } = this.#parts.chain
    decodeSealed(arena, at, { timesMs: encoder.timesMs, values: encoder.values, words: encoder.words, to: 0 })
    return sealedCount(arena, at)
  }

  /** Notes the chunks back to the newest that begins at or before the time, or to the oldest there is. */
  #walk(ref: number, timeMs: number): void {
    const { columns, slots, chain } = this.#parts
    const { u32, f64 } = chain.arena
    this.#path.length = 0
    this.#pathSlots.length = 0
    let at = chain.tip(ref)
    let slot = columns.tipSlot[ref]
    for (;;) {
      this.#path.push(at)
      this.#pathSlots.push(slot)
      const before = u32[at * 2]
      const beforeSlot = u32[at * 2 + 1]
      if (f64[at + 1] <= timeMs || before === 0 || beforeSlot < slots.oldest) return
      at = before
      slot = beforeSlot
    }
  }

  /** Merges into the `count` samples in the encoder's columns; returns how many there are then, or -1 where nothing changes. */
  #merge(count: number, sample: SampleAt): number {
    const { timesMs, values, words } = this.#parts.chain.encoder
    let place = count
    while (place > 0 && timesMs[place - 1] >= sample.timeMs) place--
    const isThere = place < count && timesMs[place] === sample.timeMs
    if (isThere && !replaces(sample, { values, words, at: place })) return -1
    if (!isThere) {
      timesMs.copyWithin(place + 1, place, count)
      words.copyWithin((place + 1) * 2, place * 2, count * 2)
    }
    timesMs[place] = sample.timeMs
    words[place * 2] = sample.words[sample.at * 2]
    words[place * 2 + 1] = sample.words[sample.at * 2 + 1]
    return isThere ? count : count + 1
  }

  #intoBlock(ref: number, block: number, sample: SampleAt): boolean {
    const { chain, slots, epochs, columns } = this.#parts
    const merged = this.#merge(chain.load(block), sample)
    if (merged < 0) return false
    if (merged <= blockCapacities[largestBlock]) {
      chain.rewriteBlock(ref, merged)
      return true
    }
    const { u32 } = chain.arena
    const sizeClass = columns.openClass[ref]
    const slot = slots.at(chain.encoder.timesMs[merged - 1])
    const options = { slot, before: u32[block * 2], beforeSlot: u32[block * 2 + 1], shareTimes: false }
    chain.publishSealed(ref, chain.encoder.seal(0, merged, options), slot)
    epochs.retire(retiredKind.openBlock, block, sizeClass)
    return true
  }

  /** Seals `count` samples of the encoder's columns in the place of chunk `target` of the path; where that is past its end, behind its last. */
  #rewrite(ref: number, target: number, count: number): void {
    const { chain, slots, epochs } = this.#parts
    const { u32 } = chain.arena
    const old: number | undefined = this.#path[target]
    // behind the oldest chunk there may be one whose slot is gone: it stays behind the new one
    const link = old ?? this.#path[target - 1]
    let before = u32[link * 2]
    let beforeSlot = u32[link * 2 + 1]
    const { timesMs } = chain.encoder
    for (let from = 0; from < count; ) {
      const piece = pieceLength(timesMs, from, count)
      const slot = slots.at(timesMs[from + piece - 1])
      before = chain.encoder.seal(from, piece, { slot, before, beforeSlot, shareTimes: false })
      beforeSlot = slot
      from += piece
    }
    this.#relink(ref, target - 1, before, beforeSlot)
    if (old !== undefined) epochs.retire(retiredKind.chunk, old, this.#pathSlots[target])
  }

  /** Makes chunk `successor` of the path follow on another chunk; one past the tip (-1) makes that chunk the tip. */
  #relink(ref: number, successor: number, before: number, beforeSlot: number): void {
    const { chain, columns, epochs } = this.#parts
    const { u32, i32 } = chain.arena
    if (successor < 0) {
      chain.publishSealed(ref, before, beforeSlot)
      return
    }
    const at = this.#path[successor]
    if (u32[at * 2 + 1] === beforeSlot) {
      Atomics.store(i32, at * 2, before)
    } else if (this.#isOpen(at)) {
      chain.replaceBlock(ref, columns.openClass[ref], { before, beforeSlot })
    } else {
      const slot = this.#pathSlots[successor]
      this.#relink(ref, successor - 1, this.#copySealed(at, slot, before, beforeSlot), slot)
      epochs.retire(retiredKind.chunk, at, slot)
    }
  }

  /** A sealed chunk once more, behind another chunk. */
  #copySealed(at: number, slot: number, before: number, beforeSlot: number): number {
    const { chain, slots } = this.#parts
    const { u32 } = chain.arena
    const units = sealedUnits(chain.arena, at)
    const copy = slots.allocate(slot, units)
    // as words: a double that is moved as a number could lose a NaN's bits
    u32.copyWithin(copy * 2, at * 2, (at + units) * 2)
    u32[copy * 2] = before
    u32[copy * 2 + 1] = beforeSlot
    const column = u32[at * 2 + 5]
    if (column > at && column < at + units) u32[copy * 2 + 5] = column - at + copy
    return copy
  }
}

/** How many samples from `from` on make one chunk. */
function pieceLength(timesMs: Float64Array, from: number, count: number): number {
  const rest = count - from
  let length = rest > maxChunkSamples ? rest >>> 1 : rest
  while (timesMs[from + length - 1] - timesMs[from] >= maxChunkSpanMs) length = Math.ceil(length / 2)
  return length
}
