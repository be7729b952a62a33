// Lucene's regular expressions (with all of its optional operators, as query_string has them) in RE2's syntax, for a linear-time engine.
import { RE2JS } from 're2js'

/** Why an expression cannot be run. */
export class RegexpProblem {
  readonly message: string
  /** Characters from the expression's beginning. */
  readonly at: number

  constructor(message: string, at: number) {
    this.message = message
    this.at = at
  }
}

/** Characters; Elasticsearch's `index.max_regex_length`. */
const maxLength = 1000
const maxDepth = 50
const maxIntervalDigits = 18

const quote = (text: string): string => text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&')

/**
 * The same expression for RE2. Of Lucene's optional operators these are understood: `@` any text, `#` nothing, `<1-20>` numbers, `"as it stands"`.
 * Complement `~` and intersection `&` have no counterpart in a linear-time engine and are refused.
 */
export function luceneRegexpToRe2(source: string): string | RegexpProblem {
  if (source.length > maxLength)
    return new RegexpProblem(`The expression has more than ${maxLength} characters`, maxLength)
  const parser = new RegexpParser(source)
  const pattern = parser.alternatives(0)
  if (parser.problem !== undefined) return parser.problem
  if (parser.at < source.length) return new RegexpProblem('")" closes nothing', parser.at)
  try {
    RE2JS.compile(pattern)
  } catch (error) {
    return new RegexpProblem(error instanceof Error ? error.message : String(error), 0)
  }
  return pattern
}

class RegexpParser {
  at = 0
  problem: RegexpProblem | undefined
  readonly source: string

  constructor(source: string) {
    this.source = source
  }

  alternatives(depth: number): string {
    if (depth > maxDepth) return this.fail(`More than ${maxDepth} brackets inside one another`)
    const branches = [this.sequence(depth)]
    while (this.take('|')) branches.push(this.sequence(depth))
    if (this.source[this.at] === '&')
      return this.fail('Intersection "&" is not supported; combine two expressions with AND')
    return branches.length === 1 ? (branches[0] as string) : `(?:${branches.join('|')})`
  }

  private sequence(depth: number): string {
    let pattern = ''
    while (
      this.problem === undefined &&
      this.at < this.source.length &&
      !'|)&'.includes(this.source[this.at] as string)
    )
      pattern += this.repeated(depth)
    return pattern
  }

  private repeated(depth: number): string {
    let pattern = this.atom(depth)
    for (;;) {
      const char = this.source[this.at]
      if (char === '*' || char === '+' || char === '?') {
        this.at++
        // a second sign would make RE2 read a lazy one
        pattern = `(?:${pattern})${char}`
      } else if (char === '{') pattern = this.counted(pattern)
      else return pattern
    }
  }

  private counted(pattern: string): string {
    const match = /^\{(\d{1,4})(?:(,)(\d{0,4}))?\}/.exec(this.source.slice(this.at))
    if (match === null) return this.fail('"{" begins no count such as {2,5}')
    this.at += match[0].length
    return `(?:${pattern})${match[0]}`
  }

  private atom(depth: number): string {
    const start = this.at
    const char = String.fromCodePoint(this.source.codePointAt(start) as number)
    this.at += char.length
    switch (char) {
      case '(':
        return this.group(depth)
      case '[':
        return this.characterClass()
      case '.':
        return '(?s:.)'
      case '@':
        return '(?s:.*)'
      case '#':
        return '[^\\x{0}-\\x{10FFFF}]'
      case '"':
        return this.quoted(start)
      case '<':
        return this.interval(start)
      case '~':
        return this.fail('Complement "~" is not supported; use NOT', start)
      case '\\':
        return this.escaped()
      case '*':
      case '+':
      case '?':
      case '{':
        return this.fail(`"${char}" repeats nothing`, start)
      default:
        return quote(char)
    }
  }

