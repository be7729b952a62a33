// How samples lie in memory. Addresses (`at`) count 8 bytes; words count 4. All numbers are little-endian.
//
//   every chunk          word 0     address of the chunk before, 0 for none (changed by Atomics alone)
//                        word 1     slot number of the chunk before: readers go no further than to the slot they began with
//                        words 2-3  time of the first sample, ms as a double
//                        word 4     kind | ...
//   open (kind 0)        word 4     kind | capacity << 8
//                        word 5     number of samples (counted up by Atomics when a sample is complete)
//                        then       times as ms since the first (u32 each), values as doubles
//   sealed               word 4     kind | value width << 4 | own column << 6 | count << 8 | decimal exponent << 16 | exceptions << 24
//                        word 5     address of the time column
//     same               8 bytes that every value is
//     raw                8 bytes a value
//     delta, offset      doubles `base`, `step`, then a whole number r of 0, 1, 2 or 4 bytes a value, padded to 8, then the exceptions: their 8 bytes each,
//                        then their places, a byte each, padded to 8.
//                        offset: value = (base + r) / 10^exponent.  delta: m = m before + step + r from m = base, value = m / 10^exponent
//   time column          word 0     interval in ms
//                        word 1     residual width | count << 8
//                        words 2-3  base in ms as a double
//                        then       a residual of 0, 1, 2 or 4 bytes a sample, padded to 8; time = base + i * interval + residual

/** What a chunk is. */
export const chunkKind = { open: 0, same: 1, raw: 2, delta: 3, offset: 4 } as const

/** Set in word 4 of a sealed chunk whose time column follows it and is no other's. */
export const ownColumn = 1 << 6

export const headerUnits = 3
export const columnHeaderUnits = 2

/** Samples that an open block holds, by size class. */
export const blockCapacities = [4, 8, 16, 32, 64, 128] as const
export const largestBlock = blockCapacities.length - 1
/** The most samples a chunk has; late ones may make more of it than the largest open block holds. */
export const maxChunkSamples = 240

export function blockUnits(capacity: number): number {
  return headerUnits + capacity / 2 + capacity
}

/** Bytes of a width code. */
export const widthBytes = [0, 1, 2, 4] as const

/** Units of 8 bytes that `count` numbers of a width take. */
export function packedUnits(count: number, width: number): number {
  return (count * widthBytes[width] + 7) >>> 3
}

/** The narrowest width code for whole numbers from 0 to `range`, or -1. */
export function widthFor(range: number): number {
  if (range === 0) return 0
  if (range < 256) return 1
  if (range < 65_536) return 2
  return range < 4_294_967_296 ? 3 : -1
}

export const powersOfTen = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9] as const
