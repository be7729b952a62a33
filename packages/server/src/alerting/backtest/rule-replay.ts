// One alerting rule over a stretch of the past, by the production evaluator. Between two steps at which nothing appears, goes, or becomes due the
// evaluator would find what it found before, so those are left out: a rule that is quiet for a month costs next to nothing.
import type { Labels } from '@tidewatch/core/labels.ts'
import type { MatrixSeries, QueryService, VectorSample } from '../../query/port.ts'
import { type EvaluationContext, evaluateAlertingRule } from '../rules/evaluate.ts'
import { type ActiveAlert, type AlertsByKey, needsSending, resolvedRetentionMs } from '../rules/lifecycle.ts'
import type { AlertingRule } from '../rules/rule-file.ts'

/** What the rule's expression gave at equally spaced times. */
export interface RuleWindow {
  /** The first evaluation, in ms. */
  readonly firstMs: number
  readonly stepMs: number
  readonly steps: number
  readonly series: readonly MatrixSeries[]
}

export interface RuleReplayOptions {
  readonly rule: AlertingRule
  readonly context: Omit<EvaluationContext, 'queries' | 'atMs'>
  /** For what templates and data ask beside the rule's expression. */
  readonly queries: Pick<QueryService, 'vector'>
  /** Told each alert that begins to fire or ends, in order of time. */
  readonly onChange: (alert: ActiveAlert, atMs: number) => void
}

export class RuleReplay {
  readonly #options: RuleReplayOptions
  /** Labels of alerts may follow the value: then each step is another look. */
  readonly #everyStep: boolean
  /** What flaps does so thousands of times: its labels are made once. */
  readonly #knownLabels: Map<string, Labels> | undefined
  #alerts: AlertsByKey = new Map()
  /** When something becomes due though the query finds the same, in ms. */
  #dueMs = Number.POSITIVE_INFINITY

  constructor(options: RuleReplayOptions) {
    this.#options = options
    this.#everyStep = Object.values(options.rule.labels).some((template) => template.includes('{{'))
    this.#knownLabels = this.#everyStep ? undefined : new Map()
  }

  get alerts(): AlertsByKey {
    return this.#alerts
  }

  /** Goes on over the next window, which begins where the last one ended. Throws what a template's query throws, and the signal's reason. */
  async run(window: RuleWindow): Promise<void> {
    const { firstMs, stepMs, steps } = window
    const cursors = window.series.map((series) => new SeriesCursor(series))
    let next = 0
    while (next < steps) {
      const step = next
      this.#options.context.signal.throwIfAborted()
      const atMs = firstMs + step * stepMs
      await this.#evaluate(atMs, cursors, step)
      next = this.#everyStep && cursors.some((cursor) => cursor.has(step)) ? step + 1 : steps
      for (const cursor of cursors) next = Math.min(next, cursor.changeAfter(step))
      next = Math.min(next, Math.max(step + 1, Math.ceil((this.#dueMs - firstMs) / stepMs)))
    }
  }

  async #evaluate(atMs: number, cursors: readonly SeriesCursor[], step: number): Promise<void> {
    const { rule, context, queries, onChange } = this.#options
    const askedMs = atMs - context.queryOffsetMs
    const vector: VectorSample[] = []
    for (const cursor of cursors) {
      const value = cursor.at(step)
      if (value !== undefined) vector.push({ labels: cursor.labels, atMs: askedMs, value })
    }
    if (vector.length === 0 && this.#alerts.size === 0) {
      this.#dueMs = Number.POSITIVE_INFINITY
      return
    }
    const isOwn = (query: string, queryAtMs: number): boolean => query === rule.expr && queryAtMs === askedMs
    const { alerts, excess } = await evaluateAlertingRule(rule, this.#alerts, {
      ...context,
      ...(this.#knownLabels === undefined ? {} : { knownLabels: this.#knownLabels }),
      atMs,
      queries: {
        vector: (request) => (isOwn(request.query, request.atMs) ? Promise.resolve(vector) : queries.vector(request)),
      },
    })
    if (excess !== undefined) {
      this.#endAll(atMs)
      return
    }
    const told = new Map(alerts)
    for (const [key, alert] of alerts) {
      if (!needsSending(alert, atMs, Number.POSITIVE_INFINITY)) continue
      onChange(alert, atMs)
      told.set(key, { ...alert, lastSentAtMs: atMs })
    }
    this.#alerts = told
    this.#dueMs = nextDueMs(told.values(), rule)
  }

  /** More alerts than the group's limit: as live, all are forgotten and the end of those that fired is told. */
  #endAll(atMs: number): void {
    for (const alert of this.#alerts.values())
      if (alert.state === 'firing') this.#options.onChange({ ...alert, state: 'inactive', resolvedAtMs: atMs }, atMs)
    // the next look begins without those that were only kept: it may find few enough
    this.#dueMs = this.#alerts.size > 0 ? atMs : Number.POSITIVE_INFINITY
    this.#alerts = new Map()
  }
}

/** The next time at which an alert changes by the passing of time alone. */
function nextDueMs(alerts: Iterable<ActiveAlert>, rule: AlertingRule): number {
  let dueMs = Number.POSITIVE_INFINITY
  for (const { state, activeAtMs, keepFiringSinceMs, resolvedAtMs } of alerts) {
    if (state === 'pending') dueMs = Math.min(dueMs, activeAtMs + rule.forMs)
    else if (keepFiringSinceMs !== undefined) dueMs = Math.min(dueMs, keepFiringSinceMs + rule.keepFiringForMs)
    else if (resolvedAtMs !== undefined) dueMs = Math.min(dueMs, resolvedAtMs + resolvedRetentionMs + 1)
  }
  return dueMs
}

/** Goes through one series' steps, which are asked for in order. */
class SeriesCursor {
  readonly labels: Labels
  readonly #runs: Uint32Array
  readonly #values: Float64Array
  #run = 0
  /** Place of the run's first value. */
  #valuesBefore = 0

  constructor({ labels, runs, values }: MatrixSeries) {
    this.labels = labels
    this.#runs = runs
    this.#values = values
  }

  #seek(step: number): void {
    while (this.#run < this.#runs.length && (this.#runs[this.#run + 1] as number) <= step) {
      this.#valuesBefore += (this.#runs[this.#run + 1] as number) - (this.#runs[this.#run] as number)
      this.#run += 2
    }
  }

  has(step: number): boolean {
    this.#seek(step)
    return this.#run < this.#runs.length && (this.#runs[this.#run] as number) <= step
  }

  at(step: number): number | undefined {
    return this.has(step) ? this.#values[this.#valuesBefore + step - (this.#runs[this.#run] as number)] : undefined
  }

  /** The first step after this one at which the series appears or goes. */
  changeAfter(step: number): number {
    this.#seek(step)
    if (this.#run >= this.#runs.length) return Number.POSITIVE_INFINITY
    const from = this.#runs[this.#run] as number
    return from > step ? from : (this.#runs[this.#run + 1] as number)
  }
}
