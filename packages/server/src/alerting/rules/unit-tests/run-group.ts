// One test group: series go in step by step, all rule groups are evaluated at each step, then alerts and queries are compared.
// As promtool does it: rules see no sample that is later than their own step.
import { AppError } from '@tidewatch/core/error.ts'
import type { Labels } from '@tidewatch/core/labels.ts'
import { formatDurationMs } from '@tidewatch/core/time.ts'
import type { Expr } from '@tidewatch/promql/ast.ts'
import { goQuote } from '@tidewatch/promql/quote.ts'
import { type EvaluationContext, evaluateAlertingRule, recordedAs } from '../evaluate.ts'
import type { AlertsByKey } from '../lifecycle.ts'
import type { Rule, RuleGroup } from '../rule-file.ts'
import { type CompareOptions, compareAlerts, compareSamples } from './compare.ts'
import { notationError } from './histogram-notation.ts'
import { MemoryQueries } from './query.ts'
import { SampleMemory, type StoredValue } from './sample-memory.ts'
import { parseSeries, parseValues, type WrittenValue } from './series-notation.ts'
import type { AlertTest, ExpectedAlert, TestGroup } from './test-file.ts'

export interface RunGroupOptions extends CompareOptions {
  readonly evaluationIntervalMs: number
  /** In the order of evaluation. */
  readonly groups: readonly RuleGroup[]
  readonly judge: (expr: Expr, text: string) => void
  readonly debug?: ((line: string) => void) | undefined
  readonly signal: AbortSignal
}

interface InputSeries {
  readonly labels: Labels
  readonly values: readonly WrittenValue[]
  /** The next value to go in. */
  next: number
}

interface RunningRule {
  readonly rule: Rule
  readonly group: RuleGroup
  alerts: AlertsByKey
  /** Series of its last evaluation: those that are gone get a stale marker. */
  written: ReadonlyMap<string, Labels>
}

/** What failed, as texts; none where all is as expected. */
export async function runTestGroup(group: TestGroup, options: RunGroupOptions): Promise<string[]> {
  const unnamed = group.alertTests.find(({ alertName }) => alertName === '')
  if (unnamed !== undefined) {
    const where = group.name === '' ? '' : ` (in TestGroup ${group.name})`
    const time = formatDurationMs(unnamed.evalTimeMs)
    return [`an item under alert_rule_test misses required attribute alertname at eval_time ${time}${where}`]
  }
  try {
    return await new GroupRun(group, options).run()
  } catch (error) {
    if (error instanceof AppError && error.kind !== 'bug') return [error.message]
    throw error
  }
}

class GroupRun {
  readonly #group: TestGroup
  readonly #options: RunGroupOptions
  readonly #memory = new SampleMemory()
  readonly #queries: MemoryQueries
  readonly #input: readonly InputSeries[]
  readonly #rules: readonly RunningRule[]
  readonly #failures: string[] = []

