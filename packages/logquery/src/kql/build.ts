// KQL's tree + what the fields are → the query tree. Source: Kibana's translation of KQL into Elasticsearch's queries as it behaves.
import type { DateContext } from '../date-math.ts'
import type { Field, Fields } from '../fields.ts'
import type { Leaf } from '../leaf.ts'
import { leafTree, lenientTree } from '../leaf-tree.ts'
import type { WildcardPattern } from '../predicate.ts'
import { syntaxError, valueError } from '../query-error.ts'
import { allTree, booleanTree, noneTree, type QueryTree } from '../query-tree.ts'
import { wildcardOf } from '../wildcard.ts'
import { type KqlComparison, type KqlName, type KqlNode, wildcardSign } from './ast.ts'
import { parseKql } from './parse.ts'

export interface KqlOptions extends DateContext {
  readonly fields: Fields
}

/** An empty query asks for all records. Throws `query.parse`, `query.limit`, and `query.execution` for values that do not fit. */
export function kqlTree(text: string, options: KqlOptions): QueryTree {
  return treeOf(parseKql(text), options, '')
}

/** `prefix` is the path of the nested group around, with its dot. */
function treeOf(node: KqlNode, options: KqlOptions, prefix: string): QueryTree {
  switch (node.function) {
    case 'and':
      return booleanTree(node.arguments.map((one) => ({ occur: 'filter', query: treeOf(one, options, prefix) })))
    case 'or':
      return booleanTree(
        node.arguments.map((one) => ({ occur: 'should', query: treeOf(one, options, prefix) })),
        1,
      )
    case 'not':
      return booleanTree([{ occur: 'not', query: treeOf(node.arguments[0], options, prefix) }])
    case 'nested':
      return nestedTree(node.arguments, options, prefix)
    case 'range': {
      const [field, { name, value }] = node.arguments
      return inFields(field, rangeLeaf(name, textOf(value)), options, prefix)
    }
    case 'is':
      return isTree(node.arguments, options, prefix)
  }
}

function nestedTree([name, inner]: readonly [KqlName, KqlNode], options: KqlOptions, prefix: string): QueryTree {
  if (name.type === 'wildcard') throw syntaxError('Nested objects are named without "*"', 0)
  const path = prefix + textOf(name)
  const fields = options.fields.inside(path)
  if (fields === undefined)
    throw valueError(
      `[nested] failed to find nested object under path [${path}]`,
      path,
      'Ask for the field by its whole name',
    )
  return { kind: 'nested', path, of: treeOf(inner, { ...options, fields }, `${path}.`) }
}

function isTree(
  [field, value, isPhrase]: readonly [field: KqlName, value: KqlName, isPhrase?: KqlName],
  options: KqlOptions,
  prefix: string,
): QueryTree {
  const isAnything = value.type === 'wildcard' && value.value === wildcardSign
  const hasNoField = field.value === null || field.value === wildcardSign
  if (isAnything && hasNoField) return allTree
  if (isAnything) return existsTree(field, options, prefix)
  if (value.type === 'wildcard') {
    // blanks part what is then looked for by itself
    const trees = value.value.split(/\s+/).map((part) => inFields(field, partLeaf(part), options, prefix))
    return trees.length === 1
      ? (trees[0] as QueryTree)
      : booleanTree(trees.map((query) => ({ occur: 'should', query })))
  }
  const text = textOf(value)
  const leaf: Leaf =
    isPhrase?.value === true
      ? { kind: 'phrase', text, slop: 0, prefix: false }
      : { kind: 'match', text, operator: 'or' }
  return inFields(field, leaf, options, prefix)
}

const partLeaf = (part: string): Leaf =>
  part.includes(wildcardSign)
    ? { kind: 'wildcard', pattern: patternOf(part), ignoreCase: false }
    : { kind: 'match', text: part, operator: 'or' }

function existsTree(field: KqlName, { fields, ...context }: KqlOptions, prefix: string): QueryTree {
  const found =
    field.type === 'wildcard' ? fields.like(patternOf(prefix + field.value)) : fields.under(prefix + textOf(field))
  const trees = found.flatMap((one) => leafTree(one, { kind: 'exists' }, context) ?? [])
  return trees.length === 1 ? (trees[0] as QueryTree) : booleanTree(trees.map((query) => ({ occur: 'should', query })))
}

function inFields(name: KqlName, leaf: Leaf, { fields, ...context }: KqlOptions, prefix: string): QueryTree {
  const isEverywhere = name.value === null || name.value === wildcardSign
  const found: readonly Field[] = isEverywhere
    ? fields.everywhere
    : name.type === 'wildcard'
      ? fields.like(patternOf(prefix + name.value))
      : fields.named(prefix + textOf(name))
  const isLenient = isEverywhere || name.type === 'wildcard'
  const trees = found.flatMap((field) => (isLenient ? lenientTree : leafTree)(field, leaf, context) ?? [])
  if (trees.length === 0) return noneTree
  return trees.length === 1 ? (trees[0] as QueryTree) : { kind: 'best', of: trees }
}

function rangeLeaf(name: KqlComparison, text: string): Leaf {
  const bound = { value: text, inclusive: name.endsWith('e') }
  return name.startsWith('g') ? { kind: 'range', from: bound } : { kind: 'range', to: bound }
}

/** As it was written, stars included. */
const textOf = (name: KqlName): string => String(name.value).replaceAll(wildcardSign, '*')

function patternOf(text: string): WildcardPattern {
  return wildcardOf(
    text.split(wildcardSign).flatMap((part, i) => (i === 0 ? [{ text: part }] : ['any' as const, { text: part }])),
  )
}
