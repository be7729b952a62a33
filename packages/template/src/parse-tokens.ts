// The tokens of a template with as much looking ahead as its grammar needs, and where its parser's messages come from.
import { describeToken, Lexer, type Token, type TokenType } from './parse-lexer.ts'
import type { Source } from './parse-nodes.ts'
import { placeOf } from './place.ts'
import { templateError } from './template-error.ts'

/** How deep blocks and parentheses may stand in one another. */
const maxDepth = 200

export class TokenStream {
  readonly #source: Source
  readonly #lexer: Lexer
  /** Tokens that were read ahead, next first. */
  readonly #ahead: Token[] = []
  /** The last token that was read: messages name its line. */
  #last: Token = { type: 'text', start: 0, line: 1, text: '' }
  #depth = 0
  /** Where the action that is being read began; 0 between actions. */
  actionLine = 0

  constructor(source: Source) {
    this.#source = source
    this.#lexer = new Lexer(source.text)
  }

  fail(message: string, code: 'template.parse' | 'template.limit' = 'template.parse'): never {
    const { name, text, file } = this.#source
    const { line, start } = this.#last
    const where = { line, column: placeOf(text, start).column, ...(file === undefined ? {} : { file }) }
    throw templateError(code, `template: ${name}:${line}: ${message}`, where)
  }

  unexpected(token: Token, context: string): never {
    if (token.type !== 'error') return this.fail(`unexpected ${describeToken(token)} in ${context}`)
    const isElsewhere = this.actionLine !== 0 && this.actionLine !== token.line
    const started = `started at ${this.#source.name}:${this.actionLine}`
    const extra = !isElsewhere ? '' : token.text.endsWith(' action') ? ` ${started}` : ` in action ${started}`
    return this.fail(token.text + extra)
  }

  next(): Token {
    const token = this.#ahead.shift() ?? this.#lexer.next()
    this.#last = token
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
    if (this.#depth > maxDepth) this.fail(`nested more than ${maxDepth} levels deep`, 'template.limit')
  }
}
