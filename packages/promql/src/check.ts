// Whether the types of an expression fit together: Prometheus's rules (promql/parser/parse.go, checkAST) in its words.
import { metricNameLabel } from '@tidewatch/core/labels.ts'
import { compileLabelRegex } from '@tidewatch/core/regexp.ts'
import type {
  AggregateExpr,
  BinaryExpr,
  BinaryOp,
  CallExpr,
  Expr,
  LabelMatcher,
  Span,
  ValueType,
  VectorSelector,
} from './ast.ts'
import { parseError } from './parse-error.ts'
import { goQuote } from './quote.ts'
import { type FunctionSignature, signatures } from './signatures.ts'

/** The type an expression evaluates to. Throws `query.parse` where types do not fit; `text` is the query that the positions mean. */
export function check(expr: Expr, text: string): ValueType {
  return checkTree(expr, text).get(expr) ?? 'vector'
}

/** The types of an expression and of all below it. */
export function checkTree(expr: Expr, text: string): ReadonlyMap<Expr, ValueType> {
  const checker = new Checker(text)
  checker.check(expr)
  return checker.types
}

/** How Prometheus's messages and documents call a type. */
export function documentedType(type: ValueType): string {
  return type === 'vector' ? 'instant vector' : type === 'matrix' ? 'range vector' : type
}

const comparisons: ReadonlySet<BinaryOp> = new Set<BinaryOp>(['==', '!=', '<', '>', '<=', '>='])
const setOperators: ReadonlySet<BinaryOp> = new Set<BinaryOp>(['and', 'or', 'unless'])

class Checker {
  readonly types = new Map<Expr, ValueType>()
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  check(expr: Expr): ValueType {
    const type = this.#typeOf(expr)
    this.types.set(expr, type)
    return type
  }

  #fail(span: Span, message: string): never {
    throw parseError(this.#text, span, message)
  }

