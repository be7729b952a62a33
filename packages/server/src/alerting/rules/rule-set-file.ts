// Rule files of our own form: `rules:` with a condition, a severity, a message and actions each, and the other kinds of rules. What comes out is
// what Prometheus's files give: groups of rules for the one evaluator.
import { basename } from 'node:path'
import { AppError, type Problem, quoteValue } from '@tidewatch/core/error.ts'
import { severities, severityOf } from '@tidewatch/core/severity.ts'
import { isLogRule, parseLogRule } from '@tidewatch/logquery/rule-expression.ts'
import { parse } from '@tidewatch/promql/parse.ts'
import { print } from '@tidewatch/promql/print.ts'
import { checkRuleTemplate } from '@tidewatch/template/rules.ts'
import { z } from 'zod'
import { type ConfigFile, type Parsed, PlainScalar, type YamlReader } from '../../config/port.ts'
import { pacingKeys, toPacing } from '../pacing-config.ts'
import { type AlertingRule, firstDocument, type RuleFileOptions, type RuleGroup } from './rule-file.ts'
import type { AnyRuleKind, CompileContext, CompiledRule } from './rule-kind.ts'
import { ruleKinds } from './rule-kinds/registry.ts'
import { createValueNames, valueFaults, type WrittenValues } from './values/named-values.ts'
import { duration, labelText, span, text, whole } from './written-scalars.ts'

export interface RuleSetOptions extends RuleFileOptions {
  /** Queries by name, of tidewatch.yml; those of the file itself go before. */
  readonly values?: WrittenValues
}

const maxRules = 5000
const kindNames = ruleKinds.map(({ kind }) => kind)
const labelName = text.refine((name) => /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name), 'not a name of a label.')
const texts = z.record(z.string(), labelText)
const severity = text.refine((word) => severityOf(word) !== undefined, {
  error: `there is no such severity. Allowed: ${severities.join(', ')}, and what other systems call them (warning, error, info).`,
})

const commonKeys = {
  name: text.refine((name) => name.trim() !== '' && name.length <= 200, 'a name has 1 to 200 characters.'),
  severity: severity.optional(),
  message: text.optional(),
  actions: z.union([z.array(text), text.transform((one) => [one])]).optional(),
  for: duration.optional(),
  keep_firing_for: duration.optional(),
  window: span.optional(),
  by: z.union([z.array(labelName), labelName.transform((one) => [one])]).optional(),
  labels: texts.optional(),
  annotations: texts.optional(),
  ...pacingKeys,
}

const ruleSchema = z
  .strictObject({
    ...commonKeys,
    ...Object.fromEntries(ruleKinds.map(({ kind, schema }) => [kind, schema.optional()] as const)),
  })
  .superRefine((rule: Readonly<Record<string, unknown>>, context) => {
    const kinds = kindNames.filter((kind) => rule[kind] !== undefined)
    if (kinds.length === 1) return
    const message =
      kinds.length === 0
        ? `a rule says what it watches: one of ${kindNames.join(', ')}.`
        : `a rule is of one kind; this has ${kinds.join(' and ')}.`
    context.addIssue({ code: 'custom', message, path: [kinds[1] ?? 'name'] })
  })

type WrittenRule = z.output<z.ZodObject<typeof commonKeys>> & Readonly<Record<string, unknown>>

const fileKeys = {
  name: text.optional(),
  interval: span.optional(),
  limit: whole.optional(),
  labels: texts.optional(),
  values: texts.default({}).superRefine((values, context) => {
    for (const { name, message } of valueFaults(values)) context.addIssue({ code: 'custom', path: [name], message })
  }),
}

const looseFile = z.looseObject({ rules: z.array(z.record(z.string(), z.unknown())).optional() })

/** Whether a file has `rules:` at its top and no `groups:`. */
export function isRuleSet(file: ConfigFile, readYaml: YamlReader): boolean {
  if (!/^(?:rules|"rules"|'rules')\s*:|^\{/m.test(file.text)) return false
  const read = readYaml({ ...file, text: firstDocument(file.text) }, looseFile)
  return read.ok && read.value.rules !== undefined && read.value.groups === undefined
}

/** Reads a file of our form whole, or tells everything that is wrong with it. */
export function readRuleSet(
  file: ConfigFile,
  readYaml: YamlReader,
  options: RuleSetOptions,
): Parsed<readonly RuleGroup[]> {
  const source = { ...file, text: firstDocument(file.text) }
  const raw = readYaml(source, looseFile)
  const written = raw.ok ? (raw.value.rules ?? []) : []
  const head = readYaml(source, z.looseObject({ values: fileKeys.values }))
  const values = createValueNames({ ...options.values, ...(head.ok ? head.value.values : {}) })
  const compiledRule = ruleSchema.transform((rule, context) =>
    compileRule(rule as unknown as WrittenRule, {
      values,
      judge: options.judge,
      report: (issue) => context.addIssue(issue),
    }),
  )
  const schema = z
    .strictObject({ ...fileKeys, rules: z.array(compiledRule).max(maxRules, `at most ${maxRules} rules in a file.`) })
    .superRefine(({ rules }, context) => {
      for (const [i, { name }] of repeated(rules))
        context.addIssue({
          code: 'custom',
          path: ['rules', i, 'name'],
          message: `another rule is called ${quoteValue(name)}.`,
        })
    })
  const read = readYaml(source, schema)
  if (!read.ok) return { ok: false, problems: read.problems.map(withoutJson) }
  const { name, interval, limit, labels = {}, rules } = read.value
  const group: RuleGroup = {
    name: name ?? basename(file.path).replace(/\.ya?ml$/, ''),
    file: file.name,
    intervalMs: interval,
    queryOffsetMs: undefined,
    limit: limit ?? 0,
    rules: rules.flatMap((rule, i) => toRules(rule, labels, plain(written[i] ?? {}))),
    sqlChecks: rules.flatMap(({ compiled }) => compiled.flatMap(({ sqlCheck }) => sqlCheck ?? [])),
  }
  return { ok: true, value: [group] }
}

/** A whole mapping as JSON before the reason helps nobody. */
const withoutJson = (problem: Problem): Problem => ({
  ...problem,
  message: problem.message.replace(/^"[{[](?:[^"\\]|\\.)*": /, ''),
})

