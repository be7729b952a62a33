// The typed syntax tree of PromQL, with positions. Node kinds and field meanings follow Prometheus's promql/parser/ast.go.
import type { MatchOp } from '@tidewatch/core/matcher.ts'

/** UTF-16 offsets into the query text; end exclusive. */
export interface Span {
  readonly start: number
  readonly end: number
}

export type ValueType = 'scalar' | 'vector' | 'matrix' | 'string'

export type Expr =
  | NumberLiteral
  | StringLiteral
  | ParenExpr
  | UnaryExpr
  | BinaryExpr
  | AggregateExpr
  | CallExpr
  | VectorSelector
  | MatrixSelector
  | SubqueryExpr
  | StepInvariantExpr

interface Node {
  readonly span: Span
}

export interface NumberLiteral extends Node {
  readonly kind: 'number'
  readonly value: number
  /** Written as a duration (`5m` is 300). */
  readonly isDuration: boolean
}

export interface StringLiteral extends Node {
  readonly kind: 'string'
  readonly value: string
}

export interface ParenExpr extends Node {
  readonly kind: 'paren'
  readonly expr: Expr
}

export interface UnaryExpr extends Node {
  readonly kind: 'unary'
  readonly op: '+' | '-'
  readonly expr: Expr
}

export type BinaryOp =
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '^'
  | 'atan2'
  | '=='
  | '!='
  | '<'
  | '>'
  | '<='
  | '>='
  | 'and'
  | 'or'
  | 'unless'
  // on native histograms: cut off buckets above or below
  | '</'
  | '>/'

export interface VectorMatching {
  readonly card: 'one-to-one' | 'many-to-one' | 'one-to-many' | 'many-to-many'
  readonly labels: readonly string[]
  /** True for `on`, false for `ignoring` (or neither). */
  readonly on: boolean
  /** Labels of group_left or group_right. */
  readonly include: readonly string[]
  /** Values of `fill`, `fill_left`, `fill_right`, where given. */
  readonly fillLeft?: number
  readonly fillRight?: number
}

export interface BinaryExpr extends Node {
  readonly kind: 'binary'
  readonly op: BinaryOp
  readonly left: Expr
  readonly right: Expr
  /** Set where both sides are vectors. */
  readonly matching: VectorMatching | undefined
  readonly returnBool: boolean
  /** Where the operator's text stands. */
  readonly opSpan: Span
}

export type AggregateOp =
  | 'sum'
  | 'avg'
  | 'count'
  | 'min'
  | 'max'
  | 'group'
  | 'stddev'
  | 'stdvar'
  | 'topk'
  | 'bottomk'
  | 'count_values'
  | 'quantile'
  | 'limitk'
  | 'limit_ratio'

export interface AggregateExpr extends Node {
  readonly kind: 'aggregate'
  readonly op: AggregateOp
  readonly expr: Expr
  readonly param: Expr | undefined
  readonly grouping: readonly string[]
  readonly without: boolean
}

export interface CallExpr extends Node {
  readonly kind: 'call'
  readonly func: string
  readonly args: readonly Expr[]
}

/** A matcher as it was written; the metric name is the matcher on `__name__`. */
export interface LabelMatcher {
  readonly name: string
  readonly op: MatchOp
  readonly value: string
}

/** `@ 123`, `@ start()`, `@ end()`. */
export type AtModifier =
  | { readonly kind: 'time'; readonly ms: number }
  | { readonly kind: 'start' }
  | { readonly kind: 'end' }

/**
 * A duration that may be an expression (`5m * 2`, `step()`, `max(1m, step())`). One that stands alone is `ms` from the start; `resolveDurations`
 * makes all of them that before evaluation. Inside an expression a number counts seconds, whatever way it was written.
 */
export type DurationExpr =
  | { readonly kind: 'ms'; readonly ms: number }
  | { readonly kind: 'literal'; readonly seconds: number; readonly isDuration: boolean; readonly span: Span }
  | {
      readonly kind: 'call'
      readonly func: 'step' | 'range' | 'min' | 'max'
      readonly args: readonly DurationExpr[]
      readonly span: Span
    }
  | {
      readonly kind: 'binary'
      readonly op: '+' | '-' | '*' | '/' | '%' | '^'
      readonly left: DurationExpr
      readonly right: DurationExpr
      readonly span: Span
    }
  | { readonly kind: 'unary'; readonly op: '+' | '-'; readonly expr: DurationExpr; readonly span: Span }
  | { readonly kind: 'paren'; readonly expr: DurationExpr; readonly span: Span }

export interface VectorSelector extends Node {
  readonly kind: 'vector_selector'
  /** The name before the braces, or '' where only matchers were written. */
  readonly name: string
  readonly matchers: readonly LabelMatcher[]
  /** As written; negative values look forward. Undefined: none. */
  readonly offset: DurationExpr | undefined
  readonly at: AtModifier | undefined
  /** Experimental modifiers of Prometheus 3. */
  readonly anchored: boolean
  readonly smoothed: boolean
}

export interface MatrixSelector extends Node {
  readonly kind: 'matrix_selector'
  /** Offset and `@` stand on it. */
  readonly selector: VectorSelector
  readonly range: DurationExpr
}

export interface SubqueryExpr extends Node {
  readonly kind: 'subquery'
  readonly expr: Expr
  readonly range: DurationExpr
  /** Undefined: the default, the global evaluation interval. */
  readonly step: DurationExpr | undefined
  readonly offset: DurationExpr | undefined
  readonly at: AtModifier | undefined
}

/** Made by `plan`, never by `parse`: its value is the same at every step (`@`, literals), so it is evaluated once. */
export interface StepInvariantExpr extends Node {
  readonly kind: 'step_invariant'
  readonly expr: Expr
}
