// The text of a pipeline file under a cursor. It remembers the furthest place at which something else was wanted, which is where Logstash says
// that a broken file is broken, and what would have been right there.
import type { Place } from './ast.ts'

/** More brackets in one another than a person writes; deeper ones would end the stack. */
const maxDepth = 100

const nameCharacter = /[A-Za-z0-9_-]/

/** Thrown where reading further makes no sense. */
export class TooDeep extends Error {
  readonly at: number

  constructor(at: number) {
    super(`more than ${maxDepth} levels`)
    this.at = at
  }
}

export class Scanner {
  readonly text: string
  at = 0
  furthest = 0
  private wanted = new Set<string>()
  private depth = 0
  private lineStarts: number[] | undefined

  constructor(text: string) {
    this.text = text
  }

  get expected(): readonly string[] {
    return [...this.wanted]
  }

  /** Notes that `what` was wanted here. Answers undefined, so that a rule can end with it. */
  miss(what: string, at = this.at): undefined {
    if (at > this.furthest) {
      this.furthest = at
      this.wanted = new Set()
    }
    if (at === this.furthest) this.wanted.add(what)
    return undefined
  }

  /** The text itself, stepped over. */
  take(literal: string): true | undefined {
    if (!this.text.startsWith(literal, this.at)) return this.miss(`"${literal}"`)
    this.at += literal.length
    return true
  }

  /** White space and comments. */
  skip(): void {
    for (;;) {
      this.blank()
      if (this.text[this.at] !== '#') return
      while (this.at < this.text.length && !isLineEnd(this.text.charCodeAt(this.at))) this.at++
      if (this.at > this.furthest) this.miss('the end of the comment')
    }
  }

  /** White space alone; whether there was some. */
  blank(): boolean {
    const start = this.at
    while (isBlank(this.text.charCodeAt(this.at))) this.at++
    return this.at > start
  }

  /** A run of letters, digits, `_` and `-`. */
  word(): string | undefined {
    const start = this.at
    while (nameCharacter.test(this.text[this.at] ?? '')) this.at++
    return this.at === start ? this.miss('a name') : this.text.slice(start, this.at)
  }

  /** A letter or `_`, then at least one more, with digits. */
  bareword(): string | undefined {
    const found = matchAt(/[A-Za-z_][A-Za-z0-9_]+/y, this.text, this.at)
    if (found === undefined) return this.miss('a word')
    this.at += found.length
    return found
  }

  number(): string | undefined {
    const found = matchAt(/-?[0-9]+(?:\.[0-9]*)?/y, this.text, this.at)
    if (found === undefined) return this.miss('a number')
    this.at += found.length
    return found
  }

  /** Between quotes or slashes; a backslash before the sign keeps it from closing. The content is as written. */
  quoted(sign: '"' | "'" | '/'): string | undefined {
    if (this.text[this.at] !== sign) return this.miss(sign)
    const start = this.at + 1
    let end = start
    while (end < this.text.length && this.text[end] !== sign) end += this.text.startsWith(`\\${sign}`, end) ? 2 : 1
    if (end >= this.text.length) return this.miss(`the closing ${sign}`, this.text.length)
    this.at = end + 1
    return this.text.slice(start, end)
  }

  string(): string | undefined {
    return this.quoted('"') ?? this.quoted("'")
  }

  /** Runs a rule one level deeper; the cursor goes back where the rule does not hold. */
  rule<T>(read: () => T | undefined): T | undefined {
    const start = this.at
    if (this.depth >= maxDepth) throw new TooDeep(start)
    this.depth++
    try {
      const result = read()
      if (result === undefined) this.at = start
      return result
    } finally {
      this.depth--
    }
  }

  place(offset: number): Place {
    this.lineStarts ??= startsOfLines(this.text)
    let low = 0
    let high = this.lineStarts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.lineStarts[middle] as number) <= offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: offset - (this.lineStarts[low] as number) + 1 }
  }
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

function startsOfLines(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

const isLineEnd = (code: number): boolean => code === 10 || code === 13
const isBlank = (code: number): boolean => code === 32 || code === 9 || isLineEnd(code)