interface ReadRule {
  readonly name: string
  readonly kind: string
  readonly written: WrittenRule
  readonly compiled: readonly CompiledRule[]
}

interface CompileParts {
  readonly values: CompileContext['values']
  readonly judge: RuleFileOptions['judge']
  readonly report: (issue: {
    code: 'custom'
    message: string
    path: PropertyKey[]
    input: unknown
    params?: Record<string, unknown>
  }) => void
}

function compileRule(written: WrittenRule, { values, judge, report }: CompileParts): ReadRule {
  const kind = ruleKinds.find((one) => written[one.kind] !== undefined) as AnyRuleKind
  const { name, window, by = [] } = written
  const tell = (caught: unknown, path: PropertyKey[]): void => {
    const { message, fix, where, code } = AppError.from(caught)
    if (code === 'internal.bug') throw caught
    const whole = fix === undefined ? message : `${message} ${fix}`
    report({ code: 'custom', message: whole, path, input: undefined, params: { offset: where?.span?.start } })
  }
  let compiled: readonly CompiledRule[] = []
  try {
    compiled = kind.compile(written[kind.kind], { name, windowMs: window, by, values })
    for (const { expr } of compiled) {
      if (isLogRule(expr)) parseLogRule(expr)
      else judge?.(parse(expr), expr)
    }
  } catch (error) {
    tell(error, [kind.kind])
  }
  for (const [key, templates] of Object.entries({ labels: written.labels, annotations: written.annotations }))
    for (const [label, template] of Object.entries(templates ?? {})) {
      const problem = checkRuleTemplate(template, name, true)
      if (problem !== undefined) report({ code: 'custom', message: problem, path: [key, label], input: undefined })
    }
  const problem = checkRuleTemplate(written.message ?? '', name, true)
  if (problem !== undefined) report({ code: 'custom', message: problem, path: ['message'], input: undefined })
  return { name, kind: kind.kind, written, compiled }
}

function toRules(
  { name, kind, written, compiled }: ReadRule,
  fileLabels: Readonly<Record<string, string>>,
  asWritten: Readonly<Record<string, unknown>>,
): AlertingRule[] {
  const channels = written.actions
  const pacing = toPacing(written)
  return compiled.map((rule) => {
    const severityLabel = rule.severity ?? written.severity
    return {
      kind: 'alerting',
      name,
      expr: isLogRule(rule.expr) ? rule.expr : print(parse(rule.expr)),
      forMs: written.for ?? rule.forMs ?? 0,
      keepFiringForMs: written.keep_firing_for ?? 0,
      labels: {
        ...fileLabels,
        ...rule.labels,
        ...(severityLabel === undefined ? {} : { severity: severityLabel }),
        ...written.labels,
      },
      annotations: {
        ...rule.annotations,
        value: '{{ $value }}',
        summary: written.message ?? rule.message,
        ...written.annotations,
      },
      data: rule.data,
      ...(channels === undefined ? {} : { channels }),
      ...(pacing === undefined ? {} : { pacing }),
      origin: { kind, written: asWritten },
    }
  })
}

function* repeated(rules: readonly ReadRule[]): Iterable<readonly [number, ReadRule]> {
  const names = new Set<string>()
  for (const [i, rule] of rules.entries()) {
    if (names.has(rule.name)) yield [i, rule]
    names.add(rule.name)
  }
}

/** As JSON has it. */
function plain(value: unknown): Readonly<Record<string, unknown>> {
  const walk = (one: unknown): unknown => {
    if (one instanceof PlainScalar) return one.value
    if (Array.isArray(one)) return one.map(walk)
    if (typeof one !== 'object' || one === null) return one
    return Object.fromEntries(Object.entries(one).map(([key, inner]) => [key, walk(inner)]))
  }
  return walk(value) as Readonly<Record<string, unknown>>
}
