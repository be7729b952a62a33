// Lists of labels: matchers in braces, names in `by (...)`, `on (...)` and `group_left (...)`.

import { metricNameLabel } from '@tidewatch/core/labels.ts'
import type { MatchOp } from '@tidewatch/core/matcher.ts'
import { compileLabelRegex } from '@tidewatch/core/regexp.ts'
import type { LabelMatcher } from './ast.ts'
import type { Complaint, ParseState } from './parse-state.ts'
import { noNames, type Token } from './parse-token.ts'
import { goQuote, goUnquote } from './quote.ts'

const matcherOrEnd: Complaint = { context: 'label matching', expected: 'identifier or "}"' }
const operator: Complaint = { context: 'label matching', expected: 'label matching operator' }
const matcherValue: Complaint = { context: 'label matching', expected: 'string' }
const afterMatcher: Complaint = { context: 'label matching', expected: '"," or "}"' }

export interface Matchers {
  readonly matchers: readonly LabelMatcher[]
  readonly start: number
  readonly end: number
}

/** `{a="b", "quoted name"=~"c", "metric"}`; the next token is the brace. */
export function parseMatchers(state: ParseState): Matchers {
  const { start } = state.expect('{')
  const matchers: LabelMatcher[] = []
  let close = state.accept('}')
  while (close === undefined) {
    matchers.push(parseMatcher(state))
    const comma = state.accept(',')
    close = state.accept('}')
    if (close === undefined && comma === undefined) state.unexpected(afterMatcher)
  }
  return { matchers, start, end: close.end }
}

function matchOp(token: Token): MatchOp | undefined {
  switch (token.type) {
    case '=':
    case '!=':
    case '=~':
    case '!~':
      return token.type
    default:
      return undefined
  }
}

function parseMatcher(state: ParseState): LabelMatcher {
  const label = state.accept('identifier') ?? state.accept('string') ?? state.unexpected(matcherOrEnd)
  const name = label.type === 'string' ? goUnquote(label.text) : label.text
  const op = matchOp(state.peek())
  if (op === undefined) {
    if (label.type === 'identifier') return state.unexpected(operator)
    return { name: metricNameLabel, op: '=', value: name }
  }
  state.next()
  const quoted = state.expect('string', matcherValue)
  const value = goUnquote(quoted.text)
  if (op === '=~' || op === '!~') checkRegex(state, value, label, quoted)
  return { name, op, value }
}

function checkRegex(state: ParseState, pattern: string, first: Token, last: Token): void {
  try {
    compileLabelRegex(pattern)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    // the message quotes the expression as it was compiled, anchored; people wrote it without
    state.fail(
      { start: first.start, end: last.end },
      message.replace(`^(?s:${pattern})$`, () => pattern),
    )
  }
}

/** Where the parenthesis of a list of labels is awaited. */
export const openGroup: Complaint = { context: 'grouping opts', expected: '"("' }
const groupLabel: Complaint = { context: 'grouping opts', expected: 'label' }
const afterGroupLabel: Complaint = { context: 'grouping opts', expected: '"," or ")"' }

/** `(a, by, "quoted name",)`: names of labels, which may be keywords. Ends behind the parenthesis. */
export function parseLabelNames(state: ParseState): { readonly names: readonly string[]; readonly end: number } {
  state.expect('(', openGroup)
  const names: string[] = []
  let close = state.accept(')')
  while (close === undefined) {
    const token = state.peek()
    if (noNames.has(token.type)) state.unexpected(groupLabel)
    state.next()
    const name = token.type === 'string' ? goUnquote(token.text) : token.text
    if (name === '' || !name.isWellFormed()) {
      state.fail({ start: token.start, end: token.end }, `invalid label name for grouping: ${goQuote(name)}`)
    }
    names.push(name)
    const comma = state.accept(',')
    close = state.accept(')')
    if (close === undefined && comma === undefined) state.unexpected(afterGroupLabel)
  }
  return { names, end: close.end }
}
