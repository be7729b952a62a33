// What Lucene's query_string syntax says, before fields have types.

/** Characters of the query's text, end exclusive. */
export interface Span {
  readonly start: number
  readonly end: number
}

export type Conjunction = 'and' | 'or' | undefined
/** `+` requires, `-`, `!` and NOT forbid. */
export type Mark = '+' | '-' | undefined

/** Clauses in a row. AND, OR and NOT are marks on them, not a tree. */
export interface LuceneGroup {
  readonly kind: 'group'
  readonly clauses: readonly LuceneClause[]
}

export interface LuceneClause {
  /** What stands between it and the clause before. */
  readonly conjunction: Conjunction
  readonly mark: Mark
  readonly node: LuceneNode
}

/** `field` as it is meant (escapes taken away), undefined where none is named. All texts still hold their escapes. */
export type LuceneNode = LuceneBrackets | LuceneTerm | LuceneRange

export interface LuceneBrackets {
  readonly kind: 'brackets'
  readonly field: string | undefined
  readonly group: LuceneGroup
  readonly boost: number | undefined
}

export interface LuceneTerm {
  readonly kind: 'term'
  readonly field: string | undefined
  /** `words`: several in a row, which go to the field together. `pattern`: holds unescaped `*` or `?`. Quotes and slashes are taken away. */
  readonly form: 'word' | 'words' | 'quoted' | 'pattern' | 'regexp'
  readonly text: string
  /** What follows `~`: '' where nothing does, undefined without one. */
  readonly fuzzy: string | undefined
  readonly boost: number | undefined
  readonly span: Span
}

export interface LuceneRange {
  readonly kind: 'range'
  readonly field: string | undefined
  readonly from: RangeEnd
  readonly to: RangeEnd
  readonly includesFrom: boolean
  readonly includesTo: boolean
  readonly boost: number | undefined
  readonly span: Span
}

export interface RangeEnd {
  readonly text: string
  readonly isQuoted: boolean
}
