// One question about one field, in all languages alike.
import type { Field } from './fields.ts'
import { type Bound, testOf, type ValueTest, type WildcardPattern } from './predicate.ts'
import type { QueryTree } from './query-tree.ts'

export type Leaf =
  /** Words, any or all of them; on other types than texts the one value. */
  | { readonly kind: 'match'; readonly text: string; readonly operator: 'or' | 'and'; readonly minimum?: MinimumOf }
  | { readonly kind: 'phrase'; readonly text: string; readonly slop: number; readonly prefix: boolean }
  /** The text as it is, not cut into words. */
  | { readonly kind: 'exact'; readonly text: string; readonly ignoreCase: boolean }
  | { readonly kind: 'wildcard'; readonly pattern: WildcardPattern; readonly ignoreCase: boolean }
  /** Lucene's syntax. */
  | { readonly kind: 'regexp'; readonly source: string; readonly ignoreCase: boolean }
  | { readonly kind: 'fuzzy'; readonly text: string; readonly edits: 0 | 1 | 2 | 'auto'; readonly prefixLength: number }
  | {
      readonly kind: 'range'
      readonly from?: Bound<string>
      readonly to?: Bound<string>
      /** As they were written, which says something of an open end only when it is printed. */
      readonly brackets?: readonly [open: string, close: string]
    }
  | { readonly kind: 'exists' }

/** How many of so many words must be there. */
export type MinimumOf = (words: number) => number

export const leafOf = (field: Field, test: ValueTest, text: string): QueryTree => ({
  kind: 'leaf',
  predicate: testOf(field.ref, test),
  text,
})
