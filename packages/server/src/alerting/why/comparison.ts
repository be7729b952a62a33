// What an expression compares with what: the value and the threshold of which people speak when they ask why a rule did not fire.
import type { Labels } from '@tidewatch/core/labels.ts'
import { metricNameLabel } from '@tidewatch/core/labels.ts'
import { isLogRule } from '@tidewatch/logquery/rule-expression.ts'
import { conditionOfRule } from '@tidewatch/logquery/rule-lines.ts'
import type { BinaryExpr, Expr } from '@tidewatch/promql/ast.ts'
import { parse } from '@tidewatch/promql/parse.ts'
import { print } from '@tidewatch/promql/print.ts'

export interface Comparison {
  /** The side that is looked at: `value operator threshold`. */
  readonly value: string
  readonly operator: string
  readonly threshold: string
  /** Where the comparison is only a part of the condition: the other parts, which must hold (or must not) too. */
  readonly beside: readonly string[]
  /** Which sample of the threshold belongs to one of the value: equal where the texts are equal. */
  readonly keyOf: (labels: Labels) => string
}

const mirrored: Readonly<Record<string, string>> = {
  '==': '==',
  '!=': '!=',
  '<': '>',
  '>': '<',
  '<=': '>=',
  '>=': '<=',
}

/** The outermost comparison; of conditions that are joined by `and` or `unless` the first. Undefined where there is none. */
export function comparisonOf(query: string): Comparison | undefined {
  return isLogRule(query) ? logComparison(query) : find(parse(query), [])
}

/** Of a rule on logs; its threshold is a number, which PromQL answers as well. */
function logComparison(query: string): Comparison | undefined {
  const condition = conditionOfRule(query)
  if (condition === undefined) return undefined
  const { value, operator, threshold } = condition
  return { value, operator, threshold: String(threshold), beside: [], keyOf: (labels) => labels.key() }
}

function find(expr: Expr, beside: readonly string[]): Comparison | undefined {
  if (expr.kind === 'paren' || expr.kind === 'step_invariant') return find(expr.expr, beside)
  if (expr.kind !== 'binary') return undefined
  if (expr.op === 'and' || expr.op === 'unless') return find(expr.left, [`${expr.op} ${print(expr.right)}`, ...beside])
  const flipped = mirrored[expr.op]
  if (flipped === undefined || expr.returnBool) return undefined
  const isTurned = isNumber(expr.left) && !isNumber(expr.right)
  const [value, threshold] = isTurned ? [expr.right, expr.left] : [expr.left, expr.right]
  const operator = isTurned ? flipped : expr.op
  return { value: bare(value), operator, threshold: bare(threshold), beside, keyOf: keyOf(expr) }
}

function isNumber(expr: Expr): boolean {
  if (expr.kind === 'paren' || expr.kind === 'unary') return isNumber(expr.expr)
  return expr.kind === 'number' || (expr.kind === 'call' && expr.func === 'scalar')
}

/** Without the parentheses around the whole. */
function bare(expr: Expr): string {
  return expr.kind === 'paren' ? bare(expr.expr) : print(expr)
}

function keyOf({ matching }: BinaryExpr): (labels: Labels) => string {
  const named = new Set(matching?.labels ?? [])
  if (matching?.on === true) return (labels) => labels.only(named).key()
  const left = new Set([...named, metricNameLabel])
  return (labels) => labels.without(left).key()
}

/** Whether the comparison holds for two numbers, as PromQL says. */
export function holds(value: number, operator: string, threshold: number): boolean {
  switch (operator) {
    case '==':
      return value === threshold
    case '!=':
      return value !== threshold
    case '<':
      return value < threshold
    case '>':
      return value > threshold
    case '<=':
      return value <= threshold
    case '>=':
      return value >= threshold
    default:
      return false
  }
}
