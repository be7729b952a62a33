// Clauses of query_string syntax + what the fields are → the query tree. Source: Elasticsearch's query_string as documented.
import type { DateContext } from '../date-math.ts'
import type { Field, Fields } from '../fields.ts'
import type { Leaf } from '../leaf.ts'
import { leafTree, lenientTree } from '../leaf-tree.ts'
import type { Bound, WildcardPattern } from '../predicate.ts'
import { allTree, booleanTree, type Clause, noneTree, type QueryTree } from '../query-tree.ts'
import { parseWildcard } from '../wildcard.ts'
import type { LuceneClause, LuceneGroup, LuceneNode, LuceneRange, LuceneTerm, RangeEnd } from './ast.ts'
import { unescapeLucene } from './escape.ts'
import { parseLucene } from './parse.ts'

export interface LuceneOptions extends DateContext {
  readonly fields: Fields
  /** What clauses without a mark are. */
  readonly defaultOperator?: 'or' | 'and'
  /** Searched where the query names no field; by default all. Patterns are allowed. */
  readonly defaultFields?: readonly string[]
  /** Values that do not fit a field's type find nothing instead of being refused. */
  readonly isLenient?: boolean
}

/** An empty query asks for nothing in particular: all records. Throws `query.parse`, `query.limit`, and `query.execution` for values that do not fit. */
export function luceneTree(text: string, options: LuceneOptions): QueryTree {
  const group = parseLucene(text)
  if (group === undefined) return allTree
  return new LuceneBuilder(options).group(group, undefined) ?? noneTree
}

class LuceneBuilder {
  private readonly options: LuceneOptions
  private readonly isAnd: boolean

  constructor(options: LuceneOptions) {
    this.options = options
    this.isAnd = options.defaultOperator === 'and'
  }

  /** `field` is that of the brackets around. */
  group({ clauses }: LuceneGroup, field: string | undefined): QueryTree | undefined {
    const built: Clause[] = []
    let lone: QueryTree | undefined
    for (const [i, clause] of clauses.entries()) {
      const query = this.node(clause.node, field)
      const isWords = clause.node.kind === 'term' && clause.node.form === 'words'
      if (isWords) this.addWords(built, query)
      else {
        this.addClause(built, clause, query)
        if (i === 0 && clause.mark === undefined) lone = query
      }
    }
    if (built.length === 1 && lone !== undefined) return lone
    return built.length === 0 ? undefined : booleanTree(built)
  }

  private addWords(built: Clause[], query: QueryTree | undefined): void {
    if (query === undefined) return
    if (query.kind === 'boolean') built.push(...query.clauses)
    else built.push({ occur: this.isAnd ? 'must' : 'should', query })
  }

  /** AND requires what stands on both its sides; OR, where clauses are required by themselves, makes both optional. */
  private addClause(built: Clause[], { conjunction, mark }: LuceneClause, query: QueryTree | undefined): void {
    const last = built.at(-1)
    const remarks = conjunction === 'and' || (conjunction === 'or' && this.isAnd)
    if (last !== undefined && last.occur !== 'not' && remarks)
      built[built.length - 1] = { ...last, occur: conjunction === 'and' ? 'must' : 'should' }
    if (query === undefined) return
    const isRequired = this.isAnd ? conjunction !== 'or' : mark === '+' || conjunction === 'and'
    built.push({ occur: mark === '-' ? 'not' : isRequired ? 'must' : 'should', query })
  }

  private node(node: LuceneNode, outer: string | undefined): QueryTree | undefined {
    const field = node.field ?? outer
    const tree = this.plainNode(node, field)
    return tree === undefined || node.boost === undefined ? tree : { kind: 'boost', of: tree, boost: node.boost }
  }

  private plainNode(node: LuceneNode, field: string | undefined): QueryTree | undefined {
    if (node.kind === 'brackets') return this.group(node.group, field)
    if (node.kind === 'term' && node.text === '*' && node.form === 'pattern' && (field === undefined || field === '*'))
      return allTree
    if (field === '_exists_' && node.kind === 'term') return this.exists(unescapeLucene(node.text, node.span.start))
    if (node.kind === 'term' && node.text === '*' && node.form === 'pattern') return this.exists(field as string)
    return this.inFields(field, node.kind === 'range' ? rangeLeafOf(node) : this.termLeaf(node, field))
  }

