// Why a rule did fire at a moment, or did not: its query then, its evaluations, and what became of each of its alerts.
import type { AlertStep, AlertWhy, WhyAlert, WhyVerdict } from '@tidewatch/api/alert-why.ts'
import { whyVerdict } from '@tidewatch/api/alert-why.ts'
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import { formatDurationMs } from '@tidewatch/core/time.ts'
import type { JournalEntry } from '../port.ts'
import { holds } from './comparison.ts'
import { type Condition, conditionAt } from './condition.ts'
import { holderOf } from './holders.ts'
import { type Evaluations, evaluationsNear } from './missed.ts'
import {
  type Asker,
  alertingRules,
  givesLabels,
  type KnownRule,
  liveAlerts,
  shownRule,
  type WhyParts,
} from './parts.ts'
import { canBeBehind, samplesAround } from './samples.ts'
import { type Verdict, verdictAt } from './verdict.ts'

export interface WhyQuestion {
  readonly rule: string
  /** Undefined: now. */
  readonly atMs: number | undefined
  readonly labels: ReadonlyMap<string, string>
}

const dayMs = 86_400_000
const mostAlerts = 20
const mostSteps = 200
const mostRead = 10_000

/** Throws `state.not_found` where there is no such rule. */
export async function explain(question: WhyQuestion, parts: WhyParts, asker: Asker): Promise<AlertWhy> {
  const nowMs = parts.clock.nowMs()
  const atMs = Math.min(question.atMs ?? nowMs, nowMs)
  const wanted = Object.fromEntries(question.labels)
  const known = ruleNamed(question.rule, wanted, parts)
  const fits = canBeBehind(wanted, known.rule.labels)
  const [condition, evaluations, alerts] = await Promise.all([
    conditionAt(known, { atMs, fits }, parts.queries, asker),
    evaluationsNear(known, { atMs, nowMs }, parts.queries, asker),
    alertsAt(known, { atMs, nowMs, wanted }, parts),
  ])
  const { status } = known
  const isNow = nowMs - atMs <= 2 * known.intervalMs
  const lastMs = isNow ? (status?.lastEvaluationMs ?? evaluations.lastMs) : evaluations.lastMs
  const evaluation = {
    ...{ intervalMs: known.intervalMs, health: status?.health ?? 'unknown', error: status?.lastError ?? '' },
    ...(lastMs === undefined ? {} : { lastMs }),
    missed: evaluations.missed.map((gap) => ({ ...gap })),
  }
  const judged = judge({ known, condition, evaluations, alerts, atMs, error: isNow ? evaluation.error : '' })
  const beforeMs = Math.max(known.rule.forMs, 20 * known.intervalMs)
  const samples = await samplesAround(
    known,
    { fromMs: atMs - beforeMs - known.intervalMs, toMs: atMs, fits },
    parts,
    asker,
  )
  return { rule: shownRule(known), atMs, ...judged, evaluation, condition: condition.shown, alerts, samples }
}

function ruleNamed(name: string, wanted: Readonly<Record<string, string>>, parts: WhyParts): KnownRule {
  const all = alertingRules(parts)
  const named = all.filter(({ rule }) => rule.name === name)
  const found = named.find(({ rule }) => givesLabels(rule, wanted)) ?? named[0]
  if (found !== undefined) return found
  const nearest = all.find(({ rule }) => rule.name.toLowerCase() === name.toLowerCase())?.rule.name
  throw new AppError('state.not_found', `there is no alerting rule called ${quoteValue(name)}.`, {
    where: { key: 'rule' },
    fix:
      nearest === undefined
        ? 'Names of rules are in /api/tidewatch/v1/rules. Of alerts that were posted, ask by their fingerprint.'
        : `Did you mean ${nearest}?`,
  })
}

interface Moment {
  readonly atMs: number
  readonly nowMs: number
  readonly wanted: Readonly<Record<string, string>>
}

