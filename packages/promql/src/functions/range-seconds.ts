/** A range in seconds as Go's `Duration.Seconds` gives it, to the last bit. */
export function rangeSeconds(rangeMs: number): number {
  const whole = Math.trunc(rangeMs / 1000)
  return whole + ((rangeMs - whole * 1000) * 1e6) / 1e9
}
