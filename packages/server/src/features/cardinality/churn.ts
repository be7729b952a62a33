// Series that appeared, by hour, metric and job: what fills an index is new series, not many samples.
import type { SeriesSurvey } from '../../head/port.ts'
import { type Counted, Largest } from './largest.ts'
import type { SeriesTable } from './series-table.ts'
import { Slices } from './slices.ts'

export interface Churn {
  /** Since when it is known, ms; a whole number of hours before the newest hour. */
  readonly sinceMs: number
  /** Oldest first; the last is the present one, which goes on. */
  readonly hours: readonly { readonly startMs: number; readonly created: number }[]
  readonly metrics: readonly Counted[]
  readonly jobs: readonly Counted[]
}

const hourMs = 3_600_000
const maxHours = 24
/** A series that goes on is seen again within this time after the head begins. */
const lookbackMs = 300_000

export interface ChurnOptions {
  readonly nowMs: number
  /** Where the head begins. */
  readonly beginMs: number
  readonly limit: number
  readonly signal: AbortSignal
}

/** Counts the series whose first sample is of the last 24 hours, as far as the head reaches back. */
export async function countChurn(survey: SeriesSurvey, table: SeriesTable, options: ChurnOptions): Promise<Churn> {
  const { nowMs, beginMs, limit, signal } = options
  const slices = new Slices(signal)
  const lastHour = Math.floor(nowMs / hourMs)
  const dayMs = (lastHour - maxHours + 1) * hourMs
  const sinceMs = Math.max(dayMs, Math.min(nowMs, beginMs + lookbackMs))
  const firstHour = Math.floor(sinceMs / hourMs)
  const hours = new Uint32Array(lastHour - firstHour + 1)
  const byMetric = new Uint32Array(table.metricNames.length)
  const byJob = new Uint32Array(table.jobNames.length)
  for (let ref = 0; ref < table.end; ref++) {
    if (slices.isOver()) await slices.turn()
    const firstMs = survey.firstMs(ref)
    if (table.labels[ref] === 0 || !(firstMs >= sinceMs && firstMs < (lastHour + 1) * hourMs)) continue
    hours[Math.floor(firstMs / hourMs) - firstHour]++
    byMetric[table.metric[ref]]++
    byJob[table.job[ref]]++
  }
  return {
    sinceMs,
    hours: Array.from(hours, (created, i) => ({ startMs: (firstHour + i) * hourMs, created })),
    metrics: largestOf(byMetric, table.metricNames, limit),
    jobs: largestOf(byJob, table.jobNames, limit),
  }
}

/** Counts by number, as names: largest first. */
export function largestOf(
  counts: Uint32Array,
  names: readonly (string | undefined)[],
  limit: number,
): readonly Counted[] {
  const largest = new Largest(limit)
  for (let i = 0; i < counts.length; i++) largest.offer(counts[i], () => names[i] ?? '')
  return largest.list()
}
