/** The earlier of two times in ns. `Math.min` takes no bigint. */
export const earlierNs = (a: bigint, b: bigint): bigint => (a < b ? a : b)

/** The later of two times in ns. */
export const laterNs = (a: bigint, b: bigint): bigint => (a > b ? a : b)
