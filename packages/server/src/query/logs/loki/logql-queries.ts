// LogQL over stored records: log queries give entries, metric queries numbers. For Loki's API and for rules.
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import type { Expr, LogExpr, MetricExpr } from '@tidewatch/logquery/logql/ast.ts'
import { evaluateLogs, type LogEntry } from '@tidewatch/logquery/logql/evaluate-logs.ts'
import { evaluateMetrics, type MetricResult } from '@tidewatch/logquery/logql/evaluate-metrics.ts'
import { parse } from '@tidewatch/logquery/logql/parse.ts'
import type { Direction, LineSource } from '@tidewatch/logquery/logql/source.ts'
import type { LogReader } from '../../../store/port.ts'
import { createLineSource, type QueryStats } from './line-source.ts'
import { spelledLevels } from './matchers.ts'
import { needsOf } from './mentioned.ts'
import { Turns } from './turns.ts'

interface Asked {
  readonly projects: readonly ProjectId[]
  readonly signal: AbortSignal
}

export interface EntriesRequest extends Asked {
  /** ns since 1970: fromNs <= time < toNs. */
  readonly fromNs: bigint
  readonly toNs: bigint
  readonly direction: Direction
  readonly limit: number
  /** ns that lie between two entries at least; 0: all are wanted. */
  readonly intervalNs: bigint
}

export interface NumbersRequest extends Asked {
  /** ms since 1970, both inclusive. */
  readonly startMs: number
  readonly endMs: number
  readonly stepMs: number
}

/** What was found, and what it took. */
export interface Found<T> {
  readonly value: T
  readonly stats: QueryStats & { readonly tookMs: number }
}

export interface LogqlQueries {
  /** Throws `query.parse` with the place, `query.limit`. */
  parse(text: string): Expr
  entries(log: LogExpr, request: EntriesRequest): Promise<Found<readonly LogEntry[]>>
  numbers(expr: MetricExpr, request: NumbersRequest): Promise<Found<MetricResult>>
}

/** Characters of all lines of an answer together. */
const maxAnswerLength = 64 << 20

export function createLogqlQueries({
  reader,
  clock,
}: {
  readonly reader: LogReader
  readonly clock: Clock
}): LogqlQueries {
  const open = (expr: Expr, projects: readonly ProjectId[], limit?: number) => {
    const stats: QueryStats = { lines: 0, bytes: 0, evaluated: 0 }
    const beganMs = clock.monotonicMs()
    const source = createLineSource({ reader, projects, needs: needsOf(expr), limit, clock, stats })
    const found = <T>(value: T): Found<T> => ({ value, stats: { ...stats, tookMs: clock.monotonicMs() - beganMs } })
    return { source, found }
  }
  const turns = new Turns()
  return {
    parse: (text) => withLevels(parse(text)),
    entries(log, request) {
      const { projects, intervalNs, limit, signal } = request
      const { source, found } = open(log, projects, intervalNs > 0n ? undefined : limit)
      return turns.run(async () => found(await collect(log, source, request, clock)), signal)
    },
    numbers(expr, { projects, startMs, endMs, stepMs, signal }) {
      const { source, found } = open(expr, projects)
      const options = { startMs, endMs, stepMs, nowMs: clock.nowMs, signal }
      return turns.run(async () => found(await evaluateMetrics(expr, source, options)), signal)
    },
  }
}

async function collect(
  log: LogExpr,
  source: LineSource,
  { fromNs, toNs, direction, limit, intervalNs, signal }: EntriesRequest,
  { nowMs }: Clock,
): Promise<readonly LogEntry[]> {
  const entries: LogEntry[] = []
  let length = 0
  let last: bigint | undefined
  const most = intervalNs > 0n ? Number.MAX_SAFE_INTEGER : limit
  for await (const batch of evaluateLogs(log, source, { fromNs, toNs, direction, limit: most, nowMs, signal })) {
    for (const entry of batch) {
      if (intervalNs > 0n && last !== undefined && distance(entry.timeNs, last) < intervalNs) continue
      last = entry.timeNs
      length += entry.line.length
      if (length > maxAnswerLength) throw tooLong()
      entries.push(entry)
      if (entries.length === limit) return entries
    }
  }
  return entries
}

const distance = (a: bigint, b: bigint): bigint => (a < b ? b - a : a - b)

const tooLong = (): AppError =>
  new AppError('query.limit', `the lines of the answer have more than ${maxAnswerLength} characters`, {
    fix: 'Ask for fewer lines, or shorten them with line_format.',
  })

function withLevels<T extends Expr>(expr: T): T
function withLevels(expr: Expr): Expr {
  switch (expr.kind) {
    case 'log':
      return { ...expr, matchers: spelledLevels(expr.matchers) }
    case 'range_aggregation':
      return { ...expr, log: withLevels(expr.log) }
    case 'vector_aggregation':
    case 'label_replace':
      return { ...expr, expr: withLevels(expr.expr) }
    case 'binary':
      return { ...expr, left: withLevels(expr.left), right: withLevels(expr.right) }
    case 'literal':
    case 'vector':
      return expr
    default:
      return expr satisfies never
  }
}
