// Queries for texts by their words: match and its kin, query_string, simple_query_string.
import { AppError } from '@tidewatch/core/error.ts'
import { tokenize } from '../analysis.ts'
import type { Field } from '../fields.ts'
import type { Leaf } from '../leaf.ts'
import { leafTree, lenientTree } from '../leaf-tree.ts'
import { luceneTree } from '../lucene/build.ts'
import { allTree, booleanTree, noneTree, type QueryTree } from '../query-tree.ts'
import { parseWildcard, wildcardOf } from '../wildcard.ts'
import { withBoost } from './compound.ts'
import { elasticError } from './error.ts'
import { fuzzinessOf } from './fuzziness.ts'
import { minimumShouldMatch } from './minimum-should-match.ts'
import {
  checkKeys,
  type ElasticContext,
  type ElasticQueryReader,
  isObject,
  type JsonObject,
  readFlag,
  readNumber,
  readOperator,
  readTexts,
  requireField,
  requireObject,
  requireText,
} from './reader.ts'
import { simpleTree } from './simple-query.ts'

const matchKeys = [
  ...[
    'query',
    'operator',
    'fuzziness',
    'minimum_should_match',
    'prefix_length',
    'max_expansions',
    'lenient',
    'analyzer',
  ],
  ...['zero_terms_query', 'fuzzy_transpositions', 'fuzzy_rewrite', 'auto_generate_synonyms_phrase_query', 'slop'],
]

type MatchKind = 'match' | 'phrase' | 'phrase_prefix' | 'bool_prefix'

const matchReader =
  (kind: MatchKind): ElasticQueryReader =>
  (value, outer) => {
    const [name, setting] = requireField(value, outer)
    const context = { ...outer, path: `${outer.path}.${name}` }
    const settings = isObject(setting) ? setting : { query: setting }
    checkKeys(settings, matchKeys, context)
    const fields = context.fields.named(name)
    if (fields.length === 0) return noneTree
    return withBoost(ask(fields, kind, settings, context), readNumber(settings, 'boost', context))
  }

export const readMatch = matchReader('match')
export const readMatchPhrase = matchReader('phrase')
export const readMatchPhrasePrefix = matchReader('phrase_prefix')
export const readMatchBoolPrefix = matchReader('bool_prefix')

/** The text in each of the fields; the best of them counts. */
function ask(fields: readonly Field[], kind: MatchKind, settings: JsonObject, context: ElasticContext): QueryTree {
  const text = requireText(settings.query, { ...context, path: `${context.path}.query` })
  const read = fields.length > 1 || readFlag(settings, 'lenient') ? lenientTree : leafTree
  const trees = fields.flatMap((field) => inField(field, (leaf) => read(field, leaf, context)) ?? [])
  if (trees.length === 0) return settings.zero_terms_query === 'all' ? allTree : noneTree
  return trees.length === 1 ? (trees[0] as QueryTree) : { kind: 'best', of: trees }

  function inField(field: Field, one: (leaf: Leaf) => QueryTree | undefined): QueryTree | undefined {
    const operator = readOperator(settings, 'operator', context)
    const spec = settings.minimum_should_match
    const path = `${context.path}.minimum_should_match`
    const minimum = spec === undefined ? undefined : requireText(spec, { ...context, path })
    switch (kind) {
      case 'phrase':
      case 'phrase_prefix': {
        const slop = Math.max(0, Math.trunc(readNumber(settings, 'slop', context) ?? 0))
        return one({ kind: 'phrase', text, slop, prefix: kind === 'phrase_prefix' })
      }
      case 'match': {
        if (settings.fuzziness !== undefined && isWordy(field))
          return eachWord(text, operator, (word) => one(fuzzyLeaf(word)))
        const minimumOf =
          minimum === undefined ? {} : { minimum: (words: number) => minimumShouldMatch(minimum, words, path) }
        return one({ kind: 'match', text, operator, ...minimumOf })
      }
      case 'bool_prefix': {
        const last = tokenize(text).length - 1
        return eachWord(text, operator, (word, i) =>
          one(
            i === last
              ? { kind: 'wildcard', pattern: wildcardOf([{ text: word }, 'any']), ignoreCase: false }
              : { kind: 'match', text: word, operator },
          ),
        )
      }
    }
  }

  function fuzzyLeaf(word: string): Leaf {
    const prefixLength = Math.max(0, Math.trunc(readNumber(settings, 'prefix_length', context) ?? 0))
    return { kind: 'fuzzy', text: word, edits: fuzzinessOf(settings.fuzziness, word, context), prefixLength }
  }
}

const isWordy = ({ type }: Field): boolean => type === 'text' || type === 'dynamic' || type === 'words'

function eachWord(
  text: string,
  operator: 'or' | 'and',
  one: (word: string, i: number) => QueryTree | undefined,
): QueryTree | undefined {
  const trees = tokenize(text).flatMap((word, i) => one(word, i) ?? [])
  if (trees.length <= 1) return trees[0]
  return booleanTree(trees.map((query) => ({ occur: operator === 'and' ? 'must' : 'should', query })))
}

