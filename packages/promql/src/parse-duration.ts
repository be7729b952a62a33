// Durations in brackets and behind `offset`, which may be expressions.
import type { DurationExpr, Span } from './ast.ts'
import { maxDurationSeconds, secondsToWholeMs } from './parse-number.ts'
import type { ParseState } from './parse-state.ts'
import type { Token, TokenType } from './parse-token.ts'

type DurationOp = Extract<DurationExpr, { kind: 'binary' }>['op']
type Positioned = Exclude<DurationExpr, { kind: 'ms' }>

const precedences: Partial<Record<TokenType, number>> = { '+': 1, '-': 1, '*': 2, '/': 2, '%': 2, '^': 3 }

function operatorOf(token: Token): DurationOp | undefined {
  switch (token.type) {
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
    case '^':
      return token.type
    default:
      return undefined
  }
}

/** What stands between `[` and `:` or `]`: any arithmetic; a literal must be more than nothing. */
export function parsePositiveDuration(state: ParseState): DurationExpr {
  const duration = parseArithmetic(state, 1)
  if (duration.kind !== 'literal') return duration
  if (!(duration.seconds > 0)) state.fail(duration.span, 'duration must be greater than 0')
  return { kind: 'ms', ms: secondsToWholeMs(duration.seconds) }
}

/** What stands behind `offset`: without parentheses no arithmetic, `a offset 5m + b` adds b. Undefined for an offset of nothing. */
export function parseOffsetDuration(state: ParseState): DurationExpr | undefined {
  const duration = parseSigned(state, (inner) => parseOffsetOperand(inner))
  if (duration.kind !== 'literal') return duration
  const ms = secondsToWholeMs(duration.seconds)
  return ms === 0 ? undefined : { kind: 'ms', ms }
}

function parseOffsetOperand(state: ParseState): Positioned {
  const { type } = state.peek()
  return type === '+' || type === '-' ? parseSigned(state, parseOffsetOperand) : parsePrimary(state)
}

function parseArithmetic(state: ParseState, lowest: number): Positioned {
  let left = parseSigned(state, (inner) => parseArithmetic(inner, 3))
  let chain = 0
  for (;;) {
    const op = operatorOf(state.peek())
    const precedence = op === undefined ? 0 : (precedences[op] ?? 0)
    if (op === undefined || precedence < lowest) break
    const token = state.next()
    chain++
    state.descend(1)
    const right = parseArithmetic(state, op === '^' ? precedence : precedence + 1)
    const isZero = right.kind === 'literal' && right.seconds === 0
    if (isZero && op === '/') state.fail(token, 'division by zero')
    if (isZero && op === '%') state.fail(token, 'modulo by zero')
    left = { kind: 'binary', op, left, right, span: { start: left.span.start, end: right.span.end } }
  }
  state.descend(-chain)
  return left
}

/** A sign with its operand, or a primary. A sign before a literal becomes part of it. */
function parseSigned(state: ParseState, parseOperand: (state: ParseState) => Positioned): Positioned {
  const sign = state.accept('+') ?? state.accept('-')
  if (sign === undefined) return parsePrimary(state)
  state.descend(1)
  const expr = parseOperand(state)
  state.descend(-1)
  const span: Span = { start: sign.start, end: expr.span.end }
  if (expr.kind === 'literal') return { ...expr, seconds: sign.type === '-' ? -expr.seconds : expr.seconds, span }
  return sign.type === '-' ? { kind: 'unary', op: '-', expr, span } : expr
}

function parsePrimary(state: ParseState): Positioned {
  const token = state.peek()
  if (token.type === 'number' || token.type === 'duration') {
    state.next()
    const seconds = state.seconds(token)
    if (!(Math.abs(seconds) <= maxDurationSeconds)) state.fail(token, 'duration out of range')
    return {
      kind: 'literal',
      seconds,
      isDuration: token.type === 'duration',
      span: { start: token.start, end: token.end },
    }
  }
  if (token.type === '(') {
    state.next()
    state.descend(1)
    const expr = parseArithmetic(state, 1)
    state.descend(-1)
    const close = state.expect(')')
    return { kind: 'paren', expr, span: { start: token.start, end: close.end } }
  }
  return parseCall(state, token)
}

/** Prometheus called `min_of` and `max_of` `min` and `max` at first; both are understood. */
function functionOf(token: Token): 'step' | 'range' | 'min' | 'max' | undefined {
  switch (token.text.toLowerCase()) {
    case 'step':
      return 'step'
    case 'range':
      return 'range'
    case 'min':
    case 'min_of':
      return 'min'
    case 'max':
    case 'max_of':
      return 'max'
    default:
      return undefined
  }
}

function parseCall(state: ParseState, token: Token): Positioned {
  const func = functionOf(token)
  if (func === undefined) return state.unexpected()
  state.next()
  state.expect('(')
  const args: DurationExpr[] = []
  if (func === 'min' || func === 'max') {
    state.descend(1)
    args.push(parseArithmetic(state, 1))
    state.expect(',')
    args.push(parseArithmetic(state, 1))
    state.descend(-1)
  }
  const close = state.expect(')')
  return { kind: 'call', func, args, span: { start: token.start, end: close.end } }
}
