// What a log line must satisfy, whatever language asked: the Lucene syntax, KQL, the Elasticsearch query DSL and LogQL's selectors and line
// filters all become this tree. `match.ts` answers it for a record in memory; the store renders it to SQL. Both must agree, so each test's
// meaning is written here once.
import { logIdentityFields } from '@tidewatch/core/log-record.ts'

/**
 * Two-valued logic over one record. `and` of nothing holds always, `or` of nothing never. A record without the field satisfies no test, so
 * `not` of a test holds for records that lack the field.
 */
export type Predicate =
  | { readonly kind: 'all' }
  | { readonly kind: 'none' }
  | { readonly kind: 'and'; readonly of: readonly Predicate[] }
  | { readonly kind: 'or'; readonly of: readonly Predicate[] }
  | { readonly kind: 'not'; readonly of: Predicate }
  /** At least `count` of them hold; 1 <= count <= of.length. */
  | { readonly kind: 'at-least'; readonly count: number; readonly of: readonly Predicate[] }
  /** One of the field's values passes. */
  | { readonly kind: 'test'; readonly field: FieldRef; readonly test: ValueTest }
  /** The line has one of these ids, as our own answers gave them out. What an id looks like is the store's business. */
  | { readonly kind: 'ids'; readonly values: readonly string[] }
  /**
   * One object of the array at `path` satisfies `of` by itself. Fields inside have their whole names (`items.qty`). A record keeps such an array as
   * JSON text in the attribute `path`.
   */
  | { readonly kind: 'nested'; readonly path: string; readonly of: Predicate }

/** A column of every record. An empty text counts as having no value, a severity of 0 too. */
export type LogColumn = TextColumn | 'time' | 'severity'

export type TextColumn = (typeof textColumns)[number]

/** All columns that hold texts: what `any` looks at beside attributes and resource. */
export const textColumns = ['body', 'severityText', ...logIdentityFields] as const

/** Which values of a record a test looks at. The test holds when it holds for one of them. */
export type FieldRef =
  | { readonly kind: 'column'; readonly column: LogColumn }
  /** Values of the attribute; where the record has no such attribute, the resource's value of that key. */
  | { readonly kind: 'key'; readonly name: string }
  /** Values of the attribute alone. */
  | { readonly kind: 'attribute'; readonly name: string }
  /** The resource's value alone. */
  | { readonly kind: 'resource'; readonly name: string }
  /** Values of all attributes and resource keys whose whole name the pattern matches. */
  | { readonly kind: 'keys'; readonly names: WildcardPattern }
  /** All text columns, all attributes, all resource values. */
  | { readonly kind: 'any' }

/**
 * What a text test is compared with. `value`: the whole text as it is stored (numbers as JavaScript writes them, booleans as `true` and `false`).
 * `token`: each word of the text by Unicode's rules (UAX #29, `tokenize` of analysis.ts), in lower case; the test's own text is in lower case
 * already.
 */
export type Unit = 'value' | 'token'

/**
 * A pattern for a whole value or token: a text stands for itself, `any` for any text (also none), `one` for one character. Neighbouring texts are
 * joined, so `['web-', 'any']` is a prefix.
 */
export type WildcardPattern = readonly WildcardPart[]
export type WildcardPart = { readonly text: string } | 'any' | 'one'

/** One end of a range. */
export interface Bound<T> {
  readonly value: T
  readonly inclusive: boolean
}

