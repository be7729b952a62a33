// LogQL's syntax tree, typed, with the places in the text. Numbers have their units in the name; texts are unquoted.
import type { MatchOp } from '@tidewatch/core/matcher.ts'

/** Characters from 0, end exclusive. */
export interface Span {
  readonly start: number
  readonly end: number
}

export type Expr = LogExpr | MetricExpr

/** A selector and the stages that its lines go through. */
export interface LogExpr {
  readonly kind: 'log'
  readonly matchers: readonly StreamMatcher[]
  readonly stages: readonly Stage[]
  readonly span: Span
}

export interface StreamMatcher {
  readonly name: string
  readonly op: MatchOp
  readonly value: string
  readonly span: Span
}

export type LineFilterOp = '|=' | '!=' | '|~' | '!~' | '|>' | '!>'
export type CompareOp = '==' | '!=' | '>' | '>=' | '<' | '<='

export type Stage =
  | LineFilterStage
  | { readonly kind: 'label_filter'; readonly filter: LabelFilter; readonly span: Span }
  /** Without expressions: all fields. */
  | { readonly kind: 'json'; readonly expressions: readonly LabelExtraction[]; readonly span: Span }
  | {
      readonly kind: 'logfmt'
      /** Stop at the first pair that is malformed, and say so in `__error__`. */
      readonly isStrict: boolean
      /** Keys without a value become labels too. */
      readonly keepsEmpty: boolean
      readonly expressions: readonly LabelExtraction[]
      readonly span: Span
    }
  | { readonly kind: 'regexp' | 'pattern'; readonly pattern: string; readonly span: Span }
  | { readonly kind: 'unpack' | 'decolorize'; readonly span: Span }
  | { readonly kind: 'line_format'; readonly template: string; readonly span: Span }
  | { readonly kind: 'label_format'; readonly formats: readonly LabelFormat[]; readonly span: Span }
  | { readonly kind: 'drop' | 'keep'; readonly labels: readonly LabelChoice[]; readonly span: Span }

/** One of the operands must fit; with a negative operator none of them may. */
export interface LineFilterStage {
  readonly kind: 'line_filter'
  readonly op: LineFilterOp
  readonly operands: readonly LineFilterOperand[]
  readonly span: Span
}

export interface LineFilterOperand {
  readonly value: string
  /** An address, a range of them or a network, sought in the line. */
  readonly isIp: boolean
}

/** A label made of what an expression finds: `m="request.method"`. */
export interface LabelExtraction {
  readonly name: string
  readonly expression: string
  readonly span: Span
}

export type LabelFormat =
  | { readonly kind: 'template'; readonly name: string; readonly template: string; readonly span: Span }
  | { readonly kind: 'rename'; readonly name: string; readonly from: string; readonly span: Span }

/** A label's name, and what its value must be where that is said. */
export interface LabelChoice {
  readonly name: string
  readonly matcher: { readonly op: MatchOp; readonly value: string } | undefined
  readonly span: Span
}

export type LabelFilter =
  | {
      readonly kind: 'string'
      readonly name: string
      readonly op: MatchOp
      readonly value: string
      readonly span: Span
    }
  | { readonly kind: 'ip'; readonly name: string; readonly op: '=' | '!='; readonly value: string; readonly span: Span }
  | {
      /** `duration`: the value in nanoseconds; `bytes`: in bytes. */
      readonly kind: 'number' | 'duration' | 'bytes'
      readonly name: string
      readonly op: CompareOp
      readonly value: number
      readonly span: Span
    }
  | { readonly kind: 'and' | 'or'; readonly left: LabelFilter; readonly right: LabelFilter; readonly span: Span }

export type MetricExpr =
  | RangeAggregation
  | VectorAggregation
  | BinaryExpr
  | LabelReplace
  | { readonly kind: 'literal'; readonly value: number; readonly span: Span }
  | { readonly kind: 'vector'; readonly value: number; readonly span: Span }

export type RangeOp =
  | 'count_over_time'
  | 'rate'
  | 'rate_counter'
  | 'bytes_over_time'
  | 'bytes_rate'
  | 'avg_over_time'
  | 'sum_over_time'
  | 'min_over_time'
  | 'max_over_time'
  | 'stddev_over_time'
  | 'stdvar_over_time'
  | 'quantile_over_time'
  | 'first_over_time'
  | 'last_over_time'
  | 'absent_over_time'

export interface Grouping {
  readonly without: boolean
  readonly labels: readonly string[]
}

export interface Unwrap {
  readonly name: string
  readonly conversion: 'number' | 'bytes' | 'duration'
  /** What follows the unwrap. */
  readonly filters: readonly LabelFilter[]
}

export interface RangeAggregation {
  readonly kind: 'range_aggregation'
  readonly op: RangeOp
  /** The quantile of `quantile_over_time`. */
  readonly param: number | undefined
  readonly log: LogExpr
  readonly unwrap: Unwrap | undefined
  readonly rangeMs: number
  readonly offsetMs: number
  readonly grouping: Grouping | undefined
  readonly span: Span
}

export type VectorOp =
  | 'sum'
  | 'avg'
  | 'count'
  | 'max'
  | 'min'
  | 'stddev'
  | 'stdvar'
  | 'topk'
  | 'bottomk'
  | 'approx_topk'
  | 'sort'
  | 'sort_desc'

export interface VectorAggregation {
  readonly kind: 'vector_aggregation'
  readonly op: VectorOp
  readonly param: number | undefined
  readonly expr: MetricExpr
  readonly grouping: Grouping | undefined
  readonly span: Span
}

export type ArithmeticOp = '+' | '-' | '*' | '/' | '%' | '^'
export type SetOp = 'and' | 'or' | 'unless'
export type BinaryOp = ArithmeticOp | CompareOp | SetOp

export interface Matching {
  readonly on: boolean
  readonly labels: readonly string[]
  readonly group: 'left' | 'right' | undefined
  /** Labels of the one side that the result gets too. */
  readonly include: readonly string[]
}

export interface BinaryExpr {
  readonly kind: 'binary'
  readonly op: BinaryOp
  readonly isBool: boolean
  readonly matching: Matching | undefined
  readonly left: MetricExpr
  readonly right: MetricExpr
  readonly span: Span
}

export interface LabelReplace {
  readonly kind: 'label_replace'
  readonly expr: MetricExpr
  readonly target: string
  readonly replacement: string
  readonly source: string
  readonly pattern: string
  readonly span: Span
}
