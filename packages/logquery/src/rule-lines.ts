// The lines that a rule on logs is about, as a query of the search bar: where a person goes from its alert.
import type { Grouping, LogExpr, MetricExpr, RangeAggregation } from './logql/ast.ts'
import { labelName } from './logql/line-labels.ts'
import { parse } from './logql/parse.ts'
import { type LogComparison, type LogCount, parseLogRule, printLogCount, unwrapLogql } from './rule-expression.ts'

export interface RuleLines {
  readonly language: 'lucene' | 'kql' | 'logql'
  readonly query: string
  /** How far an evaluation looks back. */
  readonly windowMs: number
}

/** Lines behind an alert of these labels; where the rule counts by labels, those of the alert's alone. Throws `query.parse` for what is no rule on logs. */
export function linesOfRule(text: string, labels: Readonly<Record<string, string>> = {}): RuleLines {
  const rule = parseLogRule(text)
  if (rule.kind === 'count') return linesOfCount(rule, labels)
  const source = unwrapLogql(text)
  const found = firstRange(parse(source))
  if (found === undefined) return { language: 'logql', query: '{service_name=~".+"}', windowMs: 0 }
  const { aggregation, names } = found
  const filters = [...names].flatMap((name) => {
    const value = labels[name]
    return value === undefined || value === '' ? [] : [`| ${name}=${JSON.stringify(value)}`]
  })
  return {
    language: 'logql',
    query: [selectorText(source, aggregation.log), ...filters].join(' '),
    windowMs: aggregation.rangeMs,
  }
}

function linesOfCount(
  { language, query, windowMs, by }: LogCount,
  labels: Readonly<Record<string, string>>,
): RuleLines {
  const of = by.flatMap((field) => {
    const value = labels[labelName(field)]
    return value === undefined || value === '' ? [] : [`${field}:${JSON.stringify(value)}`]
  })
  const whole = query.trim()
  const parts = of.length === 0 || whole === '' ? [whole, ...of] : [`(${whole})`, ...of]
  const and = language === 'kql' ? ' and ' : ' AND '
  return { language, query: parts.filter((part) => part !== '').join(and), windowMs }
}

interface FirstRange {
  readonly aggregation: RangeAggregation
  /** Labels by which it is grouped. */
  readonly names: readonly string[]
}

/** What stands first in the text: of two that are compared the one that people call the value. */
function firstRange(expr: ReturnType<typeof parse>, names: readonly string[] = []): FirstRange | undefined {
  switch (expr.kind) {
    case 'range_aggregation':
      return { aggregation: expr, names: [...names, ...namesOf(expr.grouping)] }
    case 'vector_aggregation':
      return firstRange(expr.expr, [...names, ...namesOf(expr.grouping)])
    case 'label_replace':
      return firstRange(expr.expr, names)
    case 'binary':
      return firstRange(expr.left, names) ?? firstRange(expr.right, names)
    default:
      return undefined
  }
}

const namesOf = (grouping: Grouping | undefined): readonly string[] =>
  grouping === undefined || grouping.without ? [] : grouping.labels

/** The selector and its stages; what unwraps and the range belong to the numbers. */
function selectorText(source: string, { matchers, stages }: LogExpr): string {
  const cut = ({ span }: { readonly span: { readonly start: number; readonly end: number } }): string =>
    source.slice(span.start, span.end).trim()
  const pipeline = stages.map((stage) => (/^[|!]/.test(cut(stage)) ? cut(stage) : `| ${cut(stage)}`))
  return [`{${matchers.map(cut).join(', ')}}`, ...pipeline].join(' ')
}

/** A condition taken apart: `value operator threshold`. */
export interface LogCondition {
  /** A rule's expression of its own: the numbers without the comparison. */
  readonly value: string
  readonly operator: LogComparison
  readonly threshold: number
}

/** The comparison with a number that a rule on logs ends with; undefined where there is none. Throws `query.parse`. */
export function conditionOfRule(text: string): LogCondition | undefined {
  const rule = parseLogRule(text)
  if (rule.kind === 'count') {
    const { limit } = rule
    if (limit === undefined) return undefined
    return { value: printLogCount({ ...rule, limit: undefined }), operator: limit.op, threshold: limit.value }
  }
  return logqlCondition(rule.expr, unwrapLogql(text))
}

function logqlCondition(expr: MetricExpr, source: string): LogCondition | undefined {
  if (expr.kind !== 'binary' || expr.isBool) return undefined
  const { left, right, op } = expr
  if (right.kind !== 'literal' || left.kind === 'literal' || !isComparison(op)) return undefined
  const value = `logql(${source.slice(left.span.start, left.span.end).trim()})`
  return { value, operator: op, threshold: right.value }
}

const comparisons: readonly string[] = ['>', '<', '>=', '<=', '==', '!='] satisfies readonly LogComparison[]
const isComparison = (op: string): op is LogComparison => comparisons.includes(op)
