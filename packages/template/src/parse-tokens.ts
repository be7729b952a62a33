// The tokens of a template with as much looking ahead as its grammar needs, and where its parser's messages come from.
import { describeToken, Lexer, type Token, type TokenType } from './parse-lexer.ts'
import { templateError } from './template-error.ts'

/** How deep blocks and parentheses may stand in one another. */
const maxDepth = 200

export class TokenStream {
  readonly #name: string
  readonly #lexer: Lexer
  /** Tokens that were read ahead, next first. */
  readonly #ahead: Token[] = []
  /** Where the last token that was read stands: messages name that line. */
  #line = 1
  #depth = 0
  /** Where the action that is being read began; 0 between actions. */
  actionLine = 0

  constructor(name: string, text: string) {
    this.#name = name
    this.#lexer = new Lexer(text)
  }

  fail(message: string): never {
    throw templateError('template.parse', `template: ${this.#name}:${this.#line}: ${message}`, { line: this.#line })
  }

  unexpected(token: Token, context: string): never {
    if (token.type !== 'error') return this.fail(`unexpected ${describeToken(token)} in ${context}`)
    const isElsewhere = this.actionLine !== 0 && this.actionLine !== token.line
    const started = `started at ${this.#name}:${this.actionLine}`
    const extra = !isElsewhere ? '' : token.text.endsWith(' action') ? ` ${started}` : ` in action ${started}`
    return this.fail(token.text + extra)
  }

  next(): Token {
    const token = this.#ahead.shift() ?? this.#lexer.next()
    this.#line = token.line
    return token
  }

  back(token: Token): void {
    this.#ahead.unshift(token)
  }

  peek(): Token {
    const token = this.next()
    this.back(token)
    return token
  }

  nextNonSpace(): Token {
    let token = this.next()
    while (token.type === 'space') token = this.next()
    return token
  }

  peekNonSpace(): Token {
    const token = this.nextNonSpace()
    this.back(token)
    return token
  }

  expect(type: TokenType, context: string): Token {
    const token = this.nextNonSpace()
    return token.type === type ? token : this.unexpected(token, context)
  }

  deeper(levels: number): void {
    this.#depth += levels
    if (this.#depth <= maxDepth) return
    const message = `template: ${this.#name}:${this.#line}: nested more than ${maxDepth} levels deep`
    throw templateError('template.limit', message, { line: this.#line })
  }
}
