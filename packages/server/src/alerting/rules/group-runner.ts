// Runs one rule group on its interval. Rules that read what others of the group write come after them; the rest run side by side.
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import type { Labels } from '@tidewatch/core/labels.ts'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import { SampleBatchPool } from '@tidewatch/core/sample-batch.ts'
import { staleHigh, staleLow } from '@tidewatch/core/stale.ts'
import type { SampleAcceptor } from '../../ingest/port.ts'
import type { QueryService } from '../../query/port.ts'
import type { AlertJournal, AlertSink } from '../port.ts'
import {
  type EvaluationContext,
  evaluateAlertingRule,
  evaluateRecordingRule,
  type RuleSample,
  ruleKey,
} from './evaluate.ts'
import { slotAtOrBefore } from './group-slot.ts'
import { type ActiveAlert, type AlertsByKey, needsSending } from './lifecycle.ts'
import { ruleAlert } from './rule-alert.ts'
import type { Rule, RuleGroup } from './rule-file.ts'
import { lifecycleSteps } from './rule-journal.ts'
import { type EvaluationSlots, stagesOf } from './rule-order.ts'

/** An alert that lasts is handed on again so often; receivers that come late hear of it. */
export const resendMs = 60_000

/** Keeps the alerts of rules over restarts. */
export interface AlertStateStore {
  load(ruleKey: string): Promise<{ readonly alerts: AlertsByKey; readonly evaluatedAtMs: number } | undefined>
  save(ruleKey: string, alerts: AlertsByKey, evaluatedAtMs: number): Promise<void>
}

/** What the rules of all groups share. */
export interface RuleEnvironment {
  readonly queries: QueryService
  readonly acceptor: SampleAcceptor
  readonly sink: AlertSink
  readonly states: AlertStateStore
  /** Told what becomes of alerts; not there where rules run over the past. */
  readonly journal?: Pick<AlertJournal, 'record'>
  readonly clock: Clock
  readonly externalLabels: Readonly<Record<string, string>>
  readonly externalUrl: string
  readonly defaultIntervalMs: number
  readonly defaultQueryOffsetMs: number
  /** Shared by all groups: how many rules run beside the one that its group runs anyway. */
  readonly slots: EvaluationSlots
  /** Told when a rule begins to fail, or fails otherwise than before. */
  readonly onRuleFailure: (group: RuleGroup, rule: Rule, error: AppError) => void
}

/** Slots of the interval that were used and that went by, and evaluations of single rules. */
export interface GroupCounts {
  iterations: number
  missed: number
  evaluations: number
  failures: number
}

export type RuleHealth = 'unknown' | 'ok' | 'err'

export interface RuleStatus {
  readonly rule: Rule
  readonly key: string
  readonly alerts: AlertsByKey
  readonly health: RuleHealth
  readonly lastError: string
  readonly lastEvaluationMs: number | undefined
  readonly evaluationSeconds: number
}

interface RunningRule {
  readonly rule: Rule
  readonly key: string
  alerts: AlertsByKey
  /** Series written at the last evaluation, by key: those that are gone get a stale marker. */
  written: Map<string, Labels>
  health: RuleHealth
  lastError: string
  lastEvaluationMs: number | undefined
  evaluationSeconds: number
  /** What of `alerts` was last saved, as text, so that an unchanged rule costs no write. */
  saved: string
  savedAtMs: number
}

/** `evaluatedAtMs` of a rule with alerts is saved at least so often: after a kill the time without evaluations is known about as exactly. */
const saveEveryMs = 15_000
/** After a longer stop a pending alert begins anew: nobody knows what was in between. */
const outageToleranceMs = 3_600_000

export class GroupRunner {
  readonly group: RuleGroup
  readonly #environment: RuleEnvironment
  readonly #rules: RunningRule[]
  readonly #stages: readonly (readonly number[])[]
  readonly #batches = new SampleBatchPool()
  #lastEvaluationMs: number | undefined
  #evaluationSeconds = 0
  readonly #counts = { iterations: 0, missed: 0, evaluations: 0, failures: 0 }
  #isRestored = false

