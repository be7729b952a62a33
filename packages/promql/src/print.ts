// Expressions as text: `print` on one line as Prometheus's String(), `format` over several as its prettifier (/api/v1/format_query).
import { compareUtf8, metricNameLabel } from '@tidewatch/core/labels.ts'
import { formatDurationMs } from '@tidewatch/core/time.ts'
import type { AtModifier, BinaryExpr, DurationExpr, Expr, LabelMatcher, SubqueryExpr, VectorSelector } from './ast.ts'
import { secondsToWholeMs } from './parse-number.ts'
import { goQuote } from './quote.ts'

/** The canonical text; parsing it gives the same expression. */
export function print(expr: Expr): string {
  return printWith(expr, print)
}

/** A node's text, given that of its children. */
function printWith(expr: Expr, child: (expr: Expr) => string): string {
  switch (expr.kind) {
    case 'number':
      return expr.isDuration ? formatDurationMs(secondsToWholeMs(expr.value)) : printNumber(expr.value)
    case 'string':
      return goQuote(expr.value)
    case 'paren':
      return `(${child(expr.expr)})`
    case 'step_invariant':
      return child(expr.expr)
    case 'unary':
      return `${expr.op}${child(expr.expr)}`
    case 'binary':
      return `${child(expr.left)} ${printOperator(expr)} ${child(expr.right)}`
    case 'aggregate': {
      const param = expr.param === undefined ? '' : `${child(expr.param)}, `
      return `${printAggregateHead(expr)}(${param}${child(expr.expr)})`
    }
    case 'call':
      return `${expr.func}(${expr.args.map(child).join(', ')})`
    case 'vector_selector':
      return printSelector(expr)
    case 'matrix_selector': {
      const { selector, range } = expr
      const name = printSelectorBody(selector)
      return `${name}[${printDuration(range)}]${printExtended(selector)}${printAt(selector.at)}${printOffset(selector.offset)}`
    }
    case 'subquery':
      return `${child(expr.expr)}${printSubqueryTail(expr)}`
  }
}

const legacyLabelName = /^[a-zA-Z_][a-zA-Z0-9_]*$/
const printLabelName = (name: string): string => (legacyLabelName.test(name) ? name : goQuote(name))
const printLabelNames = (names: readonly string[]): string => names.map(printLabelName).join(', ')

function printAggregateHead({ op, without, grouping }: Extract<Expr, { kind: 'aggregate' }>): string {
  if (without) return `${op} without (${printLabelNames(grouping)}) `
  return grouping.length === 0 ? op : `${op} by (${printLabelNames(grouping)}) `
}

/** The operator with all its modifiers. */
function printOperator({ op, returnBool, matching }: BinaryExpr): string {
  let text = returnBool ? `${op} bool` : op
  if (matching === undefined) return text
  const { card, labels, on, include, fillLeft, fillRight } = matching
  const isGrouped = card === 'many-to-one' || card === 'one-to-many'
  if (labels.length > 0 || on || isGrouped) text += ` ${on ? 'on' : 'ignoring'} (${printLabelNames(labels)})`
  if (isGrouped) text += ` group_${card === 'many-to-one' ? 'left' : 'right'} (${printLabelNames(include)})`
  if (fillLeft !== undefined && Object.is(fillLeft, fillRight)) return `${text} fill (${printNumber(fillLeft)})`
  if (fillLeft !== undefined) text += ` fill_left (${printNumber(fillLeft)})`
  if (fillRight !== undefined) text += ` fill_right (${printNumber(fillRight)})`
  return text
}

/** A number without an exponent, with as few digits as tell it apart: Go's FormatFloat(v, 'f', -1, 64). */
export function printNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  if (Object.is(value, -0)) return '-0'
  const text = String(value)
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(text) ?? []
  if (whole === '') return text
  const digits = whole + fraction
  const point = whole.length + Number(exponent)
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  return sign + digits.padEnd(point, '0')
}

function printMatcher({ name, op, value }: LabelMatcher): string {
  return `${printLabelName(name)}${op}${goQuote(value)}`
}

