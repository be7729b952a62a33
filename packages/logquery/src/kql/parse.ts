// KQL → its tree. The grammar is Kibana's; what it reads again and again when brackets nest is read once here. The place of an error is the
// furthest one at which anything was expected, as its own parser tells it.
import { checkLength, limitError, maxClauses, maxDepth, syntaxError } from '../query-error.ts'
import { isNode, type KqlComparison, type KqlName, type KqlNode, matchAllNode } from './ast.ts'
import { keywordEnd, notEnd, type Scanned, scanQuoted, scanUnquoted, skipBlanks } from './scan.ts'

/** What a list of values makes of each of its values. */
type OfValue = (value: KqlName, isPhrase: boolean) => KqlNode

const comparisons: readonly (readonly [sign: string, name: KqlComparison])[] = [
  ['<=', 'lte'],
  ['>=', 'gte'],
  ['<', 'lt'],
  ['>', 'gt'],
]

/** Throws `query.parse` with the place of the first character that does not fit, `query.limit` for a text too large. */
export function parseKql(text: string): KqlNode {
  checkLength(text)
  return new KqlParser(text).whole()
}

/** Thrown within the parser alone: nothing of what was expected stands here. */
class Mismatch extends Error {}

class KqlParser {
  private readonly text: string
  private at = 0
  private depth = 0
  private nodes = 0
  private furthest = 0
  private readonly expected = new Set<string>()

  constructor(text: string) {
    this.text = text
  }

  whole(): KqlNode {
    this.blanks()
    if (this.at === this.text.length) return matchAllNode
    try {
      const node = this.alternatives(() => this.negation())
      this.blanks()
      if (this.at < this.text.length) this.expect('end of input')
      return node
    } catch (error) {
      if (!(error instanceof Mismatch)) throw error
      throw this.asError()
    }
  }

  private asError(): Error {
    const wanted = [...this.expected].toSorted()
    const found = this.furthest < this.text.length ? JSON.stringify(this.text[this.furthest]) : 'the end'
    const list = wanted.length > 1 ? `${wanted.slice(0, -1).join(', ')} or ${wanted.at(-1)}` : (wanted[0] ?? 'nothing')
    const end = Math.min(this.furthest + 1, this.text.length)
    return syntaxError(`Expected ${list}, but there is ${found}`, this.furthest, end)
  }

  /** a or b or c, and within it a and b. */
  private alternatives(operand: () => KqlNode): KqlNode {
    return this.row('or', () => this.row('and', operand))
  }

  private row(word: 'or' | 'and', operand: () => KqlNode): KqlNode {
    const first = operand()
    const rest: KqlNode[] = []
    for (;;) {
      const end = keywordEnd(this.text, this.at, word)
      if (end === undefined) break
      const { at: before, depth } = this
      this.at = end
      try {
        rest.push(operand())
      } catch (error) {
        if (!(error instanceof Mismatch)) throw error
        // the word belongs to something else, or to nothing: then what comes next says so
        this.at = before
        this.depth = depth
        break
      }
    }
    this.note(word.toUpperCase())
    return rest.length === 0 ? first : { type: 'function', function: word, arguments: [first, ...rest] }
  }

  private negation(): KqlNode {
    return this.negated(() => this.operand())
  }

  private negated(operand: () => KqlNode): KqlNode {
    const end = notEnd(this.text, this.at)
    if (end === undefined) {
      this.note('NOT')
      return operand()
    }
    this.at = end
    return { type: 'function', function: 'not', arguments: [operand()] }
  }

  private operand(): KqlNode {
    if (this.text[this.at] === '(') return this.between(')', () => this.alternatives(() => this.negation()))
    this.note('"("')
    return this.expression()
  }

  /** What stands between the bracket here and its end. */
  private between(close: ')' | '}', inside: () => KqlNode): KqlNode {
    if (++this.depth > maxDepth)
      throw limitError('The query has too many brackets inside one another', `Use at most ${maxDepth}`)
    this.at++
    this.blanks()
    const node = inside()
    this.blanks()
    if (this.text[this.at] !== close) this.expect(`"${close}"`)
    this.at++
    this.depth--
    return node
  }

  private expression(): KqlNode {
    if (++this.nodes > maxClauses)
      throw limitError(`The query asks for more than ${maxClauses} values`, 'Ask for less at a time, or use a pattern')
    const start = this.at
    const name = this.literal()
    if (name === undefined) return this.expect('a field or a value')
    this.at = name.end
    this.blanks()
    const afterName = this.at
    if (this.text[this.at] === ':') return this.values(name.value)
    const comparison = comparisons.find(([sign]) => this.text.startsWith(sign, this.at))
    if (comparison !== undefined) return this.comparison(name.value, comparison)
    this.note('":"', afterName)
    this.note('a sign of comparison', afterName)
    this.at = name.end
    return isNode(null, name.value, this.text[start] === '"')
  }

  private values(field: KqlName): KqlNode {
    this.at++
    this.blanks()
    if (this.text[this.at] === '{') {
      const inner = this.between('}', () => this.alternatives(() => this.negation()))
      return { type: 'function', function: 'nested', arguments: [field, inner] }
    }
    return this.listOfValues((value, isPhrase) => isNode(field, value, isPhrase))
  }

  private listOfValues(of: OfValue): KqlNode {
    if (this.text[this.at] === '(')
      return this.between(')', () => this.alternatives(() => this.negated(() => this.listOfValues(of))))
    const isPhrase = this.text[this.at] === '"'
    const value = this.literal()
    if (value === undefined) return this.expect('a value')
    this.at = value.end
    return of(value.value, isPhrase)
  }

  private comparison(field: KqlName, [sign, name]: readonly [string, KqlComparison]): KqlNode {
    this.at += sign.length
    this.blanks()
    const value = this.literal()
    if (value === undefined) return this.expect('a value')
    this.at = value.end
    return { type: 'function', function: 'range', arguments: [field, { type: 'namedArg', name, value: value.value }] }
  }

  private literal(): Scanned<KqlName> | undefined {
    const quoted = scanQuoted(this.text, this.at)
    if (quoted === undefined) return scanUnquoted(this.text, this.at)
    return { value: { type: 'literal', value: quoted.value }, end: quoted.end }
  }

  private blanks(): void {
    this.at = skipBlanks(this.text, this.at)
  }

  private note(what: string, at = this.at): void {
    if (at > this.furthest) {
      this.furthest = at
      this.expected.clear()
    }
    if (at === this.furthest) this.expected.add(what)
  }

  private expect(what: string): never {
    this.note(what)
    throw new Mismatch()
  }
}
