// What a rule asks of logs, as one text that stands where a rule's PromQL stands: `logql(…)` around a metric query, or `lucene("level:error"[5m])`,
// lines counted over a window. Neither can be PromQL, which has no such functions.
import { AppError } from '@tidewatch/core/error.ts'
import { formatDurationMs, parseDurationMs } from '@tidewatch/core/time.ts'
import { recordFields } from './fields.ts'
import { kqlTree } from './kql/build.ts'
import type { MetricExpr } from './logql/ast.ts'
import { check } from './logql/check.ts'
import { parse } from './logql/parse.ts'
import { luceneTree } from './lucene/build.ts'

export type LogComparison = '>' | '<' | '>=' | '<=' | '==' | '!='

export type LogRuleExpression = { readonly kind: 'logql'; readonly expr: MetricExpr } | LogCount

/** Lines that a query of the search bar finds, counted over a window. */
export interface LogCount {
  readonly kind: 'count'
  readonly language: 'lucene' | 'kql'
  readonly query: string
  readonly windowMs: number
  /** Fields whose values are counted apart. */
  readonly by: readonly string[]
  /** What of the counts is given; all where it is left out. */
  readonly limit: { readonly op: LogComparison; readonly value: number } | undefined
}

const call = /^\s*(?:logql|lucene|kql)\s*\(/
const logqlCall = /^\s*logql\s*\(([\s\S]*)\)\s*$/
const countCall =
  /^\s*(lucene|kql)\s*\(\s*("(?:[^"\\]|\\.)*"|`[^`]*`)\s*\[\s*(\w+)\s*\]\s*\)\s*(?:by\s*\(([^()]*)\)\s*)?(?:(>=|<=|==|!=|>|<)\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)\s*)?$/i
const form = 'lucene("level:error AND service:api"[5m]) by (service) > 10'

/** Whether a rule's expression asks logs. */
export const isLogRule = (text: string): boolean => call.test(text)

/** The LogQL of a rule's expression; undefined where it is of another language. */
export const logqlOfRule = (text: string): string | undefined => logqlCall.exec(text)?.[1]

/** Throws `query.parse` for what is none. */
export function parseLogRule(text: string): LogRuleExpression {
  const logql = logqlCall.exec(text)
  if (logql !== null) return { kind: 'logql', expr: metricOf(logql[1] as string) }
  const match = countCall.exec(text)
  if (match === null) throw new AppError('query.parse', 'this counts no lines of logs', { fix: `Write it so: ${form}` })
  const [, language, quoted = '', window = '', by = '', op, value] = match
  const windowMs = parseDurationMs(window)
  if (windowMs === undefined || windowMs <= 0)
    throw new AppError('query.parse', `${window} is no window`, { fix: 'Write a duration above 0, such as 5m' })
  const count: LogCount = {
    kind: 'count',
    language: language?.toLowerCase() === 'kql' ? 'kql' : 'lucene',
    query: unquote(quoted),
    windowMs,
    by: by
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
    limit: op === undefined ? undefined : { op: op as LogComparison, value: Number(value) },
  }
  checkQuery(count)
  return count
}

export function printLogCount({ language, query, windowMs, by, limit }: Omit<LogCount, 'kind'>): string {
  const groups = by.length === 0 ? '' : ` by (${by.join(', ')})`
  const compared = limit === undefined ? '' : ` ${limit.op} ${limit.value}`
  return `${language}(${JSON.stringify(query)}[${formatDurationMs(windowMs)}])${groups}${compared}`
}

/** LogQL that gives numbers, as a rule's expression; undefined for a text that is no such query. */
export function asLogqlRule(text: string): string | undefined {
  try {
    return isLogRule(text) || metricOf(text).kind === 'literal' ? undefined : `logql(${text.trim()})`
  } catch (error) {
    if (error instanceof AppError) return undefined
    throw error
  }
}

/** What stands within `logql(…)`. */
export const unwrapLogql = (text: string): string => logqlCall.exec(text)?.[1] ?? text

function metricOf(text: string): MetricExpr {
  const expr = parse(text)
  if (expr.kind === 'log')
    throw new AppError('query.parse', 'a rule needs numbers, and this query gives lines', {
      fix: `Count them: count_over_time(${text.trim()} [5m])`,
    })
  check(expr)
  return expr
}

function unquote(quoted: string): string {
  if (quoted.startsWith('`')) return quoted.slice(1, -1)
  try {
    return String(JSON.parse(quoted))
  } catch {
    throw new AppError('query.parse', `${quoted} is no text between quotes`, { fix: 'Put it between ` and `' })
  }
}

function checkQuery({ language, query }: LogCount): void {
  if (query.trim() === '') return
  const options = { nowMs: 0, timeZone: 'UTC', fields: recordFields }
  if (language === 'kql') kqlTree(query, options)
  else luceneTree(query, options)
}
