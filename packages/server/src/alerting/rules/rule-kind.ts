// A kind of rule beside Prometheus's own: one file in rule-kinds/, one line in rule-kinds/registry.ts. A kind says how its rules are written and
// what PromQL they are. It reads no clock and keeps nothing: what a rule knows of the past is in the series that its query reads, so that the same
// rule runs live, in tests and over history.
import type { z } from 'zod'
import type { RuleDatum } from './rule-file.ts'
import type { ValueNames } from './values/named-values.ts'

/** What of a rule stands outside of its kind's own key. */
export interface CompileContext {
  readonly name: string
  /** `window:` of the rule. */
  readonly windowMs: number | undefined
  /** Labels by which series of different values belong together, and by which counts are kept apart. */
  readonly by: readonly string[]
  readonly values: ValueNames
}

/** One rule of the evaluator: what is written as one may be several, a severity each. */
export interface CompiledRule {
  readonly expr: string
  readonly labels: Readonly<Record<string, string>>
  /** Templates. What the alert carries beside its message: check, threshold, window. */
  readonly annotations: Readonly<Record<string, string>>
  /** Numbers that come with the alert beside its value. */
  readonly data: readonly RuleDatum[]
  /** What is said where the rule has no message. A template. */
  readonly message: string
  /** Of this one alone; undefined: the rule's. */
  readonly severity?: string
  readonly forMs?: number
  /** What must be asked of a database, so that there is a series to compare. */
  readonly sqlCheck?: SqlCheck
}

/** A query on a database whose answer becomes `tidewatch_sql_check{instance="<name>"}`. */
export interface SqlCheck {
  readonly name: string
  /** A URL of Postgres, or `${NAME}` of one. */
  readonly connection: string
  readonly query: string
  /** The column that is the count. */
  readonly value: string
  readonly labels: readonly string[]
  readonly intervalMs: number
  readonly timeoutMs: number
}

export interface RuleKind<Written> {
  /** The key that makes a rule one of this kind. */
  readonly kind: string
  readonly title: string
  /** One sentence: what it watches. */
  readonly summary: string
  /** One rule of a file, as a list item of YAML; tests load it and docs show it. */
  readonly example: string
  readonly schema: z.ZodType<Written>
  /** Throws `rules.invalid`; `where.key` names what below the kind's key is wrong, `where.span` where in it. */
  compile(written: Written, context: CompileContext): readonly CompiledRule[]
}

/** A kind whose form has been forgotten: what a list holds. */
export type AnyRuleKind = RuleKind<unknown>

/** Keeps a kind's types together and lets kinds of different forms stand in one list. */
export function defineRuleKind<Written>(kind: RuleKind<Written>): AnyRuleKind {
  return kind as unknown as AnyRuleKind
}

/** What most kinds give. */
export function compiled(expr: string, message: string, more: Partial<CompiledRule> = {}): CompiledRule {
  return { expr, message, labels: {}, annotations: {}, data: [], ...more }
}