/** What one value must be. Texts compare by code points (which is UTF-8's order of bytes). */
export type ValueTest =
  /** There is a value. */
  | { readonly op: 'exists' }
  /** The whole value or one token is one of these; not empty. */
  | { readonly op: 'equals'; readonly unit: Unit; readonly values: readonly string[] }
  /** The whole value is one of these, letters of ASCII in either case; the test's own are small. */
  | { readonly op: 'id'; readonly values: readonly string[] }
  /**
   * The tokens follow one another in the text. `slop`: how many places tokens may be moved together (0: exactly in a row; turning two round costs
   * 2), as Lucene counts. With `prefix` the last one is the beginning of a token; slop is 0 then. At least two tokens, or one with `prefix`.
   */
  | { readonly op: 'phrase'; readonly tokens: readonly string[]; readonly slop: number; readonly prefix: boolean }
  | { readonly op: 'wildcard'; readonly unit: Unit; readonly pattern: WildcardPattern; readonly ignoreCase: boolean }
  /**
   * RE2 syntax. Anchored: the whole value or token must match, `.` matches a newline too; else anywhere in the value, and `.` matches no newline
   * (as Go's regexp does), flags such as `(?i)` standing in the pattern.
   */
  | { readonly op: 'regexp'; readonly unit: Unit; readonly pattern: string; readonly anchored: boolean }
  /**
   * At most so many edits (insert, delete, replace, swap of neighbours; in code points; optimal string alignment) between the value or token
   * and `text`, the first `prefixLength` code points being equal.
   */
  | {
      readonly op: 'fuzzy'
      readonly unit: Unit
      readonly text: string
      readonly edits: 0 | 1 | 2
      readonly prefixLength: number
    }
  /** The text occurs in the value, as it is; with `ignoreCase` after simple lower-casing of both. Not split into tokens. */
  | { readonly op: 'contains'; readonly text: string; readonly ignoreCase: boolean }
  /** The value is a number, or a text that reads as one (`numberOf` of analysis.ts), between the ends. No end: open there. */
  | { readonly op: 'number'; readonly from?: Bound<number>; readonly to?: Bound<number> }
  /** The whole value or one token is between the texts. */
  | { readonly op: 'text-range'; readonly unit: Unit; readonly from?: Bound<string>; readonly to?: Bound<string> }
  /** ns since 1970, both ends inclusive. Of the time column, or of a text that reads as a date (`timeOf` of analysis.ts: ISO 8601). */
  | { readonly op: 'time'; readonly fromNs?: bigint; readonly toNs?: bigint }
  /** An address between the two, inclusive, as 128-bit numbers; IPv4 is written as IPv6 maps it (::ffff:a.b.c.d). */
  | { readonly op: 'ip'; readonly from: bigint; readonly to: bigint }
  /** Of the severity column: 1 to 24, both ends inclusive. */
  | { readonly op: 'severity'; readonly from: number; readonly to: number }

export const everything: Predicate = { kind: 'all' }
export const nothing: Predicate = { kind: 'none' }
export const anyField: FieldRef = { kind: 'any' }

/** A test of one field. */
export const testOf = (field: FieldRef, test: ValueTest): Predicate => ({ kind: 'test', field, test })

/** All of them; flattened, and decided where one decides. */
export function allOf(predicates: readonly Predicate[]): Predicate {
  const of = predicates.flatMap((one) => (one.kind === 'and' ? one.of : [one])).filter(({ kind }) => kind !== 'all')
  if (of.some(({ kind }) => kind === 'none')) return nothing
  return of.length === 0 ? everything : of.length === 1 ? (of[0] as Predicate) : { kind: 'and', of }
}

/** One of them at least; flattened, and decided where one decides. */
export function anyOf(predicates: readonly Predicate[]): Predicate {
  const of = predicates.flatMap((one) => (one.kind === 'or' ? one.of : [one])).filter(({ kind }) => kind !== 'none')
  if (of.some(({ kind }) => kind === 'all')) return everything
  return of.length === 0 ? nothing : of.length === 1 ? (of[0] as Predicate) : { kind: 'or', of }
}

/** The opposite; of an opposite, what it is the opposite of. */
export function notOf(predicate: Predicate): Predicate {
  if (predicate.kind === 'not') return predicate.of
  if (predicate.kind === 'all') return nothing
  if (predicate.kind === 'none') return everything
  return { kind: 'not', of: predicate }
}

/** At least `count` of them. */
export function atLeast(count: number, predicates: readonly Predicate[]): Predicate {
  if (count <= 0) return everything
  if (count > predicates.length) return nothing
  if (count === predicates.length) return allOf(predicates)
  return count === 1 ? anyOf(predicates) : { kind: 'at-least', count, of: predicates }
}
