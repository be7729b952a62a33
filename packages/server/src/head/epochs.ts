// When memory may be used again. What the writer takes out of sight it retires under the current epoch, then counts the epoch up. A reader announces
// the epoch it began in; what was retired in an epoch is free once every announced epoch is later, since nobody who came later can have seen it.
import { control, maxReaders, readerStride } from './memory.ts'

/** An announced epoch is never one of these. */
export const idle = 0
export const revoked = -1

/** Where reader `index` announces its epoch; its claim stands in the word before. */
export function announcedAt(index: number): number {
  return control.readers + index * readerStride + 1
}

/** What is retired; `a` and `b` say where it is. */
export const retiredKind = { openBlock: 0, chunk: 1, slot: 2, labels: 3, ref: 4, histogram: 5 } as const

/** Told when nobody can see a retired thing any more. */
export type Release = (kind: number, a: number, b: number) => void

/** The writer's side: retires, and gives back in order. */
export class Epochs {
  readonly #control: Int32Array
  /** [kind, a, b, epoch] in a ring. */
  #ring = new Int32Array(4 * 1024)
  #first = 0
  #count = 0
  #epoch = 1
  #retiredInEpoch = 0
  #revocations = 0

  constructor(shared: Int32Array) {
    this.#control = shared
    Atomics.store(shared, control.epoch, this.#epoch)
  }

  get pending(): number {
    return this.#count
  }

  /** Readers that were told to give up, so far. */
  get revocations(): number {
    return this.#revocations
  }

  retire(kind: number, a: number, b: number): void {
    if (this.#count * 4 === this.#ring.length) this.#grow()
    const at = ((this.#first + this.#count) * 4) & (this.#ring.length - 1)
    this.#ring[at] = kind
    this.#ring[at + 1] = a
    this.#ring[at + 2] = b
    this.#ring[at + 3] = this.#epoch
    this.#count++
    this.#retiredInEpoch++
  }

  /** Gives back what no reader can see. What is retired during it waits for the next call. */
  reclaim(release: Release): void {
    if (this.#count === 0) return
    if (this.#retiredInEpoch > 0) this.#advance()
    const oldest = this.#oldestReader()
    for (let rest = this.#count; rest > 0; rest--) {
      const at = (this.#first * 4) & (this.#ring.length - 1)
      // the difference is taken modulo 2^32, so that the count may wrap around
      if (((this.#ring[at + 3] - oldest) | 0) >= 0) return
      const kind = this.#ring[at]
      const a = this.#ring[at + 1]
      const b = this.#ring[at + 2]
      this.#first = (this.#first + 1) & (this.#ring.length / 4 - 1)
      this.#count--
      release(kind, a, b)
    }
  }

  /** Takes the memory away from all readers that announced something: each read of theirs fails until they begin again. */
  revokeReaders(): void {
    for (let i = 0; i < maxReaders; i++) {
      const at = announcedAt(i)
      const epoch = Atomics.load(this.#control, at)
      if (epoch === idle || epoch === revoked) continue
      if (Atomics.compareExchange(this.#control, at, epoch, revoked) === epoch) this.#revocations++
    }
  }

  #advance(): void {
    this.#retiredInEpoch = 0
    do {
      this.#epoch = (this.#epoch + 1) | 0
    } while (this.#epoch === idle || this.#epoch === revoked)
    Atomics.store(this.#control, control.epoch, this.#epoch)
  }

  /** The earliest announced epoch, or the current one. */
  #oldestReader(): number {
    let oldest = this.#epoch
    for (let i = 0; i < maxReaders; i++) {
      const epoch = Atomics.load(this.#control, announcedAt(i))
      if (epoch !== idle && epoch !== revoked && ((epoch - oldest) | 0) < 0) oldest = epoch
    }
    return oldest
  }

  #grow(): void {
    const bigger = new Int32Array(this.#ring.length * 2)
    for (let i = 0; i < this.#count * 4; i++) bigger[i] = this.#ring[(this.#first * 4 + i) & (this.#ring.length - 1)]
    this.#ring = bigger
    this.#first = 0
  }
}
