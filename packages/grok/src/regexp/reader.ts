import { RegexpSyntaxError } from './syntax.ts'

/** An expression's text, read from left to right. */
export class Reader {
  readonly source: string
  at = 0

  constructor(source: string) {
    this.source = source
  }

  get isAtEnd(): boolean {
    return this.at >= this.source.length
  }

  /** The code point here, without going on; -1 at the end. */
  peek(): number {
    return this.source.codePointAt(this.at) ?? -1
  }

  next(): number {
    const code = this.peek()
    if (code >= 0) this.at += code > 0xffff ? 2 : 1
    return code
  }

  /** Goes over the text if it stands here. */
  take(text: string): boolean {
    if (!this.source.startsWith(text, this.at)) return false
    this.at += text.length
    return true
  }

  /** Goes over what a sticky expression finds here. */
  takeMatch(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.at
    const match = expression.exec(this.source)
    if (match === null) return undefined
    this.at += match[0].length
    return match
  }

  /** What stands before the next `end`, which is gone over. */
  until(end: string, what: string): string {
    const found = this.source.indexOf(end, this.at)
    if (found < 0) throw this.error(`${what} has no end: '${end}' is missing`)
    const text = this.source.slice(this.at, found)
    this.at = found + end.length
    return text
  }

  error(message: string, at = this.at): RegexpSyntaxError {
    return new RegexpSyntaxError(message, at)
  }
}
