// The same moment of former days or weeks, as PromQL: one look back each, told apart by a label and then put together.
import { overTime } from './over-time.ts'

export const seasonMs = { day: 86_400_000, week: 7 * 86_400_000 } as const

export interface Seasons {
  readonly every: keyof typeof seasonMs
  /** How many of them. */
  readonly count: number
  /** What is looked at around the moment in each. */
  readonly widthMs: number
}

const label = 'tidewatch_season'

/** `fn` over each of the former seasons: one series a season, which `together` then reads. */
export function eachSeason(
  fn: string,
  expr: string,
  { every, count, widthMs }: Seasons,
  ...before: readonly string[]
): string {
  const stepMs = Math.max(15_000, Math.round(widthMs / 12))
  return Array.from({ length: count }, (_, i) => {
    // the window has the moment in its middle
    const offsetMs = (i + 1) * seasonMs[every] - widthMs / 2
    const one = overTime(fn, expr, { rangeMs: widthMs, offsetMs, stepMs }, ...before)
    return `label_replace(${one}, "${label}", "${i + 1}", "", "")`
  }).join(' or ')
}

/** `avg`, `stddev`, `count` or `quantile` over the seasons of each series. */
export function together(aggregation: string, seasons: string, ...before: readonly string[]): string {
  return `${aggregation} without (${label}) (${[...before, seasons].join(', ')})`
}
