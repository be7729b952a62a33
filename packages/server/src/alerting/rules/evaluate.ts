// One evaluation of one rule: asks the query service, expands labels and annotations, and moves the rule's alerts on.
import { AppError } from '@tidewatch/core/error.ts'
import { compareUtf8, Labels, metricNameLabel } from '@tidewatch/core/labels.ts'
import type { FloatHistogram } from '@tidewatch/core/native-histogram.ts'
import { histogramText } from '@tidewatch/promql/native/text.ts'
import { printNumber } from '@tidewatch/promql/print.ts'
import { expandRuleTemplate, type RuleTemplateContext } from '@tidewatch/template/rules.ts'
import type { QueryService, VectorSample } from '../../query/port.ts'
import { type ActiveAlert, type AlertsByKey, advance, excessOf, type FoundAlert } from './lifecycle.ts'
import type { AlertingRule, RecordingRule } from './rule-file.ts'

export interface EvaluationContext {
  readonly queries: Pick<QueryService, 'vector'>
  readonly atMs: number
  readonly queryOffsetMs: number
  readonly limit: number
  readonly externalLabels: Readonly<Record<string, string>>
  readonly externalUrl: string
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** For who evaluates the same again and again: labels of alerts by those of their series. Not for rules whose labels are templates. */
  readonly knownLabels?: Map<string, Labels>
}

/** One series a rule writes. */
export interface RuleSample {
  readonly labels: Labels
  readonly value: number
  /** In the place of a value. */
  readonly histogram?: FloatHistogram | undefined
}

export interface AlertingResult {
  readonly alerts: Map<string, ActiveAlert>
  /** `ALERTS` and `ALERTS_FOR_STATE`. */
  readonly samples: () => readonly RuleSample[]
  /** There are more alerts than the group's limit: none of them counts, and nothing is written. */
  readonly excess: AppError | undefined
}

const alertNameLabel = 'alertname'

function ask(expr: string, context: EvaluationContext): Promise<readonly VectorSample[]> {
  return context.queries.vector({
    query: expr,
    atMs: context.atMs - context.queryOffsetMs,
    projects: 'all',
    user: 'rules',
    signal: context.signal,
    timeoutMs: context.timeoutMs,
  })
}

export async function evaluateAlertingRule(
  rule: AlertingRule,
  former: AlertsByKey,
  context: EvaluationContext,
): Promise<AlertingResult> {
  const vector = await ask(rule.expr, context)
  const data = vector.length === 0 ? undefined : await askData(rule, context)
  const found: FoundAlert[] = []
  for (const sample of vector) found.push(await expand({ rule, sample, data: data?.(sample.labels) }, context))
  const { name, forMs, keepFiringForMs } = rule
  const alerts = advance(former, found, { name, forMs, keepFiringForMs }, context.atMs)
  return {
    alerts,
    excess: excessOf(alerts, context.limit),
    samples: () => [...alerts.values()].flatMap((alert) => (alert.state === 'inactive' ? [] : stateSamples(alert))),
  }
}

/** What stands with each alert beside its value, by the labels of its series. Undefined for rules that bring none. */
async function askData(
  { data, origin }: AlertingRule,
  context: EvaluationContext,
): Promise<((labels: Labels) => Readonly<Record<string, string>>) | undefined> {
  if (origin === undefined) return undefined
  const found: { readonly name: string; readonly of: (labels: Labels) => string | undefined }[] = []
  for (const { name, expr } of data ?? []) {
    const vector = await ask(expr, context)
    const byKey = new Map(vector.map((sample) => [sample.labels.without(nameOnly).key(), printed(sample)]))
    const [only] = vector
    // one series stands for all: a value of its own beside those of the rule
    const other = vector.length === 1 && only !== undefined ? printed(only) : undefined
    found.push({ name, of: (labels) => byKey.get(labels.without(nameOnly).key()) ?? other })
  }
  return (labels) => Object.fromEntries(found.flatMap(({ name, of }) => [[name, of(labels) ?? '']]))
}

const nameOnly: ReadonlySet<string> = new Set([metricNameLabel])

function printed(sample: VectorSample): string {
  const value = shownValue(sample)
  return typeof value === 'string' ? value : printNumber(value)
}

