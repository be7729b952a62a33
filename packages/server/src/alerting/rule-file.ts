// Prometheus's rule files: form, and every check that Prometheus makes before it takes one.
// https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/
import { AppError } from '@tidewatch/core/error.ts'
import { parseDurationMs } from '@tidewatch/core/time.ts'
import { check } from '@tidewatch/promql/check.ts'
import { parse } from '@tidewatch/promql/parse.ts'
import { print } from '@tidewatch/promql/print.ts'
import { checkRuleTemplate } from '@tidewatch/template/rules.ts'
import { z } from 'zod'
import type { ConfigFile, Parsed, YamlReader } from '../config/port.ts'

export interface RuleGroup {
  readonly name: string
  readonly file: string
  /** Undefined: the global evaluation interval. */
  readonly intervalMs: number | undefined
  readonly queryOffsetMs: number | undefined
  /** Most alerts or series of one rule; 0: no limit. */
  readonly limit: number
  readonly rules: readonly Rule[]
}

export type Rule = AlertingRule | RecordingRule

interface RuleBase {
  /** As Prometheus prints it: laying it out anew in the file does not make it another rule. */
  readonly expr: string
  readonly labels: Readonly<Record<string, string>>
}

export interface AlertingRule extends RuleBase {
  readonly kind: 'alerting'
  readonly name: string
  readonly forMs: number
  readonly keepFiringForMs: number
  readonly annotations: Readonly<Record<string, string>>
}

export interface RecordingRule extends RuleBase {
  readonly kind: 'recording'
  readonly name: string
}

function duration() {
  return z.union([z.string(), z.number()]).transform((value, context) => {
    const ms = parseDurationMs(String(value))
    if (ms === undefined)
      context.addIssue({ code: 'custom', message: 'not a duration. Write one such as 30s, 5m or 1h30m' })
    return ms ?? 0
  })
}

const text = z.union([z.string(), z.number(), z.boolean()]).transform(String)
const labelName = /^[a-zA-Z_][a-zA-Z0-9_]*$/
const labels = z
  .record(z.string().regex(labelName, 'not a label name. Letters, digits and _ are allowed, no digit first.'), text)
  .nullish()

const ruleShape = z.strictObject({
  record: z.string().optional(),
  alert: z.string().optional(),
  expr: text,
  for: duration().optional(),
  keep_firing_for: duration().optional(),
  labels,
  annotations: labels,
})

type WrittenRule = z.infer<typeof ruleShape>

// checked rule by rule: what is wrong with one does not hide what is wrong with another
const ruleSchema = ruleShape.superRefine((rule, context) => {
  const problem = (key: string, message: string): void =>
    context.addIssue({ code: 'custom', path: key.split('.'), message })
  checkContent(rule, problem)
  if ((rule.record === undefined) === (rule.alert === undefined)) {
    problem(rule.record === undefined ? 'expr' : 'record', "a rule has either 'record' or 'alert', and not both.")
  }
  if (rule.record === undefined) return
  if (rule.for !== undefined) problem('for', "'for' is for alerting rules only.")
  if (rule.keep_firing_for !== undefined) problem('keep_firing_for', "'keep_firing_for' is for alerting rules only.")
  if (rule.annotations != null) problem('annotations', "'annotations' is for alerting rules only.")
})

const fileSchema = z.strictObject({
  groups: z
    .array(
      z.strictObject({
        name: z.string().min(1, 'a group needs a name.'),
        interval: duration().optional(),
        query_offset: duration().optional(),
        limit: z.number().int().min(0).default(0),
        labels,
        rules: z.array(ruleSchema).nullish(),
      }),
    )
    .nullish(),
})

/** Reads a rule file whole, or tells everything that is wrong with it. */
export function readRuleFile(file: ConfigFile, readYaml: YamlReader): Parsed<readonly RuleGroup[]> {
  const checked = readYaml(file, checkedSchema)
  if (!checked.ok) return checked
  const groups = (checked.value.groups ?? []).map((group) => ({
    name: group.name,
    file: file.name,
    intervalMs: group.interval,
    queryOffsetMs: group.query_offset,
    limit: group.limit,
    rules: (group.rules ?? []).map((rule) => toRule(rule, group.labels ?? {})),
  }))
  return { ok: true, value: groups }
}

function toRule(rule: WrittenRule, groupLabels: Readonly<Record<string, string>>): Rule {
  const base = { expr: print(parse(rule.expr)), labels: { ...groupLabels, ...rule.labels } }
  if (rule.alert === undefined) return { kind: 'recording', name: rule.record as string, ...base }
  const { alert: name, for: forMs = 0, keep_firing_for: keepFiringForMs = 0, annotations } = rule
  return { kind: 'alerting', name, forMs, keepFiringForMs, annotations: annotations ?? {}, ...base }
}

/** The form of a file, and what must not be there twice. */
const checkedSchema = fileSchema.superRefine(({ groups }, context) => {
  const names = new Set<string>()
  for (const [g, group] of (groups ?? []).entries()) {
    if (names.has(group.name))
      context.addIssue({
        code: 'custom',
        path: ['groups', g, 'name'],
        message: 'another group of this file has the same name.',
      })
    names.add(group.name)
    const seen = new Set<string>()
    for (const [r, rule] of (group.rules ?? []).entries()) {
      const identity = JSON.stringify([rule.record ?? rule.alert, rule.expr, rule.labels])
      if (seen.has(identity))
        context.addIssue({
          code: 'custom',
          path: ['groups', g, 'rules', r, 'expr'],
          message: 'the same rule stands in this group already.',
        })
      seen.add(identity)
    }
  }
})

const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/

/** What only shows when expressions, names and templates are read; `report` takes the key, with dots. */
function checkContent(rule: WrittenRule, report: (key: string, message: string) => void): void {
  try {
    check(parse(rule.expr), rule.expr)
  } catch (error) {
    report('expr', AppError.from(error).message)
  }
  if (rule.record !== undefined && !metricName.test(rule.record))
    report('record', 'not a metric name. Letters, digits, _ and : are allowed, no digit first.')
  if (rule.alert === '') report('alert', 'an alert needs a name.')
  for (const name of Object.keys(rule.labels ?? {}))
    if (name === '__name__') report(`labels.${name}`, 'a rule cannot set __name__ by a label.')
  if (rule.alert === undefined) return
  for (const part of ['labels', 'annotations'] as const) {
    for (const [name, template] of Object.entries(rule[part] ?? {})) {
      const problem = checkRuleTemplate(template)
      if (problem !== undefined) report(`${part}.${name}`, problem)
    }
  }
}
