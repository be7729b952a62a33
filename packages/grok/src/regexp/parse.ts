// Ruby's regular expressions (Onigmo; Joni is the same) as a tree.
import { type CharTest, charSet, ignoringCase, isNewline, otherCases } from './char-set.ts'
import { readCharEscape, readClassEscape } from './escapes.ts'
import { readBrackets } from './parse-brackets.ts'
import { Reader } from './reader.ts'
import { resolveCalls } from './resolve-calls.ts'
import { type Assertion, emptyNode, type ParsedRegexp, type RegexpNode } from './syntax.ts'

/** What `(?imx)` switches. */
interface Flags {
  readonly ignoreCase: boolean
  readonly dotAll: boolean
  readonly extended: boolean
}

const maxDepth = 250
const anything = charSet(() => true, true)
const noNewline = charSet((code) => !isNewline(code))

/** Parses with the dot matching newlines, as grok compiles. Throws RegexpSyntaxError. */
export function parseRegexp(source: string): ParsedRegexp {
  return new Parser(source).parse()
}

const assertions: Readonly<Record<string, Assertion>> = {
  A: 'text_start',
  z: 'text_end',
  Z: 'text_end_or_newline',
  b: 'word_border',
  B: 'no_word_border',
  G: 'text_start',
}

class Parser {
  private readonly reader: Reader
  private groups = 0
  private readonly names: { name: string; group: number }[] = []
  /** Groups without a name, which \1 counts. */
  private readonly plain: number[] = []
  private depth = 0

  constructor(source: string) {
    this.reader = new Reader(source)
  }

  parse(): ParsedRegexp {
    const root = this.alternatives({ ignoreCase: false, dotAll: true, extended: false })
    if (!this.reader.isAtEnd) throw this.reader.error('a parenthesis is closed that was never opened')
    const { names, groups } = this
    return { root: resolveCalls(root, names), groups, names }
  }

  /** Up to the closing parenthesis of the group, or the end. */
  private alternatives(flags: Flags): RegexpNode {
    if (++this.depth > maxDepth) throw this.reader.error('groups are nested too deeply')
    const options = [this.sequence(flags)]
    while (this.reader.take('|')) options.push(this.sequence(flags))
    this.depth--
    return options.length === 1 ? (options[0] as RegexpNode) : { kind: 'either', options }
  }

