// Which rules of a group may be evaluated side by side: those that do not read what others of it write. Prometheus does so with
// --enable-feature=concurrent-rule-eval; here the outcome is that of one rule after the other, in whatever order they finish.

import { metricNameLabel } from '@tidewatch/core/labels.ts'
import type { Matcher } from '@tidewatch/core/matcher.ts'
import { compileLabelRegex } from '@tidewatch/core/regexp.ts'
import { isLogRule } from '@tidewatch/logquery/rule-expression.ts'
import type { Expr } from '@tidewatch/promql/ast.ts'
import { children } from '@tidewatch/promql/children.ts'
import { infoMatchersOf, matchersOf } from '@tidewatch/promql/evaluate/plan-selects.ts'
import { parse } from '@tidewatch/promql/parse.ts'
import type { Rule } from './rule-file.ts'

/** One selector's conditions. */
type Reading = readonly Matcher[]

/** Names a rule writes, and the labels whose values do not depend on what its query finds. */
interface Writing {
  readonly names: readonly string[]
  readonly fixed: ReadonlyMap<string, string>
}

/**
 * The rules' places in stages: a stage may begin once the one before it has ended, and within a stage the order does not matter. A rule stands
 * behind every earlier one that writes what it reads, and behind every earlier one that reads what it writes: that one must not see it yet.
 */
export function stagesOf(rules: readonly Rule[]): readonly (readonly number[])[] {
  const readings = rules.map(readingsOf)
  const writings = rules.map(writingOf)
  const stageOf: number[] = []
  const stages: number[][] = []
  for (const i of rules.keys()) {
    let stage = 0
    for (let earlier = 0; earlier < i; earlier++) {
      const depends = reads(readings[i], writings[earlier]) || reads(readings[earlier], writings[i])
      if (depends) stage = Math.max(stage, (stageOf[earlier] ?? 0) + 1)
    }
    stageOf.push(stage)
    stages[stage] = [...(stages[stage] ?? []), i]
  }
  return stages
}

/** Undefined: it may read anything. */
function readingsOf(rule: Rule): readonly Reading[] | undefined {
  const templates = rule.kind === 'alerting' ? [...Object.values(rule.labels), ...Object.values(rule.annotations)] : []
  // a template may ask whatever it likes
  if (templates.some((template) => /\{\{[^}]*\bquery\b/.test(template))) return undefined
  // logs are written by no rule
  if (isLogRule(rule.expr)) return []
  const found: Reading[] = []
  collect(parse(rule.expr), found)
  return found
}

function collect(expr: Expr, found: Reading[]): void {
  if (expr.kind === 'call' && expr.func === 'info') found.push(infoMatchersOf(expr))
  if (expr.kind === 'vector_selector') found.push(matchersOf(expr))
  for (const child of children(expr)) collect(child, found)
}

function writingOf(rule: Rule): Writing {
  if (rule.kind === 'recording') return { names: [rule.name], fixed: new Map(Object.entries(rule.labels)) }
  const fixed = Object.entries(rule.labels).filter(([, value]) => !value.includes('{{'))
  return { names: ['ALERTS', 'ALERTS_FOR_STATE'], fixed: new Map([...fixed, ['alertname', rule.name]]) }
}

function reads(readings: readonly Reading[] | undefined, writing: Writing | undefined): boolean {
  if (readings === undefined || writing === undefined) return true
  return readings.some((matchers) =>
    writing.names.some((name) =>
      matchers.every((matcher) => {
        const value = matcher.name === metricNameLabel ? name : writing.fixed.get(matcher.name)
        return value === undefined || accepts(matcher, value)
      }),
    ),
  )
}

/** Whether a matcher takes a label's value; '' is that of a label that is not there. */
export function accepts({ op, value: wanted }: Matcher, value: string): boolean {
  switch (op) {
    case '=':
      return value === wanted
    case '!=':
      return value !== wanted
    case '=~':
      return compileLabelRegex(wanted)(value)
    case '!~':
      return !compileLabelRegex(wanted)(value)
  }
}

/** Bounds how many rules run beside one another, over all groups. */
export class EvaluationSlots {
  #free: number

  constructor(count: number) {
    this.#free = count
  }

  take(): boolean {
    if (this.#free === 0) return false
    this.#free--
    return true
  }

  give(): void {
    this.#free++
  }
}