/** Alerts of the rule that were there at the moment, or in the day before it; those that got furthest last. */
async function alertsAt(known: KnownRule, { atMs, nowMs, wanted }: Moment, parts: WhyParts): Promise<WhyAlert[]> {
  const { rule, intervalMs } = known
  const found = new Map<string, { readonly labels: Readonly<Record<string, string>>; readonly sinceMs: number }>()
  const add = (fingerprint: string, labels: Readonly<Record<string, string>>, sinceMs: number): void => {
    const isWanted = Object.entries(wanted).every(([name, value]) => (labels[name] ?? '') === value)
    if (!isWanted || (!found.has(fingerprint) && found.size >= mostAlerts)) return
    found.set(fingerprint, { labels, sinceMs: Math.min(sinceMs, found.get(fingerprint)?.sinceMs ?? sinceMs) })
  }
  if (nowMs - atMs <= 2 * intervalMs)
    for (const one of liveAlerts([known], parts.context()))
      add(one.fingerprint, one.labels.toObject(), one.alert.activeAtMs)
  const episodes = await parts.episodes.page(
    { fromMs: atMs - dayMs, toMs: atMs, rule: rule.name, labels: new Map(Object.entries(wanted)) },
    { limit: mostAlerts },
  )
  for (const one of episodes.episodes) add(one.fingerprint, one.labels, one.firedAtMs)
  const span = { fromMs: atMs - dayMs, toMs: atMs, limit: 1000 }
  for (const step of await parts.journal.readRule(rule.name, span)) {
    const labels = typeof step.detail.labels === 'string' ? step.detail.labels : undefined
    if (labels !== undefined) add(step.fingerprint, JSON.parse(labels) as Readonly<Record<string, string>>, step.atMs)
  }
  const alerts: WhyAlert[] = []
  for (const [fingerprint, { labels, sinceMs }] of found) {
    const fromMs = Math.min(atMs - dayMs, sinceMs - rule.forMs - 60_000)
    const steps = await parts.journal.read(fingerprint, { fromMs, toMs: atMs, limit: mostRead })
    const verdict = verdictAt(steps, atMs)
    if (verdict === undefined) continue
    const holder = await holderOf(steps, verdict.verdict, parts)
    const text = holder === '' ? verdict.text : `${verdict.text} ${holder}`
    alerts.push(shownAlert({ fingerprint, labels, verdict: { ...verdict, text }, steps, atMs, rule }))
  }
  return alerts.sort((a, b) => rank(a) - rank(b))
}

function shownAlert(parts: {
  readonly fingerprint: string
  readonly labels: Readonly<Record<string, string>>
  readonly verdict: Verdict
  readonly steps: readonly JournalEntry[]
  readonly atMs: number
  readonly rule: { readonly forMs: number }
}): WhyAlert {
  const { fingerprint, labels, verdict, steps, atMs, rule } = parts
  const { activeAtMs, firedAtMs, state, text } = verdict
  const isPending = state === 'pending' && activeAtMs !== undefined
  return {
    ...{ fingerprint, labels: { ...labels }, state, verdict: verdict.verdict },
    text: isPending
      ? `The condition has held for ${duration(atMs - activeAtMs)} of the ${formatDurationMs(rule.forMs)} that it must hold.`
      : text,
    ...(activeAtMs === undefined ? {} : { activeAtMs }),
    ...(firedAtMs === undefined ? {} : { firedAtMs }),
    timeline: steps.slice(-mostSteps).map(shownStep),
  }
}

export const shownStep = ({ atMs, stage, text, detail }: JournalEntry): AlertStep => ({
  ...{ atMs, stage, text, detail: { ...detail } },
})

const states = ['ended', 'pending', 'firing']
const rank = ({ state, verdict }: WhyAlert): number => states.indexOf(state) * 100 + whyVerdict.options.indexOf(verdict)
const duration = (ms: number): string => formatDurationMs(Math.max(0, Math.round(ms / 1000) * 1000))
const time = (atMs: number): string => `${new Date(atMs).toISOString().slice(11, 19)} UTC`