  constructor(group: RuleGroup, environment: RuleEnvironment) {
    this.group = group
    this.#environment = environment
    this.#stages = stagesOf(group.rules)
    this.#rules = group.rules.map((rule) => ({
      rule,
      key: ruleKey(group.file, group.name, rule),
      alerts: new Map(),
      written: new Map(),
      health: 'unknown',
      lastError: '',
      lastEvaluationMs: undefined,
      evaluationSeconds: 0,
      saved: '',
      savedAtMs: 0,
    }))
  }

  get intervalMs(): number {
    return this.group.intervalMs ?? this.#environment.defaultIntervalMs
  }
  /** How far behind the evaluation's time it asks, and writes. */
  get queryOffsetMs(): number {
    return this.group.queryOffsetMs ?? this.#environment.defaultQueryOffsetMs
  }
  get status(): {
    readonly rules: readonly RuleStatus[]
    readonly lastEvaluationMs: number | undefined
    readonly evaluationSeconds: number
    /** Since the server started, over reloads. */
    readonly counts: Readonly<GroupCounts>
    /** Series that the last evaluation wrote. */
    readonly lastSamples: number
  } {
    return {
      rules: this.#rules,
      lastEvaluationMs: this.#lastEvaluationMs,
      evaluationSeconds: this.#evaluationSeconds,
      counts: this.#counts,
      lastSamples: this.#rules.reduce((sum, { written }) => sum + written.size, 0),
    }
  }

  /** Takes over what a former runner of the same group knows, rule by rule: a reload must not reset a `for`. */
  adopt(former: GroupRunner): void {
    for (const rule of this.#rules) {
      const known = former.#rules.find(({ key }) => key === rule.key)
      if (known !== undefined) Object.assign(rule, { ...known, rule: rule.rule })
    }
    Object.assign(this.#counts, former.#counts)
    this.#lastEvaluationMs = former.#lastEvaluationMs
    this.#evaluationSeconds = former.#evaluationSeconds
    this.#isRestored =
      former.#isRestored && this.#rules.every((rule) => former.#rules.some(({ key }) => key === rule.key))
  }

  /** Rules of this group that `next` does not have: their series end. */
  async retire(next: GroupRunner | undefined): Promise<void> {
    const atMs = this.#environment.clock.nowMs()
    const kept = new Set(next === undefined ? [] : next.#rules.map(({ key }) => key))
    for (const rule of this.#rules) {
      if (kept.has(rule.key)) continue
      await this.#write(rule, [], atMs)
      await this.#endAll(rule, atMs)
    }
  }

  /** Forgets a rule's alerts; that those which fired have ended is told. */
  async #endAll(running: RunningRule, atMs: number): Promise<void> {
    const ended = [...running.alerts.values()]
      .filter(({ state }) => state === 'firing')
      .map((alert): ActiveAlert => ({ ...alert, state: 'inactive', resolvedAtMs: atMs }))
    if (ended.length > 0)
      await this.#environment.sink.deliver(ended.map((alert) => ruleAlert(alert, running.rule, this.#environment)))
    running.alerts = new Map()
    running.saved = '[]'
    await this.#environment.states.save(running.key, running.alerts, atMs)
  }

  /** Evaluates at every interval until the signal fires; then keeps until when it did. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      await this.#evaluateUntil(signal)
    } finally {
      for (const rule of this.#rules)
        if (rule.lastEvaluationMs !== undefined) await this.#save(rule, rule.lastEvaluationMs, 0)
    }
  }

  async #evaluateUntil(signal: AbortSignal): Promise<void> {
    const { clock } = this.#environment
    let dueMs = this.#slotAtOrBefore(clock.nowMs())
    while (!signal.aborted) {
      dueMs += this.intervalMs
      const nowMs = clock.nowMs()
      if (nowMs < dueMs) {
        // a clock that was set back must not stop the rules for as long
        if (dueMs - nowMs > 2 * this.intervalMs) dueMs = this.#slotAtOrBefore(nowMs) + this.intervalMs
        await clock.sleep(dueMs - clock.nowMs(), { signal })
      } else {
        const slot = this.#slotAtOrBefore(nowMs)
        this.#counts.missed += Math.round((slot - dueMs) / this.intervalMs)
        dueMs = slot
      }
      await this.evaluate(dueMs, signal)
    }
  }

  #slotAtOrBefore(nowMs: number): number {
    return slotAtOrBefore(this.group, this.intervalMs, nowMs)
  }

  /** One evaluation of all rules as of a time. */
  async evaluate(atMs: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#environment
    if (!this.#isRestored) await this.#restore(atMs)
    const startedMs = clock.monotonicMs()
    for (const stage of this.#stages) await this.#evaluateStage(stage, atMs, signal)
    if (signal.aborted) return
    this.#counts.iterations++
    this.#lastEvaluationMs = atMs
    this.#evaluationSeconds = (clock.monotonicMs() - startedMs) / 1000
  }

  /** Side by side as far as there is room; one at least goes on. */
  async #evaluateStage(stage: readonly number[], atMs: number, signal: AbortSignal): Promise<void> {
    const { slots } = this.#environment
    const aside: Promise<void>[] = []
    for (const [i, place] of stage.entries()) {
      const rule = this.#rules[place]
      if (rule === undefined || signal.aborted) break
      if (i < stage.length - 1 && slots.take())
        aside.push(this.#evaluateTimed(rule, atMs, signal).finally(() => slots.give()))
      else await this.#evaluateTimed(rule, atMs, signal)
    }
    await Promise.all(aside)
  }

  /** Never throws: what goes wrong is the rule's state. */
  async #evaluateTimed(rule: RunningRule, atMs: number, signal: AbortSignal): Promise<void> {
    const { clock, onRuleFailure } = this.#environment
    const startedMs = clock.monotonicMs()
    try {
      await this.#evaluateRule(rule, atMs, signal)
      rule.health = 'ok'
      rule.lastError = ''
    } catch (caught) {
      if (signal.aborted) return
      const error = AppError.from(caught)
      if (rule.lastError !== error.message) onRuleFailure(this.group, rule.rule, error)
      rule.health = 'err'
      rule.lastError = error.message
      this.#counts.failures++
      // that it cannot be asked for is no end: what fires is delivered on, or it would end by silence
      await this.#send(rule, atMs).catch(() => undefined)
    }
    this.#counts.evaluations++
    rule.lastEvaluationMs = atMs
    rule.evaluationSeconds = (clock.monotonicMs() - startedMs) / 1000
  }

  async #evaluateRule(running: RunningRule, atMs: number, signal: AbortSignal): Promise<void> {
    const context = this.#context(atMs, signal)
    const { rule } = running
    if (rule.kind === 'recording') {
      await this.#write(running, await evaluateRecordingRule(rule, context), atMs)
      return
    }
    const { alerts, samples, excess } = await evaluateAlertingRule(rule, running.alerts, context)
    if (excess !== undefined) {
      await this.#endAll(running, atMs)
      throw excess
    }
    const { journal } = this.#environment
    journal?.record(lifecycleSteps(running.alerts, alerts, { rule, context, atMs }))
    running.alerts = alerts
    await this.#save(running, atMs)
    await this.#send(running, atMs)
    await this.#write(running, samples(), atMs)
  }

  #context(atMs: number, signal: AbortSignal): EvaluationContext {
    const { queries, externalLabels, externalUrl } = this.#environment
    const { queryOffsetMs } = this
    const { limit } = this.group
    return {
      queries,
      atMs,
      queryOffsetMs,
      limit,
      externalLabels,
      externalUrl,
      timeoutMs: Math.max(this.intervalMs, 10_000),
      signal,
    }
  }

  async #send(running: RunningRule, atMs: number): Promise<void> {
    const due = [...running.alerts].filter(([, alert]) => needsSending(alert, atMs, resendMs))
    if (due.length === 0) return
    // two deliveries may fail before it counts as ended
    const validForMs = 4 * Math.max(this.intervalMs, resendMs)
    await this.#environment.sink.deliver(
      due.map(([, alert]) => ({ ...ruleAlert(alert, running.rule, this.#environment), validForMs })),
    )
    const alerts = new Map(running.alerts)
    for (const [key, alert] of due) alerts.set(key, { ...alert, lastSentAtMs: atMs })
    running.alerts = alerts
    await this.#save(running, atMs)
  }

  /** Writes a rule's series, and stale markers for those it no longer has. */
  async #write(running: RunningRule, samples: readonly RuleSample[], atMs: number): Promise<void> {
    const { acceptor } = this.#environment
    using lease = this.#batches.lease()
    const { batch } = lease
    const written = new Map<string, Labels>()
    const sampleAtMs = atMs - this.queryOffsetMs
    for (const { labels, value, histogram } of samples) {
      const ref = acceptor.resolve(defaultProject, labels)
      if (histogram === undefined) batch.add(ref, sampleAtMs, value)
      else batch.histograms.push({ ref, timeMs: sampleAtMs, histogram: { ...histogram, isInteger: false } })
      written.set(labels.key(), labels)
    }
    for (const [key, labels] of running.written) {
      if (!written.has(key)) batch.addBits(acceptor.resolve(defaultProject, labels), sampleAtMs, staleLow, staleHigh)
    }
    running.written = written
    if (batch.length === 0 && batch.histograms.length === 0) return
    const { firstBadHistogram } = await acceptor.accept(batch)
    // differences of histograms may have counts below zero, which cannot be stored
    if (firstBadHistogram !== undefined) throw firstBadHistogram
  }

  async #save(running: RunningRule, atMs: number, everyMs = saveEveryMs): Promise<void> {
    if (running.rule.kind !== 'alerting') return
    const text = JSON.stringify(
      [...running.alerts].map(([key, { state, activeAtMs, keepFiringSinceMs, lastSentAtMs, resolvedAtMs }]) => [
        key,
        state,
        activeAtMs,
        keepFiringSinceMs,
        lastSentAtMs,
        resolvedAtMs,
      ]),
    )
    if (text === running.saved && atMs - running.savedAtMs < everyMs) return
    if (text === '[]' && running.saved === '[]') return
    await this.#environment.states.save(running.key, running.alerts, atMs)
    running.saved = text
    running.savedAtMs = atMs
  }

  /** After a start: alerts go on where they were; the time without evaluations does not count towards `for`. */
  async #restore(atMs: number): Promise<void> {
    this.#isRestored = true
    for (const running of this.#rules) {
      if (running.rule.kind !== 'alerting' || running.lastEvaluationMs !== undefined) continue
      const kept = await this.#environment.states.load(running.key)
      if (kept === undefined) continue
      const downMs = Math.max(0, atMs - kept.evaluatedAtMs - this.intervalMs)
      const alerts = new Map<string, ActiveAlert>()
      for (const [key, alert] of kept.alerts) {
        if (alert.state !== 'pending') alerts.set(key, alert)
        else if (downMs <= outageToleranceMs) alerts.set(key, { ...alert, activeAtMs: alert.activeAtMs + downMs })
      }
      running.alerts = alerts
    }
  }
}