interface Expansion {
  readonly rule: AlertingRule
  readonly sample: VectorSample
  readonly data: Readonly<Record<string, string>> | undefined
}

async function expand({ rule, sample, data }: Expansion, context: EvaluationContext): Promise<FoundAlert> {
  const templateContext: RuleTemplateContext = {
    data,
    name: rule.name,
    labels: sample.labels.toObject(),
    value: shownValue(sample),
    externalLabels: context.externalLabels,
    externalUrl: context.externalUrl,
    atMs: context.atMs,
    query: async (expr) => (await ask(expr, context)).map((one) => ({ labels: one.labels, value: shownValue(one) })),
  }
  const key = sample.labels.key()
  const labels = context.knownLabels?.get(key) ?? (await labelsOf(rule, templateContext, sample.labels))
  context.knownLabels?.set(key, labels)
  const annotations: Record<string, string> = { ...data }
  for (const [name, template] of Object.entries(rule.annotations))
    annotations[name] = await expandOrTell(template, templateContext)
  return { labels, annotations, value: sample.value }
}

async function labelsOf(rule: AlertingRule, templateContext: RuleTemplateContext, series: Labels): Promise<Labels> {
  const labels = new Map([...series.entries()].filter(([name]) => name !== metricNameLabel))
  for (const [name, template] of Object.entries(rule.labels))
    labels.set(name, await expandOrTell(template, templateContext))
  labels.set(alertNameLabel, rule.name)
  return Labels.from(labels)
}

/** What `$value` is: Prometheus gives a histogram as its text. */
function shownValue({ value, histogram }: VectorSample): number | string {
  return histogram === undefined ? value : histogramText(histogram)
}

/** A template that fails does not hold an alert back: its message takes the text's place, as in Prometheus. */
async function expandOrTell(template: string, context: RuleTemplateContext): Promise<string> {
  try {
    return await expandRuleTemplate(template, context)
  } catch (error) {
    return `<error expanding template: ${AppError.from(error).message}>`
  }
}

function stateSamples(alert: ActiveAlert): RuleSample[] {
  return [
    { labels: named(alert.labels, 'ALERTS').with('alertstate', alert.state), value: 1 },
    { labels: named(alert.labels, 'ALERTS_FOR_STATE'), value: alert.activeAtMs / 1000 },
  ]
}

const named = (labels: Labels, name: string): Labels => labels.with(metricNameLabel, name)

export async function evaluateRecordingRule(
  rule: RecordingRule,
  context: EvaluationContext,
): Promise<readonly RuleSample[]> {
  const vector = await ask(rule.expr, context)
  return recordedAs(rule, vector, context.limit).map(({ labels, value, histogram }) => ({ labels, value, histogram }))
}

/** What a query found under the rule's name and labels. Throws `query.execution` where two are the same then, or there are more than the limit. */
export function recordedAs<T extends { readonly labels: Labels }>(
  rule: RecordingRule,
  vector: readonly T[],
  limit: number,
): T[] {
  const samples = vector.map((sample) => ({ ...sample, labels: recorded(sample.labels, rule) }))
  const distinct = new Set(samples.map(({ labels }) => labels.key()))
  if (distinct.size < samples.length) {
    throw new AppError('query.execution', 'vector contains metrics with the same labelset after applying rule labels')
  }
  if (limit > 0 && samples.length > limit) {
    throw new AppError('query.execution', `exceeded limit of ${limit} with ${samples.length} series`)
  }
  return samples
}

function recorded(labels: Labels, rule: RecordingRule): Labels {
  const pairs = new Map(labels.entries())
  for (const [name, value] of Object.entries(rule.labels)) pairs.set(name, value)
  pairs.set(metricNameLabel, rule.name)
  return Labels.from(pairs)
}

/** A rule's identity over reloads and restarts: what it is called, asks and adds, and where it stands. */
export function ruleKey(file: string, group: string, rule: AlertingRule | RecordingRule): string {
  const labels = Object.entries(rule.labels).sort(([a], [b]) => compareUtf8(a, b))
  return JSON.stringify([file, group, rule.kind, rule.name, rule.expr, labels])
}
