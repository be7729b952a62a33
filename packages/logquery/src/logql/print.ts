// LogQL's tree → text: on one line, or laid out as Loki's own formatter does it, a stage or an argument a line where one line would be too long.
import type {
  BinaryExpr,
  BinaryOp,
  Expr,
  Grouping,
  LogExpr,
  MetricExpr,
  RangeAggregation,
  Unwrap,
  VectorAggregation,
} from './ast.ts'
import { precedenceOf } from './operators.ts'
import { printDuration, printLabelFilter, printMatcher, printNumber, printStage, quoted } from './print-stage.ts'

/** Longer ones are laid out over lines, as Loki does it. */
const maxLine = 100

/** On one line; parsed it is the same query. */
export function printLogql(expr: Expr): string {
  return expr.kind === 'log' ? logText(expr) : metricText(expr)
}

/** Laid out for people; parsed it is the same query. */
export function prettyLogql(expr: Expr): string {
  return layOut(expr, 0)
}

const indent = (level: number): string => '  '.repeat(level)

function logText({ matchers, stages }: LogExpr): string {
  return [`{${matchers.map(printMatcher).join(', ')}}`, ...stages.map(printStage)].join(' ')
}

function metricText(expr: MetricExpr): string {
  switch (expr.kind) {
    case 'literal':
      return printNumber(expr.value)
    case 'vector':
      return `vector(${printNumber(expr.value)})`
    case 'range_aggregation':
      return `${call(expr.op, [...paramOf(expr), rangeText(expr)])}${groupingText(expr.grouping)}`
    case 'vector_aggregation':
      return call(headOf(expr), [...paramOf(expr), metricText(expr.expr)])
    case 'label_replace':
      return call('label_replace', [metricText(expr.expr), ...replaceTexts(expr)])
    case 'binary': {
      const [left, right] = sidesOf(expr, metricText)
      return `${left} ${operatorText(expr)} ${right}`
    }
    default:
      return expr satisfies never
  }
}

const call = (head: string, texts: readonly string[]): string => `${head}(${texts.join(', ')})`

function layOut(expr: Expr, level: number): string {
  const line = printLogql(expr)
  if (line.length <= maxLine) return indent(level) + line
  switch (expr.kind) {
    case 'log':
      return layOutLog(expr, level)
    case 'range_aggregation':
      return `${layOutCall(expr.op, [...paramOf(expr), layOutRange(expr, level + 1)], level)}${groupingText(expr.grouping)}`
    case 'vector_aggregation':
      return layOutCall(headOf(expr), [...paramOf(expr), layOut(expr.expr, level + 1)], level)
    case 'label_replace':
      return layOutCall('label_replace', [layOut(expr.expr, level + 1), ...replaceTexts(expr)], level)
    case 'binary': {
      const [left, right] = sidesOf(expr, (side) => layOut(side, level + 1))
      return `${left}\n${indent(level)}${operatorText(expr)}\n${right}`
    }
    default:
      return indent(level) + line
  }
}

/** Arguments on lines of their own; those that are not indented yet are short ones. */
function layOutCall(head: string, texts: readonly string[], level: number): string {
  const lines = texts.map((text) => (text.startsWith(indent(level + 1)) ? text : indent(level + 1) + text))
  return `${indent(level)}${head}(\n${lines.join(',\n')}\n${indent(level)})`
}

function layOutLog({ matchers, stages }: LogExpr, level: number): string {
  const selector = `${indent(level)}{${matchers.map(printMatcher).join(', ')}}`
  return [selector, ...stages.map((stage) => indent(level + 1) + printStage(stage))].join('\n')
}

function rangeText({ log, unwrap, rangeMs, offsetMs }: RangeAggregation): string {
  const unwrapped = unwrap === undefined ? '' : ` ${unwrapTexts(unwrap).join(' ')}`
  return `${logText(log)}${unwrapped} ${windowText(rangeMs, offsetMs)}`
}

function layOutRange(expr: RangeAggregation, level: number): string {
  const { log, unwrap, rangeMs, offsetMs } = expr
  const unwrapped = unwrap === undefined ? [] : unwrapTexts(unwrap).map((text) => indent(level + 1) + text)
  const body =
    unwrap === undefined && logText(log).length <= maxLine ? indent(level) + logText(log) : layOutLog(log, level)
  return `${[body, ...unwrapped].join('\n')} ${windowText(rangeMs, offsetMs)}`
}

const windowText = (rangeMs: number, offsetMs: number): string =>
  `[${printDuration(rangeMs * 1e6)}]${offsetMs === 0 ? '' : ` offset ${printDuration(offsetMs * 1e6)}`}`

function unwrapTexts({ name, conversion, filters }: Unwrap): readonly string[] {
  const what = conversion === 'number' ? name : `${conversion}(${name})`
  return [`| unwrap ${what}`, ...filters.map((filter) => `| ${printLabelFilter(filter)}`)]
}

const paramOf = ({ param }: RangeAggregation | VectorAggregation): readonly string[] =>
  param === undefined ? [] : [printNumber(param)]

const headOf = ({ op, grouping }: VectorAggregation): string =>
  grouping === undefined ? op : `${op}${groupingText(grouping)} `

const groupingText = (grouping: Grouping | undefined): string =>
  grouping === undefined ? '' : ` ${grouping.without ? 'without' : 'by'} (${grouping.labels.join(', ')})`

const replaceTexts = ({ target, replacement, source, pattern }: MetricExpr & { kind: 'label_replace' }): string[] =>
  [target, replacement, source, pattern].map(quoted)

/** The sides, in parentheses where they would be read otherwise without. */
function sidesOf({ op, left, right }: BinaryExpr, print: (expr: MetricExpr) => string): readonly [string, string] {
  const own = precedenceOf(op)
  // powers bind to the right, all others to the left
  const isBound = (side: BinaryOp, isRight: boolean): boolean =>
    precedenceOf(side) > own || (precedenceOf(side) === own && isRight === (op === '^'))
  const side = (expr: MetricExpr, isRight: boolean): string => {
    const text = print(expr)
    if (expr.kind !== 'binary' || isBound(expr.op, isRight)) return text
    const { length } = text.match(/^ */)?.[0] ?? ''
    return `${text.slice(0, length)}(${text.slice(length)})`
  }
  return [side(left, false), side(right, true)]
}

function operatorText({ op, isBool, matching }: BinaryExpr): string {
  const words: string[] = [op]
  if (isBool) words.push('bool')
  if (matching !== undefined) {
    words.push(matching.on ? 'on' : 'ignoring', `(${matching.labels.join(', ')})`)
    if (matching.group !== undefined) words.push(`group_${matching.group}`)
    if (matching.include.length > 0) words.push(`(${matching.include.join(', ')})`)
  }
  return words.join(' ')
}
