// A query as Lucene builds it: clauses with marks, the best of several fields, weights. It says more than a predicate (what is optional, what it
// was asked as), so `explain.ts` can print it as Elasticsearch does; `predicateOf` keeps what decides.
import { allOf, anyOf, atLeast, notOf, type Predicate } from './predicate.ts'

export type Occur = 'must' | 'filter' | 'should' | 'not'

export interface Clause {
  readonly occur: Occur
  readonly query: QueryTree
}

export type QueryTree =
  | { readonly kind: 'boolean'; readonly clauses: readonly Clause[]; readonly minimumShouldMatch?: number }
  /** The same text in several fields. */
  | { readonly kind: 'best'; readonly of: readonly QueryTree[] }
  | { readonly kind: 'boost'; readonly of: QueryTree; readonly boost: number }
  | { readonly kind: 'nested'; readonly path: string; readonly of: QueryTree }
  /** `text` is how Lucene prints it. */
  | { readonly kind: 'leaf'; readonly predicate: Predicate; readonly text: string }

export const allTree: QueryTree = { kind: 'leaf', predicate: { kind: 'all' }, text: '*:*' }
/** What no record can satisfy. */
export const noneTree: QueryTree = { kind: 'leaf', predicate: { kind: 'none' }, text: 'MatchNoDocsQuery("")' }

/** Clauses of which none asks for anything mean all records but those. */
export function booleanTree(clauses: readonly Clause[], minimumShouldMatch?: number): QueryTree {
  const isNegative = clauses.length > 0 && clauses.every(({ occur }) => occur === 'not')
  const all: readonly Clause[] = isNegative ? [...clauses, { occur: 'filter', query: allTree }] : clauses
  return { kind: 'boolean', clauses: all, ...(minimumShouldMatch === undefined ? {} : { minimumShouldMatch }) }
}

/** Clauses that are marked `should` count only where none is required, or where a number of them is asked for. */
export function predicateOf(tree: QueryTree): Predicate {
  switch (tree.kind) {
    case 'leaf':
      return tree.predicate
    case 'best':
      return anyOf(tree.of.map(predicateOf))
    case 'boost':
      return predicateOf(tree.of)
    case 'nested':
      return { kind: 'nested', path: tree.path, of: predicateOf(tree.of) }
    case 'boolean':
      return booleanPredicate(tree.clauses, tree.minimumShouldMatch)
  }
}

function booleanPredicate(clauses: readonly Clause[], minimumShouldMatch: number | undefined): Predicate {
  const of = (...occurs: readonly Occur[]): Predicate[] =>
    clauses.filter(({ occur }) => occurs.includes(occur)).map(({ query }) => predicateOf(query))
  const required = of('must', 'filter')
  const should = of('should')
  const needed = minimumShouldMatch ?? (required.length === 0 && should.length > 0 ? 1 : 0)
  // a query without clauses finds nothing in Lucene
  if (clauses.length === 0) return { kind: 'none' }
  return allOf([...required, atLeast(needed, should), ...of('not').map(notOf)])
}

/** As Lucene prints queries, and Elasticsearch's `_validate/query?explain=true` with it. */
export function explain(tree: QueryTree): string {
  switch (tree.kind) {
    case 'leaf':
      return tree.text
    case 'best':
      return `(${tree.of.map(inBrackets).join(' | ')})`
    case 'boost':
      return `(${explain(tree.of)})^${printBoost(tree.boost)}`
    case 'nested':
      return `ToParentBlockJoinQuery (${explain(tree.of)})`
    case 'boolean': {
      const signs: Readonly<Record<Occur, string>> = { must: '+', filter: '#', should: '', not: '-' }
      const text = tree.clauses.map(({ occur, query }) => signs[occur] + inBrackets(query)).join(' ')
      return (tree.minimumShouldMatch ?? 0) > 1 ? `(${text})~${tree.minimumShouldMatch}` : text
    }
  }
}

const inBrackets = (tree: QueryTree): string => (tree.kind === 'boolean' ? `(${explain(tree)})` : explain(tree))

const printBoost = (boost: number): string => (Number.isInteger(boost) ? `${boost}.0` : String(boost))
