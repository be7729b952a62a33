// Of several samples of one series at one millisecond one counts, whichever came first. So retries, pairs of senders and replays need no order.

/** A value in a column, seen as a number and by its bits (little-endian words). */
export interface ValueAt {
  readonly values: Float64Array
  readonly words: Uint32Array
  readonly at: number
}

/**
 * Whether a sample takes the place of another at the same moment: a number before a NaN, then the greater. What this leaves open is
 * settled by the bits, so that the outcome never depends on order: 0 before -0, and of two NaNs the one with the greater bits, so a NaN
 * that was measured before a stale marker.
 */
export function replaces(candidate: ValueAt, held: ValueAt): boolean {
  const mine = candidate.values[candidate.at] as number
  const theirs = held.values[held.at] as number
  if (mine > theirs) return true
  if (mine < theirs) return false
  const mineIsNumber = !Number.isNaN(mine)
  if (mineIsNumber === Number.isNaN(theirs)) return mineIsNumber
  const mineHigh = candidate.words[candidate.at * 2 + 1] as number
  const theirsHigh = held.words[held.at * 2 + 1] as number
  // of two equal numbers only zeros differ, and -0 has the greater bits
  if (mineIsNumber) return mineHigh < theirsHigh
  if (mineHigh !== theirsHigh) return mineHigh > theirsHigh
  return (candidate.words[candidate.at * 2] as number) > (held.words[held.at * 2] as number)
}
