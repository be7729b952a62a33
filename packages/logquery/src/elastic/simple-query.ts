// simple_query_string: `+` and, `|` or, `-` not, "phrases"~2, prefix*, fuzzy~1, (brackets). It never fails: what does not fit is passed over.
import type { Leaf } from '../leaf.ts'
import { checkLength, limitError, maxClauses, maxDepth } from '../query-error.ts'
import { booleanTree, type QueryTree } from '../query-tree.ts'
import { wildcardOf } from '../wildcard.ts'

export interface SimpleOptions {
  /** What a blank between words means. */
  readonly operator: 'or' | 'and'
  /** The question in all fields; undefined where it asks for no word. */
  readonly leaf: (leaf: Leaf) => QueryTree | undefined
}

/** Undefined where the text asks for nothing. Throws only `query.limit`. */
export function simpleTree(text: string, options: SimpleOptions): QueryTree | undefined {
  checkLength(text)
  return new SimpleParser(text, options).row(0)
}

class SimpleParser {
  private at = 0
  private clauses = 0
  private readonly text: string
  private readonly options: SimpleOptions

  constructor(text: string, options: SimpleOptions) {
    this.text = text
    this.options = options
  }

  /** From left to right; where the sign changes, all so far becomes the first of the new row. */
  row(depth: number): QueryTree | undefined {
    if (depth > maxDepth)
      throw limitError('The query has too many brackets inside one another', `Use at most ${maxDepth}`)
    let tree: QueryTree | undefined
    let rowOperator: 'or' | 'and' | undefined
    let sign: 'or' | 'and' | undefined
    let isNegated = false
    while (this.at < this.text.length) {
      const char = this.text[this.at] as string
      if (char === ')' && depth > 0) break
      if (/[\s)]/.test(char)) this.at++
      else if (char === '+' || char === '|') {
        sign = char === '+' ? 'and' : 'or'
        this.at++
      } else if (char === '-') {
        isNegated = !isNegated
        this.at++
      } else {
        const next = this.operand(char, depth)
        if (next !== undefined) {
          const operator = sign ?? this.options.operator
          tree = join(tree, isNegated ? booleanTree([{ occur: 'not', query: next }]) : next, operator, rowOperator)
          rowOperator = tree.kind === 'boolean' && tree.clauses.length > 1 ? operator : rowOperator
        }
        sign = undefined
        isNegated = false
      }
    }
    return tree
  }

  private operand(char: string, depth: number): QueryTree | undefined {
    if (++this.clauses > maxClauses)
      throw limitError(`The query has more than ${maxClauses} clauses`, 'Ask for less at a time, or use a prefix')
    if (char === '(') {
      this.at++
      const inner = this.row(depth + 1)
      if (this.text[this.at] === ')') this.at++
      return inner
    }
    return char === '"' ? this.phrase() : this.word()
  }

  private phrase(): QueryTree | undefined {
    const match = /"((?:[^"\\]|\\[\s\S])*)"(?:~(\d{1,4}))?/y
    match.lastIndex = this.at
    const found = match.exec(this.text)
    if (found === null) {
      // a quote that nothing closes is no quote
      this.at++
      return undefined
    }
    this.at += found[0].length
    const text = (found[1] as string).replace(/\\([\s\S])/g, '$1')
    return this.options.leaf({ kind: 'phrase', text, slop: Number(found[2] ?? 0), prefix: false })
  }

  private word(): QueryTree | undefined {
    const match = /(?:[^\s+|()"\\]|\\[\s\S]?)+/y
    match.lastIndex = this.at
    const written = match.exec(this.text)?.[0] ?? (this.text[this.at] as string)
    this.at += written.length
    const plain = (text: string): string => text.replace(/\\([\s\S]?)/g, '$1')
    const fuzzy = /^([\s\S]*[^\\])~(\d?)$/.exec(written)
    if (fuzzy !== null) {
      const edits = Math.min(2, Number(fuzzy[2] === '' ? 2 : fuzzy[2]))
      return this.options.leaf({
        kind: 'fuzzy',
        text: plain(fuzzy[1] as string),
        edits: edits === 0 ? 0 : edits === 1 ? 1 : 2,
        prefixLength: 0,
      })
    }
    if (/[^\\]\*$/.test(written)) {
      const pattern = wildcardOf([{ text: plain(written.slice(0, -1)) }, 'any'])
      return this.options.leaf({ kind: 'wildcard', pattern, ignoreCase: false })
    }
    return this.options.leaf({ kind: 'match', text: plain(written), operator: this.options.operator })
  }
}

function join(
  tree: QueryTree | undefined,
  next: QueryTree,
  operator: 'or' | 'and',
  rowOperator: 'or' | 'and' | undefined,
): QueryTree {
  if (tree === undefined) return next
  const occur = operator === 'and' ? 'must' : 'should'
  if (tree.kind === 'boolean' && rowOperator === operator) return booleanTree([...tree.clauses, { occur, query: next }])
  return booleanTree([
    { occur, query: tree },
    { occur, query: next },
  ])
}
