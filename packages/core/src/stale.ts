// Prometheus marks the end of a series by one particular NaN; every other NaN is a value.
// Source: prometheus/model/value (StaleNaN 0x7ff0000000000002, NormalNaN 0x7ff8000000000001).

/** High and low words of the stale marker's bits. */
export const staleHigh = 0x7ff00000
export const staleLow = 0x00000002

const bits = new Uint32Array(2)
const asFloat = new Float64Array(bits.buffer)

/**
 * Whether element `index` of a column is the stale marker. It looks at the bits in place: an engine may change a NaN's payload when it
 * copies it as a number, so markers are moved by typed-array copies or `setStale`, never through a variable.
 */
export function isStaleAt(words: Uint32Array, index: number): boolean {
  return words[index * 2 + 1] === staleHigh && words[index * 2] === staleLow
}

/** Writes the stale marker; `words` views the same memory as the Float64Array that is meant (little-endian). */
export function setStale(words: Uint32Array, index: number): void {
  words[index * 2] = staleLow
  words[index * 2 + 1] = staleHigh
}

/** Whether a number that was just read from a column is the stale marker. Only for cold paths. */
export function isStale(value: number): boolean {
  asFloat[0] = value
  return bits[1] === staleHigh && bits[0] === staleLow
}
