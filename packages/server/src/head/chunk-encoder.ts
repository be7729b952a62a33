// Called once for each chunk of some 120 samples. Bench: bench/src/head.ts.
import {
  chunkKind,
  columnHeaderUnits,
  headerUnits,
  maxChunkSamples,
  ownColumn,
  packedUnits,
  powersOfTen,
  widthFor,
} from './chunk-layout.ts'
import type { Arena } from './memory.ts'
import { SharedTimeColumns } from './time-columns.ts'

/** Exponents worth trying: whole numbers, cents, milliseconds, microseconds, nano units and what lies between. */
const exponents = [0, 1, 2, 3, 4, 6, 9] as const
/** Below this, differences and sums of whole numbers are exact in a double. */
const maxWhole = 2 ** 51
const maxExceptions = 24
const negativeZeroHigh = 0x80000000

/** Where chunks are put: memory of a time slot. */
export interface ChunkSpace {
  allocate(slot: number, units: number): number
}

/** Makes sealed chunks out of the samples in its own columns. */
export class ChunkEncoder {
  count = 0
  readonly timesMs = new Float64Array(maxChunkSamples * 2)
  readonly values = new Float64Array(maxChunkSamples * 2)
  readonly words = new Uint32Array(this.values.buffer)
  readonly #whole = new Float64Array(maxChunkSamples)
  readonly #places = new Uint8Array(maxExceptions)
  readonly #columns: SharedTimeColumns
  readonly #arena: Arena
  readonly #space: ChunkSpace
  // the plan for the values of one chunk
  #kind: number = chunkKind.raw
  #width = 0
  #exponent = 0
  #exceptions = 0
  #base = 0
  #step = 0

  constructor(arena: Arena, space: ChunkSpace) {
    this.#arena = arena
    this.#space = space
    this.#columns = new SharedTimeColumns(arena, space)
  }