  private group(depth: number): string {
    if (this.take(')')) return '(?:)'
    const inner = this.alternatives(depth + 1)
    if (!this.take(')')) return this.fail('"(" is not closed')
    return `(?:${inner})`
  }

  private quoted(start: number): string {
    const end = this.source.indexOf('"', this.at)
    if (end < 0) return this.fail('The quote is not closed', start)
    const text = this.source.slice(this.at, end)
    this.at = end + 1
    return `(?:${quote(text)})`
  }

  private escaped(): string {
    const char = this.source[this.at]
    if (char === undefined) return this.fail('A backslash ends the expression')
    const whole = String.fromCodePoint(this.source.codePointAt(this.at) as number)
    this.at += whole.length
    return /^[dDsSwW]$/.test(whole) ? `\\${whole}` : quote(whole)
  }

  private characterClass(): string {
    const start = this.at - 1
    const isNegated = this.take('^')
    let inside = ''
    for (;;) {
      const from = this.classCharacter()
      if (from === undefined) return this.fail('"[" is not closed', start)
      inside += from
      if (this.source[this.at] === '-' && this.source[this.at + 1] !== ']') {
        this.at++
        const to = this.classCharacter()
        if (to === undefined) return this.fail('"[" is not closed', start)
        inside += `-${to}`
      }
      if (this.take(']')) return `[${isNegated ? '^' : ''}${inside}]`
    }
  }

  private classCharacter(): string | undefined {
    const isEscaped = this.take('\\')
    const point = this.source.codePointAt(this.at)
    if (point === undefined) return undefined
    const char = String.fromCodePoint(point)
    this.at += char.length
    if (isEscaped && /^[dDsSwW]$/.test(char)) return `\\${char}`
    return /^[\\\]^[\-&~]$/.test(char) ? `\\${char}` : char
  }

  private interval(start: number): string {
    const match = /^(\d+)-(\d+)>/.exec(this.source.slice(this.at))
    if (match === null) return this.fail('"<" begins no range of numbers such as <1-20>', start)
    this.at += match[0].length
    const [from, to] = [match[1] as string, match[2] as string]
    if (from.length > maxIntervalDigits || to.length > maxIntervalDigits)
      return this.fail('The number is too long', start)
    const [low, high] = BigInt(from) <= BigInt(to) ? [from, to] : [to, from]
    // ends of one length fix the number of digits, zeros in front included
    if (from.length === to.length) return `(?:${sameLength(low, high).join('|')})`
    return `0*(?:${anyLength(BigInt(low), BigInt(high)).join('|')})`
  }

  private take(char: string): boolean {
    if (this.source[this.at] !== char) return false
    this.at++
    return true
  }

  private fail(message: string, at = this.at): string {
    this.problem ??= new RegexpProblem(message, at)
    this.at = this.source.length
    return ''
  }
}

/** Patterns of the numbers between two texts of digits of one length. */
function sameLength(low: string, high: string): string[] {
  if (low === '') return ['']
  const [first, last] = [low[0] as string, high[0] as string]
  const [lowRest, highRest] = [low.slice(1), high.slice(1)]
  if (first === last) return sameLength(lowRest, highRest).map((rest) => first + rest)
  const patterns = sameLength(lowRest, '9'.repeat(lowRest.length)).map((rest) => first + rest)
  const between = [Number(first) + 1, Number(last) - 1] as const
  if (between[0] <= between[1]) patterns.push(`[${between[0]}-${between[1]}]${'[0-9]'.repeat(lowRest.length)}`)
  return [...patterns, ...sameLength('0'.repeat(highRest.length), highRest).map((rest) => last + rest)]
}

function anyLength(low: bigint, high: bigint): string[] {
  const patterns: string[] = []
  for (let from = low; from <= high; ) {
    const digits = String(from).length
    const lastOfLength = 10n ** BigInt(digits) - 1n
    const to = lastOfLength < high ? lastOfLength : high
    patterns.push(...sameLength(String(from), String(to)))
    from = to + 1n
  }
  return patterns
}
