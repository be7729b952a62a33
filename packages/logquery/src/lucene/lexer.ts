// Tokens of the query_string syntax. Source: the classic query parser's lexical rules in Lucene's documentation and as it behaves.
import { syntaxError } from '../query-error.ts'
import type { Span } from './ast.ts'

export type TokenKind =
  | 'and'
  | 'or'
  | 'not'
  | '+'
  | '-'
  | '('
  | ')'
  | ':'
  | '*'
  | '^'
  /** A sign that a blank follows: a word. */
  | 'bare-operator'
  | 'quoted'
  | 'term'
  | 'prefix'
  | 'wildcard'
  | 'regexp'
  | 'fuzzy'
  | 'number'
  | '['
  | '{'
  | ']'
  | '}'
  | 'to'
  | 'range-quoted'
  | 'range-word'
  | 'end'

export interface Token extends Span {
  readonly kind: TokenKind
  readonly text: string
}

const blanks = /[ \t\n\r\u3000]*/y
const start = '(?:[^ \\t\\n\\r\\u3000+\\-!():^[\\]"{}~*?\\\\/]|\\\\[\\s\\S])'
const inside = '(?:[^ \\t\\n\\r\\u3000!():^[\\]"{}~*?\\\\/]|\\\\[\\s\\S])'

/** In the order in which one wins over another of the same length. */
const rules: readonly (readonly [kind: TokenKind, rule: RegExp])[] = [
  ['and', /AND|&&/y],
  ['or', /OR|\|\|/y],
  ['not', /NOT|!/y],
  ['+', /\+/y],
  ['-', /-/y],
  ['bare-operator', /[+\-!][ \t\n\r\u3000]/y],
  ['(', /\(/y],
  [')', /\)/y],
  [':', /:/y],
  ['*', /\*/y],
  ['^', /\^/y],
  ['quoted', /"(?:[^"\\]|\\[\s\S])*"/y],
  ['term', new RegExp(`${start}${inside}*`, 'y')],
  ['fuzzy', new RegExp(`~(?:[0-9]+\\.[0-9]+|${inside}*)`, 'y')],
  ['prefix', new RegExp(`${start}${inside}*\\*`, 'y')],
  ['wildcard', new RegExp(`(?:${start}|[*?])(?:${inside}|[*?])*`, 'y')],
  ['regexp', /\/(?:[^/\\]|\\[\s\S])*\//y],
  ['[', /\[/y],
  ['{', /\{/y],
]

const rangeRules: readonly (readonly [kind: TokenKind, rule: RegExp])[] = [
  ['to', /TO/y],
  [']', /\]/y],
  ['}', /\}/y],
  ['range-quoted', /"(?:[^"\\]|\\[\s\S])+"/y],
  ['range-word', /[^ \]}]+/y],
]

/** All tokens and the end. Throws `query.parse` where a character begins none. */
export function tokenizeLucene(text: string): Token[] {
  const tokens: Token[] = []
  let mode: 'default' | 'range' | 'boost' = 'default'
  let at = 0
  for (;;) {
    blanks.lastIndex = at
    at += (blanks.exec(text)?.[0] ?? '').length
    if (at >= text.length) break
    const token: Token =
      mode === 'boost' ? boostToken(text, at) : longest(text, at, mode === 'range' ? rangeRules : rules)
    tokens.push(token)
    at = token.end
    if (token.kind === '^') mode = 'boost'
    else if (token.kind === '[' || token.kind === '{') mode = 'range'
    else if (mode === 'boost' || token.kind === ']' || token.kind === '}') mode = 'default'
  }
  // a sign that ends in a blank takes it along: the end is the text's end all the same
  tokens.push({ kind: 'end', text: '', start: text.length, end: text.length })
  return tokens
}

function boostToken(text: string, at: number): Token {
  const rule = /[0-9]+(?:\.[0-9]+)?/y
  rule.lastIndex = at
  const match = rule.exec(text)
  if (match === null) throw syntaxError('"^" needs a number, such as ^2', at, at + 1)
  return { kind: 'number', text: match[0], start: at, end: at + match[0].length }
}

function longest(text: string, at: number, among: typeof rules): Token {
  let best: Token | undefined
  for (const [kind, rule] of among) {
    rule.lastIndex = at
    const match = rule.exec(text)?.[0]
    if (match !== undefined && match.length > (best?.text.length ?? 0))
      best = { kind, text: match, start: at, end: at + match.length }
  }
  if (best !== undefined) return best
  const char = text[at] as string
  if (char === '"') throw syntaxError('The quote is not closed', text.length)
  if (char === '/')
    throw syntaxError(
      'The regular expression is not closed: a slash is missing, or put a backslash before the first one',
      text.length,
    )
  if (char === '\\') throw syntaxError('A backslash stands before nothing', text.length)
  throw syntaxError(`"${char}" closes nothing`, at, at + 1)
}
