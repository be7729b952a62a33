// query_string syntax → clauses, as Lucene's classic parser reads it without splitting at blanks, which is how Elasticsearch uses it.
import { checkLength, limitError, maxClauses, maxDepth, syntaxError } from '../query-error.ts'
import type { Conjunction, LuceneClause, LuceneGroup, LuceneNode, LuceneTerm, Mark, RangeEnd } from './ast.ts'
import { unescapeLucene } from './escape.ts'
import { type Token, type TokenKind, tokenizeLucene } from './lexer.ts'

/** What may not follow a word for it to be one of several in a row. */
const endsWords: ReadonlySet<TokenKind> = new Set([':', '*', 'fuzzy', '^', 'and', 'or'])
const beginsTerm: ReadonlySet<TokenKind> = new Set([
  ...(['*', 'bare-operator', 'quoted', 'term', 'prefix', 'wildcard', 'regexp', 'number', '[', '{'] as const),
])

/** Undefined for an empty text. Throws `query.parse` with the place of the first character that does not fit, `query.limit` for a text too large. */
export function parseLucene(text: string): LuceneGroup | undefined {
  checkLength(text)
  const tokens = tokenizeLucene(text)
  if (tokens.length === 1) return undefined
  return new LuceneParser(tokens).whole()
}

class LuceneParser {
  private at = 0
  private depth = 0
  private clauses = 0
  private readonly tokens: readonly Token[]

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens
  }

  whole(): LuceneGroup {
    const group = this.group()
    if (this.kind() !== 'end') throw this.unexpected()
    return group
  }

  private group(): LuceneGroup {
    if (++this.depth > maxDepth)
      throw limitError('The query has too many brackets inside one another', `Use at most ${maxDepth}`)
    const clauses: LuceneClause[] = [this.firstClause()]
    for (;;) {
      const kind = this.kind()
      if (kind === 'end' || kind === ')') break
      clauses.push(this.isWords() ? this.words() : this.nextClause())
      if (++this.clauses > maxClauses)
        throw limitError(`The query has more than ${maxClauses} clauses`, 'Ask for less at a time, or use a pattern')
    }
    this.depth--
    return { kind: 'group', clauses }
  }

  private firstClause(): LuceneClause {
    return this.isWords() ? this.words() : { conjunction: undefined, mark: this.mark(), node: this.clause() }
  }

  private nextClause(): LuceneClause {
    const kind = this.kind()
    const conjunction: Conjunction = kind === 'and' || kind === 'or' ? kind : undefined
    if (conjunction !== undefined) this.at++
    return { conjunction, mark: this.mark(), node: this.clause() }
  }

  /** Two words or more of which none is followed by what makes it something else. */
  private isWords(): boolean {
    return this.kind() === 'term' && this.kind(1) === 'term' && !endsWords.has(this.kind(2))
  }

  private words(): LuceneClause {
    const first = this.next()
    let text = first.text
    let { end } = first
    while (this.kind() === 'term' && !endsWords.has(this.kind(1))) {
      const word = this.next()
      text += ` ${word.text}`
      ;({ end } = word)
    }
    const span = { start: first.start, end }
    const node: LuceneTerm = {
      kind: 'term',
      field: undefined,
      form: 'words',
      text,
      fuzzy: undefined,
      boost: undefined,
      span,
    }
    return { conjunction: undefined, mark: undefined, node }
  }

  private mark(): Mark {
    const kind = this.kind()
    if (kind !== '+' && kind !== '-' && kind !== 'not') return undefined
    this.at++
    return kind === '+' ? '+' : '-'
  }

  private clause(): LuceneNode {
    const field = this.fieldName()
    if (this.kind() === '(') {
      this.at++
      const group = this.group()
      this.expect(')')
      return { kind: 'brackets', field, group, boost: this.boost() }
    }
    if (!beginsTerm.has(this.kind())) throw this.unexpected()
    return this.kind() === '[' || this.kind() === '{' ? this.range(field) : this.term(field)
  }

  private fieldName(): string | undefined {
    if (this.kind(1) !== ':') return undefined
    const token = this.token()
    if (token.kind !== 'term' && token.kind !== '*') return undefined
    this.at += 2
    return token.kind === '*' ? '*' : unescapeLucene(token.text, token.start)
  }

  private term(field: string | undefined): LuceneTerm {
    const token = this.next()
    const [form, text] = formOf(token)
    let fuzzy: string | undefined
    let boost: number | undefined
    if (this.kind() === '^') {
      boost = this.boost()
      if (this.kind() === 'fuzzy') fuzzy = this.next().text.slice(1)
    } else if (this.kind() === 'fuzzy') {
      fuzzy = this.next().text.slice(1)
      boost = this.boost()
    }
    const span = { start: token.start, end: token.kind === 'bare-operator' ? token.end - 1 : token.end }
    return { kind: 'term', field, form, text, fuzzy, boost, span }
  }

  private range(field: string | undefined): LuceneNode {
    const open = this.next()
    const from = this.rangeEnd()
    this.expect('to')
    const to = this.rangeEnd()
    const close = this.kind()
    if (close !== ']' && close !== '}') throw this.unexpected()
    const span = { start: open.start, end: this.next().end }
    const included = { includesFrom: open.kind === '[', includesTo: close === ']' }
    return { kind: 'range', field, from, to, ...included, boost: this.boost(), span }
  }

  private rangeEnd(): RangeEnd {
    const kind = this.kind()
    if (kind === 'range-quoted') return { text: this.next().text.slice(1, -1), isQuoted: true }
    if (kind !== 'range-word' && kind !== 'to') throw this.unexpected()
    return { text: this.next().text, isQuoted: false }
  }

  private boost(): number | undefined {
    if (this.kind() !== '^') return undefined
    this.at++
    return Number(this.expect('number').text)
  }

  private token(ahead = 0): Token {
    return (this.tokens[this.at + ahead] ?? this.tokens.at(-1)) as Token
  }

  private kind(ahead = 0): TokenKind {
    return this.token(ahead).kind
  }

  private next(): Token {
    const token = this.token()
    this.at++
    return token
  }

  private expect(kind: TokenKind): Token {
    if (this.kind() !== kind) throw this.unexpected()
    return this.next()
  }

  private unexpected(): Error {
    const token = this.token()
    if (token.kind === 'end') return syntaxError('The query ends where something is still missing', token.start)
    return syntaxError(`"${token.text}" does not fit here`, token.start, token.end)
  }
}

function formOf({ kind, text }: Token): readonly [LuceneTerm['form'], string] {
  switch (kind) {
    case 'quoted':
      return ['quoted', text.slice(1, -1)]
    case 'regexp':
      return ['regexp', text.slice(1, -1)]
    case '*':
    case 'prefix':
    case 'wildcard':
      return ['pattern', text]
    case 'bare-operator':
      return ['word', text.slice(0, 1)]
    default:
      return ['word', text]
  }
}