  private sequence(flags: Flags): RegexpNode {
    const { reader } = this
    const parts: RegexpNode[] = []
    while (!reader.isAtEnd && reader.source[reader.at] !== '|' && reader.source[reader.at] !== ')') {
      if (flags.extended && reader.takeMatch(/[\s]+|#[^\n]*/y) !== undefined) continue
      if (reader.takeMatch(/\(\?#(?:\\.|[^)\\])*\)/y) !== undefined) continue
      const isolated = reader.takeMatch(/\(\?([imxaud]*)(?:-([imx]*))?\)/y)
      if (isolated !== undefined) {
        // it holds to the end of the group, bars included: a(?i)b|c is a(?i:b|c)
        parts.push(this.alternatives(switched(flags, isolated[1], isolated[2])))
        continue
      }
      parts.push(this.quantified(this.atom(flags), flags))
    }
    return parts.length === 1 ? (parts[0] as RegexpNode) : { kind: 'sequence', parts }
  }

  private quantified(atom: RegexpNode, flags: Flags): RegexpNode {
    const { reader } = this
    let node = atom
    for (;;) {
      if (flags.extended) reader.takeMatch(/\s+/y)
      const match = reader.takeMatch(/([*+?])([?+]?)|\{(\d{1,6})?(,)?(\d{1,6})?\}(\??)/y)
      if (match === undefined) return node
      if (match[1] === undefined) {
        const next = this.interval(node, match)
        if (next === undefined) return node
        node = next
        continue
      }
      const mode = match[2] === '?' ? 'lazy' : match[2] === '+' ? 'possessive' : 'greedy'
      const max = match[1] === '?' ? 1 : Number.POSITIVE_INFINITY
      node = { kind: 'repeat', body: node, min: match[1] === '+' ? 1 : 0, max, mode }
    }
  }

  /** `{n}`, `{n,}`, `{,m}`, `{n,m}`; a `{}` or `{,}` stands for itself. In Ruby `{n}?` is `(?:..{n})?`, and `{n,m}+` repeats the repeated. */
  private interval(body: RegexpNode, match: RegExpExecArray): RegexpNode | undefined {
    const [whole, , , low, comma, high, lazy] = match
    if (low === undefined && (high === undefined || comma === undefined)) {
      this.reader.at -= whole.length
      return undefined
    }
    const min = Number(low ?? 0)
    const max = comma === undefined ? min : high === undefined ? Number.POSITIVE_INFINITY : Number(high)
    if (max < min) throw this.reader.error(`${whole} asks for more than it allows`, this.reader.at - whole.length)
    if (lazy === '?' && comma === undefined) {
      const exact: RegexpNode = { kind: 'repeat', body, min, max, mode: 'greedy' }
      return { kind: 'repeat', body: exact, min: 0, max: 1, mode: 'greedy' }
    }
    return { kind: 'repeat', body, min, max, mode: lazy === '?' ? 'lazy' : 'greedy' }
  }

  private atom(flags: Flags): RegexpNode {
    const { reader } = this
    const start = reader.at
    const code = reader.next()
    switch (String.fromCodePoint(code)) {
      case '(':
        return this.group(flags, start)
      case '[':
        return { kind: 'set', set: charSet(readBrackets(reader, flags.ignoreCase)) }
      case '.':
        return { kind: 'set', set: flags.dotAll ? anything : noNewline }
      case '^':
        return { kind: 'assert', what: 'line_start' }
      case '$':
        return { kind: 'assert', what: 'line_end' }
      case '\\':
        return this.escape(flags)
      case '*':
      case '+':
      case '?':
        throw reader.error(`there is nothing before the '${String.fromCodePoint(code)}' that it could repeat`, start)
      default:
        return character(code, flags)
    }
  }

  private escape(flags: Flags): RegexpNode {
    const { reader } = this
    const start = reader.at
    const test: CharTest | undefined = readClassEscape(reader)
    if (test !== undefined) return { kind: 'set', set: charSet(flags.ignoreCase ? ignoringCase(test) : test) }
    const letter = reader.source[reader.at] ?? ''
    if (Object.hasOwn(assertions, letter)) {
      reader.next()
      return { kind: 'assert', what: assertions[letter] as Assertion }
    }
    if (reader.take('K')) return { kind: 'keep' }
    if (reader.take('R')) return lineBreak
    if (reader.take('X')) return grapheme
    const call = reader.takeMatch(/g(?:<([^>]+)>|'([^']+)')/y)
    if (call !== undefined) return { kind: 'call', name: (call[1] ?? call[2]) as string, at: start }
    const reference = reader.takeMatch(/k(?:<([^>]+)>|'([^']+)')|([1-9]\d{0,2})/y)
    // a number of more digits than there are groups is a character's, in octal
    const isOctal = Number(reference?.[3] ?? 0) > Math.max(9, this.plain.length)
    if (isOctal) reader.at = start
    if (reference === undefined || isOctal) return character(readCharEscape(reader), flags)
    const groups = this.groupsOf((reference[1] ?? reference[2] ?? reference[3]) as string)
    if (groups.length === 0) throw reader.error(`no group ${reference[0]} stands before it`, start)
    return { kind: 'back_reference', groups, ignoreCase: flags.ignoreCase }
  }

  /** The groups of that name so far, or of that number among those without a name (-1: the last). */
  private groupsOf(name: string): number[] {
    if (!/^-?\d+$/.test(name)) return this.names.filter((one) => one.name === name).map(({ group }) => group)
    const number = Number(name)
    const group = number < 0 ? this.plain.at(number) : this.plain[number - 1]
    return group === undefined ? [] : [group]
  }

  private group(flags: Flags, start: number): RegexpNode {
    const { reader } = this
    const opening = reader.takeMatch(/\?(?:(<?[=!])|(>)|:)/y)
    if (opening !== undefined) {
      const body = this.inside(flags, start)
      if (opening[2] !== undefined) return { kind: 'atomic', body }
      const look = opening[1]
      if (look === undefined) return body
      return { kind: 'look', behind: look.startsWith('<'), negative: look.endsWith('!'), body }
    }
    const options = reader.takeMatch(/\?([imxaud]*)(?:-([imx]*))?:/y)
    if (options !== undefined) return this.inside(switched(flags, options[1], options[2]), start)
    if (reader.takeMatch(/\?\(/y) !== undefined) return this.condition(flags, start)
    const quote = reader.takeMatch(/\?([<'])/y)
    if (quote === undefined && reader.peek() === 63) throw reader.error('such a group is not known', start)
    const group = ++this.groups
    if (quote === undefined) this.plain.push(group)
    else {
      const name = reader.until(quote[1] === '<' ? '>' : "'", 'the name of a group')
      if (name === '') throw reader.error('a group has an empty name', start)
      this.names.push({ name, group })
    }
    return { kind: 'capture', group, body: this.inside(flags, start) }
  }

  private inside(flags: Flags, start: number): RegexpNode {
    const body = this.alternatives(flags)
    if (!this.reader.take(')')) throw this.reader.error('a parenthesis is not closed', start)
    return body
  }

  /** `(?(<name>)yes|no)`. */
  private condition(flags: Flags, start: number): RegexpNode {
    const { reader } = this
    const name = reader.until(')', 'a condition').replace(/^[<'](.*)[>']$/, '$1')
    const group = this.groupsOf(name).at(-1)
    if (group === undefined) throw reader.error(`no group '${name}' stands before the condition`, start)
    const yes = this.sequence(flags)
    const no = reader.take('|') ? this.sequence(flags) : emptyNode
    if (!reader.take(')')) throw reader.error('a condition has two ways and a closing parenthesis', start)
    return { kind: 'condition', group, yes, no }
  }
}

function switched(flags: Flags, on = '', off = ''): Flags {
  const has = (letter: string, before: boolean): boolean => (before || on.includes(letter)) && !off.includes(letter)
  return {
    ignoreCase: has('i', flags.ignoreCase),
    dotAll: has('m', flags.dotAll),
    extended: has('x', flags.extended),
  }
}

function character(code: number, flags: Flags): RegexpNode {
  if (!flags.ignoreCase || otherCases(code).length === 0) return { kind: 'char', code }
  return { kind: 'set', set: charSet(ignoringCase((other) => other === code)) }
}

const charNode = (code: number): RegexpNode => ({ kind: 'char', code })

/** `\R`: CR LF as one, or any single line break. */
const lineBreak: RegexpNode = {
  kind: 'atomic',
  body: {
    kind: 'either',
    options: [
      { kind: 'sequence', parts: [charNode(13), charNode(10)] },
      {
        kind: 'set',
        set: charSet((code) => (code >= 10 && code <= 13) || code === 0x85 || code === 0x2028 || code === 0x2029),
      },
    ],
  },
}

const isMark = /\p{M}|\u200d|\ufe0f/u

/** `\X`: a character with what is written onto it. */
const grapheme: RegexpNode = {
  kind: 'atomic',
  body: {
    kind: 'either',
    options: [
      { kind: 'sequence', parts: [charNode(13), charNode(10)] },
      {
        kind: 'sequence',
        parts: [
          { kind: 'set', set: anything },
          {
            kind: 'repeat',
            body: { kind: 'set', set: charSet((code) => code > 127 && isMark.test(String.fromCodePoint(code))) },
            min: 0,
            max: Number.POSITIVE_INFINITY,
            mode: 'greedy',
          },
        ],
      },
    ],
  },
}
