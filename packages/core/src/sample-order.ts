// Of several samples of one series at one millisecond one counts: a number before a NaN, then the greater. So retries, pairs of senders and
// replays need no order. Compared by bits where both are NaN, so a stale marker and another NaN have an order too.

/** Whether sample `b` replaces sample `a`; the words view the values' memory (little-endian). */
export function replacesAt(
  a: Float64Array,
  aWords: Uint32Array,
  i: number,
  b: Float64Array,
  bWords: Uint32Array,
  j: number,
): boolean {
  const x = a[i] as number
  const y = b[j] as number
  if (Number.isNaN(x)) {
    if (!Number.isNaN(y)) return true
    const high = (aWords[i * 2 + 1] as number) - (bWords[j * 2 + 1] as number)
    return high < 0 || (high === 0 && (aWords[i * 2] as number) < (bWords[j * 2] as number))
  }
  return y > x
}
