// Expressions: operators by precedence, aggregations, calls, selectors, literals.
import { metricNameLabel } from '@tidewatch/core/labels.ts'
import type {
  AggregateExpr,
  AggregateOp,
  BinaryOp,
  CallExpr,
  Expr,
  Span,
  UnaryExpr,
  VectorMatching,
  VectorSelector,
} from './ast.ts'
import { openGroup, parseLabelNames, parseMatchers } from './parse-labels.ts'
import { parseModifiers } from './parse-modifiers.ts'
import type { BinaryDraft, Complaint, ParseState } from './parse-state.ts'
import type { Token, TokenType } from './parse-token.ts'
import { goUnquote } from './quote.ts'
import { signatures } from './signatures.ts'

/** Higher binds closer; `^` is the only one that groups from the right. A sign binds as `*` does, so -2^2 is -(2^2). */
const precedences: Readonly<Record<BinaryOp, number>> = {
  or: 1,
  and: 2,
  unless: 2,
  '==': 3,
  '!=': 3,
  '<': 3,
  '>': 3,
  '<=': 3,
  '>=': 3,
  '</': 3,
  '>/': 3,
  '+': 4,
  '-': 4,
  '*': 5,
  '/': 5,
  '%': 5,
  atan2: 5,
  '^': 6,
}
const signPrecedence = 5

const isBinaryOp = (type: TokenType): type is BinaryOp => type in precedences

export function parseExpr(state: ParseState, lowest = 1): Expr {
  let left = parseOperand(state)
  let chain = 0
  for (;;) {
    const op = state.peek().type
    if (!isBinaryOp(op) || precedences[op] < lowest) break
    const opToken = state.next()
    chain++
    state.descend(1)
    const { returnBool, matching } = parseBinaryModifiers(state)
    const right = parseExpr(state, op === '^' ? precedences[op] : precedences[op] + 1)
    const draft: BinaryDraft = {
      kind: 'binary',
      op,
      left,
      right,
      matching,
      returnBool,
      opSpan: { start: opToken.start, end: opToken.end },
      span: { start: left.span.start, end: right.span.end },
    }
    state.binaries.push(draft)
    left = draft
  }
  state.descend(-chain)
  return left
}

function parseBinaryModifiers(state: ParseState): { readonly returnBool: boolean; readonly matching: VectorMatching } {
  const returnBool = state.accept('bool') !== undefined
  let card: VectorMatching['card'] = 'one-to-one'
  let labels: readonly string[] = []
  let include: readonly string[] = []
  const matchType = state.accept('on') ?? state.accept('ignoring')
  if (matchType !== undefined) {
    labels = parseLabelNames(state).names
    const group = state.accept('group_left') ?? state.accept('group_right')
    if (group !== undefined) {
      card = group.type === 'group_left' ? 'many-to-one' : 'one-to-many'
      const { type } = state.peek()
      if (type === '(') include = parseLabelNames(state).names
      else if (!startsExpr(type) && !fills.has(type)) state.unexpected(openGroup)
    }
  }
  return { returnBool, matching: { card, labels, on: matchType?.type === 'on', include, ...parseFill(state) } }
}

const fills: ReadonlySet<TokenType> = new Set<TokenType>(['fill', 'fill_left', 'fill_right'])

function parseFill(state: ParseState): Pick<VectorMatching, 'fillLeft' | 'fillRight'> {
  if (state.accept('fill') !== undefined) {
    const value = parseFillValue(state)
    return { fillLeft: value, fillRight: value }
  }
  const first = state.accept('fill_left') ?? state.accept('fill_right')
  if (first === undefined) return {}
  const value = parseFillValue(state)
  const isLeft = first.type === 'fill_left'
  const other = state.accept(isLeft ? 'fill_right' : 'fill_left') === undefined ? undefined : parseFillValue(state)
  if (other === undefined) return isLeft ? { fillLeft: value } : { fillRight: value }
  return isLeft ? { fillLeft: value, fillRight: other } : { fillLeft: other, fillRight: value }
}

function parseFillValue(state: ParseState): number {
  state.expect('(')
  const sign = state.accept('+') ?? state.accept('-')
  const token = state.accept('number') ?? state.accept('duration') ?? state.unexpected()
  const value = state.seconds(token)
  state.expect(')')
  return sign?.type === '-' ? -value : value
}

/** A sign with what it stands before, or a primary with its modifiers. */
function parseOperand(state: ParseState): Expr {
  const sign = state.accept('+') ?? state.accept('-')
  if (sign === undefined) return parseModifiers(state, parsePrimary(state))
  state.descend(1)
  const expr = parseExpr(state, signPrecedence + 1)
  state.descend(-1)
  const span: Span = { start: sign.start, end: expr.span.end }
  if (expr.kind === 'number') return { ...expr, value: sign.type === '-' ? -expr.value : expr.value, span }
  const unary: UnaryExpr = { kind: 'unary', op: sign.type === '-' ? '-' : '+', expr, span }
  return unary
}