  /**
   * Seals samples [from, from + count) into a slot and returns the chunk's address. `shareTimes`: the time column may be one that other chunks of the slot
   * have too; a chunk that replaces another keeps its own, so that both go together.
   */
  seal(
    from: number,
    count: number,
    options: { slot: number; before: number; beforeSlot: number; shareTimes: boolean },
  ): number {
    const { u32, f64 } = this.#arena
    this.#plan(from, count)
    const units = headerUnits + this.#valueUnits(count)
    const timeWidth = this.#columns.plan(this.timesMs, from, count)
    const columnUnits = options.shareTimes ? 0 : columnHeaderUnits + packedUnits(count, timeWidth)
    const at = this.#space.allocate(options.slot, units + columnUnits)
    u32[at * 2] = options.before
    u32[at * 2 + 1] = options.beforeSlot
    f64[at + 1] = this.timesMs[from]
    u32[at * 2 + 4] =
      this.#kind |
      (this.#width << 4) |
      (options.shareTimes ? 0 : ownColumn) |
      (count << 8) |
      (this.#exponent << 16) |
      (this.#exceptions << 24)
    if (options.shareTimes) u32[at * 2 + 5] = this.#columns.find(options.slot)
    else {
      this.#columns.write(at + units)
      u32[at * 2 + 5] = at + units
    }
    this.#writeValues(at + headerUnits, from, count)
    return at
  }

  #valueUnits(count: number): number {
    if (this.#kind === chunkKind.same) return 1
    if (this.#kind === chunkKind.raw) return count
    return 2 + packedUnits(count, this.#width) + this.#exceptions + ((this.#exceptions + 7) >>> 3)
  }

  #plan(from: number, count: number): void {
    this.#width = 0
    this.#exponent = 0
    this.#exceptions = 0
    if (this.#allSame(from, count)) {
      this.#kind = chunkKind.same
      return
    }
    this.#kind = chunkKind.raw
    if (!this.#findExceptions(from, count)) return
    for (const exponent of exponents) {
      if (!this.#toWhole(from, count, exponent)) continue
      this.#planWhole(count, exponent)
      return
    }
    this.#exceptions = 0
  }

  #allSame(from: number, count: number): boolean {
    const { words } = this
    const low = words[from * 2]
    const high = words[from * 2 + 1]
    for (let i = from + 1; i < from + count; i++) if (words[i * 2] !== low || words[i * 2 + 1] !== high) return false
    return true
  }

  /** Notes what is no plain number (NaN, infinities, -0); false where there is too much of it. */
  #findExceptions(from: number, count: number): boolean {
    const { words } = this
    let found = 0
    for (let i = 0; i < count; i++) {
      const high = words[(from + i) * 2 + 1]
      const special = (high & 0x7ff00000) === 0x7ff00000 || (high === negativeZeroHigh && words[(from + i) * 2] === 0)
      if (!special) continue
      if (found === maxExceptions) return false
      this.#places[found++] = i
    }
    this.#exceptions = found
    return found < count
  }

  /** The values times a power of ten where that gives whole numbers that lead back to the very same values. */
  #toWhole(from: number, count: number, exponent: number): boolean {
    const { values } = this
    const whole = this.#whole
    const scale = powersOfTen[exponent]
    const exceptions = this.#exceptions
    let next = 0
    for (let i = 0; i < count; i++) {
      if (next < exceptions && this.#places[next] === i) {
        next++
        whole[i] = i === 0 ? Number.NaN : whole[i - 1]
        continue
      }
      const value = values[from + i]
      const scaled = Math.round(value * scale)
      if (scaled / scale !== value || scaled > maxWhole || scaled < -maxWhole) return false
      whole[i] = scaled
    }
    if (exceptions > 0) fillLeading(whole, count)
    return true
  }

  #planWhole(count: number, exponent: number): void {
    const whole = this.#whole
    let least = whole[0]
    let most = whole[0]
    let leastStep = Number.POSITIVE_INFINITY
    let mostStep = Number.NEGATIVE_INFINITY
    for (let i = 1; i < count; i++) {
      const step = whole[i] - whole[i - 1]
      if (step < leastStep) leastStep = step
      if (step > mostStep) mostStep = step
      if (whole[i] < least) least = whole[i]
      if (whole[i] > most) most = whole[i]
    }
    const offsetWidth = widthFor(most - least)
    const deltaWidth = count > 1 ? widthFor(mostStep - leastStep) : -1
    if (offsetWidth < 0 && deltaWidth < 0) {
      this.#exceptions = 0
      return
    }
    this.#exponent = exponent
    if (deltaWidth < 0 || (offsetWidth >= 0 && offsetWidth <= deltaWidth)) {
      this.#kind = chunkKind.offset
      this.#width = offsetWidth
      this.#base = least
      this.#step = 0
    } else {
      this.#kind = chunkKind.delta
      this.#width = deltaWidth
      // the first residual is 0
      this.#base = whole[0] - leastStep
      this.#step = leastStep
    }
  }

  #writeValues(at: number, from: number, count: number): void {
    const { u32, f64, u8 } = this.#arena
    if (this.#kind === chunkKind.same || this.#kind === chunkKind.raw) {
      const words = this.#kind === chunkKind.same ? 2 : count * 2
      for (let i = 0; i < words; i++) u32[at * 2 + i] = this.words[from * 2 + i]
      return
    }
    f64[at] = this.#base
    f64[at + 1] = this.#step
    this.#toResiduals(count)
    pack(this.#arena, at + 2, this.#width, count, this.#whole)
    const bits = at + 2 + packedUnits(count, this.#width)
    const places = (bits + this.#exceptions) * 8
    for (let i = 0; i < this.#exceptions; i++) {
      const place = from + this.#places[i]
      u32[(bits + i) * 2] = this.words[place * 2]
      u32[(bits + i) * 2 + 1] = this.words[place * 2 + 1]
      u8[places + i] = this.#places[i]
    }
  }

  #toResiduals(count: number): void {
    const whole = this.#whole
    if (this.#kind === chunkKind.offset) {
      for (let i = 0; i < count; i++) whole[i] -= this.#base
      return
    }
    for (let i = count - 1; i > 0; i--) whole[i] = whole[i] - whole[i - 1] - this.#step
    whole[0] = 0
  }
}

/** Exceptions before the first number repeat it. */
function fillLeading(whole: Float64Array, count: number): void {
  let first = 0
  while (first < count && Number.isNaN(whole[first])) first++
  whole.fill(whole[first], 0, first)
}

/** Whole numbers in a width's bytes. */
export function pack(arena: Arena, at: number, width: number, count: number, from: Float64Array): void {
  const bytes = [undefined, arena.u8, arena.u16, arena.u32][width]
  if (bytes === undefined) return
  const start = (at * 8) / bytes.BYTES_PER_ELEMENT
  for (let i = 0; i < count; i++) bytes[start + i] = from[i]
}