function printSelectorBody({ name, matchers }: VectorSelector): string {
  const isName = (matcher: LabelMatcher): boolean =>
    matcher.name === metricNameLabel && matcher.op === '=' && matcher.value === name && name !== ''
  const rest = matchers.filter((matcher) => !isName(matcher)).map(printMatcher)
  return rest.length === 0 ? name || '{}' : `${name}{${rest.sort(compareUtf8).join(',')}}`
}

function printSelector(selector: VectorSelector): string {
  const body = printSelectorBody(selector)
  return `${body}${printAt(selector.at)}${printExtended(selector)}${printOffset(selector.offset)}`
}

const printExtended = ({ anchored, smoothed }: VectorSelector): string =>
  anchored ? ' anchored' : smoothed ? ' smoothed' : ''

function printAt(at: AtModifier | undefined): string {
  if (at === undefined) return ''
  return at.kind === 'time' ? ` @ ${(at.ms / 1000).toFixed(3)}` : ` @ ${at.kind}()`
}

const printOffset = (offset: DurationExpr | undefined): string =>
  offset === undefined ? '' : ` offset ${printDuration(offset)}`

function printSubqueryTail({ range, step, at, offset }: SubqueryExpr): string {
  const stepText = step === undefined ? '' : printDuration(step)
  return `[${printDuration(range)}:${stepText}]${printAt(at)}${printOffset(offset)}`
}

function printDuration(duration: DurationExpr): string {
  switch (duration.kind) {
    case 'ms':
      return formatDurationMs(duration.ms)
    case 'literal':
      return duration.isDuration ? formatDurationMs(secondsToWholeMs(duration.seconds)) : printNumber(duration.seconds)
    case 'paren':
      return `(${printDuration(duration.expr)})`
    case 'unary':
      return `${duration.op}${printDuration(duration.expr)}`
    case 'binary':
      return `${printDuration(duration.left)} ${duration.op} ${printDuration(duration.right)}`
    case 'call': {
      const name = duration.func === 'min' || duration.func === 'max' ? `${duration.func}_of` : duration.func
      return `${name}(${duration.args.map(printDuration).join(', ')})`
    }
  }
}

/** Bytes of a line from which an expression is spread over several. */
const lineBytes = 100
const utf8 = new TextEncoder()

/** The text for people to read: what is longer than a line is split at its operators, arguments and parentheses. */
export function format(expr: Expr): string {
  return new Formatter().format(expr, 0)
}

const indent = (level: number): string => '  '.repeat(level)

class Formatter {
  /** Each node's text on one line, which is asked for at every level. */
  readonly #texts = new Map<Expr, string>()

  #text(expr: Expr): string {
    let text = this.#texts.get(expr)
    if (text === undefined) {
      text = printWith(expr, (child) => this.#text(child))
      this.#texts.set(expr, text)
    }
    return text
  }

  format(expr: Expr, level: number): string {
    const text = this.#text(expr)
    const isShort = text.length <= lineBytes && utf8.encode(text).length <= lineBytes
    if (expr.kind === 'step_invariant') return this.format(expr.expr, level)
    // Prometheus does not indent a short subquery
    if (isShort) return expr.kind === 'subquery' ? text : indent(level) + text
    switch (expr.kind) {
      case 'binary': {
        const left = this.format(expr.left, level + 1)
        return `${left}\n${indent(level)}${printOperator(expr)}\n${this.format(expr.right, level + 1)}`
      }
      case 'aggregate':
        return this.#enclosed(
          printAggregateHead(expr),
          expr.param === undefined ? [expr.expr] : [expr.param, expr.expr],
          level,
        )
      case 'call':
        return this.#enclosed(expr.func, expr.args, level)
      case 'paren':
        return this.#enclosed('', [expr.expr], level)
      case 'unary':
        return `${indent(level)}${expr.op}${this.format(expr.expr, level).trim()}`
      case 'subquery':
        return `${this.format(expr.expr, level)}${printSubqueryTail(expr)}`
      default:
        return indent(level) + text
    }
  }

  #enclosed(head: string, parts: readonly Expr[], level: number): string {
    const lines = parts.map((part) => this.format(part, level + 1)).join(',\n')
    return `${indent(level)}${head}(\n${lines}\n${indent(level)})`
  }
}
