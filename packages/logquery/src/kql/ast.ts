// KQL's tree, with the names and shapes that Kibana's own has.

export type KqlLiteral = { readonly type: 'literal'; readonly value: string | number | boolean | null }
/** `value` has `wildcardSign` where the query has `*`. */
export type KqlWildcard = { readonly type: 'wildcard'; readonly value: string }
export type KqlName = KqlLiteral | KqlWildcard
export type KqlComparison = 'gt' | 'gte' | 'lt' | 'lte'

export type KqlNode =
  | { readonly type: 'function'; readonly function: 'and' | 'or'; readonly arguments: readonly KqlNode[] }
  | { readonly type: 'function'; readonly function: 'not'; readonly arguments: readonly [KqlNode] }
  | { readonly type: 'function'; readonly function: 'nested'; readonly arguments: readonly [path: KqlName, KqlNode] }
  /** Field (null where none is named), value, and whether the value is a phrase; the last is left out for the empty query. */
  | {
      readonly type: 'function'
      readonly function: 'is'
      readonly arguments: readonly [field: KqlName, value: KqlName, isPhrase?: KqlLiteral]
    }
  | {
      readonly type: 'function'
      readonly function: 'range'
      readonly arguments: readonly [field: KqlName, KqlRangeArgument]
    }

export interface KqlRangeArgument {
  readonly type: 'namedArg'
  readonly name: KqlComparison
  readonly value: KqlName
}

/** Stands for `*` in a wildcard's value, so that an escaped star is told from it. */
export const wildcardSign = '@kuery-wildcard@'

const literal = (value: KqlLiteral['value']): KqlLiteral => ({ type: 'literal', value })
const anything: KqlWildcard = { type: 'wildcard', value: wildcardSign }

export const isNode = (field: KqlName | null, value: KqlName, isPhrase: boolean): KqlNode => ({
  type: 'function',
  function: 'is',
  arguments: [field ?? literal(null), value, literal(isPhrase)],
})

/** What an empty query stands for. */
export const matchAllNode: KqlNode = { type: 'function', function: 'is', arguments: [anything, anything] }
