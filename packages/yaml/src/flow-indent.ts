// Lists in brackets, mappings in braces and quoted texts over several lines: Go's YAML decoder does not ask how far their
// further lines are indented, and people write `targets: [` with the items below it at any column. Our parser asks.

/** Spaces put before such a line: more than any line before it is indented. */
const pad = 200

const closing: Readonly<Record<string, string>> = { '[': ']', '{': '}' }

/** The text with those lines moved to the right; no line is added or taken away. */
export function indentFlowLines(text: string): string {
  const scan = new Scan(text)
  const starts: number[] = []
  while (!scan.isAtEnd) scan.token(starts)
  if (starts.length === 0) return text
  let shifted = ''
  let from = 0
  for (const start of starts) {
    shifted += text.slice(from, start) + ' '.repeat(pad)
    from = start
  }
  return shifted + text.slice(from)
}

class Scan {
  readonly #text: string
  #at = 0
  #lineIndent = 0

  constructor(text: string) {
    this.#text = text
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length
  }

  /** One token outside of brackets; `starts` gets the beginnings of lines inside of what opens here. */
  token(starts: number[]): void {
    const char = this.#text[this.#at] as string
    if (char === '\n') this.#newLine()
    else if (char === ' ' || char === '\t' || char === '\r') this.#at++
    else if (char === '#') this.#skipTo(/\n/g)
    else if (char === '[' || char === '{') this.#brackets(starts)
    else if (char === '"' || char === "'") this.#quoted(starts)
    else if (/^[|>][-+0-9]*[ \t\r]*(?:#.*)?$/.test(this.#restOfLine())) this.#blockText()
    else if (/[-?:]/.test(char) && /^.(?:\s|$)/.test(this.#restOfLine())) this.#at++
    else if (char === '&' || char === '!' || char === '*') this.#skipTo(/[\s,]/g)
    else this.#plain()
  }

  #newLine(): void {
    this.#at++
    this.#lineIndent = /^ */.exec(this.#restOfLine())?.[0].length ?? 0
  }

  #restOfLine(): string {
    const end = this.#text.indexOf('\n', this.#at)
    return this.#text.slice(this.#at, end < 0 ? undefined : end)
  }

  #skipTo(what: RegExp): void {
    what.lastIndex = this.#at
    this.#at = what.exec(this.#text)?.index ?? this.#text.length
  }

  /** A text without quotes, up to the end of its line or of the key that it is. */
  #plain(): void {
    this.#skipTo(/:(?=\s)|[ \t]#|\n/g)
  }

  /** The lines below `|` or `>` are text whatever stands in them. */
  #blockText(): void {
    const indent = this.#lineIndent
    this.#skipTo(/\n/g)
    while (!this.isAtEnd) {
      const before = this.#at
      this.#newLine()
      const line = this.#restOfLine()
      if (line.trim() !== '' && this.#lineIndent <= indent) {
        this.#at = before
        return
      }
      this.#skipTo(/\n/g)
    }
  }

  #quoted(starts: number[]): void {
    const quote = this.#text[this.#at]
    this.#at++
    for (; !this.isAtEnd; this.#at++) {
      const char = this.#text[this.#at]
      if (char === '\n') starts.push(this.#at + 1)
      else if (char === '\\' && quote === '"') {
        this.#at++
        if (this.#text[this.#at] === '\n') starts.push(this.#at + 1)
      } else if (char === quote && quote === "'" && this.#text[this.#at + 1] === "'") this.#at++
      else if (char === quote) {
        this.#at++
        return
      }
    }
  }

  #brackets(starts: number[]): void {
    const open: string[] = []
    let isAfterSpace = true
    while (!this.isAtEnd) {
      const char = this.#text[this.#at] as string
      const isStart = isAfterSpace
      isAfterSpace = /[\s,[{:]/.test(char)
      if ((char === '"' || char === "'") && isStart) {
        this.#quoted(starts)
        continue
      }
      if (char === '#' && isStart) {
        this.#skipTo(/\n/g)
        continue
      }
      const close = closing[char]
      if (close !== undefined) open.push(close)
      else if (char === open.at(-1)) open.pop()
      else if (char === '\n') starts.push(this.#at + 1)
      this.#at++
      if (open.length === 0) return
    }
  }
}
