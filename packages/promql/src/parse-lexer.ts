// The first step of parse.ts: text to tokens, by the rules and in the words of Prometheus's lexer (promql/parser/lex.go), since
// many of the messages that people know come from there.
import {
  isAlpha,
  isAlphaNumeric,
  isDigit,
  isSpace,
  type LexFailure,
  scanDuration,
  scanNumber,
  scanRawString,
  scanString,
} from './parse-scan.ts'
import { type Token, type TokenType, tokenWords } from './parse-token.ts'
import { goQuote, goQuoteRune } from './quote.ts'

const colon = 58

/** What stands in brackets is read differently: first a duration is awaited, then also what may follow one. */
type BracketState = 'closed' | 'awaits_duration' | 'after_duration'

/** Hands out one token after the other; after the end it repeats `eof`. */
export class Lexer {
  readonly #text: string
  readonly #fail: LexFailure
  #position = 0
  #start = 0
  #parenDepth = 0
  #braceOpen = false
  #brackets: BracketState = 'closed'
  #gotColon = false
  #gotDuration = false

  constructor(text: string, fail: LexFailure) {
    this.#text = text
    this.#fail = fail
  }

  next(): Token {
    this.#skip()
    this.#start = this.#position
    const c = this.#text.charCodeAt(this.#position)
    if (this.#braceOpen) return this.#insideBraces(c)
    if (this.#brackets === 'awaits_duration') return this.#durationToken(c)
    return this.#statement(c)
  }

  /** White space and comments, everywhere as in the official grammar (Prometheus itself knows no comment just behind a bracket). */
  #skip(): void {
    for (;;) {
      const c = this.#text.charCodeAt(this.#position)
      if (isSpace(c)) this.#position++
      else if (c === 35) this.#skipLine()
      else return
    }
  }

  #skipLine(): void {
    for (;;) {
      const c = this.#text.charCodeAt(this.#position)
      if (Number.isNaN(c) || c === 10 || c === 13) return
      this.#position++
    }
  }

  #emit(type: TokenType): Token {
    return { type, start: this.#start, end: this.#position, text: this.#text.slice(this.#start, this.#position) }
  }