  private termLeaf({ form, text, fuzzy, span }: LuceneTerm, field: string | undefined): Leaf {
    if (form === 'quoted') {
      const slop = /^\d{1,9}(?:\.\d+)?$/.test(fuzzy ?? '') ? Math.trunc(Number(fuzzy)) : 0
      return { kind: 'phrase', text: unescapeLucene(text, span.start + 1), slop, prefix: false }
    }
    if (form === 'regexp') return { kind: 'regexp', source: text.replaceAll('\\/', '/'), ignoreCase: false }
    if (fuzzy !== undefined) {
      const plain = unescapeLucene(text, span.start)
      return { kind: 'fuzzy', text: plain, edits: editsOf(fuzzy, plain), prefixLength: 0 }
    }
    if (form === 'pattern') return { kind: 'wildcard', pattern: patternOf(text, span.start), ignoreCase: false }
    const plain = unescapeLucene(text, span.start)
    // signs of comparison stand only behind a field's name
    const range = field === undefined ? undefined : comparison(plain)
    return range ?? { kind: 'match', text: plain, operator: this.isAnd ? 'and' : 'or' }
  }

  private exists(name: string): QueryTree {
    const { fields } = this.options
    const found = /[*?]/.test(name) ? fields.like(parseWildcard(name)) : fields.under(name)
    const trees = found.flatMap((field) => leafTree(field, { kind: 'exists' }, this.options) ?? [])
    if (trees.length === 1) return trees[0] as QueryTree
    return booleanTree(trees.map((query) => ({ occur: 'should', query })))
  }

  private inFields(name: string | undefined, leaf: Leaf): QueryTree | undefined {
    const { fields, defaultFields } = this.options
    const names = name === undefined || name === '*' ? defaultFields : [name]
    if (names === undefined) return this.best(fields.everywhere, leaf, true)
    const isPattern = names.length > 1 || /[*?]/.test(names[0] ?? '')
    const found = names.flatMap((one) => (/[*?]/.test(one) ? fields.like(parseWildcard(one)) : fields.named(one)))
    if (found.length === 0) return noneTree
    return this.best(found, leaf, isPattern || this.options.isLenient === true)
  }

  private best(found: readonly Field[], leaf: Leaf, isLenient: boolean): QueryTree | undefined {
    const trees = found.flatMap(
      (field) => (isLenient ? lenientTree(field, leaf, this.options) : leafTree(field, leaf, this.options)) ?? [],
    )
    if (trees.length === 0)
      return isLenient && found.length > 0 && leaf.kind !== 'match' && leaf.kind !== 'phrase' ? noneTree : undefined
    return trees.length === 1 ? trees[0] : { kind: 'best', of: trees }
  }
}

function comparison(text: string): Leaf | undefined {
  const match = /^([<>])(=?)([\s\S]+)$/.exec(text)
  if (match === null) return undefined
  // ">=" alone is ">" and the value "="
  const bound: Bound<string> = { value: match[3] as string, inclusive: match[2] === '=' }
  const isFrom = match[1] === '>'
  const brackets = isFrom
    ? ([bound.inclusive ? '[' : '{', ']'] as const)
    : (['[', bound.inclusive ? ']' : '}'] as const)
  return isFrom ? { kind: 'range', from: bound, brackets } : { kind: 'range', to: bound, brackets }
}

function rangeLeafOf({ from, to, includesFrom, includesTo, span }: LuceneRange): Leaf {
  const end = (one: RangeEnd, inclusive: boolean): Bound<string> | undefined =>
    one.text === '*' && !one.isQuoted ? undefined : { value: unescapeLucene(one.text, span.start), inclusive }
  const low = end(from, includesFrom)
  const high = end(to, includesTo)
  return {
    kind: 'range',
    ...(low === undefined ? {} : { from: low }),
    ...(high === undefined ? {} : { to: high }),
    brackets: [includesFrom ? '[' : '{', includesTo ? ']' : '}'],
  }
}

/** `~` alone counts by the word's length; a fraction is the old measure of likeness. */
function editsOf(fuzzy: string, text: string): 0 | 1 | 2 | 'auto' {
  const number = /^\d+(?:\.\d+)?$/.test(fuzzy) ? Number(fuzzy) : undefined
  if (number === undefined) return 'auto'
  const edits = number >= 1 ? Math.trunc(number) : number === 0 ? 0 : Math.trunc((1 - number) * [...text].length)
  return edits >= 2 ? 2 : edits === 1 ? 1 : 0
}

function patternOf(text: string, start: number): WildcardPattern {
  // `\u` names a character; all other escapes are the pattern's own
  const plain = text.replace(/\\(?:u[\s\S]{0,4}|[\s\S])/g, (escaped) => {
    if (escaped[1] !== 'u') return escaped
    const char = unescapeLucene(escaped, start)
    return /[*?\\]/.test(char) ? `\\${char}` : char
  })
  return parseWildcard(plain)
}