  #typeOf(expr: Expr): ValueType {
    switch (expr.kind) {
      case 'number':
        return 'scalar'
      case 'string':
        return 'string'
      case 'paren':
      case 'step_invariant':
        return this.check(expr.expr)
      case 'unary':
        return this.#unary(expr.expr, expr.span)
      case 'binary':
        return this.#binary(expr)
      case 'aggregate':
        return this.#aggregate(expr)
      case 'call':
        return this.#call(expr)
      case 'vector_selector':
        this.#selector(expr, false)
        return 'vector'
      case 'matrix_selector':
        this.check(expr.selector)
        return 'matrix'
      case 'subquery': {
        const type = this.check(expr.expr)
        if (type !== 'vector') this.#fail(expr.span, `subquery is only allowed on instant vector, got ${type} instead`)
        return 'matrix'
      }
    }
  }

  #unary(operand: Expr, span: Span): ValueType {
    const type = this.check(operand)
    if (type === 'scalar' || type === 'vector') return type
    const got = goQuote(documentedType(type))
    return this.#fail(span, `unary expression only allowed on expressions of type scalar or instant vector, got ${got}`)
  }

  #expect(expr: Expr, want: ValueType, context: string): void {
    const type = this.check(expr)
    if (type === want) return
    this.#fail(expr.span, `expected type ${documentedType(want)} in ${context}, got ${documentedType(type)}`)
  }

  #aggregate(expr: AggregateExpr): ValueType {
    this.#expect(expr.expr, 'vector', 'aggregation expression')
    if (expr.param !== undefined) {
      this.#expect(expr.param, expr.op === 'count_values' ? 'string' : 'scalar', 'aggregation parameter')
    }
    return 'vector'
  }

  #binary(expr: BinaryExpr): ValueType {
    const left = this.check(expr.left)
    const right = this.check(expr.right)
    const { op, opSpan, span, matching } = expr
    if (expr.returnBool && !comparisons.has(op)) {
      this.#fail(opSpan, 'bool modifier can only be used on comparison operators')
    }
    if (comparisons.has(op) && !expr.returnBool && left === 'scalar' && right === 'scalar') {
      this.#fail(opSpan, 'comparisons between scalars must use BOOL modifier')
    }
    const twice = matching?.on === true ? matching.labels.find((label) => matching.include.includes(label)) : undefined
    if (twice !== undefined) {
      this.#fail(opSpan, `label ${goQuote(twice)} must not occur in ON and GROUP clause at once`)
    }
    const onlyScalarAndVector = 'binary expression must contain only scalar and instant vector types'
    if (left !== 'scalar' && left !== 'vector') this.#fail(expr.left.span, onlyScalarAndVector)
    if (right !== 'scalar' && right !== 'vector') this.#fail(expr.right.span, onlyScalarAndVector)
    const areVectors = left === 'vector' && right === 'vector'
    const fills = matching?.fillLeft !== undefined || matching?.fillRight !== undefined
    if (!areVectors && (matching?.labels.length ?? 0) > 0) {
      this.#fail(span, 'vector matching only allowed between instant vectors')
    }
    if (!areVectors && fills) this.#fail(span, 'filling in missing series only allowed between instant vectors')
    if (setOperators.has(op)) {
      if (areVectors && (matching?.card === 'many-to-one' || matching?.card === 'one-to-many')) {
        this.#fail(span, `no grouping allowed for ${goQuote(op)} operation`)
      }
      if (fills) this.#fail(span, 'filling in missing series not allowed for set operators')
      if (!areVectors) this.#fail(span, `set operator ${goQuote(op)} not allowed in binary scalar expression`)
    }
    return left === 'scalar' && right === 'scalar' ? 'scalar' : 'vector'
  }

  #call(expr: CallExpr): ValueType {
    const signature: FunctionSignature | undefined = Object.hasOwn(signatures, expr.func)
      ? signatures[expr.func]
      : undefined
    if (signature === undefined) {
      const name = { start: expr.span.start, end: expr.span.start + expr.func.length }
      return this.#fail(name, `unknown function with name ${goQuote(expr.func)}`)
    }
    this.#argumentCount(expr, signature)
    if (expr.func === 'info') this.#infoSelector(expr)
    const { args } = signature
    for (const [i, arg] of expr.args.entries()) {
      const want = args[Math.min(i, args.length - 1)]
      const isLabelSelector = expr.func === 'info' && i === 1 && arg.kind === 'vector_selector'
      if (isLabelSelector) {
        this.#selector(arg, true)
        this.types.set(arg, 'vector')
      } else if (want !== undefined) this.#expect(arg, want, `call to function ${goQuote(expr.func)}`)
    }
    return signature.returns
  }

  #argumentCount(expr: CallExpr, { args, variadic }: FunctionSignature): void {
    const got = expr.args.length
    const say = (many: string): never =>
      this.#fail(expr.span, `expected ${many} argument(s) in call to ${goQuote(expr.func)}, got ${got}`)
    if (variadic === 0) {
      if (got !== args.length) say(`${args.length}`)
      return
    }
    const least = args.length - 1
    if (got < least) say(`at least ${least}`)
    if (variadic > 0 && got > least + variadic) say(`at most ${least + variadic}`)
  }

  /** The second argument of `info` names labels only. */
  #infoSelector(expr: CallExpr): void {
    const arg = expr.args[1]
    if (arg === undefined) return
    const type = this.#syntacticType(arg)
    if (type !== 'vector') {
      this.#fail(expr.span, `expected type instant vector in call to function "info", got ${documentedType(type)}`)
    }
    if (arg.kind !== 'vector_selector') this.#fail(arg.span, 'expected label selectors only')
    else if (arg.name !== '') this.#fail(arg.span, 'expected label selectors only, got vector selector instead')
  }

  /** The type that an expression claims, without looking whether it is right. */
  #syntacticType(expr: Expr): ValueType {
    switch (expr.kind) {
      case 'paren':
      case 'unary':
      case 'step_invariant':
        return this.#syntacticType(expr.expr)
      case 'binary': {
        const areScalars = this.#syntacticType(expr.left) === 'scalar' && this.#syntacticType(expr.right) === 'scalar'
        return areScalars ? 'scalar' : 'vector'
      }
      case 'call':
        return signatures[expr.func]?.returns ?? 'vector'
      case 'number':
        return 'scalar'
      case 'string':
        return 'string'
      case 'matrix_selector':
      case 'subquery':
        return 'matrix'
      default:
        return 'vector'
    }
  }

  #selector(expr: VectorSelector, mayBeEmpty: boolean): void {
    if (expr.name !== '') {
      // the last matcher is the name itself
      const twice = expr.matchers.slice(0, -1).find((matcher) => matcher.name === metricNameLabel)
      if (twice === undefined) return
      this.#fail(expr.span, `metric name must not be set twice: ${goQuote(expr.name)} or ${goQuote(twice.value)}`)
    }
    if (mayBeEmpty || expr.matchers.some((matcher) => !matchesEmpty(matcher))) return
    this.#fail(expr.span, 'vector selector must contain at least one non-empty matcher')
  }
}

function matchesEmpty({ op, value }: LabelMatcher): boolean {
  switch (op) {
    case '=':
      return value === ''
    case '!=':
      return value !== ''
    case '=~':
      return compileLabelRegex(value)('')
    case '!~':
      return !compileLabelRegex(value)('')
  }
}
