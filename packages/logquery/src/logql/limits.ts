import { AppError } from '@tidewatch/core/error.ts'

export interface LogQueryLimits {
  /** Series that one range aggregation may make. */
  readonly maxSeries: number
  /** Points of a series. */
  readonly maxSteps: number
  /** Numbers held at once by one range aggregation, 8 bytes each: series times steps, and the values that quantiles wait for. */
  readonly maxCells: number
}

export const defaultLogQueryLimits: LogQueryLimits = { maxSeries: 10_000, maxSteps: 11_000, maxCells: 20_000_000 }

export function tooManySeries(maxSeries: number): AppError {
  return new AppError('query.limit', `maximum of series (${maxSeries}) reached for a single query`, {
    fix: 'Group by fewer labels, as in sum by (level) (…), or take out labels that differ from line to line with drop or keep.',
  })
}

export function tooManyCells(maxCells: number): AppError {
  return new AppError('query.limit', `the query would hold more than ${maxCells} values in memory`, {
    fix: 'Ask for a shorter time, a longer step, or fewer series.',
  })
}

export function tooManySteps(steps: number, maxSteps: number): AppError {
  return new AppError(
    'query.limit',
    `exceeded maximum resolution of ${maxSteps} points per time series: ${steps} were asked for`,
    { fix: 'Choose a longer step or a shorter time.' },
  )
}

export function checkCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new AppError('query.cancelled', 'the query was cancelled')
}
