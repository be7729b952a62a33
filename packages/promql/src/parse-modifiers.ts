// What stands behind an expression: ranges, subqueries, `offset`, `@`, `anchored`, `smoothed`. They bind closer than any operator.
import type { AtModifier, DurationExpr, Expr, Span, SubqueryExpr, VectorSelector } from './ast.ts'
import { parseOffsetDuration, parsePositiveDuration } from './parse-duration.ts'
import type { Complaint, ParseState } from './parse-state.ts'

const inBrackets: Complaint = {
  context: 'subquery or range selector',
  expected: 'number, duration, step(), or range()',
}
const afterRange: Complaint = { context: 'subquery or range', expected: '":" or "]"' }
const afterColon: Complaint = { context: 'subquery selector', expected: 'number, duration, step(), range(), or "]"' }
const afterStep: Complaint = { context: 'subquery selector', expected: '"]"' }
const afterOffset: Complaint = { context: 'offset', expected: 'number, duration, step(), or range()' }
const afterAt: Complaint = { context: '@', expected: 'timestamp' }

/** The expression with all modifiers that follow it. */
export function parseModifiers(state: ParseState, operand: Expr): Expr {
  let expr = operand
  let chain = 0
  const outer = state.complaint
  for (;;) {
    const { type } = state.peek()
    if (type === '[') {
      chain++
      state.descend(1)
      expr = parseBrackets(state, expr)
    } else if (type === 'offset') expr = parseOffset(state, expr)
    else if (type === '@') expr = parseAt(state, expr)
    else if (type === 'anchored' || type === 'smoothed') {
      state.next()
      expr = setExtended(state, expr, type)
    } else break
    state.complaint = outer
  }
  state.descend(-chain)
  return expr
}

function parseBrackets(state: ParseState, expr: Expr): Expr {
  const open = state.next()
  state.complaint = inBrackets
  const range = parsePositiveDuration(state)
  state.complaint = afterRange
  if (state.accept(':') !== undefined) return parseSubquery(state, expr, range)
  const close = state.expect(']')
  const brackets = { start: open.start, end: close.end }
  if (expr.kind !== 'vector_selector') return state.fail(brackets, 'ranges only allowed for vector selectors')
  if (expr.offset !== undefined) state.fail(brackets, 'no offset modifiers allowed before range')
  if (expr.at !== undefined) state.fail(brackets, 'no @ modifiers allowed before range')
  return { kind: 'matrix_selector', selector: expr, range, span: { start: expr.span.start, end: close.end } }
}

function parseSubquery(state: ParseState, expr: Expr, range: DurationExpr): SubqueryExpr {
  state.complaint = afterColon
  let close = state.accept(']')
  let step: DurationExpr | undefined
  if (close === undefined) {
    step = parsePositiveDuration(state)
    close = state.expect(']', afterStep)
  }
  const span = { start: expr.span.start, end: close.end }
  return { kind: 'subquery', expr, range, step, offset: undefined, at: undefined, span }
}

function parseOffset(state: ParseState, expr: Expr): Expr {
  state.next()
  state.complaint = afterOffset
  const offset = parseOffsetDuration(state)
  const end = state.lastEnd
  const set = <T extends VectorSelector | SubqueryExpr>(node: T): T => {
    if (node.offset !== undefined) state.fail(expr.span, 'offset may not be set multiple times')
    return { ...node, offset }
  }
  const span = { start: expr.span.start, end }
  switch (expr.kind) {
    case 'vector_selector':
    case 'subquery':
      return { ...set(expr), span }
    case 'matrix_selector':
      return { ...expr, selector: set(expr.selector), span }
    default:
      return state.fail(
        expr.span,
        'offset modifier must be preceded by an instant vector selector or range vector selector or a subquery',
      )
  }
}

function parseAt(state: ParseState, expr: Expr): Expr {
  state.next()
  state.complaint = afterAt
  const at = parseAtTime(state, expr.span)
  const set = <T extends VectorSelector | SubqueryExpr>(node: T): T => {
    if (node.at !== undefined) state.fail(expr.span, '@ <timestamp> may not be set multiple times')
    return { ...node, at }
  }
  const span = { start: expr.span.start, end: state.lastEnd }
  switch (expr.kind) {
    case 'vector_selector':
    case 'subquery':
      return { ...set(expr), span }
    case 'matrix_selector':
      return { ...expr, selector: set(expr.selector), span }
    default:
      return state.fail(
        expr.span,
        '@ modifier must be preceded by an instant vector selector or range vector selector or a subquery',
      )
  }
}

function parseAtTime(state: ParseState, span: Span): AtModifier {
  const first = state.peek()
  if (first.type === 'start' || first.type === 'end') {
    state.next()
    state.expect('(')
    state.expect(')')
    return { kind: first.type }
  }
  const sign = state.accept('+') ?? state.accept('-')
  const token = state.accept('number') ?? state.accept('duration') ?? state.unexpected()
  const seconds = state.seconds(token) * (sign?.type === '-' ? -1 : 1)
  // as far as a Go int64 of seconds reaches
  if (!(Math.abs(seconds) < 2 ** 63)) {
    const shown = Number.isFinite(seconds) ? BigInt(seconds).toString().concat('.000000') : formatSpecial(seconds)
    state.fail(span, `timestamp out of bounds for @ modifier: ${shown}`)
  }
  return { kind: 'time', ms: Math.round(Math.abs(seconds) * 1000) * Math.sign(seconds) + 0 }
}

const formatSpecial = (value: number): string => (Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf')

function setExtended(state: ParseState, expr: Expr, kind: 'anchored' | 'smoothed'): Expr {
  const set = (node: VectorSelector): VectorSelector => {
    const anchored = node.anchored || kind === 'anchored'
    const smoothed = node.smoothed || kind === 'smoothed'
    if (anchored && smoothed) state.fail(expr.span, 'anchored and smoothed modifiers cannot be used together')
    return { ...node, anchored, smoothed }
  }
  switch (expr.kind) {
    case 'vector_selector':
      return set(expr)
    case 'matrix_selector':
      return { ...expr, selector: set(expr.selector) }
    case 'subquery':
      return state.fail(expr.span, `${kind} modifier is not supported for subqueries`)
    default:
      return state.fail(expr.span, `${kind} modifier not implemented`)
  }
}
