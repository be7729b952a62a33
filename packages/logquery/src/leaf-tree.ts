// What a question means by the field's type. Sources: Elasticsearch's field types and its query_string, match, term and range queries.
import { AppError } from '@tidewatch/core/error.ts'
import type { DateContext } from './date-math.ts'
import type { Field } from './fields.ts'
import { type Leaf, leafOf } from './leaf.ts'
import { dynamicLeaf } from './leaf-dynamic.ts'
import { idLeaf } from './leaf-id.ts'
import { severityLeaf } from './leaf-severity.ts'
import { textLeaf } from './leaf-text.ts'
import { exactLeaf, rangeLeaf } from './leaf-value.ts'
import { nothing } from './predicate.ts'
import { valueError } from './query-error.ts'
import type { QueryTree } from './query-tree.ts'

/**
 * The question as a tree. Undefined where nothing is asked, because the text holds no word. Throws `query.execution` where the value or the kind of
 * question does not fit the field's type.
 */
export function leafTree(field: Field, leaf: Leaf, context: DateContext): QueryTree | undefined {
  const tree = treeByType(field, leaf, context)
  return field.isHidden && tree !== undefined ? hide(tree) : tree
}

/** The same question printed as it was asked, and never true. */
function hide(tree: QueryTree): QueryTree {
  if (tree.kind === 'boolean')
    return { ...tree, clauses: tree.clauses.map((clause) => ({ ...clause, query: hide(clause.query) })) }
  return tree.kind === 'leaf' ? { ...tree, predicate: nothing } : tree
}

function treeByType(field: Field, leaf: Leaf, context: DateContext): QueryTree | undefined {
  if (leaf.kind === 'exists') return leafOf(field, { op: 'exists' }, `_fn:${field.name}`)
  switch (field.type) {
    case 'text':
      return textLeaf(field, leaf, 'token')
    case 'keyword':
      return textLeaf(field, leaf, 'value')
    case 'id':
      return idLeaf(field, leaf)
    case 'severity':
      return severityLeaf(field, leaf)
    case 'dynamic':
    case 'words':
      return dynamicLeaf(field, leaf, context)
    default:
      return typedLeaf(field, leaf, context)
  }
}

function typedLeaf(field: Field, leaf: Leaf, context: DateContext): QueryTree | undefined {
  switch (leaf.kind) {
    case 'match':
    case 'phrase':
    case 'exact':
      return exactLeaf(field, leaf.text, context)
    case 'range':
      return rangeLeaf(field, leaf, context)
    default:
      throw valueError(
        `Can only use ${leaf.kind} queries on keyword and text fields - not on [${field.name}] which is of type [${field.type}]`,
        field.name,
        'Ask for a value or a range',
      )
  }
}

/** A field that the value does not fit is passed over. */
export function lenientTree(field: Field, leaf: Leaf, context: DateContext): QueryTree | undefined {
  try {
    return leafTree(field, leaf, context)
  } catch (error) {
    if (error instanceof AppError && error.code === 'query.execution') return undefined
    throw error
  }
}
