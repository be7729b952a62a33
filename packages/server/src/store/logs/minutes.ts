// Lines by minute, as the table counts them beside the lines: what is asked of whole minutes and of few columns need not go through lines at all.
import type { Predicate } from '@tidewatch/logquery/predicate.ts'
import { logMinute, logMinuteColumns, logsTable, minuteNs } from '../tables/logs.ts'
import type { LogAggregation, LogFilter, LogGroup } from './port.ts'
import { renderPredicate, timeLiteral } from './render.ts'
import { projectCondition } from './select.ts'

/** Of fewer the lines themselves are asked: that is one statement over little. */
const leastMinutes = 15n

/** As the columns of lines are named, too. */
const counted: ReadonlySet<string> = new Set(logMinuteColumns)

/** Rows to be grouped and counted, and what their time is, ns since 1970. */
export interface RowsInMinutes {
  readonly sql: string
  readonly time: string
}

/** Rows of the minutes within the filter, and of the lines before and behind these; undefined where minutes do not tell. */
export function minuteRows(filter: LogFilter, aggregation: LogAggregation): readonly RowsInMinutes[] | undefined {
  const { predicate, fromNs, toNs, projects } = filter
  const first = (fromNs + minuteNs - 1n) / minuteNs
  const end = toNs / minuteNs
  // lines from before 1970 lie in minute 0 too
  const isLong = fromNs > 0n && end - first >= leastMinutes
  if (!isLong || filter.upToSeq !== undefined || aggregation.measures.length > 0) return undefined
  if (!isOfCounted(predicate) || !aggregation.groups.every(isOfMinutes)) return undefined
  const { where, isExact } = renderPredicate(predicate)
  if (!isExact) return undefined
  const rows = (times: string): string =>
    `SELECT ${logMinuteColumns.join(', ')}, time_ns FROM ${logsTable.name} WHERE ${projectCondition(projects)} AND ${times} AND ${where}`
  const minutes = {
    sql: rows(`${logMinute} >= ${timeLiteral(first)} AND ${logMinute} < ${timeLiteral(end)}`),
    time: `(${logMinute} * ${minuteNs})`,
  }
  const edges = [...between(fromNs, first * minuteNs), ...between(end * minuteNs, toNs)]
  if (edges.length === 0) return [minutes]
  return [minutes, { sql: rows(`(${edges.join(' OR ')})`), time: 'time_ns' }]
}

const between = (fromNs: bigint, toNs: bigint): string[] =>
  fromNs < toNs ? [`(time_ns >= ${timeLiteral(fromNs)} AND time_ns < ${timeLiteral(toNs)})`] : []

/** Whether the counted columns alone say of a line whether it satisfies the predicate. */
function isOfCounted(predicate: Predicate): boolean {
  switch (predicate.kind) {
    case 'all':
    case 'none':
      return true
    case 'and':
    case 'or':
    case 'at-least':
      return predicate.of.every(isOfCounted)
    case 'not':
      return isOfCounted(predicate.of)
    case 'test':
      return predicate.field.kind === 'column' && counted.has(predicate.field.column)
    case 'ids':
    case 'nested':
      return false
    default:
      return predicate satisfies never
  }
}

/** Whether all lines of a minute that are equal in the counted columns are in the same group. */
function isOfMinutes(group: LogGroup): boolean {
  switch (group.kind) {
    case 'field':
      return group.field.kind === 'column' && counted.has(group.field.column)
    case 'interval':
      return group.widthNs % minuteNs === 0n && (group.offsetNs ?? 0n) % minuteNs === 0n
    case 'spans':
      return group.startsNs.every((start) => start % minuteNs === 0n)
    case 'numbers':
    // a line may be in several of these: the engine does not take them from counts
    case 'predicates':
      return false
    default:
      return group satisfies never
  }
}
