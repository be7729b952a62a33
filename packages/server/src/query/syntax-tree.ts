// The syntax tree of a query as `/api/v1/parse_query` gives it: Prometheus's web/api/v1/translate_ast.go has the shape.
import { AppError } from '@tidewatch/core/error.ts'
import type {
  AtModifier,
  BinaryExpr,
  DurationExpr,
  Expr,
  LabelMatcher,
  SubqueryExpr,
  VectorSelector,
} from '@tidewatch/promql/ast.ts'
import { signatures } from '@tidewatch/promql/signatures.ts'

/** Plain data for JSON. */
export function syntaxTree(expr: Expr): object {
  switch (expr.kind) {
    case 'number':
      return { type: 'numberLiteral', val: plainNumber(expr.value) }
    case 'string':
      return { type: 'stringLiteral', val: expr.value }
    case 'paren':
      return { type: 'parenExpr', expr: syntaxTree(expr.expr) }
    case 'unary':
      return { type: 'unaryExpr', op: expr.op, expr: syntaxTree(expr.expr) }
    case 'binary':
      return binary(expr)
    case 'aggregate': {
      const { op, grouping, without, param } = expr
      const parts = { expr: syntaxTree(expr.expr), param: param === undefined ? null : syntaxTree(param) }
      return { type: 'aggregation', op, ...parts, grouping, without }
    }
    case 'call': {
      const { args, variadic, returns } = signatureOf(expr.func)
      const func = { name: expr.func, argTypes: args, variadic, returnType: returns }
      return { type: 'call', func, args: expr.args.map(syntaxTree) }
    }
    case 'vector_selector':
      return { type: 'vectorSelector', ...selector(expr) }
    case 'matrix_selector':
      return { type: 'matrixSelector', ...selector(expr.selector), range: ms(expr.range) }
    case 'subquery':
      return subquery(expr)
    case 'step_invariant':
      return syntaxTree(expr.expr)
  }
}

function binary({ op, left, right, matching, returnBool }: BinaryExpr): object {
  const sides = { lhs: syntaxTree(left), rhs: syntaxTree(right) }
  const own =
    matching === undefined
      ? null
      : { card: matching.card, labels: matching.labels, on: matching.on, include: matching.include }
  return { type: 'binaryExpr', op, ...sides, matching: own, bool: returnBool }
}

function selector({ name, matchers, offset, at, anchored, smoothed }: VectorSelector): object {
  const own = { name, matchers: matchers.map(matcher), anchored, smoothed }
  return { ...own, offset: ms(offset), ...time(at) }
}

const matcher = ({ name, op, value }: LabelMatcher): object => ({ name, value, type: op })

function subquery({ expr, range, step, offset, at }: SubqueryExpr): object {
  return { type: 'subquery', expr: syntaxTree(expr), range: ms(range), offset: ms(offset), step: ms(step), ...time(at) }
}

function time(at: AtModifier | undefined): object {
  return {
    timestamp: at?.kind === 'time' ? at.ms : null,
    startOrEnd: at === undefined || at.kind === 'time' ? null : at.kind,
  }
}

/** 0 where there is none, or where it is an expression whose value only an evaluation knows. */
const ms = (duration: DurationExpr | undefined): number => (duration?.kind === 'ms' ? duration.ms : 0)

function signatureOf(name: string): (typeof signatures)[string] {
  const signature = signatures[name]
  if (signature === undefined) throw new AppError('internal.bug', `the parser let the unknown function ${name} pass`)
  return signature
}

/** Without an exponent, as Go's `strconv.FormatFloat(value, 'f', -1, 64)`. */
function plainNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  const text = Object.is(value, -0) ? '-0' : String(value)
  const found = /^(-?)(\d)(?:\.(\d+))?e([-+]\d+)$/.exec(text)
  if (found === null) return text
  const [, sign = '', first = '', rest = '', power = '0'] = found
  const digits = first + rest
  const exponent = Number(power)
  return exponent < 0 ? `${sign}0.${'0'.repeat(-exponent - 1)}${digits}` : sign + digits.padEnd(exponent + 1, '0')
}
