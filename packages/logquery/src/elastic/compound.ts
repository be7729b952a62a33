// Queries made of queries.
import { allTree, booleanTree, type Clause, noneTree, type Occur, type QueryTree } from '../query-tree.ts'
import { elasticError } from './error.ts'
import { minimumShouldMatch } from './minimum-should-match.ts'
import {
  checkKeys,
  type ElasticContext,
  type ElasticQueryReader,
  readFlag,
  readNumber,
  requireObject,
  requireText,
} from './reader.ts'

const occurs: Readonly<Record<string, Occur>> = {
  must: 'must',
  filter: 'filter',
  should: 'should',
  must_not: 'not',
  mustNot: 'not',
}

export const readBool: ElasticQueryReader = (value, context) => {
  const object = requireObject(value, context)
  checkKeys(object, [...Object.keys(occurs), 'minimum_should_match', 'adjust_pure_negative'], context)
  const clauses: Clause[] = []
  for (const [key, occur] of Object.entries(occurs)) {
    const inner = object[key]
    if (inner === undefined) continue
    const path = `${context.path}.${key}`
    if (Array.isArray(inner)) {
      for (const [i, one] of inner.entries()) clauses.push({ occur, query: context.inner(one, `${path}[${i}]`) })
    } else clauses.push({ occur, query: context.inner(inner, path) })
  }
  // no clauses at all: all documents
  if (clauses.length === 0) return allTree
  const spec = object.minimum_should_match
  if (spec === undefined) return booleanTree(clauses)
  const path = `${context.path}.minimum_should_match`
  const should = clauses.filter(({ occur }) => occur === 'should').length
  return booleanTree(clauses, minimumShouldMatch(requireText(spec, { ...context, path }), should, path))
}

export const readConstantScore: ElasticQueryReader = (value, context) => wrapped(value, 'filter', context)

function wrapped(value: unknown, key: string, context: ElasticContext): QueryTree {
  const object = requireObject(value, context)
  checkKeys(object, [key], context)
  if (object[key] === undefined)
    throw elasticError('parsing_exception', `[${context.kind}] requires a '${key}' element`, context.path)
  return withBoost(context.inner(object[key], `${context.path}.${key}`), readNumber(object, 'boost', context))
}

export const withBoost = (tree: QueryTree, boost: number | undefined): QueryTree =>
  boost === undefined || boost === 1 ? tree : { kind: 'boost', of: tree, boost }

export const readMatchAll: ElasticQueryReader = (value, context) => {
  checkKeys(requireObject(value, context), [], context)
  return allTree
}

export const readMatchNone: ElasticQueryReader = (value, context) => {
  checkKeys(requireObject(value, context), [], context)
  return noneTree
}

export const readDisMax: ElasticQueryReader = (value, context) => {
  const object = requireObject(value, context)
  checkKeys(object, ['queries', 'tie_breaker'], context)
  const queries = Array.isArray(object.queries) ? object.queries : [object.queries]
  if (object.queries === undefined)
    throw elasticError('parsing_exception', "[dis_max] requires 'queries' field with at least one clause", context.path)
  return { kind: 'best', of: queries.map((one, i) => context.inner(one, `${context.path}.queries[${i}]`)) }
}

export const readNested: ElasticQueryReader = (value, context) => {
  const object = requireObject(value, context)
  checkKeys(object, ['path', 'query', 'score_mode', 'ignore_unmapped', 'inner_hits'], context)
  for (const key of ['path', 'query'])
    if (object[key] === undefined)
      throw elasticError('parsing_exception', `[nested] requires '${key}' field`, context.path)
  const path = requireText(object.path, { ...context, path: `${context.path}.path` })
  const fields = context.fields.inside(path)
  if (fields !== undefined)
    return { kind: 'nested', path, of: context.inner(object.query, `${context.path}.query`, fields) }
  if (readFlag(object, 'ignore_unmapped')) return noneTree
  throw elasticError(
    'query_shard_exception',
    `failed to create query: [nested] failed to find nested object under path [${path}]`,
    context.path,
  )
}
