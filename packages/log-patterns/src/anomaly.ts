// Unusual volumes: the newest count of a pattern or a service against its own history, by median and median absolute deviation, which a few earlier
// peaks do not move.

export interface AnomalyOptions {
  /** How many robust deviations off its history a count counts as unusual. */
  readonly threshold?: number
  /** Counts of the past below which nothing is said. */
  readonly leastHistory?: number
  /** A difference smaller than this many lines is never unusual. */
  readonly leastLines?: number
}

export interface Anomaly {
  readonly kind: 'spike' | 'drop'
  /** The median of the history. */
  readonly expected: number
  readonly observed: number
  /** Robust deviations off; negative for a drop. */
  readonly score: number
}

/** The median absolute deviation of a normal distribution, as a standard deviation. */
const deviationOfMad = 1.4826

/**
 * Whether the count of an interval is unusual for its history (counts of intervals of the same length; empty ones as 0). The spread is at least
 * that of a Poisson process of this median, so that a quiet, even history does not make every line an anomaly.
 */
export function volumeAnomaly(
  history: readonly number[],
  observed: number,
  { threshold = 6, leastHistory = 15, leastLines = 10 }: AnomalyOptions = {},
): Anomaly | undefined {
  if (history.length < leastHistory) return undefined
  const expected = median(history)
  const mad = median(history.map((count) => Math.abs(count - expected)))
  const spread = Math.max(mad * deviationOfMad, Math.sqrt(expected), 1)
  const score = (observed - expected) / spread
  if (Math.abs(score) < threshold || Math.abs(observed - expected) < leastLines) return undefined
  return { kind: score > 0 ? 'spike' : 'drop', expected, observed, score }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** Counts by minute as a series without gaps: one value a minute from `fromMs` to before `toMs`, both whole minutes. */
export function minuteSeries(
  minutes: readonly { readonly minuteMs: number; readonly bySeverity: readonly number[] }[],
  fromMs: number,
  toMs: number,
): readonly number[] {
  const series = new Array<number>(Math.max(0, Math.ceil((toMs - fromMs) / 60_000))).fill(0)
  for (const { minuteMs, bySeverity } of minutes) {
    const at = Math.floor((minuteMs - fromMs) / 60_000)
    if (at >= 0 && at < series.length) series[at] += bySeverity.reduce((sum, lines) => sum + lines, 0)
  }
  return series
}
