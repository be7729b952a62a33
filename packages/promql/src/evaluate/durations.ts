import { AppError } from '@tidewatch/core/error.ts'
import type { AtModifier, DurationExpr } from '../ast.ts'
import type { QueryTimes } from './evaluator.ts'
import type { Grid } from './grid.ts'

/** Milliseconds of a duration that `preprocess` has resolved; none is 0. */
export function durationMs(duration: DurationExpr | undefined): number {
  if (duration === undefined) return 0
  if (duration.kind === 'ms') return duration.ms
  throw new AppError('internal.bug', 'duration expressions must be resolved before a query is evaluated')
}

/** The moment an `@` names, or undefined where there is none. */
export function atTimeMs(at: AtModifier | undefined, times: QueryTimes): number | undefined {
  switch (at?.kind) {
    case undefined:
      return undefined
    case 'time':
      return at.ms
    case 'start':
      return times.startMs
    case 'end':
      return times.endMs
  }
}

interface Shifted {
  readonly offset: DurationExpr | undefined
  readonly at: AtModifier | undefined
}

/** For each step the moment that a selector or subquery looks at: the step or its `@`, less its offset. */
export function referenceTimes(node: Shifted, grid: Grid, times: QueryTimes): Float64Array {
  const offsetMs = durationMs(node.offset)
  const atMs = atTimeMs(node.at, times)
  if (atMs === undefined && offsetMs === 0) return grid.timesMs
  const reference = new Float64Array(grid.steps)
  for (let i = 0; i < grid.steps; i++) reference[i] = (atMs ?? (grid.timesMs[i] as number)) - offsetMs
  return reference
}
