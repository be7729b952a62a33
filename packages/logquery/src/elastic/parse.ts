// Elasticsearch's query DSL (the `query` of a search) → the query tree.
import { maxClauses } from '../query-error.ts'
import { allTree, type QueryTree } from '../query-tree.ts'
import { readBool, readConstantScore, readDisMax, readMatchAll, readMatchNone, readNested } from './compound.ts'
import { elasticError } from './error.ts'
import {
  readMatch,
  readMatchBoolPrefix,
  readMatchPhrase,
  readMatchPhrasePrefix,
  readMultiMatch,
  readQueryString,
  readSimpleQueryString,
} from './full-text.ts'
import { type ElasticOptions, type ElasticQueryReader, isObject } from './reader.ts'
import {
  readExists,
  readFuzzy,
  readIds,
  readPrefix,
  readRange,
  readRegexp,
  readTerm,
  readTerms,
  readWildcard,
} from './term-level.ts'

/** Elasticsearch's `indices.query.bool.max_nested_depth`. */
const maxElasticDepth = 30

const readers: ReadonlyMap<string, ElasticQueryReader> = new Map(
  Object.entries({
    bool: readBool,
    constant_score: readConstantScore,
    dis_max: readDisMax,
    exists: readExists,
    fuzzy: readFuzzy,
    ids: readIds,
    match: readMatch,
    match_all: readMatchAll,
    match_bool_prefix: readMatchBoolPrefix,
    match_none: readMatchNone,
    match_phrase: readMatchPhrase,
    match_phrase_prefix: readMatchPhrasePrefix,
    multi_match: readMultiMatch,
    nested: readNested,
    prefix: readPrefix,
    query_string: readQueryString,
    range: readRange,
    regexp: readRegexp,
    simple_query_string: readSimpleQueryString,
    term: readTerm,
    terms: readTerms,
    wildcard: readWildcard,
  }),
)

/**
 * Undefined asks for everything, as a search without a query does. Throws AppError; `elasticReasonOf` says how Elasticsearch would have put it.
 * `path` is where the query stands in the request.
 */
export function elasticTree(query: unknown, options: ElasticOptions, path = 'query'): QueryTree {
  if (query === undefined) return allTree
  let clauses = 0
  return read(query, path, 0, options)

  function read(value: unknown, at: string, depth: number, within: ElasticOptions): QueryTree {
    if (depth > maxElasticDepth)
      throw elasticError(
        'illegal_argument_exception',
        `The nested depth of the query exceeds the maximum nested depth for queries set in [indices.query.bool.max_nested_depth]: ${maxElasticDepth}`,
        at,
      )
    if (++clauses > maxClauses) throw elasticError('too_many_clauses', `maxClauseCount is set to ${maxClauses}`, at)
    const [kind, body] = onlyEntry(value, at)
    const reader = readers.get(kind)
    if (reader === undefined)
      throw elasticError(
        'parsing_exception',
        `unknown query [${kind.slice(0, 60)}]`,
        at,
        `It may be ${[...readers.keys()].join(', ')}`,
      )
    return reader(body, {
      ...within,
      kind,
      path: `${at}.${kind}`,
      inner: (inner, innerPath, fields = within.fields) => read(inner, innerPath, depth + 1, { ...within, fields }),
    })
  }
}

function onlyEntry(value: unknown, path: string): readonly [kind: string, body: unknown] {
  if (!isObject(value))
    throw elasticError(
      'parsing_exception',
      `[_na] query malformed, must start with start_object`,
      path,
      'Write {"match_all": {}}',
    )
  const [first, second] = Object.entries(value)
  if (first === undefined) throw elasticError('illegal_argument_exception', 'query malformed, empty clause found', path)
  if (second !== undefined)
    throw elasticError(
      'parsing_exception',
      `[${first[0]}] malformed query, expected [END_OBJECT] but found [FIELD_NAME]`,
      path,
      `Put [${first[0]}] and [${second[0]}] into a bool query`,
    )
  return first
}
