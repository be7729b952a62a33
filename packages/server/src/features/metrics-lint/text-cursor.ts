import { AppError } from '@tidewatch/core/error.ts'
import { goQuote } from '@tidewatch/promql/quote.ts'

/** What `current` is behind the last character. */
export const endOfPage = ''

/** Reads a page character by character. Whatever needs one more where the page has ended throws: a last line without a newline is cut off. */
export class TextCursor {
  readonly #text: string
  #at = 0
  line = 0

  constructor(text: string) {
    this.#text = text
  }

  get current(): string {
    return this.#text.charAt(this.#at)
  }

  fail(message: string): never {
    throw new AppError('config.invalid', message)
  }

  /** To the first character of the next line that is no blank; the end of the page is allowed here alone. */
  beginLine(): void {
    if (this.line > 0) this.#at++
    this.line++
    while (this.current === ' ' || this.current === '\t') this.#at++
  }

  advance(): void {
    this.#at++
    this.#needMore()
  }

  skipBlanks(): void {
    while (this.current === ' ' || this.current === '\t') this.#at++
    this.#needMore()
  }

  skipLine(): void {
    this.#until(/\n/g)
  }

  untilWhitespace(): string {
    return this.#until(/[ \t\n]/g)
  }

  untilNewline(): string {
    return this.#until(/\n/g)
  }

  /** A name, bare or in quotes; '' where none begins here. `more`: characters beside letters and `_`. */
  name(more: string, what: string): string {
    if (this.current === '"') return this.#quoted((read) => `${what} name ${goQuote(read)} contains unescaped new-line`)
    const pattern = more === '' ? /[a-zA-Z_][a-zA-Z0-9_]*/y : /[a-zA-Z_:][a-zA-Z0-9_:]*/y
    pattern.lastIndex = this.#at
    const name = pattern.exec(this.#text)?.[0] ?? ''
    this.#at += name.length
    this.#needMore()
    return name
  }

  labelValue(): string {
    return this.#quoted((read) => `label value ${goQuote(read)} contains unescaped new-line`)
  }

  /** The rest of the line with `\\` and `\n` for backslash and newline. */
  help(): string {
    return this.untilNewline().replace(/\\(.?)/g, (_, char: string) => this.#unescape(char, false))
  }

  #quoted(newlineMessage: (read: string) => string): string {
    let read = ''
    for (;;) {
      this.advance()
      const { current } = this
      if (current === '"') break
      if (current === '\n') this.fail(newlineMessage(read))
      if (current === '\\') {
        this.advance()
        read += this.#unescape(this.current, true)
      } else read += current
    }
    this.advance()
    return read
  }

  #unescape(char: string, withQuote: boolean): string {
    if (char === 'n') return '\n'
    if (char === '\\' || (char === '"' && withQuote)) return char
    return this.fail(`invalid escape sequence '\\${char}'`)
  }

  #until(stop: RegExp): string {
    const from = this.#at
    stop.lastIndex = from
    const match = stop.exec(this.#text)
    this.#at = match === null ? this.#text.length : match.index
    this.#needMore()
    return this.#text.slice(from, this.#at)
  }

  #needMore(): void {
    if (this.#at >= this.#text.length) this.fail('unexpected end of input stream')
  }
}
