// Log queries: lines through selector and pipeline, in the order asked for, until there are enough.
import type { Labels } from '@tidewatch/core/labels.ts'
import type { LogExpr } from './ast.ts'
import { check } from './check.ts'
import { checkCancelled } from './limits.ts'
import type { LabelOrigins } from './line-labels.ts'
import { compilePipeline } from './pipeline.ts'
import { compileSelector } from './selector.ts'
import type { Direction, LineSource } from './source.ts'

/** A line as the query gives it. */
export interface LogEntry {
  readonly timeNs: bigint
  readonly line: string
  /** All labels, `__error__` too. */
  readonly labels: Labels
  readonly origins: LabelOrigins
}

export interface LogQueryOptions {
  /** ns since 1970: fromNs <= time < toNs. */
  readonly fromNs: bigint
  readonly toNs: bigint
  readonly direction: Direction
  /** Lines at most. */
  readonly limit: number
  readonly nowMs: () => number
  readonly signal: AbortSignal
}

/** Entries in the order of `direction`, in batches as the source has them. Throws `query.parse` for what cannot be evaluated. */
export async function* evaluateLogs(
  log: LogExpr,
  source: LineSource,
  { fromNs, toNs, direction, limit, nowMs, signal }: LogQueryOptions,
): AsyncGenerator<readonly LogEntry[]> {
  check(log)
  const run = compileEntry(log, nowMs)
  const matches = compileSelector(log.matchers)
  let left = limit
  if (left <= 0) return
  for await (const batch of source.lines({ log, fromNs, toNs, direction }, { signal })) {
    checkCancelled(signal)
    const entries: LogEntry[] = []
    for (const line of batch) {
      if (line.timeNs < fromNs || line.timeNs >= toNs || !matches(line.stream)) continue
      const entry = run(line)
      if (entry === undefined) continue
      entries.push(entry)
      if (--left === 0) break
    }
    if (entries.length > 0) yield entries
    if (left === 0) return
  }
}

/** What the stages make of one line, undefined where they drop it; the selector is not asked. For live tails. Throws `query.parse`. */
export function compileEntry(
  log: LogExpr,
  nowMs: () => number,
): (line: Parameters<ReturnType<typeof compilePipeline>['run']>[0]) => LogEntry | undefined {
  const pipeline = compilePipeline(log, { nowMs })
  return (line) => {
    const state = pipeline.run(line)
    if (state === undefined) return undefined
    return {
      timeNs: line.timeNs,
      line: state.line,
      labels: state.labels.toLabels(),
      origins: state.labels.byOrigin(),
    }
  }
}
