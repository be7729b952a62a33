// The head's window in time slots: sealed chunks lie in pages of the slot of their last sample, so the oldest data is dropped by giving back pages.
// Main thread only, except that `slotStartMs` is shared.
import { pageUnits, slotRing } from './memory.ts'
import type { PagePool } from './pages.ts'

interface Slot {
  readonly number: number
  readonly startMs: number
  readonly pages: number[]
  /** Next free address in the last page, and its end. */
  next: number
  end: number
  /** Addresses of chunks that late samples replaced, by size in units. */
  readonly spare: Map<number, number[]>
}

export class TimeSlots {
  readonly #pool: PagePool
  readonly #startMs: Float64Array
  /** Oldest first; those before `begin` wait for their readers to leave. */
  readonly #slots: Slot[] = []
  #begin = 1
  #taken = 0
  #held = 0

  constructor(pool: PagePool, sharedStartMs: Float64Array) {
    this.#pool = pool
    this.#startMs = sharedStartMs
    this.#push(1, Number.NEGATIVE_INFINITY)
  }

  /** Numbers of the newest slot, of the first one that readers may still come to, and of the first whose memory is there. */
  get newest(): number {
    return this.#first + this.#slots.length - 1
  }
  get begin(): number {
    return this.#begin
  }
  get oldest(): number {
    return this.#first
  }
  get #first(): number {
    return this.#slots[0].number
  }

  startMs(number: number): number {
    return this.#slots[number - this.#first].startMs
  }

  /** Where the slot ends: its last millisecond is the one before. */
  endMs(number: number): number {
    return number >= this.newest ? Number.POSITIVE_INFINITY : this.startMs(number + 1)
  }

  /** The slot a time belongs to; for times before all, the oldest that is there. */
  at(timeMs: number): number {
    let i = this.#slots.length - 1
    while (i > 0 && this.#slots[i].startMs > timeMs) i--
    return this.#first + i
  }

  /** Ends the newest slot before `startMs` and opens the next. */
  open(startMs: number): void {
    this.#push(this.newest + 1, startMs)
  }

  /** Pages that slots ever took, and that they have now. */
  get pagesTaken(): number {
    return this.#taken
  }
  get pagesHeld(): number {
    return this.#held
  }

  /** Pages of the slots that are out of sight and not given back yet. */
  get waitingPages(): number {
    let pages = 0
    for (let i = 0; i < this.#begin - this.#first; i++) pages += this.#slots[i].pages.length
    return pages
  }

  /** Whether the numbers of slots could soon be mistaken for one another. */
  get full(): boolean {
    return this.#slots.length >= slotRing - 8
  }

  setBegin(number: number): void {
    this.#begin = number
  }

  /** Gives back the memory of all slots up to this one. */
  free(number: number): void {
    while (this.#first <= number) {
      const slot = this.#slots.shift()
      this.#held -= slot?.pages.length ?? 0
      for (const page of slot?.pages ?? []) this.#pool.release(page)
    }
  }

  allocate(number: number, units: number): number {
    const slot = this.#slots[number - this.#first]
    const spare = slot.spare.get(units)?.pop()
    if (spare !== undefined) return spare
    if (slot.end - slot.next < units) {
      const page = this.#pool.allocate()
      slot.pages.push(page)
      this.#taken++
      this.#held++
      slot.next = page * pageUnits
      slot.end = slot.next + pageUnits
    }
    const address = slot.next
    slot.next += units
    return address
  }

  /** Takes back a replaced chunk that nobody can see any more. */
  recycle(number: number, address: number, units: number): void {
    if (number < this.#first) return
    const { spare } = this.#slots[number - this.#first]
    const list = spare.get(units)
    if (list === undefined) spare.set(units, [address])
    else list.push(address)
  }

  #push(number: number, startMs: number): void {
    this.#startMs[number % slotRing] = startMs
    this.#slots.push({ number, startMs, pages: [], next: 0, end: 0, spare: new Map() })
  }
}
