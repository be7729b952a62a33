// What an evaluation asks of the world: lines of streams in time order. The server's store and the live tail answer it.
import type { LogExpr } from './ast.ts'
import type { SourceLine } from './pipeline.ts'

export type Direction = 'forward' | 'backward'

export interface LineRequest {
  /** The selector and the stages; a source may leave out lines by `pushDown` of plan.ts, and may answer more than that asks for. */
  readonly log: LogExpr
  /** ns since 1970: fromNs <= time < toNs. */
  readonly fromNs: bigint
  readonly toNs: bigint
  readonly direction: Direction
}

/** What a source can count without handing out lines: see `countPlanOf` of plan.ts. */
export interface CountRequest extends Omit<LineRequest, 'direction'> {
  readonly what: 'lines' | 'bytes'
  /** Labels of the stream by which to count; undefined: all of its labels. */
  readonly by: readonly string[] | undefined
  /** The ends of the windows, ascending, in ms since 1970, and how far each reaches back: (end - rangeMs, end]. */
  readonly endsMs: Float64Array
  readonly rangeMs: number
}

/** One series of counts. */
export interface CountedSeries {
  readonly labels: Readonly<Record<string, string>>
  /** One value for each end, NaN where the window has no line. */
  readonly values: Float64Array
}

export interface LineSource {
  /**
   * The lines of the matching streams, by the time asked for, in batches. The evaluation tests selector and stages again, so it is right, if slower,
   * with a source that only knows time. It ends the iteration as soon as it has enough.
   */
  lines(request: LineRequest, options: { readonly signal: AbortSignal }): AsyncIterable<readonly SourceLine[]>
  /** Absent, or undefined for a request that it cannot count: the lines are asked for then. */
  counts?(
    request: CountRequest,
    options: { readonly signal: AbortSignal },
  ): Promise<readonly CountedSeries[] | undefined>
}
