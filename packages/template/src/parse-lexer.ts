// Text of a template to tokens, by the rules and in the words of Go's text/template/parse lexer.
import { isPrintable, quote } from './quote.ts'

const keywords = [
  'block',
  'break',
  'continue',
  'define',
  'else',
  'end',
  'if',
  'nil',
  'range',
  'template',
  'with',
] as const
type Keyword = (typeof keywords)[number]

export type TokenType =
  | Keyword
  | 'text'
  | 'left'
  | 'right'
  | 'space'
  | 'identifier'
  | 'field'
  | 'variable'
  | 'dot'
  | 'number'
  | 'char_constant'
  | 'string'
  | 'raw_string'
  | 'bool'
  | 'pipe'
  | 'left_paren'
  | 'right_paren'
  | 'assign'
  | 'declare'
  | 'char'
  | 'eof'
  | 'error'

export interface Token {
  readonly type: TokenType
  /** UTF-16 offset of its first character. */
  readonly start: number
  readonly line: number
  /** As written; for an error its message. */
  readonly text: string
}

const keywordTypes: ReadonlySet<string> = new Set([...keywords, 'dot'])
const isKeyword = (word: string): word is Keyword => keywordTypes.has(word) && word !== 'dot'

/** A token as Go's messages show it. */
export function describeToken({ type, text }: Token): string {
  if (type === 'eof') return 'EOF'
  if (type === 'error') return text
  if (keywordTypes.has(type)) return `<${text}>`
  const runes = [...text]
  return runes.length > 10 ? `${quote(runes.slice(0, 10).join(''))}...` : quote(text)
}

const isSpace = (c: string | undefined): boolean => c === ' ' || c === '\t' || c === '\r' || c === '\n'
const alphaNumeric = /^[\p{L}\p{Nd}_]$/u
const isAlphaNumeric = (rune: string): boolean => alphaNumeric.test(rune)
const spaces = ' \t\r\n'

const number =
  /[-+]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][-+]?[0-9_]*)?|0[oO][0-7_]*|0[bB][01_]*|[0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9_]*)?)i?/y

/** Hands out tokens one after the other; after an error or the end it repeats that. */
export class Lexer {
  readonly #text: string
  #position = 0
  #start = 0
  #line = 1
  /** Where in the text lines have been counted up to. */
  #counted = 0
  #inAction = false
  #parenDepth = 0
  #last: Token | undefined

  constructor(text: string) {
    this.#text = text
  }

  next(): Token {
    if (this.#last !== undefined) return this.#last
    const token = this.#inAction ? this.#actionToken() : this.#textToken()
    if (token.type === 'error' || token.type === 'eof') this.#last = token
    return token
  }

  #rune(index: number): string {
    const code = this.#text.codePointAt(index)
    return code === undefined ? '' : String.fromCodePoint(code)
  }

