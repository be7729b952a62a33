// Questions about names and numbers of things (a service, a trace, a wallet): the whole of it is meant, and whether its letters are capitals says nothing.
import { toLowerAscii } from '@tidewatch/core/letter-case.ts'
import type { Field } from './fields.ts'
import { type Leaf, leafOf } from './leaf.ts'
import { textLeaf, wildcardTree } from './leaf-text.ts'
import type { QueryTree } from './query-tree.ts'

export function idLeaf(field: Field, leaf: Exclude<Leaf, { kind: 'exists' }>): QueryTree | undefined {
  switch (leaf.kind) {
    case 'match':
    case 'exact':
      return oneId(field, leaf.text)
    case 'phrase':
      return leaf.prefix
        ? wildcardTree(field, [{ text: leaf.text }, 'any'], { unit: 'value', ignoreCase: true })
        : oneId(field, leaf.text)
    case 'wildcard':
      return wildcardTree(field, leaf.pattern, { unit: 'value', ignoreCase: true })
    default:
      return textLeaf(field, leaf, 'value')
  }
}

const oneId = (field: Field, text: string): QueryTree =>
  leafOf(field, { op: 'id', values: [toLowerAscii(text)] }, `${field.name}:${text}`)
