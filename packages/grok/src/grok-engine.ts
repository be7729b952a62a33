// What the rest of the house knows of grok.

/** How the expressions of one grok filter are compiled. */
export interface GrokOptions {
  /** Which of the standard sets: `legacy` is Logstash's `ecs_compatibility => disabled`. Default: `ecs-v1`. */
  readonly patterns?: 'legacy' | 'ecs-v1'
  /** Further patterns by name, above the standard set: what pattern files (`readPatternFile`) and `pattern_definitions` say. */
  readonly definitions?: ReadonlyMap<string, string>
  /** Whether `%{NAME}` makes no field. Default: true. */
  readonly namedCapturesOnly?: boolean
  /** Whether a group that matched nothing of length makes a field. Default: false. */
  readonly keepEmptyCaptures?: boolean
  /** How much work one line may cost, in steps of the matcher (about 10 ns each). Default: 1,000,000. */
  readonly maxSteps?: number
}

/** One field that an expression found, in the order in which Logstash sets them. A field may occur several times. */
export interface GrokCapture {
  /** As written: `name`, `a.b` (one name with a dot) or `[a][b]` (a path). */
  readonly field: string
  /** Null for a group that took no part in the match, which only `keepEmptyCaptures` shows. */
  readonly value: string | number | null
}

export type GrokResult =
  | { readonly outcome: 'match'; readonly expression: number; readonly captures: readonly GrokCapture[] }
  | { readonly outcome: 'no_match' }
  /** The expression was made to explode: the line was given up after `maxSteps` (Logstash's `_groktimeout`). */
  | { readonly outcome: 'exhausted'; readonly expression: number }

/** The expressions of one filter and field, compiled. */
export interface GrokMatcher {
  /** The first expression that matches somewhere in the text. */
  match(text: string): GrokResult
  /** Every expression by itself (`break_on_match => false`): one result each. */
  matchEach(text: string): readonly GrokResult[]
}

export interface GrokEngine {
  /** Throws AppError `config.invalid` with the expression and the place for what cannot be compiled. */
  compile(expressions: readonly string[], options?: GrokOptions): GrokMatcher
}
