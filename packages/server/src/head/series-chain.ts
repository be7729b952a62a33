// One series' chunks: an open block that samples are added to, sealed chunks behind it. What readers may see is never changed in place: a block gets
// samples behind its count, everything else is made anew, published by one atomic store, and the old is retired. Main thread only.

import { copyWords } from './chunk-decoder.ts'
import { ChunkEncoder } from './chunk-encoder.ts'
import {
  blockCapacities,
  blockUnits,
  chunkKind,
  columnHeaderUnits,
  headerUnits,
  largestBlock,
  ownColumn,
  packedUnits,
} from './chunk-layout.ts'
import { type Epochs, retiredKind } from './epochs.ts'
import { type Arena, type HeadMemory, openTip, tipAddress } from './memory.ts'
import { BlockPool, type PagePool } from './pages.ts'
import type { SeriesColumns } from './series-columns.ts'
import type { TimeSlots } from './slots.ts'

/** A chunk's times are less than this apart, so that differences fit into 32 bits. */
export const maxChunkSpanMs = 2 ** 31
/** How many slots before the newest sample's an open block may begin. */
const maxBlockSlots = 2
/** The part of the budget that open blocks should stay below. */
const openShare = 1 / 4

interface ChainParts {
  readonly memory: HeadMemory
  readonly pool: PagePool
  readonly slots: TimeSlots
  readonly epochs: Epochs
  readonly columns: SeriesColumns
  readonly budgetBytes: number
  /** How many series there are. */
  readonly count: () => number
}

export class SeriesChain {
  readonly arena: Arena
  readonly encoder: ChunkEncoder
  readonly #parts: ChainParts
  readonly #blocks: readonly BlockPool[]

  constructor(parts: ChainParts) {
    this.arena = parts.memory.samples
    this.encoder = new ChunkEncoder(this.arena, parts.slots)
    this.#parts = parts
    this.#blocks = blockCapacities.map((capacity) => new BlockPool(parts.pool, blockUnits(capacity)))
  }

  /** Address of the newest chunk, 0 where there is none. */
  tip(ref: number): number {
    return this.#parts.memory.tips[ref] & tipAddress
  }

  releaseBlock(address: number, sizeClass: number): void {
    this.#blocks[sizeClass].release(address)
  }

  /** The largest block a series may have: where there are many series each gets less. */
  largestClass(): number {
    const capacity = (this.#parts.budgetBytes * openShare) / (12 * (this.#parts.count() + 1))
    let sizeClass = largestBlock
    while (sizeClass > 0 && blockCapacities[sizeClass] > capacity) sizeClass--
    return sizeClass
  }

  /** Makes room for one more sample at the end of the series: gives the open block that takes it. */
  blockFor(ref: number, timeMs: number): number {
    const { columns, slots } = this.#parts
    const sizeClass = columns.openClass[ref]
    if (sizeClass < 0) return this.#startBlock(ref, timeMs)
    const at = this.tip(ref)
    const count = this.arena.u32[at * 2 + 5]
    const isFull = count === blockCapacities[sizeClass]
    const largest = this.largestClass()
    if (this.#isOver(ref, at, timeMs, count * 2 >= blockCapacities[largest]) || (isFull && sizeClass >= largest)) {
      columns.startClass[ref] = classFor(count)
      this.seal(ref)
      return this.#startBlock(ref, timeMs)
    }
    columns.tipSlot[ref] = slots.at(timeMs)
    return isFull ? this.replaceBlock(ref, sizeClass + 1) : at
  }

  /**
   * Whether a block ends before a sample: where the slot does, so that all series of a target begin their chunks together and share time columns. A block
   * that is less than half full goes on into the next slots, as small chunks are dear.
   */
  #isOver(ref: number, at: number, timeMs: number, isHalfFull: boolean): boolean {
    const { columns, slots } = this.#parts
    const firstMs = this.arena.f64[at + 1]
    if (timeMs - firstMs >= maxChunkSpanMs) return true
    if (timeMs < slots.endMs(columns.tipSlot[ref])) return false
    return isHalfFull || firstMs < slots.startMs(Math.max(slots.oldest, slots.at(timeMs) - maxBlockSlots))
  }

  /** Puts a sample behind the others of an open block; readers see it when the count says so. */
  put(at: number, timeMs: number, words: Uint32Array, from: number): void {
    const { u32, i32, f64 } = this.arena
    const word = at * 2
    const count = u32[word + 5]
    const capacity = u32[word + 4] >>> 8
    u32[word + 6 + count] = timeMs - f64[at + 1]
    const value = word + 6 + capacity + count * 2
    u32[value] = words[from * 2]
    u32[value + 1] = words[from * 2 + 1]
    Atomics.store(i32, word + 5, count + 1)
  }

  /** Turns the open block into a sealed chunk in the slot of its last sample. */
  seal(ref: number): void {
    const { columns, slots, epochs } = this.#parts
    const block = this.tip(ref)
    const count = this.load(block)
    const slot = slots.at(this.encoder.timesMs[count - 1])
    const { u32 } = this.arena
    const sealed = this.encoder.seal(0, count, {
      slot,
      before: u32[block * 2],
      beforeSlot: u32[block * 2 + 1],
      shareTimes: true,
    })
    const sizeClass = columns.openClass[ref]
    this.publishSealed(ref, sealed, slot)
    epochs.retire(retiredKind.openBlock, block, sizeClass)
  }

