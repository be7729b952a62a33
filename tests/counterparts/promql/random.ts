// A small seeded generator, so that a number names a case for ever.

export interface Random {
  /** At least 0 and below 1. */
  next(): number
  /** Whole, from 0 to below `limit`. */
  below(limit: number): number
  pick<T>(from: readonly T[]): T
  /** True so often of 1. */
  chance(share: number): boolean
}

/** Mulberry32. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  return {
    next,
    below,
    pick: (from) => from[below(from.length)] as (typeof from)[number],
    chance: (share) => next() < share,
  }
}
