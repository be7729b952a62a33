// Matchers as Alertmanager reads them since 0.27: names and values are any UTF-8, in double quotes where they have spaces or signs.
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import type { MatchOp } from '@tidewatch/core/matcher.ts'
import { unquoteBytes } from '@tidewatch/template/quote.ts'
import { createMatcher, isReserved } from './matcher.ts'
import type { LabelMatcher } from './port.ts'

interface Token {
  readonly kind: '{' | '}' | ',' | 'operator' | 'quoted' | 'plain' | 'end'
  readonly text: string
  readonly start: number
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export class MatcherParser {
  readonly #text: string
  #at = 0
  #peeked: Token | undefined

  constructor(text: string) {
    this.#text = text
  }

  /** Throws `alerts.bad_matcher` with the place. */
  parse(): LabelMatcher[] {
    const matchers: LabelMatcher[] = []
    const isInBraces = this.#peek().kind === '{'
    if (isInBraces) this.#next()
    // an end without braces: no matchers. A brace without its fellow is told below
    if (this.#peek().kind !== 'end' && this.#peek().kind !== '}') this.#list(matchers)
    const token = this.#next()
    if (isInBraces ? token.kind !== '}' : token.kind !== 'end')
      throw this.#bad(token, isInBraces ? 'a closing brace is missing' : 'there is no opening brace before it')
    const rest = this.#peek()
    if (rest.kind !== 'end') throw this.#bad(rest, 'nothing may follow the closing brace')
    return matchers
  }

  #list(matchers: LabelMatcher[]): void {
    for (;;) {
      matchers.push(this.#matcher())
      const token = this.#peek()
      if (token.kind === '}' || token.kind === 'end') return
      if (token.kind !== ',') throw this.#bad(token, 'a comma is expected, or the end')
      this.#next()
      const after = this.#peek()
      if (after.kind === '}' || after.kind === 'end') return
    }
  }

  #matcher(): LabelMatcher {
    const name = this.#word('a label name is expected')
    const operator = this.#next()
    if (operator.kind !== 'operator') throw this.#bad(operator, 'one of = != =~ !~ is expected')
    return createMatcher(name, operator.text as MatchOp, this.#word('a value is expected'))
  }

  #word(wanted: string): string {
    const token = this.#next()
    if (token.kind === 'plain') return token.text
    if (token.kind !== 'quoted') throw this.#bad(token, wanted)
    const bytes = token.text.isWellFormed() ? unquoteBytes(token.text) : undefined
    try {
      if (bytes !== undefined) return utf8.decode(bytes)
    } catch {
      // bytes that are not UTF-8: told below with the other faults of a text in quotes
    }
    throw this.#bad(token, 'the text in quotes has a bad escape, a line break or bytes that are not UTF-8')
  }

  #peek(): Token {
    this.#peeked ??= this.#scan()
    return this.#peeked
  }

  #next(): Token {
    const token = this.#peek()
    this.#peeked = undefined
    return token
  }

  #scan(): Token {
    const text = this.#text
    while (this.#at < text.length && isSpace(text[this.#at] as string)) this.#at++
    const start = this.#at
    const char = text[start]
    if (char === undefined) return { kind: 'end', text: '', start }
    if (char === '{' || char === '}' || char === ',') return this.#token(char, start, start + 1)
    if (char === '=' || char === '!') return this.#operator(start)
    if (char === '"') return this.#quoted(start)
    let end = start
    while (end < text.length && !isReserved(text[end] as string)) end++
    if (end > start) return this.#token('plain', start, end)
    throw this.#bad(this.#token('plain', start, start + 1), 'this sign stands in double quotes alone')
  }

  #operator(start: number): Token {
    const two = this.#text.slice(start, start + 2)
    if (two === '!=' || two === '=~' || two === '!~') return this.#token('operator', start, start + 2)
    const one = this.#token('operator', start, start + 1)
    if (one.text === '=') return one
    throw this.#bad(one, '= or ~ is expected behind it')
  }

  #quoted(start: number): Token {
    const text = this.#text
    for (let end = start + 1; end < text.length; end++) {
      if (text[end] === '\\') end++
      else if (text[end] === '"') return this.#token('quoted', start, end + 1)
    }
    throw this.#bad(this.#token('quoted', start, text.length), 'the closing double quote is missing')
  }

  #token(kind: Token['kind'], start: number, end: number): Token {
    this.#at = end
    return { kind, text: this.#text.slice(start, end), start }
  }

  #bad(token: Token, reason: string): AppError {
    const found = token.kind === 'end' ? 'end of the text' : quoteValue(token.text)
    const span = { start: token.start, end: token.start + token.text.length }
    const message = `${quoteValue(this.#text)} is not a list of matchers: at character ${token.start + 1}, ${found}: ${reason}.`
    return new AppError('alerts.bad_matcher', message, { where: { span } })
  }
}

const isSpace = (char: string): boolean => isReserved(char) && !/[{}!=~,\\"'`]/.test(char)
