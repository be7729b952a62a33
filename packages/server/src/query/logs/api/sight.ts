// What a query of any language makes of stored lines: which of them count, and what is shown of each.
import type { LogLanguage, LogLine } from '@tidewatch/api/logs.ts'
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import type { Labels } from '@tidewatch/core/labels.ts'
import type { LogExpr } from '@tidewatch/logquery/logql/ast.ts'
import { compileEntry } from '@tidewatch/logquery/logql/evaluate-logs.ts'
import { compileSelector } from '@tidewatch/logquery/logql/selector.ts'
import { everything, type Predicate } from '@tidewatch/logquery/predicate.ts'
import type { LogFilter, StoredLog } from '../../../store/port.ts'
import type { LogQueries } from '../log-queries.ts'
import { keysIn, maxStreamsListed } from '../loki/line-source.ts'
import { createLogqlQueries } from '../loki/logql-queries.ts'
import { isAmbiguous, planRecords, type ResourceKeys } from '../loki/matchers.ts'
import { needsOf } from '../loki/mentioned.ts'
import { LineMaker } from '../loki/record-labels.ts'
import { lineOf } from './line.ts'

export type LineToShow = Pick<StoredLog, 'place' | 'record'>

export interface Sight {
  /** All lines of the query satisfy it. */
  readonly predicate: Predicate
  /** Whether each line that satisfies it is of the query. */
  readonly isWhole: boolean
  /** Undefined where the line is none of the query after all. `lineOf` itself where lines are shown as they are. */
  show(line: LineToShow): LogLine | undefined
}

export interface QueryText {
  readonly query: string
  readonly language: LogLanguage
}

export interface SightParts {
  readonly queries: LogQueries
  readonly clock: Clock
}

/** Of lines that come. Throws `query.parse` with the place for what cannot be read. */
export function sightOf(parts: SightParts, { query, language }: QueryText): Sight {
  if (language !== 'logql') return { predicate: parts.queries.parse(query, language), isWhole: true, show: lineOf }
  if (query.trim() === '') return { predicate: everything, isWhole: true, show: lineOf }
  return logqlSight(parts, logExprOf(parts, query), () => undefined)
}

/** Of lines that are stored: labels that may stand for several keys of a resource are looked up, so that the store can search by them. */
export async function storedSightOf(
  parts: SightParts,
  text: QueryText,
  { range, signal }: { readonly range: Omit<LogFilter, 'predicate'>; readonly signal: AbortSignal },
): Promise<Sight> {
  if (text.language !== 'logql' || text.query.trim() === '') return sightOf(parts, text)
  const log = logExprOf(parts, text.query)
  if (!log.matchers.some(({ name }) => isAmbiguous(name))) return logqlSight(parts, log, () => [])
  const streams = await parts.queries.reader.streams(
    { ...range, predicate: everything },
    { signal, limit: maxStreamsListed },
  )
  return logqlSight(parts, log, keysIn(streams.length < maxStreamsListed ? streams : undefined))
}

function logExprOf({ queries: { reader }, clock }: SightParts, query: string): LogExpr {
  const expr = createLogqlQueries({ reader, clock }).parse(query)
  if (expr.kind === 'log') return expr
  throw new AppError('query.parse', 'this LogQL gives numbers, not lines.', {
    where: { span: { start: 0, end: query.length } },
    fix: 'Search for lines by a selector and its filters: {service="orders"} |= "failed". Numbers are for rules, dashboards and the explorer.',
  })
}

function logqlSight({ clock }: SightParts, log: LogExpr, keysOf: ResourceKeys): Sight {
  const plan = planRecords(log, keysOf)
  const changes = log.stages.some(({ kind }) => kind !== 'line_filter')
  if (plan.isWhole && !changes) return { ...plan, show: lineOf }
  const maker = new LineMaker(needsOf(log))
  const run = compileEntry(log, clock.nowMs)
  const matches = compileSelector(log.matchers)
  return {
    ...plan,
    show(line) {
      const source = maker.line(line.record)
      if (!matches(source.stream)) return undefined
      const entry = run(source)
      if (entry === undefined) return undefined
      const shown = lineOf(line)
      if (!changes) return shown
      return { ...shown, body: entry.line, attributes: { ...shown.attributes, ...objectOf(entry.origins.parsed) } }
    },
  }
}

function objectOf({ flat }: Labels): Record<string, string> {
  const object: Record<string, string> = {}
  for (let i = 0; i < flat.length; i += 2) object[flat[i] as string] = flat[i + 1] as string
  return object
}