  #startsWith(prefix: string, index = this.#position): boolean {
    return this.#text.startsWith(prefix, index)
  }

  #lineAt(index: number): number {
    for (; this.#counted < index; this.#counted++) if (this.#text[this.#counted] === '\n') this.#line++
    return this.#line
  }

  #emit(type: TokenType): Token {
    const text = this.#text.slice(this.#start, this.#position)
    return { type, start: this.#start, line: this.#lineAt(this.#start), text }
  }

  #take(type: TokenType, length: number): Token {
    this.#position += length
    return this.#emit(type)
  }

  #error(text: string): Token {
    return { type: 'error', start: this.#start, line: this.#lineAt(this.#start), text }
  }

  #skipSpaces(): void {
    while (isSpace(this.#text[this.#position])) this.#position++
  }

  /** Text up to the next action; comments vanish. */
  #textToken(): Token {
    for (;;) {
      this.#start = this.#position
      const open = this.#text.indexOf('{{', this.#position)
      const end = open < 0 ? this.#text.length : open
      const trims = open >= 0 && this.#text[open + 2] === '-' && isSpace(this.#text[open + 3])
      let stop = end
      if (trims) while (stop > this.#position && spaces.includes(this.#text[stop - 1] ?? '')) stop--
      if (stop > this.#position) {
        this.#position = stop
        const token = this.#emit('text')
        this.#position = end
        return token
      }
      this.#position = end
      this.#start = end
      if (open < 0) return this.#emit('eof')
      const inner = open + 2 + (trims ? 2 : 0)
      if (!this.#startsWith('/*', inner)) return this.#openAction(inner)
      const problem = this.#skipComment(inner)
      if (problem !== undefined) return problem
    }
  }

  #openAction(inner: number): Token {
    this.#inAction = true
    this.#parenDepth = 0
    const token = this.#take('left', 2)
    this.#position = inner
    return token
  }

  #skipComment(inner: number): Token | undefined {
    const close = this.#text.indexOf('*/', inner + 2)
    this.#start = inner
    if (close < 0) return this.#error('unclosed comment')
    this.#position = close + 2
    const end = this.#closing()
    if (end === 'none') return this.#error('comment ends before closing delimiter')
    this.#position += end === 'trims' ? 4 : 2
    if (end === 'trims') this.#skipSpaces()
    return undefined
  }

  /** Whether the action ends here, and whether that eats the white space behind it. */
  #closing(): 'none' | 'plain' | 'trims' {
    if (isSpace(this.#text[this.#position]) && this.#startsWith('-}}', this.#position + 1)) return 'trims'
    return this.#startsWith('}}') ? 'plain' : 'none'
  }

  #closeAction(trims: boolean): Token {
    if (trims) this.#position += 2
    this.#start = this.#position
    const token = this.#take('right', 2)
    if (trims) this.#skipSpaces()
    this.#inAction = false
    return token
  }

  #actionToken(): Token {
    this.#start = this.#position
    const closing = this.#closing()
    if (closing !== 'none') {
      if (this.#parenDepth > 0) return this.#error('unclosed left paren')
      return this.#closeAction(closing === 'trims')
    }
    const rune = this.#rune(this.#position)
    if (rune === '') return this.#error('unclosed action')
    if (isSpace(rune)) return this.#space()
    const next = this.#text[this.#position + 1] ?? ''
    switch (rune) {
      case '=':
        return this.#take('assign', 1)
      case ':':
        return next === '=' ? this.#take('declare', 2) : this.#error('expected :=')
      case '|':
        return this.#take('pipe', 1)
      case '"':
        return this.#quoted('"', 'string', 'unterminated quoted string')
      case "'":
        return this.#quoted("'", 'char_constant', 'unterminated character constant')
      case '`':
        return this.#rawString()
      case '$':
        return this.#name('variable')
      case '(':
        this.#parenDepth++
        return this.#take('left_paren', 1)
      case ')':
        if (--this.#parenDepth < 0) return this.#error('unexpected right paren')
        return this.#take('right_paren', 1)
      default:
        break
    }
    if (rune === '.' && !/[0-9]/.test(next)) return this.#name('field')
    if (/^[-+.0-9]$/.test(rune)) return this.#number()
    if (isAlphaNumeric(rune)) return this.#word()
    if (rune.charCodeAt(0) < 0x7f && isPrintable(rune)) return this.#take('char', 1)
    const code = (rune.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
    return this.#error(`unrecognized character in action: U+${code}${isPrintable(rune) ? ` '${rune}'` : ''}`)
  }

  #space(): Token {
    // the last space may belong to the end of the action, ` -}}`
    while (isSpace(this.#text[this.#position]) && this.#closing() !== 'trims') this.#position++
    return this.#emit('space')
  }

  /** Whether what follows ends a name. */
  #atTerminator(): boolean {
    const c = this.#text[this.#position]
    return c === undefined || isSpace(c) || '.,|:)('.includes(c) || this.#startsWith('}}')
  }

  #badCharacter(): Token {
    const rune = this.#rune(this.#position)
    const code = (rune.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
    return this.#error(`bad character U+${code} '${rune}'`)
  }

  #skipAlphaNumeric(): void {
    for (;;) {
      const rune = this.#rune(this.#position)
      if (rune === '' || !isAlphaNumeric(rune)) return
      this.#position += rune.length
    }
  }

  /** `.field` or `$variable`; alone they are the dot and `$`. */
  #name(type: 'field' | 'variable'): Token {
    this.#position++
    if (this.#atTerminator()) return this.#emit(type === 'field' ? 'dot' : 'variable')
    this.#skipAlphaNumeric()
    return this.#atTerminator() ? this.#emit(type) : this.#badCharacter()
  }

  #word(): Token {
    this.#skipAlphaNumeric()
    if (!this.#atTerminator()) return this.#badCharacter()
    const word = this.#text.slice(this.#start, this.#position)
    if (isKeyword(word)) return this.#emit(word)
    return this.#emit(word === 'true' || word === 'false' ? 'bool' : 'identifier')
  }

  #quoted(mark: string, type: TokenType, problem: string): Token {
    for (let i = this.#position + 1; i < this.#text.length; i++) {
      const c = this.#text[i]
      if (c === '\n') break
      if (c === mark) return this.#take(type, i + 1 - this.#position)
      if (c === '\\' && this.#text[i + 1] !== '\n') i++
    }
    return this.#error(problem)
  }

  #rawString(): Token {
    const close = this.#text.indexOf('`', this.#position + 1)
    if (close < 0) return this.#error('unterminated raw quoted string')
    return this.#take('raw_string', close + 1 - this.#position)
  }

  #number(): Token {
    const bad = this.#scanNumber()
    if (bad !== undefined) return bad
    const sign = this.#text[this.#position]
    if (sign !== '+' && sign !== '-') return this.#emit('number')
    // a complex number, such as 1+2i
    const shown = (): Token => this.#error(`bad number syntax: ${quote(this.#text.slice(this.#start, this.#position))}`)
    return this.#scanNumber() ?? (this.#text[this.#position - 1] === 'i' ? this.#emit('number') : shown())
  }

  #scanNumber(): Token | undefined {
    number.lastIndex = this.#position
    this.#position += number.exec(this.#text)?.[0].length ?? 0
    const next = this.#rune(this.#position)
    if (next === '' || !isAlphaNumeric(next)) return undefined
    const shown = this.#text.slice(this.#start, this.#position + next.length)
    return this.#error(`bad number syntax: ${quote(shown)}`)
  }
}
