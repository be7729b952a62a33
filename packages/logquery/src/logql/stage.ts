import { AppError } from '@tidewatch/core/error.ts'
import type { Span } from './ast.ts'
import type { LineLabels } from './line-labels.ts'
import type { SourceLine } from './pipeline.ts'

/** The line that goes through a pipeline; reused from line to line. */
export interface LineState {
  line: string
  timeNs: bigint
  readonly labels: LineLabels
  /** The JSON document whose message the line is, as the source has it; undefined where there is none, or a stage made another line of it. */
  document: SourceLine['document'] | undefined
}

/** One stage, compiled: changes the state, and says whether the line goes on. */
export type StageRun = (state: LineState) => boolean

/** A stage that the grammar takes and that cannot work. */
export function stageError(message: string, span: Span): AppError {
  return new AppError('query.parse', `invalid query: ${message}`, {
    where: { span: { start: span.start, end: span.end } },
  })
}

/** Compiles an expression of the user's; its fault is the query's. */
export function compileOrRefuse<T>(compile: () => T, span: Span): T {
  try {
    return compile()
  } catch (error) {
    if (error instanceof AppError) throw stageError(error.message, span)
    throw stageError(error instanceof Error ? error.message : String(error), span)
  }
}
