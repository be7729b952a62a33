// The form of a unit-test file. https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/
import { z } from 'zod'
import type { ConfigFile, Parsed, YamlReader } from '../../../config/port.ts'
import { firstDocument } from '../rule-file.ts'
import { boolean, duration, float, labelText, text } from '../written-scalars.ts'

export interface TestFile {
  readonly ruleFiles: readonly string[]
  readonly evaluationIntervalMs: number
  readonly groupEvalOrder: readonly string[]
  readonly fuzzyCompare: boolean
  readonly tests: readonly TestGroup[]
}

/** Series, and what rules and queries must make of them. Times of the tests count from `startMs`. */
export interface TestGroup {
  readonly name: string
  readonly intervalMs: number
  readonly startMs: number
  readonly series: readonly { readonly series: string; readonly values: string }[]
  readonly alertTests: readonly AlertTest[]
  readonly exprTests: readonly ExprTest[]
  readonly externalLabels: Readonly<Record<string, string>>
  readonly externalUrl: string
}

export interface AlertTest {
  readonly evalTimeMs: number
  readonly alertName: string
  readonly expected: readonly ExpectedAlert[]
}

export interface ExpectedAlert {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

export interface ExprTest {
  readonly expr: string
  readonly evalTimeMs: number
  readonly expected: readonly { readonly labels: string; readonly value: number; readonly histogram: string }[]
}

export interface TestFileOptions {
  /** Refuses what only newer releases of Prometheus than 3.5 know. */
  readonly prometheus: boolean
}

const defaultIntervalMs = 60_000
const texts = z.record(z.string(), labelText).nullish()
const instant = text.transform((written, context) => {
  const seconds = Number(written)
  const ms = Number.isNaN(seconds) ? Date.parse(written) : seconds * 1000
  if (!Number.isFinite(ms))
    context.addIssue({ code: 'custom', message: 'not a time. Write one such as 2026-01-31T12:00:00Z, or Unix seconds' })
  return ms
})

/** What is left empty in a list is an item with nothing in it, as Go's older YAML decoder reads it. */
const listOf = <T>(item: z.ZodType<T>) => z.array(z.preprocess((written) => written ?? {}, item)).nullish()

const alertTest = z.strictObject({
  eval_time: duration.nullish(),
  alertname: text.nullish(),
  exp_alerts: listOf(z.strictObject({ exp_labels: texts, exp_annotations: texts })),
})

const sample = z.strictObject({ labels: text.nullish(), value: float.nullish(), histogram: text.nullish() })

const exprTest = z.strictObject({
  expr: text.nullish(),
  eval_time: duration.nullish(),
  exp_samples: listOf(sample),
})

const groupKeys = {
  name: text.nullish(),
  interval: duration.nullish(),
  input_series: listOf(z.strictObject({ series: text.nullish(), values: text.nullish() })),
  alert_rule_test: listOf(alertTest),
  promql_expr_test: listOf(exprTest),
  external_labels: texts,
  external_url: text.nullish(),
}

function fileSchema<T extends typeof groupKeys>(group: z.ZodObject<T>) {
  return z.strictObject({
    rule_files: z.array(labelText).nullish(),
    evaluation_interval: duration.nullish(),
    group_eval_order: z.array(labelText).nullish(),
    fuzzy_compare: boolean.nullish(),
    tests: listOf(group),
  })
}

const newestSchema = fileSchema(z.strictObject({ ...groupKeys, start_timestamp: instant.nullish() }))
const settledSchema = fileSchema(z.strictObject(groupKeys))

/** Reads a unit-test file, or tells everything that is wrong with it. */
export function readTestFile(
  file: ConfigFile,
  readYaml: YamlReader,
  { prometheus }: TestFileOptions,
): Parsed<TestFile> {
  const schema: z.ZodType<z.infer<typeof newestSchema>> = prometheus ? settledSchema : newestSchema
  const read = readYaml({ ...file, text: firstDocument(file.text) }, schema)
  if (!read.ok) return read
  const { rule_files, evaluation_interval, group_eval_order, fuzzy_compare, tests } = read.value
  const evaluationIntervalMs = evaluation_interval || defaultIntervalMs
  return {
    ok: true,
    value: {
      ruleFiles: rule_files ?? [],
      evaluationIntervalMs,
      groupEvalOrder: group_eval_order ?? [],
      fuzzyCompare: fuzzy_compare ?? false,
      tests: (tests ?? []).map((group) => toGroup(group, evaluationIntervalMs)),
    },
  }
}

type WrittenGroup = NonNullable<z.infer<typeof newestSchema>['tests']>[number]

function toGroup(group: WrittenGroup, evaluationIntervalMs: number): TestGroup {
  return {
    name: group.name ?? '',
    intervalMs: group.interval || evaluationIntervalMs,
    startMs: group.start_timestamp ?? 0,
    series: (group.input_series ?? []).map(({ series, values }) => ({ series: series ?? '', values: values ?? '' })),
    alertTests: (group.alert_rule_test ?? []).map((test) => ({
      evalTimeMs: test.eval_time ?? 0,
      alertName: test.alertname ?? '',
      expected: (test.exp_alerts ?? []).map((alert) => ({
        labels: alert.exp_labels ?? {},
        annotations: alert.exp_annotations ?? {},
      })),
    })),
    exprTests: (group.promql_expr_test ?? []).map((test) => ({
      expr: test.expr ?? '',
      evalTimeMs: test.eval_time ?? 0,
      expected: (test.exp_samples ?? []).map((one) => ({
        labels: one.labels ?? '',
        value: one.value ?? 0,
        histogram: one.histogram ?? '',
      })),
    })),
    externalLabels: group.external_labels ?? {},
    externalUrl: group.external_url ?? '',
  }
}
