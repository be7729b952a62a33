// Prometheus's rule files: form, and every check that Prometheus makes before it takes one.
// https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/
import { AppError } from '@tidewatch/core/error.ts'
import { metricNameLabel } from '@tidewatch/core/labels.ts'
import { asLogqlRule, isLogRule, parseLogRule } from '@tidewatch/logquery/rule-expression.ts'
import type { Expr } from '@tidewatch/promql/ast.ts'
import { parse } from '@tidewatch/promql/parse.ts'
import { print } from '@tidewatch/promql/print.ts'
import { checkRuleTemplate } from '@tidewatch/template/rules.ts'
import { z } from 'zod'
import type { ConfigFile, Parsed, YamlReader } from '../../config/port.ts'
import type { AlertPacing } from '../port.ts'
import type { SqlCheck } from './rule-kind.ts'
import { duration, labelText, text, whole } from './written-scalars.ts'

export interface RuleGroup {
  readonly name: string
  readonly file: string
  /** Undefined: the global evaluation interval. */
  readonly intervalMs: number | undefined
  readonly queryOffsetMs: number | undefined
  /** Most alerts or series of one rule; 0: no limit. */
  readonly limit: number
  readonly rules: readonly Rule[]
  /** What its rules want asked of databases. */
  readonly sqlChecks?: readonly SqlCheck[]
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
  /** What stands with an alert beside its value: `$data` of its templates, and annotations of their names. */
  readonly data?: readonly RuleDatum[]
  /** Channels that the rule names itself, by name or kind; of none, or of `log` alone, nobody is told, and the alert is kept and shown. */
  readonly channels?: readonly string[]
  readonly pacing?: AlertPacing
  /** Of a rule that is no Prometheus rule: its kind and how it was written. */
  readonly origin?: RuleOrigin
}

/** One more number of an alert: a query whose series have the labels of the rule's, or one series without. */
export interface RuleDatum {
  readonly name: string
  readonly expr: string
}

export interface RuleOrigin {
  readonly kind: string
  /** The rule as it stands in its file. */
  readonly written: Readonly<Record<string, unknown>>
}

export interface RecordingRule extends RuleBase {
  readonly kind: 'recording'
  readonly name: string
}

// any UTF-8 text but the empty one is a name
const labels = z.record(z.string(), labelText).nullish()

const ruleKeys = {
  record: text.nullish(),
  alert: text.nullish(),
  expr: text.nullish(),
  for: duration.nullish(),
  keep_firing_for: duration.nullish(),
  labels,
  annotations: labels,
}

const groupKeys = {
  name: text.nullish(),
  interval: duration.nullish(),
  query_offset: duration.nullish(),
  limit: whole.nullish(),
  labels,
}

type WrittenRule = z.infer<z.ZodObject<typeof ruleKeys>>

/** How a rule file is judged. */
export interface RuleFileOptions {
  /** Keys that nobody knows are passed over. */
  readonly ignoreUnknownFields?: boolean
  /** Throws for an expression that is right but not wanted; `text` is what positions mean. */
  readonly judge?: (expr: Expr, text: string) => void
}

/** What is left empty in a list is no item of it, as Go reads it. */
const listOf = <T extends z.ZodType>(item: T) =>
  z
    .array(item.nullable())
    .transform((items) => items.filter((one) => one !== null))
    .nullish()

type Report = (path: string[], message: string) => void

function fileSchema({ ignoreUnknownFields = false, judge = () => undefined }: RuleFileOptions) {
  const object = <T extends z.core.$ZodLooseShape>(shape: T): z.ZodObject<T> =>
    (ignoreUnknownFields ? z.object(shape) : z.strictObject(shape)) as z.ZodObject<T>
  // checked rule by rule: what is wrong with one does not hide what is wrong with another
  const rule = object(ruleKeys).superRefine((written, context) => {
    const report: Report = (path, message) => context.addIssue({ code: 'custom', path, message })
    checkKind(written, report)
    checkContent(written, report, judge)
  })
  const group = object({ ...groupKeys, rules: listOf(rule) }).superRefine((written, context) => {
    const report: Report = (path, message) => context.addIssue({ code: 'custom', path, message })
    if ((written.name ?? '') === '') report(['name'], 'a group needs a name.')
    checkNames(written.labels, 'labels', report)
  })
  return object({ groups: listOf(group) }).superRefine(({ groups }, context) => {
    const names = new Set<string>()
    for (const [g, { name }] of (groups ?? []).entries()) {
      if (typeof name !== 'string') continue
      const message = 'another group of this file has the same name.'
      if (names.has(name)) context.addIssue({ code: 'custom', path: ['groups', g, 'name'], message })
      names.add(name)
    }
  })
}

const serverSchema = fileSchema({})

/** Reads a rule file whole, or tells everything that is wrong with it. Of several YAML documents the first counts. */
export function readRuleFile(
  file: ConfigFile,
  readYaml: YamlReader,
  options?: RuleFileOptions,
): Parsed<readonly RuleGroup[]> {
  const written = readWrittenGroups(file, readYaml, options)
  if (!written.ok) return written
  const groups = written.value.map((group) => ({
    name: group.name ?? '',
    file: file.name,
    intervalMs: group.interval ?? undefined,
    queryOffsetMs: group.query_offset ?? undefined,
    limit: group.limit ?? 0,
    rules: toRules(group),
  }))
  return { ok: true, value: groups }
}

