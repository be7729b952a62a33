// Samples of one scrape have the same times, so the chunks of a target's series share one time column.

import type { ChunkSpace } from './chunk-encoder.ts'
import { columnHeaderUnits, maxChunkSamples, packedUnits, widthBytes, widthFor } from './chunk-layout.ts'
import type { Arena } from './memory.ts'

const remembered = 1024

/** Encodes time columns, and finds one that was written before for the same slot. */
export class SharedTimeColumns {
  readonly #arena: Arena
  readonly #space: ChunkSpace
  readonly #residuals = new Float64Array(maxChunkSamples)
  readonly #addresses = new Uint32Array(remembered)
  readonly #slots = new Float64Array(remembered)
  #base = 0
  #interval = 0
  #width = 0
  #count = 0
  #hash = 0

  constructor(arena: Arena, space: ChunkSpace) {
    this.#arena = arena
    this.#space = space
  }

  /** Works out how times [from, from + count) are encoded; returns the residuals' width code. Times span less than 2^31 ms. */
  plan(timesMs: Float64Array, from: number, count: number): number {
    const first = timesMs[from]
    const span = timesMs[from + count - 1] - first
    const interval = count > 1 ? Math.round(span / (count - 1)) : 0
    let least = 0
    let most = 0
    for (let i = 1; i < count; i++) {
      const residual = timesMs[from + i] - first - i * interval
      if (residual < least) least = residual
      if (residual > most) most = residual
    }
    let hash = ((first % 4_294_967_296) | 0) ^ Math.imul(interval, 0x9e3779b1) ^ count
    for (let i = 0; i < count; i++) {
      const residual = timesMs[from + i] - first - i * interval - least
      this.#residuals[i] = residual
      hash = Math.imul(hash ^ residual, 0x01000193)
    }
    this.#base = first + least
    this.#interval = interval
    this.#count = count
    this.#width = widthFor(most - least)
    this.#hash = hash ^ (hash >>> 15)
    return this.#width
  }

  /** Address of a column with the planned times in a slot, written if there is none that it remembers. */
  find(slot: number): number {
    const place = this.#hash & (remembered - 1)
    const known = this.#addresses[place]
    if (this.#slots[place] === slot && this.#isPlanned(known)) return known
    const at = this.#space.allocate(slot, columnHeaderUnits + packedUnits(this.#count, this.#width))
    this.write(at)
    this.#addresses[place] = at
    this.#slots[place] = slot
    return at
  }

  /** Writes the planned column. */
  write(at: number): void {
    const { u32, f64 } = this.#arena
    u32[at * 2] = this.#interval
    u32[at * 2 + 1] = this.#width | (this.#count << 8)
    f64[at + 1] = this.#base
    const target = this.#target()
    if (target === undefined) return
    const start = ((at + columnHeaderUnits) * 8) / widthBytes[this.#width]
    for (let i = 0; i < this.#count; i++) target[start + i] = this.#residuals[i]
  }

  #isPlanned(at: number): boolean {
    const { u32, f64 } = this.#arena
    if (u32[at * 2] !== this.#interval || u32[at * 2 + 1] !== (this.#width | (this.#count << 8))) return false
    if (f64[at + 1] !== this.#base) return false
    const target = this.#target()
    if (target === undefined) return true
    const start = ((at + columnHeaderUnits) * 8) / widthBytes[this.#width]
    for (let i = 0; i < this.#count; i++) if (target[start + i] !== this.#residuals[i]) return false
    return true
  }

  #target(): Uint8Array | Uint16Array | Uint32Array | undefined {
    const { u8, u16, u32 } = this.#arena
    return [undefined, u8, u16, u32][this.#width]
  }
}