  #take(type: TokenType, length: number): Token {
    this.#position += length
    return this.#emit(type)
  }

  /** The character at an index, whole; '' at the end. */
  #rune(index: number): string {
    const code = this.#text.codePointAt(index)
    return code === undefined ? '' : String.fromCodePoint(code)
  }

  #statement(c: number): Token {
    const next = this.#text.charCodeAt(this.#position + 1)
    if (isAlpha(c) || c === colon) return this.#brackets === 'closed' ? this.#word() : this.#wordInBrackets(c)
    if (isDigit(c) || (c === 46 && isDigit(next))) return this.#numberOrDuration()
    if (Number.isNaN(c)) return this.#end()
    switch (this.#text[this.#position]) {
      case '(':
        this.#parenDepth++
        return this.#take('(', 1)
      case ')':
        return this.#closeParen()
      case '{':
        this.#braceOpen = true
        return this.#take('{', 1)
      case '[':
        if (this.#brackets !== 'closed') this.#fail("unexpected left bracket '['", this.#start)
        this.#brackets = 'awaits_duration'
        this.#gotColon = false
        this.#gotDuration = false
        return this.#take('[', 1)
      case ']':
        if (this.#brackets === 'closed') this.#fail("unexpected right bracket ']'", this.#start)
        this.#brackets = 'closed'
        return this.#take(']', 1)
      case '"':
      case "'":
        return this.#string()
      case '`':
        return this.#rawString()
      default:
        return this.#operator()
    }
  }

  #end(): Token {
    if (this.#parenDepth !== 0) this.#fail('unclosed left parenthesis', this.#start)
    if (this.#brackets !== 'closed') this.#fail('unclosed left bracket', this.#start)
    return this.#emit('eof')
  }

  #closeParen(): Token {
    const token = this.#take(')', 1)
    // Prometheus has already passed it when it complains
    if (--this.#parenDepth < 0) this.#fail("unexpected right parenthesis ')'", this.#position)
    return token
  }

  #operator(): Token {
    const c = this.#text[this.#position]
    const next = this.#text[this.#position + 1]
    switch (c) {
      case ',':
      case '*':
      case '/':
      case '%':
      case '+':
      case '-':
      case '^':
      case '@':
        return this.#take(c, 1)
      case '=':
        if (next === '~') this.#fail("unexpected character after '=': '~'", this.#start)
        return next === '=' ? this.#take('==', 2) : this.#take('=', 1)
      case '!': {
        if (next === '=') return this.#take('!=', 2)
        return this.#fail(`unexpected character after '!': ${goQuoteRune(this.#rune(this.#position + 1))}`, this.#start)
      }
      case '<':
        return next === '=' ? this.#take('<=', 2) : next === '/' ? this.#take('</', 2) : this.#take('<', 1)
      case '>':
        return next === '=' ? this.#take('>=', 2) : next === '/' ? this.#take('>/', 2) : this.#take('>', 1)
      default:
        return this.#fail(`unexpected character: ${goQuoteRune(this.#rune(this.#position))}`, this.#start)
    }
  }

  /** A name or keyword outside brackets; with a colon it can only be a metric's name. */
  #word(): Token {
    const text = this.#text
    let hasColon = false
    for (;;) {
      const c = text.charCodeAt(this.#position)
      if (c === colon) hasColon = true
      else if (!isAlphaNumeric(c)) break
      this.#position++
    }
    const type = tokenWords.get(text.slice(this.#start, this.#position).toLowerCase())
    if (type === undefined) return this.#emit(hasColon ? 'metric_identifier' : 'identifier')
    // `fill` came late: it is a keyword only where nothing else can be meant
    const isFill = type === 'fill' || type === 'fill_left' || type === 'fill_right'
    return this.#emit(isFill && !this.#parenFollows() ? 'identifier' : type)
  }

  #parenFollows(): boolean {
    let index = this.#position
    while (isSpace(this.#text.charCodeAt(index))) index++
    return this.#text[index] === '('
  }

  #wordInBrackets(c: number): Token {
    if (c === colon) {
      if (this.#gotColon) this.#fail("unexpected colon ':'", this.#start)
      this.#gotColon = true
      return this.#take(':', 1)
    }
    return (
      this.#durationWord() ??
      this.#fail(`unexpected character: ${goQuoteRune(this.#rune(this.#start))}, expected ':'`, this.#start)
    )
  }

  /** `step`, `range`, `min_of`, `max_of`, and `min` and `max` as they were called until Prometheus 3.11. */
  #durationWord(): Token | undefined {
    let end = this.#position
    while (isAlpha(this.#text.charCodeAt(end))) end++
    const word = this.#text.slice(this.#position, end).toLowerCase()
    this.#gotDuration = true
    switch (word) {
      case 'step':
      case 'range':
      case 'min':
      case 'max':
        return this.#take(word, word.length)
      case 'min_of':
      case 'max_of':
        return this.#take('identifier', word.length)
      default:
        return undefined
    }
  }

  #durationToken(c: number): Token {
    const next = this.#text.charCodeAt(this.#position + 1)
    if (isDigit(c) || (c === 46 && isDigit(next))) {
      this.#brackets = 'after_duration'
      this.#gotDuration = true
      return this.#numberOrDuration()
    }
    if (isAlpha(c)) {
      const token = this.#durationWord()
      if (token !== undefined) return token
    }
    const char = this.#rune(this.#position)
    switch (char) {
      case '':
        return this.#fail('unexpected end of input in duration expression', this.#start)
      case ']':
        this.#brackets = 'closed'
        return this.#take(']', 1)
      case ':':
        if (!this.#gotDuration) this.#fail('unexpected colon before duration in duration expression', this.#start + 1)
        if (this.#gotColon) this.#fail('unexpected repeated colon in duration expression', this.#start + 1)
        this.#gotColon = true
        return this.#take(':', 1)
      case '(':
        this.#parenDepth++
        return this.#take('(', 1)
      case ')':
        return this.#closeParen()
      case '+':
      case '-':
      case '*':
      case '/':
      case '%':
      case '^':
      case ',':
        return this.#take(char, 1)
      default:
        return this.#fail(`unexpected character in duration expression: ${goQuoteRune(char)}`, this.#start)
    }
  }

  #insideBraces(c: number): Token {
    if (isAlpha(c)) {
      while (isAlphaNumeric(this.#text.charCodeAt(this.#position))) this.#position++
      return this.#emit('identifier')
    }
    const next = this.#text[this.#position + 1]
    const char = this.#rune(this.#position)
    switch (char) {
      case '':
        return this.#fail('unexpected end of input inside braces', this.#start)
      case ',':
        return this.#take(',', 1)
      case '"':
      case "'":
        return this.#string()
      case '`':
        return this.#rawString()
      case '=':
        return next === '~' ? this.#take('=~', 2) : this.#take('=', 1)
      case '!':
        if (next === '~') return this.#take('!~', 2)
        if (next === '=') return this.#take('!=', 2)
        return this.#fail(
          `unexpected character after '!' inside braces: ${goQuoteRune(this.#rune(this.#position + 1))}`,
          this.#start,
        )
      case '{':
        return this.#fail("unexpected left brace '{'", this.#start)
      case '}':
        this.#braceOpen = false
        return this.#take('}', 1)
      default:
        return this.#fail(`unexpected character inside braces: ${goQuoteRune(char)}`, this.#start)
    }
  }

  #numberOrDuration(): Token {
    const number = scanNumber(this.#text, this.#start)
    this.#position = number.end
    if (number.ok) return this.#emit('number')
    const duration = scanDuration(this.#text, number.end)
    this.#position = duration.end
    if (duration.ok) return this.#emit('duration')
    return this.#fail(
      `bad number or duration syntax: ${goQuote(this.#text.slice(this.#start, duration.end))}`,
      this.#start,
    )
  }

  #string(): Token {
    this.#position = scanString(this.#text, this.#start, this.#fail)
    return this.#emit('string')
  }

  #rawString(): Token {
    this.#position = scanRawString(this.#text, this.#start, this.#fail)
    return this.#emit('string')
  }
}
