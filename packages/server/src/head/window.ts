// How far back the head reaches: opens time slots, and drops the oldest when the budget is used up. Main thread only.

import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { type Epochs, type Release, retiredKind } from './epochs.ts'
import { control, type HeadMemory, pageBytes } from './memory.ts'
import type { PagePool } from './pages.ts'
import type { TimeSlots } from './slots.ts'

/** One slow step (a chunk sealed, late samples merged) takes fewer pages than this. */
const sparePages = 16
/** A slot ends early when this part of the budget was taken while it was the newest, so that the oldest is always a small part of all. */
const slotShare = 1 / 16

interface WindowParts {
  readonly memory: HeadMemory
  readonly pool: PagePool
  readonly slots: TimeSlots
  readonly epochs: Epochs
  readonly release: Release
  readonly clock: Clock
  readonly budgetBytes: number
  readonly slotMs: number
}

export class HeadWindow {
  /** What is older was dropped. */
  beginMs = Number.NEGATIVE_INFINITY
  newestMs = Number.NEGATIVE_INFINITY
  readonly #parts: WindowParts
  readonly #budgetPages: number
  /** What `#pressure` was when the newest slot was opened. */
  #pressureAtOpen = 0
  #openedMs = Number.NaN

  constructor(parts: WindowParts) {
    this.#parts = parts
    this.#budgetPages = Math.floor(parts.budgetBytes / pageBytes)
    Atomics.store(parts.memory.control, control.beginSlot, parts.slots.begin)
  }

  /** To be called before every step that takes memory. */
  makeRoom(): void {
    const { pool, slots, epochs, release } = this.#parts
    if (this.#isSlotOver()) this.#openSlot(this.#frontierMs())
    while (pool.used - slots.waitingPages > this.#budgetPages || slots.full) if (!this.#dropOldest()) break
    if (pool.available >= sparePages) return
    epochs.reclaim(release)
    if (pool.available >= sparePages) return
    // readers that stay too long must not stop the writer
    epochs.revokeReaders()
    epochs.reclaim(release)
    while (pool.available < sparePages && this.#dropOldest()) epochs.reclaim(release)
    if (pool.available < sparePages) this.#dropAll()
  }

  /** Lets readers come no further back than to this time, a slot's border; only before there are samples. */
  beginAt(startMs: number): void {
    this.#openSlot(startMs - 1)
    this.#dropOldest()
  }

  /** Opens a slot that begins at this time, for samples that come out of order of time; only before there are samples. */
  openAt(startMs: number): void {
    this.#openSlot(startMs - 1)
  }

  /** Drops the oldest slot; the newest two stay. */
  shorten(): void {
    const { slots } = this.#parts
    if (slots.newest - slots.begin > 1) this.#dropOldest()
  }

  /** Forgets all samples; those that are newer than the newest may follow. */
  dropAll(): void {
    const newest = Math.max(this.newestMs, this.beginMs)
    if (newest > Number.NEGATIVE_INFINITY) this.#openSlot(newest)
    while (this.#dropOldest());
    this.#parts.epochs.reclaim(this.#parts.release)
  }

  #dropAll(): void {
    this.dropAll()
    if (this.#parts.pool.available < sparePages) {
      throw new AppError('internal.bug', 'the head has more series than memory for one sample of each')
    }
  }

  #isSlotOver(): boolean {
    const frontier = this.#frontierMs()
    if (frontier === Number.NEGATIVE_INFINITY) return false
    if (Number.isNaN(this.#openedMs)) this.#openedMs = frontier
    if (frontier - this.#openedMs >= this.#parts.slotMs) return true
    return frontier > this.#openedMs && this.#pressure() - this.#pressureAtOpen > this.#budgetPages * slotShare
  }

  /** Rises by the pages that new samples take, whether or not old ones are dropped meanwhile. */
  #pressure(): number {
    const { pool, slots } = this.#parts
    return slots.pagesTaken + (pool.used - slots.pagesHeld)
  }

  /** A sender whose clock is ahead must not move the border past everybody else's samples. */
  #frontierMs(): number {
    return Math.min(this.newestMs, Math.floor(this.#parts.clock.nowMs()))
  }

  #openSlot(lastMs: number): void {
    const { slots } = this.#parts
    if (lastMs < slots.startMs(slots.newest)) return
    slots.open(lastMs + 1)
    this.#openedMs = lastMs + 1
    this.#pressureAtOpen = this.#pressure()
  }

  #dropOldest(): boolean {
    const { slots, memory, epochs, release } = this.#parts
    if (slots.begin === slots.newest) return false
    const next = slots.begin + 1
    slots.setBegin(next)
    this.beginMs = slots.startMs(next)
    Atomics.store(memory.control, control.beginSlot, next)
    epochs.retire(retiredKind.slot, next - 1, 0)
    epochs.reclaim(release)
    return true
  }
}
