/** What extrapolation needs to know of a window. */
export interface Extrapolation {
  readonly firstMs: number
  readonly lastMs: number
  readonly gaps: number
  readonly startMs: number
  readonly endMs: number
}

/**
 * By what the difference of a window is multiplied: to the boundaries where samples are near enough (1.1 of their average distance),
 * else by half a distance. Formula: promql/functions.go, extrapolatedRate. Counters stop at zero besides, see rate.ts.
 */
export function extrapolationFactor(window: Extrapolation): number {
  const { firstMs, lastMs, gaps, startMs, endMs } = window
  let toStart = (firstMs - startMs) / 1000
  let toEnd = (endMs - lastMs) / 1000
  const sampled = (lastMs - firstMs) / 1000
  const average = sampled / gaps
  const threshold = average * 1.1
  if (toStart >= threshold) toStart = average / 2
  if (toEnd >= threshold) toEnd = average / 2
  return (sampled + toStart + toEnd) / sampled
}
