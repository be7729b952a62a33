// Questions about texts: by their words or as a whole.
import { toLowerSimple } from '@tidewatch/core/letter-case.ts'
import { tokenize } from './analysis.ts'
import type { Field } from './fields.ts'
import { automaticEdits } from './fuzzy.ts'
import { type Leaf, leafOf } from './leaf.ts'
import type { Unit, ValueTest, WildcardPattern } from './predicate.ts'
import { valueError } from './query-error.ts'
import { booleanTree, type QueryTree } from './query-tree.ts'
import { luceneRegexpToRe2 } from './regexp-syntax.ts'
import { mapWildcard, printWildcard } from './wildcard.ts'

const named = (field: Field, text: string): string => (field.name === '' ? text : `${field.name}:${text}`)

/** Texts: by words (`token`) or as a whole (`value`). */
export function textLeaf(field: Field, leaf: Exclude<Leaf, { kind: 'exists' }>, unit: Unit): QueryTree | undefined {
  const fold = (text: string): string => (unit === 'token' ? toLowerSimple(text) : text)
  switch (leaf.kind) {
    case 'match':
      return unit === 'value' ? oneValue(field, leaf.text, unit) : wordsTree(field, tokenize(leaf.text), leaf)
    case 'phrase':
      return unit === 'value' ? oneValue(field, leaf.text, unit) : phraseTree(field, tokenize(leaf.text), leaf)
    case 'exact':
      if (!leaf.ignoreCase) return oneValue(field, leaf.text, unit)
      return wildcardTree(field, [{ text: leaf.text }], { unit, ignoreCase: true })
    case 'wildcard':
      return wildcardTree(field, mapWildcard(leaf.pattern, fold), { unit, ignoreCase: leaf.ignoreCase })
    case 'regexp':
      return regexpTree(field, leaf.source, { unit, ignoreCase: leaf.ignoreCase })
    case 'fuzzy': {
      const text = fold(leaf.text)
      const edits = leaf.edits === 'auto' ? automaticEdits(text) : leaf.edits
      const test: ValueTest = { op: 'fuzzy', unit, text, edits, prefixLength: leaf.prefixLength }
      return leafOf(field, test, `${named(field, text)}~${edits}`)
    }
    case 'range':
      return textRange(field, leaf, { unit, fold })
  }
}

const oneValue = (field: Field, text: string, unit: Unit): QueryTree =>
  leafOf(field, { op: 'equals', unit, values: [text] }, named(field, text))

function wordsTree(field: Field, tokens: readonly string[], leaf: Leaf & { kind: 'match' }): QueryTree | undefined {
  const trees = tokens.map((token) => oneValue(field, token, 'token'))
  if (trees.length <= 1) return trees[0]
  const occur = leaf.operator === 'and' ? 'must' : 'should'
  const minimum = leaf.operator === 'or' ? leaf.minimum?.(trees.length) : undefined
  return booleanTree(
    trees.map((query) => ({ occur, query })),
    minimum,
  )
}

function phraseTree(field: Field, tokens: readonly string[], leaf: Leaf & { kind: 'phrase' }): QueryTree | undefined {
  const [first] = tokens
  if (first === undefined) return undefined
  if (tokens.length === 1 && !leaf.prefix) return oneValue(field, first, 'token')
  const slop = leaf.prefix ? 0 : leaf.slop
  const text = `"${tokens.join(' ')}${leaf.prefix ? '*' : ''}"${slop > 0 ? `~${slop}` : ''}`
  return leafOf(field, { op: 'phrase', tokens, slop, prefix: leaf.prefix }, named(field, text))
}

interface TextOptions {
  readonly unit: Unit
  readonly ignoreCase: boolean
}

export const wildcardTree = (field: Field, pattern: WildcardPattern, { unit, ignoreCase }: TextOptions): QueryTree =>
  leafOf(field, { op: 'wildcard', unit, pattern, ignoreCase }, named(field, printWildcard(pattern)))

function regexpTree(field: Field, source: string, { unit, ignoreCase }: TextOptions): QueryTree {
  const translated = luceneRegexpToRe2(source)
  if (typeof translated !== 'string')
    throw valueError(`/${source}/: ${translated.message} (at character ${translated.at})`, field.name)
  const pattern = ignoreCase ? `(?i:${translated})` : translated
  return leafOf(field, { op: 'regexp', unit, pattern, anchored: true }, named(field, `/${source}/`))
}

function textRange(
  field: Field,
  { from, to, brackets }: Leaf & { kind: 'range' },
  { unit, fold }: { readonly unit: Unit; readonly fold: (text: string) => string },
): QueryTree {
  const low = from === undefined ? undefined : { ...from, value: fold(from.value) }
  const high = to === undefined ? undefined : { ...to, value: fold(to.value) }
  const test: ValueTest = {
    op: 'text-range',
    unit,
    ...(low === undefined ? {} : { from: low }),
    ...(high === undefined ? {} : { to: high }),
  }
  const [open, close] = brackets ?? [low?.inclusive === false ? '{' : '[', high?.inclusive === false ? '}' : ']']
  const text = `${open}${low?.value ?? '*'} TO ${high?.value ?? '*'}${close}`
  return leafOf(field, test, named(field, text))
}