type WrittenFile = z.infer<ReturnType<typeof fileSchema>>

/** The groups of a file that is right, as they stand there. */
export function readWrittenGroups(
  file: ConfigFile,
  readYaml: YamlReader,
  options?: RuleFileOptions,
): Parsed<NonNullable<WrittenFile['groups']>> {
  const schema = options === undefined ? serverSchema : fileSchema(options)
  const checked = readYaml({ ...file, text: firstDocument(file.text) }, schema)
  return checked.ok ? { ok: true, value: checked.value.groups ?? [] } : checked
}

/** Cut where a second document begins, or the first one is said to end. */
export function firstDocument(text: string): string {
  let hasBegun = false
  let offset = 0
  for (const line of text.split('\n')) {
    const isMarker = /^---(?:\s|$)/.test(line)
    if ((isMarker && hasBegun) || /^\.\.\.(?:\s|$)/.test(line)) return text.slice(0, offset)
    hasBegun ||= isMarker || !/^\s*(?:[#%].*)?$/.test(line)
    offset += line.length + 1
  }
  return text
}

type WrittenGroup = NonNullable<WrittenFile['groups']>[number]

/** A group of Loki's ruler is known by an expression that can be nothing but LogQL: those in it that could be either are LogQL too. */
function toRules({ rules, labels: groupLabels }: WrittenGroup): Rule[] {
  const written = rules ?? []
  const isLoki = written.some(({ expr }) => isLogqlAlone(expr ?? ''))
  return written.map((rule) => toRule(rule, groupLabels ?? {}, isLoki))
}

function toRule(rule: WrittenRule, groupLabels: Readonly<Record<string, string>>, isLoki: boolean): Rule {
  const own = rule.labels ?? {}
  const base = { expr: exprOf(rule.expr ?? '', isLoki), labels: { ...groupLabels, ...own } }
  if (isEmpty(rule.alert)) return { kind: 'recording', name: rule.record ?? '', ...base }
  const { alert, for: forMs, keep_firing_for: keepFiringForMs, annotations } = rule
  return {
    kind: 'alerting',
    name: alert ?? '',
    forMs: forMs ?? 0,
    keepFiringForMs: keepFiringForMs ?? 0,
    annotations: annotations ?? {},
    ...base,
  }
}

/** The expression as it is kept. */
function exprOf(text: string, isLoki: boolean): string {
  if (isLogRule(text)) return text.trim()
  return (isLoki ? asLogqlRule(text) : undefined) ?? print(parse(text))
}

/** Whether it is LogQL and no PromQL. */
function isLogqlAlone(text: string): boolean {
  // every query of lines has a selector
  if (!text.includes('{')) return false
  try {
    parse(text)
    return false
  } catch {
    // no PromQL: what it is says LogQL's own parser
    return asLogqlRule(text) !== undefined
  }
}

const isEmpty = (text: string | null | undefined): boolean => (text ?? '') === ''

function checkKind(rule: WrittenRule, report: Report): void {
  const isRecording = !isEmpty(rule.record)
  if (isRecording && !isEmpty(rule.alert))
    for (const key of ['record', 'alert']) report([key], "only one of 'record' and 'alert' must be set")
  if (!isRecording && isEmpty(rule.alert)) report([], "one of 'record' or 'alert' must be set")
  if (!isRecording) return
  // what is written and has no effect is let pass, as Prometheus does
  const notHere = (key: string): void => report(['record'], `invalid field '${key}' in recording rule`)
  if ((rule.for ?? 0) !== 0) notHere('for')
  if ((rule.keep_firing_for ?? 0) !== 0) notHere('keep_firing_for')
  if (Object.keys(rule.annotations ?? {}).length > 0) notHere('annotations')
  if (/[{}]/.test(rule.record ?? ''))
    report(['record'], `braces present in the recording rule name; should it be in expr?: ${rule.record}`)
}

/** What only shows when expressions, names and templates are read. */
function checkContent(rule: WrittenRule, report: Report, judge: (expr: Expr, text: string) => void): void {
  if (isEmpty(rule.expr)) report(['expr'], "field 'expr' must be set in rule")
  else checkExpr(rule.expr ?? '', report, judge)
  checkNames(rule.labels, 'labels', report)
  for (const name of Object.keys(rule.annotations ?? {}))
    if (name === '') report(['annotations', name], `invalid annotation name: ${name}`)
  if (isEmpty(rule.alert)) return
  for (const part of ['labels', 'annotations'] as const) {
    for (const [name, template] of Object.entries(rule[part] ?? {})) {
      const problem = checkRuleTemplate(template, rule.alert ?? '')
      if (problem !== undefined) report([part, name], problem)
    }
  }
}

function checkExpr(text: string, report: Report, judge: (expr: Expr, text: string) => void): void {
  try {
    if (isLogRule(text)) parseLogRule(text)
    else judge(parse(text), text)
  } catch (error) {
    if (isLogqlAlone(text)) return
    report(['expr'], `could not parse expression: ${AppError.from(error).message}`)
  }
}

function checkNames(written: Readonly<Record<string, string>> | null | undefined, key: string, report: Report): void {
  for (const name of Object.keys(written ?? {}))
    if (name === metricNameLabel || name === '') report([key, name], `invalid label name: ${name}`)
}
