// Rules, routes, inhibition, silences and schedules over the past, by the code that works live: the evaluator of rules, then the machine of
// groups, driven by the times of the past. Ten days at a time: the rules one beside the other, then what they found in order of time.
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { TimeSlices } from '@tidewatch/core/time-slices.ts'
import type { QueryService } from '../../query/port.ts'
import type { GroupNews } from '../dispatch/flush.ts'
import { DispatchMachine, type DispatchMachineOptions } from '../dispatch/machine.ts'
import type { DispatchPolicy } from '../dispatch/policy.ts'
import type { Alert } from '../port.ts'
import { slotAtOrBefore } from '../rules/group-slot.ts'
import type { ActiveAlert } from '../rules/lifecycle.ts'
import { ruleAlert } from '../rules/rule-alert.ts'
import type { AlertingRule, RuleGroup } from '../rules/rule-file.ts'
import { Changes } from './changes.ts'
import { EpisodeBook } from './episodes.ts'
import { type Night, type Page, PageCounter } from './pages.ts'
import { Pace, RuleHistory } from './rule-history.ts'
import { RuleReplay } from './rule-replay.ts'

export interface BacktestPlan {
  readonly groups: readonly RuleGroup[]
  readonly startMs: number
  readonly endMs: number
  readonly policy: DispatchPolicy
  readonly silencesOf: DispatchMachineOptions['silencesOf']
  readonly night: Night
  /** Who would have been called, where a message goes to a schedule. */
  readonly peopleOf: (news: GroupNews) => readonly string[]
  readonly externalLabels: Readonly<Record<string, string>>
  readonly externalUrl: string
  readonly defaultIntervalMs: number
  readonly defaultQueryOffsetMs: number
}

export interface BacktestEnvironment {
  readonly queries: Pick<QueryService, 'matrix' | 'vector'>
  readonly clock: Clock
  readonly signal: AbortSignal
  /** From 0 to 1. */
  readonly onProgress: (share: number) => void
}

export interface BacktestFindings {
  /** Messages that reach people, in order of time. */
  readonly pages: readonly Page[]
  /** Messages that say that something is over. */
  readonly ends: number
  /** A book for each rule. */
  readonly episodes: readonly EpisodeBook[]
  /** Alerting rules that were gone through. */
  readonly rules: number
  /** Rules that could not be asked, and why. */
  readonly failures: readonly RuleFailure[]
}

export interface RuleFailure {
  readonly group: string
  readonly rule: string
  readonly error: string
}

const dayMs = 86_400_000
/** What is gone through at once. What rules ask of the store costs less in one piece; what they find is held until all have found theirs. */
const spanDays = 10
/** Before the first moment that counts: as long as what was pending then can have been so. */
const maxWarmUpMs = dayMs
const rulesAtOnce = 2
/** What one rule may begin and end; more is a rule that flaps all the time. */
const maxChangesPerRule = 200_000
/** This thread answers people too: it gives way after so long. */
const sliceMs = 12
/** Of what templates ask beside the rule's expression. */
const templateTimeoutMs = 120_000

interface ReplayedRule {
  readonly group: RuleGroup
  readonly rule: AlertingRule
  readonly intervalMs: number
  readonly history: RuleHistory
  readonly replay: RuleReplay
  readonly episodes: EpisodeBook
}

interface Span {
  readonly fromMs: number
  readonly toMs: number
}

/** Runs it. Throws the signal's reason. A rule that fails is told of and left out from there on. */
export async function runBacktest(plan: BacktestPlan, environment: BacktestEnvironment): Promise<BacktestFindings> {
  const backtest = new Backtest(plan, environment)
  return await backtest.run()
}

class Backtest {
  readonly #plan: BacktestPlan
  readonly #environment: BacktestEnvironment
  readonly #machine: DispatchMachine
  readonly #pages: PageCounter
  readonly #rules: ReplayedRule[]
  readonly #pace = new Pace()
  readonly #failures = new Map<ReplayedRule, RuleFailure>()
  #changes = new Changes()
  /** Of the past that was gone through, all rules together. */
  #doneMs = 0
  readonly #slices: TimeSlices

