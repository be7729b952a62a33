import { AppError } from '@tidewatch/core/error.ts'
import { cardinalityTable } from './cardinality.ts'
import { lintFamilies } from './lint.ts'
import { readPage } from './page-reader.ts'

export interface PageVerdict {
  /** 0: fine, 1: cannot be read, 3: read, and there is something to complain about. As promtool ends. */
  readonly exitCode: 0 | 1 | 3
  readonly lines: readonly string[]
  /** With `extended`: how many series each metric makes. */
  readonly table: readonly string[]
}

export interface PageCheck {
  readonly lint: boolean
  readonly extended: boolean
}

/** What is to be said of a metrics page. */
export function checkPage(text: string, { lint, extended }: PageCheck = { lint: true, extended: false }): PageVerdict {
  try {
    const families = readPage(text)
    const lines = lint ? lintFamilies(families).map((problem) => `${problem.metric} ${problem.text}`) : []
    return { exitCode: lines.length > 0 ? 3 : 0, lines, table: extended ? cardinalityTable(families) : [] }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return { exitCode: 1, lines: [`error while linting: ${error.message}`], table: [] }
  }
}
