// Conditions as a tree. Binding, from loose to tight: ||, &&, !, comparison, + -, * / %, sign.
import { quoteValue } from '@tidewatch/core/error.ts'
import { conditionError, lex, type Token } from './lex.ts'

export type Comparison = '<' | '<=' | '>' | '>=' | '==' | '!='
export type Arithmetic = '+' | '-' | '*' | '/' | '%'

/** What has a number. */
export type Term =
  | { readonly kind: 'number'; readonly value: number; readonly at: number }
  | { readonly kind: 'name'; readonly name: string; readonly at: number }
  | { readonly kind: 'text'; readonly text: string; readonly at: number }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Term[]; readonly at: number }
  | {
      readonly kind: 'arithmetic'
      readonly op: Arithmetic
      readonly left: Term
      readonly right: Term
      readonly at: number
    }

/** What is true or not. */
export type Condition =
  | {
      readonly kind: 'compare'
      readonly op: Comparison
      readonly left: Term
      readonly right: Term
      readonly at: number
    }
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition; readonly at: number }

type Node = Term | Condition | { readonly kind: 'not'; readonly of: Node; readonly at: number }

const comparisons: ReadonlySet<string> = new Set(['<', '<=', '>', '>=', '==', '!='])
/** Deeper is a mistake, or an attack on the stack. */
const maxDepth = 50

/** Throws `rules.invalid` with the place in the condition. */
export function parseCondition(text: string): Condition {
  const parser = new Parser(lex(text))
  const node = parser.either()
  parser.end()
  return asCondition(node, false)
}

class Parser {
  readonly #tokens: readonly Token[]
  #next = 0
  #depth = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  get #token(): Token {
    return this.#tokens[this.#next] as Token
  }

  #take(...operators: readonly string[]): Token | undefined {
    const token = this.#token
    if (token.kind !== 'operator' || !operators.includes(token.text)) return undefined
    this.#next++
    return token
  }

  end(): void {
    const { kind, text, at } = this.#token
    if (kind === 'end') return
    if (comparisons.has(text))
      throw conditionError('a comparison cannot be compared again.', at, 'Write a < b && b < c.')
    throw conditionError(
      `${quoteValue(text)} does not go on from what stands before it.`,
      at,
      'Join two conditions by && or ||.',
    )
  }

  either(): Node {
    let left = this.#both()
    for (let op = this.#take('||'); op !== undefined; op = this.#take('||'))
      left = { kind: 'or', left: asCondition(left, false), right: asCondition(this.#both(), false), at: op.at }
    return left
  }

  #both(): Node {
    let left = this.#not()
    for (let op = this.#take('&&'); op !== undefined; op = this.#take('&&'))
      left = { kind: 'and', left: asCondition(left, false), right: asCondition(this.#not(), false), at: op.at }
    return left
  }

  #not(): Node {
    const op = this.#take('!')
    return op === undefined ? this.#compared() : this.#deeper(() => asCondition(this.#not(), true))
  }

  #compared(): Node {
    const left = this.#sum()
    const op = this.#take(...comparisons)
    if (op === undefined) return left
    return {
      kind: 'compare',
      op: op.text as Comparison,
      left: asTerm(left),
      right: asTerm(this.#sum()),
      at: op.at,
    }
  }

  #sum(): Node {
    let left = this.#product()
    for (let op = this.#take('+', '-'); op !== undefined; op = this.#take('+', '-'))
      left = {
        kind: 'arithmetic',
        op: op.text as Arithmetic,
        left: asTerm(left),
        right: asTerm(this.#product()),
        at: op.at,
      }
    return left
  }

  #product(): Node {
    let left = this.#signed()
    for (let op = this.#take('*', '/', '%'); op !== undefined; op = this.#take('*', '/', '%'))
      left = {
        kind: 'arithmetic',
        op: op.text as Arithmetic,
        left: asTerm(left),
        right: asTerm(this.#signed()),
        at: op.at,
      }
    return left
  }

  #signed(): Node {
    const op = this.#take('-', '+')
    if (op === undefined) return this.#one()
    const of = asTerm(this.#deeper(() => this.#signed()))
    if (op.text === '+') return of
    if (of.kind === 'number') return { ...of, value: -of.value, at: op.at }
    return { kind: 'arithmetic', op: '*', left: { kind: 'number', value: -1, at: op.at }, right: of, at: op.at }
  }

  #one(): Node {
    const { kind, text, at } = this.#token
    this.#next++
    switch (kind) {
      case 'number':
        return { kind, value: Number(text.replaceAll('_', '')), at }
      case 'text':
        return { kind, text, at }
      case 'name':
        return this.#named(text, at)
      case 'end':
        throw conditionError('the condition ends where a value should stand.', at)
      case 'operator':
        if (text === '(') return this.#inner(at)
        throw conditionError(`${quoteValue(text)} stands where a value should.`, at)
    }
  }

  #named(name: string, at: number): Node {
    if (name === 'true' || name === 'false') return { kind: 'number', value: name === 'true' ? 1 : 0, at }
    if (this.#take('(') === undefined) return { kind: 'name', name, at }
    const args: Term[] = []
    if (this.#take(')') !== undefined) return { kind: 'call', name, args, at }
    do args.push(asTerm(this.#deeper(() => this.either())))
    while (this.#take(',') !== undefined)
    if (this.#take(')') === undefined) throw conditionError('the call does not end.', at, 'Close it with ).')
    return { kind: 'call', name, args, at }
  }

  #inner(at: number): Node {
    const inner = this.#deeper(() => this.either())
    if (this.#take(')') === undefined) throw conditionError('this parenthesis is not closed.', at, 'Close it with ).')
    return inner
  }

  #deeper(read: () => Node): Node {
    if (++this.#depth > maxDepth) throw conditionError('the condition is nested too deeply.', this.#token.at)
    const node = read()
    this.#depth--
    return node
  }
}

function asTerm(node: Node): Term {
  switch (node.kind) {
    case 'compare':
    case 'and':
    case 'or':
    case 'not':
      throw conditionError('a condition stands where a number should.', node.at, 'Join conditions by && or ||.')
    default:
      return node
  }
}

const opposites: Readonly<Record<Comparison, Comparison>> = {
  '<': '>=',
  '<=': '>',
  '>': '<=',
  '>=': '<',
  '==': '!=',
  '!=': '==',
}

/** `!` moves inwards to the comparisons: PromQL has no "not". */
function asCondition(node: Node, isNegated: boolean): Condition {
  switch (node.kind) {
    case 'not':
      return asCondition(node.of, !isNegated)
    case 'compare':
      return isNegated ? { ...node, op: opposites[node.op] } : node
    case 'and':
    case 'or': {
      if (!isNegated) return node
      const left = asCondition(node.left, true)
      return { kind: node.kind === 'and' ? 'or' : 'and', left, right: asCondition(node.right, true), at: node.at }
    }
    case 'name':
      // a value alone: true where it is not 0
      return {
        kind: 'compare',
        op: isNegated ? '==' : '!=',
        left: node,
        right: { kind: 'number', value: 0, at: node.at },
        at: node.at,
      }
    default:
      throw conditionError(
        'this is a number, and says nothing that is true or not.',
        node.at,
        'Compare it: value > 10.',
      )
  }
}
