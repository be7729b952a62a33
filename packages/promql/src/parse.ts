// Text → typed syntax tree, in one pass: parse-lexer.ts, parse-expression.ts and what they use, then check.ts.
//
// Written by hand rather than over the tree of `@prometheus-io/lezer-promql`: that parser recovers from errors, so that an editor can colour
// half a query, and no longer knows what was awaited where; people however know Prometheus's messages. It also makes four trees to get one.
// The official grammar is held against this one in parse-grammar.test.ts; bench/src/promql-parse.ts has the times of both.
import { AppError } from '@tidewatch/core/error.ts'
import type { Expr, LabelMatcher } from './ast.ts'
import { checkTree } from './check.ts'
import { parseError } from './parse-error.ts'
import { parseExpr, parseSelector } from './parse-expression.ts'
import { maxQueryLength, ParseState } from './parse-state.ts'

/**
 * The tree of a query that is right in syntax and types. Throws `query.parse` with Prometheus's message, `line:column: parse error: ...`
 * (columns in bytes), and the place as `where.span`; `query.limit` for a text that is too long or nested too deep.
 */
export function parse(text: string): Expr {
  if (text.length > maxQueryLength) {
    throw new AppError('query.limit', `the query is ${text.length} characters long, more than ${maxQueryLength}`)
  }
  const state = new ParseState(text)
  if (state.peek().type === 'eof') state.fail({ start: 0, end: 0 }, 'no expression found in input')
  const expr = parseExpr(state)
  state.expect('eof')
  const types = checkTree(expr, text)
  for (const draft of state.binaries) {
    const areVectors = types.get(draft.left) === 'vector' && types.get(draft.right) === 'vector'
    const isSet = draft.op === 'and' || draft.op === 'or' || draft.op === 'unless'
    if (!areVectors || draft.matching === undefined) draft.matching = undefined
    else if (isSet) draft.matching = { ...draft.matching, card: 'many-to-many' }
  }
  return expr
}

/** The matchers of a series selector and nothing else, as `match[]` takes it: `up{job="api"}`. It may match every series. Throws as `parse` does. */
export function parseMetricSelector(text: string): readonly LabelMatcher[] {
  if (text.length > maxQueryLength) {
    throw new AppError('query.limit', `the selector is ${text.length} characters long, more than ${maxQueryLength}`)
  }
  const state = new ParseState(text)
  const { type } = state.peek()
  if (type !== 'metric_identifier' && type !== 'identifier' && type !== '{') return selectorOf(text)
  const name = state.accept('metric_identifier') ?? state.accept('identifier')
  const { matchers } = parseSelector(state, name)
  state.expect('eof')
  return matchers
}

/** Words of the language are names too, where nothing else can be meant. */
function selectorOf(text: string): readonly LabelMatcher[] {
  const expr = parse(text)
  if (expr.kind === 'vector_selector') return expr.matchers
  throw parseError(text, expr.span, 'not a series selector')
}