interface Found {
  readonly known: KnownRule
  readonly condition: Condition
  readonly evaluations: Evaluations
  readonly alerts: readonly WhyAlert[]
  readonly atMs: number
  /** Of the last evaluation. */
  readonly error: string
}

interface Judged {
  readonly verdict: WhyVerdict
  readonly text: string
  readonly fix?: string
}

/** The answer in a sentence or two. Pure. */
export function judge(found: Found): Judged {
  const { known, condition, evaluations, alerts, atMs, error } = found
  const active = alerts.filter(({ state }) => state !== 'ended')
  const furthest = active.at(-1)
  if (furthest !== undefined) {
    const others = active.length === 1 ? '' : ` This is the one of ${active.length} alerts that got furthest.`
    const fix = fixes[furthest.verdict]
    return { verdict: furthest.verdict, text: `${furthest.text}${others}`, ...(fix === undefined ? {} : { fix }) }
  }
  const failure = condition.shown.failure ?? (error === '' ? undefined : error)
  if (failure !== undefined)
    return {
      verdict: 'failed',
      text: `The rule cannot be evaluated: ${failure}`,
      fix: 'Mend its query, or what it reads.',
    }
  const gap = evaluations.missed.find(({ fromMs, toMs }) => fromMs <= atMs && atMs <= toMs + known.intervalMs)
  if (gap !== undefined)
    return {
      verdict: 'not_evaluated',
      text: `The rule was not evaluated from ${time(gap.fromMs)} to ${time(gap.toMs)}: ${gap.count} evaluations are missing.`,
      fix: 'Was the server down, or the evaluation of its group slower than its interval?',
    }
  if (condition.isTrue)
    return {
      verdict: 'not_evaluated',
      text: `The condition holds with what is stored now, and no evaluation has seen that: the samples came later than the evaluation at that time, or the rule is newer.`,
      fix: 'Where samples come late, give the group a query_offset.',
    }
  return quiet(found)
}

const fixes: Readonly<Partial<Record<WhyVerdict, string>>> = {
  silenced: 'Expire the silence, or wait for its end.',
  inhibited: 'Look at the alert that mutes it; it is told when that one has ended.',
  muted: 'Its route has time intervals: see alertmanager.yml.',
  undelivered: 'See the answer of the receiver in the time line; tidewatch notify test tries the channel.',
  pending: 'A shorter "for" would fire sooner.',
}

/** The condition does not hold. */
function quiet({ known, condition, alerts }: Found): Judged {
  const { shown, beside } = condition
  const last = alerts.at(-1)
  const before = last === undefined ? '' : ` Before: ${last.text}`
  const [nearest] = shown.series
  if (shown.comparison === undefined)
    return { verdict: 'not_true', text: `The condition gives nothing at that time.${before}` }
  if (nearest === undefined)
    return {
      verdict: 'no_data',
      text: `There is no sample of ${shown.query} at that time.${before}`,
      fix: 'Does its target still deliver? A rule with absent() would tell of that.',
    }
  const { operator, threshold } = shown.comparison
  const beyond = nearest.threshold === undefined || nearest.threshold === threshold ? '' : ` (${nearest.threshold})`
  const asked = `${operator} ${threshold}${beyond}`
  const others = shown.count === 1 ? '' : ` of ${shown.count} series, the nearest`
  const passes = holds(Number(nearest.value), operator, Number(nearest.threshold ?? Number.NaN))
  return {
    verdict: 'not_true',
    text: `The value${others} was ${nearest.value}; the rule asks for ${asked}${passes ? ` and beside that: ${beside.join(' ')}, which did not hold` : ''}.${before}`,
    ...(known.rule.forMs > 0 && last?.verdict === 'not_true' ? { fix: 'A shorter "for" would have fired.' } : {}),
  }
}