  constructor(plan: BacktestPlan, environment: BacktestEnvironment) {
    this.#plan = plan
    this.#environment = environment
    this.#slices = new TimeSlices(environment.clock, sliceMs)
    this.#pages = new PageCounter(plan)
    this.#machine = new DispatchMachine({
      policy: plan.policy,
      recorder: { alertChanged: ignore, groupChanged: ignore, toldChanged: ignore, step: ignore },
      silencesOf: plan.silencesOf,
      acknowledgedBy: () => undefined,
      externalUrl: () => plan.externalUrl,
      links: () => ({ alert: '', acknowledge: '', silence: '' }),
    })
    this.#rules = plan.groups.flatMap((group) =>
      group.rules.flatMap((rule) => (rule.kind === 'alerting' ? [this.#replayed(group, rule)] : [])),
    )
  }

  async run(): Promise<BacktestFindings> {
    let paging: Promise<unknown> = Promise.resolve()
    for (const span of this.#spans()) {
      await this.#replayAll(span)
      await paging
      // beside the rules over the next span, which mostly wait for others
      paging = this.#pageUntil(span.toMs)
      paging.catch(ignore)
    }
    await paging
    this.#environment.signal.throwIfAborted()
    for (const { episodes } of this.#rules) episodes.finish(this.#plan.endMs)
    return {
      pages: this.#pages.pages,
      ends: this.#pages.ends,
      episodes: this.#rules.map(({ episodes }) => episodes),
      rules: this.#rules.length,
      failures: [...this.#failures.values()],
    }
  }

  #replayed(group: RuleGroup, rule: AlertingRule): ReplayedRule {
    const { defaultIntervalMs, defaultQueryOffsetMs, externalLabels, externalUrl } = this.#plan
    const intervalMs = group.intervalMs ?? defaultIntervalMs
    const queryOffsetMs = group.queryOffsetMs ?? defaultQueryOffsetMs
    const { queries, signal } = this.#environment
    const episodes = new EpisodeBook({ group: group.name, rule: rule.name }, this.#plan.startMs)
    let changes = 0
    const onChange = (alert: ActiveAlert, atMs: number): void => {
      if (++changes > maxChangesPerRule) throw tooManyChanges(rule.name, maxChangesPerRule)
      episodes.add(alert, atMs)
      this.#changes.add(alert, atMs, rule)
    }
    const context = {
      ...{ queryOffsetMs, limit: group.limit, externalLabels, externalUrl, signal },
      timeoutMs: templateTimeoutMs,
    }
    return {
      ...{ group, rule, intervalMs, episodes },
      history: new RuleHistory({ queries, expr: rule.expr, intervalMs, queryOffsetMs, signal, pace: this.#pace }),
      replay: new RuleReplay({ rule, context, queries, onChange }),
    }
  }

  /** By the days of the store's partitions. The first one begins before what counts. */
  *#spans(): Generator<Span> {
    let fromMs = this.#beginMs
    while (fromMs < this.#plan.endMs) {
      const toMs = Math.min((Math.floor(fromMs / dayMs) + spanDays) * dayMs, this.#plan.endMs)
      yield { fromMs, toMs }
      fromMs = toMs
    }
  }

  /** What was pending or kept when the span begins can have been so for as long. */
  get #beginMs(): number {
    const longestWaitMs = Math.max(0, ...this.#rules.map(({ rule }) => rule.forMs + rule.keepFiringForMs))
    return this.#plan.startMs - Math.min(maxWarmUpMs, longestWaitMs)
  }

  /** Several rules at once: while one waits for the store another is gone through. */
  async #replayAll(span: Span): Promise<void> {
    const waiting = [...this.#rules]
    const work = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await this.#replay(next, span)
    }
    await Promise.all(Array.from({ length: rulesAtOnce }, work))
  }

  async #replay(replayed: ReplayedRule, { fromMs, toMs }: Span): Promise<void> {
    const { group, intervalMs, history, replay } = replayed
    const { signal } = this.#environment
    if (this.#failures.has(replayed)) return
    const firstMs = slotAtOrBefore(group, intervalMs, fromMs - 1) + intervalMs
    const lastMs = slotAtOrBefore(group, intervalMs, toMs - 1)
    try {
      for await (const window of history.windows(firstMs, lastMs)) {
        await replay.run(window)
        this.#progress(window.steps * intervalMs)
        await this.#giveWay()
      }
    } catch (error) {
      signal.throwIfAborted()
      this.#fail(replayed, error)
    }
  }

  #progress(ms: number): void {
    this.#doneMs += ms
    const wholeMs = this.#rules.length * (this.#plan.endMs - this.#beginMs)
    this.#environment.onProgress(Math.min(1, this.#doneMs / wholeMs))
  }

  #fail(replayed: ReplayedRule, error: unknown): void {
    const { group, rule } = replayed
    const text = error instanceof Error ? error.message : String(error)
    if (!this.#failures.has(replayed)) this.#failures.set(replayed, { group: group.name, rule: rule.name, error: text })
  }

  /** What changed goes through the machine in order of time, with all that becomes due between. */
  async #pageUntil(endMs: number): Promise<void> {
    const changes = this.#changes
    this.#changes = new Changes()
    const order = changes.inOrder()
    for (let i = 0; i < order.length; ) {
      const atMs = changes.atMs(order[i] as number)
      await this.#giveWay()
      await this.#advance(atMs)
      const alerts: Alert[] = []
      for (; i < order.length && changes.atMs(order[i] as number) === atMs; i++)
        alerts.push(this.#told(changes, order[i] as number))
      this.#machine.receive(alerts, atMs)
      for (const news of this.#machine.advance(atMs)) this.#pages.add(news)
    }
    await this.#advance(endMs)
  }

  /** Believed until its end is told: what lasts is not handed on again and again here. */
  #told(changes: Changes, change: number): Alert {
    const alert = ruleAlert(changes.alert(change), changes.rule(change), this.#plan)
    return { ...alert, validForMs: Number.MAX_SAFE_INTEGER - changes.atMs(change) }
  }

  async #advance(untilMs: number): Promise<void> {
    for (;;) {
      const dueMs = this.#machine.nextDueMs()
      if (dueMs === undefined || dueMs > untilMs) return
      for (const news of this.#machine.advance(dueMs)) this.#pages.add(news)
      await this.#giveWay()
    }
  }

  async #giveWay(): Promise<void> {
    if (!this.#slices.isOver()) return
    await this.#slices.turn()
    this.#environment.signal.throwIfAborted()
  }
}

const ignore = (): void => {}

/** The error of a rule that has more to tell than a backtest keeps. */
function tooManyChanges(rule: string, limit: number): AppError {
  return new AppError('query.limit', `the rule ${rule} begins or ends alerts more than ${limit} times.`, {
    fix: 'Try fewer days, or give the rule a "for" so that it does not flap.',
  })
}