  /** Makes a sealed chunk the newest of the series. */
  publishSealed(ref: number, at: number, slot: number): void {
    const { columns, memory } = this.#parts
    columns.tipSlot[ref] = slot
    columns.openClass[ref] = -1
    Atomics.store(memory.tipSlots, ref, slot)
    Atomics.store(memory.tips, ref, at)
  }

  /** Puts a copy of the open block into its place, of another size or with another chunk before it. */
  replaceBlock(ref: number, sizeClass: number, link?: { before: number; beforeSlot: number }): number {
    const old = this.tip(ref)
    const { u32, f64 } = this.arena
    const count = u32[old * 2 + 5]
    const oldCapacity = u32[old * 2 + 4] >>> 8
    const at = this.#newBlock(sizeClass, f64[old + 1])
    u32[at * 2] = link?.before ?? u32[old * 2]
    u32[at * 2 + 1] = link?.beforeSlot ?? u32[old * 2 + 1]
    for (let i = 0; i < count; i++) u32[at * 2 + 6 + i] = u32[old * 2 + 6 + i]
    copyWords(
      this.arena,
      old + headerUnits + oldCapacity / 2,
      count,
      u32,
      at + headerUnits + blockCapacities[sizeClass] / 2,
    )
    u32[at * 2 + 5] = count
    this.#swapBlock(ref, at, sizeClass)
    return at
  }

  /** Replaces the open block by the first `count` samples of the encoder's columns. */
  rewriteBlock(ref: number, count: number): void {
    const { columns } = this.#parts
    const sizeClass = Math.max(columns.openClass[ref], classFor(count))
    const old = this.tip(ref)
    const { u32 } = this.arena
    const { timesMs, words } = this.encoder
    const at = this.#newBlock(sizeClass, timesMs[0])
    u32[at * 2] = u32[old * 2]
    u32[at * 2 + 1] = u32[old * 2 + 1]
    for (let i = 0; i < count; i++) this.put(at, timesMs[i], words, i)
    this.#swapBlock(ref, at, sizeClass)
  }

  /** Copies an open block's samples to the start of the encoder's columns; returns how many. */
  load(block: number): number {
    const { u32, f64 } = this.arena
    const count = u32[block * 2 + 5]
    const capacity = u32[block * 2 + 4] >>> 8
    const first = f64[block + 1]
    const { timesMs, words } = this.encoder
    for (let i = 0; i < count; i++) timesMs[i] = first + u32[block * 2 + 6 + i]
    copyWords(this.arena, block + headerUnits + capacity / 2, count, words, 0)
    return count
  }

  /** Takes all chunks of the series out of sight; memory of their slots goes with the slots. */
  forget(ref: number): void {
    const { columns, memory, epochs } = this.#parts
    const block = this.tip(ref)
    Atomics.store(memory.tips, ref, 0)
    if (columns.openClass[ref] >= 0) epochs.retire(retiredKind.openBlock, block, columns.openClass[ref])
    columns.openClass[ref] = -1
    columns.firstMs[ref] = Number.POSITIVE_INFINITY
    columns.lastMs[ref] = Number.NEGATIVE_INFINITY
  }

  #swapBlock(ref: number, at: number, sizeClass: number): void {
    const { columns, memory, epochs } = this.#parts
    const old = this.tip(ref)
    const oldClass = columns.openClass[ref]
    columns.openClass[ref] = sizeClass
    Atomics.store(memory.tips, ref, at | openTip)
    epochs.retire(retiredKind.openBlock, old, oldClass)
  }

  #newBlock(sizeClass: number, firstMs: number): number {
    const at = this.#blocks[sizeClass].allocate()
    this.arena.f64[at + 1] = firstMs
    this.arena.u32[at * 2 + 4] = chunkKind.open | (blockCapacities[sizeClass] << 8)
    this.arena.u32[at * 2 + 5] = 0
    return at
  }

  /** Begins an open block in front of the sealed chunks; it is empty, and published so. */
  #startBlock(ref: number, timeMs: number): number {
    const { columns, slots, memory } = this.#parts
    const sizeClass = Math.min(columns.startClass[ref], this.largestClass())
    const at = this.#newBlock(sizeClass, timeMs)
    this.arena.u32[at * 2] = this.tip(ref)
    this.arena.u32[at * 2 + 1] = columns.tipSlot[ref]
    columns.tipSlot[ref] = slots.at(timeMs)
    columns.openClass[ref] = sizeClass
    Atomics.store(memory.tips, ref, at | openTip)
    return at
  }
}

/** The smallest size class that holds so many samples. */
function classFor(count: number): number {
  let sizeClass = 0
  while (sizeClass < largestBlock && blockCapacities[sizeClass] < count) sizeClass++
  return sizeClass
}

/** Units of 8 bytes that a sealed chunk takes, with its time column where that is its own. */
export function sealedUnits(arena: Arena, at: number): number {
  const header = arena.u32[at * 2 + 4]
  const count = (header >>> 8) & 255
  const kind = header & 15
  const exceptions = header >>> 24
  let values = 1
  if (kind === chunkKind.raw) values = count
  else if (kind !== chunkKind.same)
    values = 2 + packedUnits(count, (header >>> 4) & 3) + exceptions + ((exceptions + 7) >>> 3)
  const units = headerUnits + values
  if ((header & ownColumn) === 0) return units
  const column = arena.u32[at * 2 + 5]
  return units + columnHeaderUnits + packedUnits(count, arena.u32[column * 2 + 1] & 15)
}