function parsePrimary(state: ParseState): Expr {
  const token = state.peek()
  const { type } = token
  switch (type) {
    case 'number':
    case 'duration':
      state.next()
      return { kind: 'number', value: state.seconds(token), isDuration: type === 'duration', span: spanOf(token) }
    case 'string':
      state.next()
      return { kind: 'string', value: goUnquote(token.text), span: spanOf(token) }
    case '(':
      return parseParen(state)
    case '{':
    case 'metric_identifier':
      return parseSelector(state)
    case 'identifier':
    case 'start':
    case 'end':
    case 'step':
    case 'range':
      return parseNamed(state, state.next())
    default:
      break
  }
  if (isAggregateOp(type)) {
    state.next()
    const next = state.peek().type
    if (next === '(' || next === 'by' || next === 'without') return parseAggregate(state, token, type)
    return parseSelector(state, token)
  }
  return metricWords.has(type) ? parseSelector(state, state.next()) : state.unexpected()
}

const spanOf = (token: Token): Span => ({ start: token.start, end: token.end })

/** Keywords that may be the name of a metric. */
const metricWords: ReadonlySet<TokenType> = new Set<TokenType>([
  'and',
  'or',
  'unless',
  'by',
  'without',
  'offset',
  'anchored',
  'smoothed',
])

const isAggregateOp = (type: TokenType): type is AggregateOp => type in takesParam

/** Each aggregation, and whether it takes a parameter before the vector. */
const takesParam: Readonly<Record<AggregateOp, boolean>> = {
  sum: false,
  avg: false,
  count: false,
  min: false,
  max: false,
  group: false,
  stddev: false,
  stdvar: false,
  topk: true,
  bottomk: true,
  count_values: true,
  quantile: true,
  limitk: true,
  limit_ratio: true,
}

/** `sum`, `topk` and so on. */
export const aggregationNames: readonly string[] = Object.keys(takesParam)

const inAggregation: Complaint = { context: 'aggregation', expected: '' }

function parseAggregate(state: ParseState, opToken: Token, op: AggregateOp): AggregateExpr {
  const outer = state.complaint
  state.complaint = inAggregation
  let grouping = parseGrouping(state)
  const args = parseArguments(state)
  state.complaint = outer
  grouping ??= parseGrouping(state)
  const span = { start: opToken.start, end: state.lastEnd }
  const wanted = takesParam[op] ? 2 : 1
  const [first, second] = args
  if (first === undefined) return state.fail(span, 'no arguments for aggregate expression provided')
  if (args.length !== wanted) {
    const text = `wrong number of arguments for aggregate expression provided, expected ${wanted}, got ${args.length}`
    return state.fail(span, text)
  }
  return {
    kind: 'aggregate',
    op,
    expr: second ?? first,
    param: second === undefined ? undefined : first,
    grouping: grouping?.names ?? [],
    without: grouping?.without ?? false,
    span,
  }
}

function parseGrouping(
  state: ParseState,
): { readonly names: readonly string[]; readonly without: boolean } | undefined {
  const keyword = state.accept('by') ?? state.accept('without')
  if (keyword === undefined) return undefined
  return { names: parseLabelNames(state).names, without: keyword.type === 'without' }
}

/** Arguments with their parentheses. */
function parseArguments(state: ParseState): readonly Expr[] {
  state.expect('(')
  const args: Expr[] = []
  if (state.accept(')') !== undefined) return args
  state.descend(1)
  for (;;) {
    args.push(parseExpr(state))
    const comma = state.accept(',')
    if (comma === undefined) break
    if (!startsExpr(state.peek().type)) state.fail(spanOf(comma), 'trailing commas not allowed in function call args')
  }
  state.descend(-1)
  state.expect(')')
  return args
}

const starts: ReadonlySet<TokenType> = new Set<TokenType>([
  'identifier',
  'metric_identifier',
  'number',
  'duration',
  'string',
  '(',
  '{',
  '+',
  '-',
  'start',
  'end',
  'step',
  'range',
])

const startsExpr = (type: TokenType): boolean => starts.has(type) || metricWords.has(type) || isAggregateOp(type)

function parseParen(state: ParseState): Expr {
  const open = state.next()
  state.descend(1)
  const expr = parseExpr(state)
  state.descend(-1)
  const close = state.expect(')')
  return { kind: 'paren', expr, span: { start: open.start, end: close.end } }
}

/** A call where a parenthesis follows, else a selector. */
function parseNamed(state: ParseState, name: Token): CallExpr | VectorSelector {
  if (state.peek().type !== '(') return parseSelector(state, name)
  const args = parseArguments(state)
  const end = state.lastEnd
  if (!Object.hasOwn(signatures, name.text)) {
    state.fail(spanOf(name), `unknown function with name ${JSON.stringify(name.text)}`)
  }
  return { kind: 'call', func: name.text, args, span: { start: name.start, end } }
}

/** A selector whose name, if it has one, is the next token or was just consumed. */
export function parseSelector(state: ParseState, consumed?: Token): VectorSelector {
  const name = consumed ?? state.accept('metric_identifier')
  const braces = state.peek().type === '{' ? parseMatchers(state) : undefined
  const named = name === undefined ? [] : [{ name: metricNameLabel, op: '=' as const, value: name.text }]
  return {
    kind: 'vector_selector',
    name: name?.text ?? '',
    matchers: [...(braces?.matchers ?? []), ...named],
    offset: undefined,
    at: undefined,
    anchored: false,
    smoothed: false,
    span: { start: name?.start ?? braces?.start ?? 0, end: state.lastEnd },
  }
}
