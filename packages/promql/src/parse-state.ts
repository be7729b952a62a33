// What the parts of the parser share: the tokens, where an error belongs, how deep we are.
import { AppError } from '@tidewatch/core/error.ts'
import type { BinaryExpr, Span } from './ast.ts'
import { parseError } from './parse-error.ts'
import { Lexer } from './parse-lexer.ts'
import { parseDurationToken, parseNumber } from './parse-number.ts'
import { describeToken, type Token, type TokenType } from './parse-token.ts'

/** Expressions nested deeper than this are refused: everything that walks a tree does so on the stack. */
export const maxDepth = 1500
/** UTF-16 units of query text. */
export const maxQueryLength = 1_000_000

/**
 * Where an unexpected token is said to stand. Prometheus's generated parser goes back to the innermost rule that knows how to complain;
 * the rules set this and put back what they found, so that the innermost one is always current.
 */
export interface Complaint {
  readonly context: string
  readonly expected: string
}

/** A binary expression whose matching is not settled until the types of both sides are known. */
export type BinaryDraft = Omit<BinaryExpr, 'matching'> & { matching: BinaryExpr['matching'] }

const nowhere: Complaint = { context: '', expected: '' }

export class ParseState {
  readonly text: string
  complaint: Complaint = nowhere
  /** All that were made, innermost first. */
  readonly binaries: BinaryDraft[] = []
  readonly #lexer: Lexer
  #peeked: Token | undefined
  #depth = 0
  /** End of the last token that was consumed. */
  lastEnd = 0

  constructor(text: string) {
    this.text = text
    this.#lexer = new Lexer(text, (message, start) => this.fail({ start, end: text.length }, message))
  }

  peek(): Token {
    this.#peeked ??= this.#lexer.next()
    return this.#peeked
  }

  next(): Token {
    const token = this.peek()
    this.#peeked = undefined
    this.lastEnd = token.end
    return token
  }

  /** The token if it is of that type, consumed. */
  accept(type: TokenType): Token | undefined {
    return this.peek().type === type ? this.next() : undefined
  }

  expect(type: TokenType, complaint?: Complaint): Token {
    return this.accept(type) ?? this.unexpected(complaint)
  }

  fail(span: Span, message: string): never {
    throw parseError(this.text, span, message)
  }

  /** Refuses the next token. */
  unexpected(complaint: Complaint = this.complaint): never {
    const token = this.peek()
    const place = complaint.context === '' ? '' : ` in ${complaint.context}`
    const wish = complaint.expected === '' ? '' : `, expected ${complaint.expected}`
    return this.fail(token, `unexpected ${describeToken(token)}${place}${wish}`)
  }

  /** Goes that many levels down (or up); throws `query.limit` below the deepest. */
  descend(levels: number): void {
    this.#depth += levels
    if (this.#depth <= maxDepth) return
    throw new AppError('query.limit', `the query is nested more than ${maxDepth} levels deep`, {
      where: { span: this.peek() },
      fix: 'Split it, or use a regular expression in place of many terms.',
    })
  }

  /** Seconds of a number or duration token. */
  seconds(token: Token): number {
    const value = token.type === 'duration' ? parseDurationToken(token.text) : parseNumber(token.text)
    if (typeof value !== 'number') return this.fail(token, value.error)
    return token.type === 'duration' ? value / 1000 : value
  }
}