const multiMatchKinds: Readonly<Record<string, MatchKind>> = {
  best_fields: 'match',
  most_fields: 'match',
  cross_fields: 'match',
  phrase: 'phrase',
  phrase_prefix: 'phrase_prefix',
  bool_prefix: 'bool_prefix',
}

export const readMultiMatch: ElasticQueryReader = (value, context) => {
  const settings = requireObject(value, context)
  checkKeys(settings, [...matchKeys, 'fields', 'type', 'tie_breaker'], context)
  if (settings.query === undefined)
    throw elasticError('parsing_exception', 'No text specified for multi_match query', context.path)
  const type = settings.type === undefined ? 'best_fields' : requireText(settings.type, context)
  const kind = multiMatchKinds[type]
  if (kind === undefined)
    throw elasticError(
      'parsing_exception',
      `failed to parse [multi_match] query type [${type.slice(0, 40)}]. unknown type.`,
      `${context.path}.type`,
    )
  const names = readTexts(settings, 'fields', context)
  const fields = names === undefined ? context.fields.everywhere : names.flatMap((name) => fieldsNamed(name, context))
  if (fields.length === 0) return noneTree
  return withBoost(
    ask(fields, kind, names === undefined ? { ...settings, lenient: true } : settings, context),
    readNumber(settings, 'boost', context),
  )
}

/** A name may be a pattern and carry a weight: `title^2`, `user.*`. */
function fieldsNamed(name: string, { fields }: ElasticContext): readonly Field[] {
  const plain = name.replace(/\^[\d.]+$/, '')
  if (plain === '*') return fields.everywhere
  return plain.includes('*') ? fields.like(parseWildcard(plain)) : fields.named(plain)
}

const queryStringKeys = [
  ...['query', 'default_field', 'fields', 'default_operator', 'analyze_wildcard', 'allow_leading_wildcard', 'lenient'],
  ...[
    'analyzer',
    'quote_analyzer',
    'quote_field_suffix',
    'enable_position_increments',
    'fuzziness',
    'fuzzy_max_expansions',
  ],
  ...[
    'fuzzy_prefix_length',
    'fuzzy_transpositions',
    'fuzzy_rewrite',
    'phrase_slop',
    'rewrite',
    'minimum_should_match',
    'type',
  ],
  ...['max_determinized_states', 'time_zone', 'escape', 'tie_breaker', 'auto_generate_synonyms_phrase_query'],
]

export const readQueryString: ElasticQueryReader = (value, context) => {
  const settings = requireObject(value, context)
  checkKeys(settings, queryStringKeys, context)
  if (settings.query === undefined)
    throw elasticError('parsing_exception', '[query_string] must be provided with a [query]', context.path)
  const text = requireText(settings.query, context)
  // unlike the search bar, which then asks for everything
  if (text.trim() === '') return noneTree
  const names = readTexts(settings, 'fields', context) ?? readTexts(settings, 'default_field', context)
  const defaultFields = names?.map((name) => name.replace(/\^[\d.]+$/, ''))
  try {
    const tree = luceneTree(text, {
      ...context,
      defaultOperator: readOperator(settings, 'default_operator', context),
      isLenient: readFlag(settings, 'lenient'),
      ...(defaultFields === undefined || defaultFields.includes('*') ? {} : { defaultFields }),
    })
    return withBoost(tree, readNumber(settings, 'boost', context))
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'query.parse') throw error
    throw elasticError(
      'query_shard_exception',
      `Failed to parse query [${text.slice(0, 200)}]: ${error.message}`,
      `${context.path}.query`,
    )
  }
}

const simpleKeys = [
  ...[
    'query',
    'fields',
    'default_operator',
    'flags',
    'lenient',
    'minimum_should_match',
    'analyze_wildcard',
    'analyzer',
  ],
  ...['quote_field_suffix', 'fuzzy_prefix_length', 'fuzzy_max_expansions', 'fuzzy_transpositions'],
  'auto_generate_synonyms_phrase_query',
]

export const readSimpleQueryString: ElasticQueryReader = (value, context) => {
  const settings = requireObject(value, context)
  checkKeys(settings, simpleKeys, context)
  if (settings.query === undefined)
    throw elasticError('parsing_exception', '[simple_query_string] query text missing', context.path)
  const names = readTexts(settings, 'fields', context)
  const fields = names === undefined ? context.fields.everywhere : names.flatMap((name) => fieldsNamed(name, context))
  const text = requireText(settings.query, context)
  const tree = simpleTree(text, {
    operator: readOperator(settings, 'default_operator', context),
    leaf: (leaf) => {
      const trees = fields.flatMap((field) => lenientTree(field, leaf, context) ?? [])
      return trees.length <= 1 ? trees[0] : { kind: 'best', of: trees }
    },
  })
  return withBoost(tree ?? noneTree, readNumber(settings, 'boost', context))
}
