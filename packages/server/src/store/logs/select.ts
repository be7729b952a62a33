// Statements over the table of logs: what all of them have in common.
import { AppError } from '@tidewatch/core/error.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import { literal } from '../literal.ts'
import type { StoreClient } from '../port.ts'
import { logsTable } from '../tables/logs.ts'
import type { PartsOfRange } from './parts.ts'
import type { LogFilter } from './port.ts'
import { type RenderedPredicate, timeLiteral } from './render.ts'
import { wordsPreamble } from './words.ts'

const settings = [
  // so that numbers are read as JavaScript reads them, to the last digit
  'precise_float_parsing = 1',
  // where a word is, once it has been asked for
  ...['tokens', 'header', 'postings'].map((what) => `use_text_index_${what}_cache = 1`),
  // what somebody looks at is looked at again: filtered, refreshed, gone through line by line; the engine leaves out what goes through very many lines
  'use_uncompressed_cache = 1',
]
/** Lines are selected by what is known of their parts: a merge must not bring them in twice, or not at all. */
const oneState = 'enable_shared_storage_snapshot_in_query = 1'
/** What a hint leads away from is left out where lines are read: counts are not to be taken from anywhere else. */
const readLines = ['optimize_trivial_count_query = 0', 'optimize_use_implicit_projections = 0']

/** A condition on parts leads to them; said of each line beside that, it takes as long as a common word. */
const hint = 'indexHint'

/** A whole statement, with what its conditions need said before and behind it. */
export function statement(sql: string, more: readonly string[] = []): string {
  const all = [...settings, ...(sql.includes(' UNION ALL ') ? [oneState] : []), ...more]
  if (sql.includes(hint)) all.push(...readLines)
  return `${wordsPreamble(sql)}${sql} SETTINGS ${all.join(', ')}`
}

/** Lines of these projects with fromNs <= time < toNs that had arrived by then. */
export function rangeCondition(filter: Omit<LogFilter, 'predicate'>): string {
  const { projects, fromNs, toNs } = filter
  return `${projectCondition(projects)} AND time_ns >= ${timeLiteral(fromNs)} AND time_ns < ${timeLiteral(toNs)}${arrivedCondition(filter)}`
}

const arrivedCondition = ({ upToSeq }: Pick<LogFilter, 'upToSeq'>): string =>
  upToSeq === undefined ? '' : ` AND seq <= toUInt64(${literal(upToSeq)})`

export function projectCondition(projects: readonly ProjectId[]): string {
  if (projects.length === 0) throw new AppError('internal.bug', 'A query of logs names no project')
  // an equality lets the engine read in the order of time
  return projects.length === 1
    ? `project = ${literal(projects[0] as ProjectId)}`
    : `project IN (${projects.map(literal).join(', ')})`
}

/** A predicate as it is asked of the lines of a range. */
export interface Selection extends RenderedPredicate {
  /** Names of parts whose lines are all within the range, and plain where `where` is for plain lines alone. */
  readonly whole: readonly string[]
  /** For lines of all other parts. */
  readonly whereElsewhere: string
}

/**
 * Of a range of plain lines alone, the condition without the pattern of words beyond ASCII, which takes the engine longer to read than most ranges
 * take to search. As it was where there are other lines. Lines that come later are none of the question's.
 */
export async function selectionOf(
  client: StoreClient,
  filter: LogFilter,
  { rendered, parts }: { readonly rendered: RenderedPredicate; readonly parts: PartsOfRange | undefined },
  signal: AbortSignal,
): Promise<Selection> {
  const { where, wherePlain } = rendered
  const whole = parts?.whole ?? []
  if (wherePlain === undefined) return { ...rendered, whole, whereElsewhere: where }
  if (parts?.arePlain !== true) {
    const sql = `SELECT 1 AS other FROM ${logsTable.name} PREWHERE NOT is_plain WHERE ${rangeCondition(filter)} LIMIT 1`
    const others = await client.query(sql, { signal })
    if (others.length > 0) return { ...rendered, whole: [], whereElsewhere: where }
  }
  return {
    ...{ ...rendered, where: wherePlain, wherePlain: undefined },
    ...{ whole: parts?.arePlain === true ? whole : [], whereElsewhere: `is_plain AND ${wherePlain}` },
  }
}

/**
 * Rows of the filter with these columns, for grouping. Parts that are within the range as a whole are not asked for its bounds: going through their
 * times and projects takes as long as a common word. What was merged or has come since they were known is selected by its lines; a statement sees
 * one state of a table. Where the index of words can answer for plain lines, these are selected apart, so that their bodies are not read.
 */
export function rowsOf(
  filter: LogFilter,
  { where, wherePlain, whole = [], whereElsewhere = where }: RenderedPredicate & Partial<Selection>,
  columns: readonly string[],
): string {
  const range = rangeCondition(filter)
  const selected = columns.length === 0 ? '1' : columns.includes('*') ? '*' : [...new Set(columns)].join(', ')
  const select = (condition: string): string => `SELECT ${selected} FROM ${logsTable.name} ${condition}`
  if (whole.length > 0) {
    const names = whole.map(literal).join(', ')
    const isAny = where === '1' && filter.upToSeq === undefined
    const inNames = `_part IN (${names})`
    const condition = isAny ? inNames : `${hint}(${inNames})${arrivedCondition(filter)} AND ${where}`
    const inWhole = select(`WHERE ${condition}`)
    return `${inWhole} UNION ALL ${select(`WHERE _part NOT IN (${names}) AND ${range} AND ${whereElsewhere}`)}`
  }
  if (wherePlain === undefined) return select(`WHERE ${range} AND ${where}`)
  const plain = select(`WHERE ${range} AND is_plain AND ${wherePlain}`)
  return `${plain} UNION ALL ${select(`PREWHERE NOT is_plain WHERE ${range} AND ${where}`)}`
}