  constructor(group: TestGroup, options: RunGroupOptions) {
    this.#group = group
    this.#options = options
    this.#queries = new MemoryQueries(this.#memory, options)
    // of one series that is written twice the last counts
    const input = new Map<string, InputSeries>()
    for (const { series, values } of group.series) {
      if (series.trim() === '')
        throw notationError('a series is written without its name. {} is the one without labels')
      const labels = parseSeries(series)
      input.set(labels.key(), { labels, values: parseValues(values), next: 0 })
    }
    this.#input = [...input.values()]
    this.#rules = options.groups.flatMap((one) =>
      one.rules.map((rule) => ({ rule, group: one, alerts: new Map(), written: new Map() })),
    )
  }

  async run(): Promise<string[]> {
    const { alertTests, exprTests } = this.#group
    const { evaluationIntervalMs } = this.#options
    const lastMs = Math.max(0, ...[...alertTests, ...exprTests].map(({ evalTimeMs }) => evalTimeMs))
    for (let sinceMs = 0; sinceMs <= lastMs; sinceMs += evaluationIntervalMs) {
      const errors = await this.#step(sinceMs)
      this.#failures.push(...errors)
      if (errors.length > 0) return this.#ended()
      const due = alertTests.filter(
        ({ evalTimeMs }) => evalTimeMs >= sinceMs && evalTimeMs < sinceMs + evaluationIntervalMs,
      )
      for (const test of due.sort((a, b) => a.evalTimeMs - b.evalTimeMs)) this.#compareAlerts(test)
    }
    for (const test of exprTests) await this.#compareQuery(test)
    return this.#ended()
  }

  /** Whoever looks for a mistake sees all that was written, by the input and by the rules. */
  #ended(): string[] {
    const { debug } = this.#options
    if (debug === undefined) return this.#failures
    debug('All series, from the input and from rules:')
    for (const { labels, text } of this.#memory.dump(this.#group.startMs)) debug(`  ${labels}  ${text}`)
    return this.#failures
  }

  async #step(sinceMs: number): Promise<string[]> {
    const atMs = this.#group.startMs + sinceMs
    for (const series of this.#input) this.#load(series, sinceMs)
    const errors: string[] = []
    for (const running of this.#rules) {
      try {
        await this.#evaluate(running, atMs)
      } catch (error) {
        const { message, kind } = AppError.from(error)
        if (kind === 'bug') throw error
        errors.push(`    rule: ${running.rule.name}, time: ${goDuration(sinceMs)}, err: ${message}`)
      }
    }
    return errors
  }

  #load(series: InputSeries, untilSinceMs: number): void {
    const { intervalMs, startMs } = this.#group
    for (; series.next < series.values.length && series.next * intervalMs <= untilSinceMs; series.next++) {
      const value = series.values[series.next]
      if (value !== undefined) this.#memory.append(series.labels, startMs + series.next * intervalMs, value)
    }
  }

  async #evaluate(running: RunningRule, atMs: number): Promise<void> {
    const { rule, group } = running
    const queryOffsetMs = group.queryOffsetMs ?? 0
    const sampleMs = atMs - queryOffsetMs
    const samples: readonly { readonly labels: Labels; readonly value: StoredValue }[] =
      rule.kind === 'alerting'
        ? await this.#alertSamples(running, rule, atMs, queryOffsetMs)
        : recordedAs(rule, await this.#queries.vector({ query: rule.expr, atMs: sampleMs }), group.limit).map(
            ({ labels, value, histogram }) => ({ labels, value: histogram ?? value }),
          )
    const written = new Map(samples.map(({ labels }) => [labels.key(), labels]))
    for (const { labels, value } of samples) this.#memory.append(labels, sampleMs, value)
    for (const [key, labels] of running.written) if (!written.has(key)) this.#memory.append(labels, sampleMs, 'stale')
    running.written = written
  }

  async #alertSamples(
    running: RunningRule,
    rule: Extract<Rule, { kind: 'alerting' }>,
    atMs: number,
    queryOffsetMs: number,
  ): Promise<readonly { readonly labels: Labels; readonly value: number }[]> {
    const context: EvaluationContext = {
      queries: this.#queries,
      atMs,
      queryOffsetMs,
      limit: running.group.limit,
      externalLabels: this.#group.externalLabels,
      externalUrl: this.#group.externalUrl,
      // there is nothing to wait for: all samples are in memory
      timeoutMs: Number.POSITIVE_INFINITY,
      signal: this.#options.signal,
    }
    const { alerts, samples, excess } = await evaluateAlertingRule(rule, running.alerts, context)
    running.alerts = excess === undefined ? alerts : new Map()
    if (excess !== undefined) throw excess
    return samples()
  }

  #compareAlerts(test: AlertTest): void {
    const found: ExpectedAlert[] = this.#rules
      .filter(({ rule }) => rule.kind === 'alerting' && rule.name === test.alertName)
      .flatMap(({ alerts }) => [...alerts.values()])
      .filter(({ state }) => state === 'firing')
      .map(({ labels, annotations }) => ({ labels: labels.toObject(), annotations }))
    const failure = compareAlerts(this.#group.name, test, found, this.#options)
    if (failure !== undefined) this.#failures.push(failure)
  }

  async #compareQuery(test: TestGroup['exprTests'][number]): Promise<void> {
    try {
      const found = await this.#queries.vector({ query: test.expr, atMs: this.#group.startMs + test.evalTimeMs })
      const failure = compareSamples(test, found, this.#options)
      if (failure !== undefined) this.#failures.push(failure)
    } catch (error) {
      const { message, kind } = AppError.from(error)
      if (kind === 'bug') throw error
      const time = formatDurationMs(test.evalTimeMs)
      this.#failures.push(`    expr: ${goQuote(test.expr)}, time: ${time}, err: ${message}`)
    }
  }
}

/** As Go prints a duration: `1h0m0s`, `1m30s`, `0s`. */
function goDuration(ms: number): string {
  const hours = Math.floor(ms / 3_600_000)
  const minutes = Math.floor((ms % 3_600_000) / 60_000)
  const seconds = `${(ms % 60_000) / 1000}s`
  if (hours > 0) return `${hours}h${minutes}m${seconds}`
  return minutes > 0 ? `${minutes}m${seconds}` : seconds
}
