// What becomes of the alerts of one rule at one evaluation: a pure function of what was, what the query found, and the time.
// The states and their order are those of prometheus/rules/alerting.go.
import { AppError } from '@tidewatch/core/error.ts'
import type { Labels } from '@tidewatch/core/labels.ts'

export type AlertState = 'pending' | 'firing' | 'inactive'

/** One alert of one rule. `inactive` is one that has ended and is kept a while, so that its end is told. */
export interface ActiveAlert {
  readonly labels: Labels
  readonly annotations: Readonly<Record<string, string>>
  readonly value: number
  readonly state: AlertState
  /** Since when the condition has been true. */
  readonly activeAtMs: number
  readonly firedAtMs: number | undefined
  readonly resolvedAtMs: number | undefined
  /** Since when the condition is no longer true but `keep_firing_for` holds the alert. */
  readonly keepFiringSinceMs: number | undefined
  readonly lastSentAtMs: number | undefined
}

/** One sample the rule's expression gave, with the rule's labels and annotations expanded. */
export interface FoundAlert {
  readonly labels: Labels
  readonly annotations: Readonly<Record<string, string>>
  readonly value: number
}

export interface LifecycleRule {
  readonly name: string
  readonly forMs: number
  readonly keepFiringForMs: number
}

/** How long an alert that has ended is kept, so that a receiver that was away still hears of it. */
export const resolvedRetentionMs = 15 * 60_000

/** By the alerts' label key. */
export type AlertsByKey = ReadonlyMap<string, ActiveAlert>

/** The alerts after an evaluation. Throws `query.execution` where two samples have the same labels. */
export function advance(
  former: AlertsByKey,
  found: readonly FoundAlert[],
  rule: LifecycleRule,
  nowMs: number,
): Map<string, ActiveAlert> {
  const byKey = new Map<string, FoundAlert>()
  for (const one of found) {
    if (byKey.has(one.labels.key())) {
      throw new AppError(
        'query.execution',
        `vector contains metrics with the same labelset after applying alert labels: ${one.labels}`,
      )
    }
    byKey.set(one.labels.key(), one)
  }
  const next = new Map<string, ActiveAlert>()
  for (const [key, alert] of former) {
    const still = byKey.get(key)
    const after = still === undefined ? withoutSample(alert, rule, nowMs) : withSample(alert, still, rule, nowMs)
    if (after !== undefined) next.set(key, after)
  }
  for (const [key, one] of byKey) if (!next.has(key)) next.set(key, begin(one, rule, nowMs))
  return next
}

/** The error where more alerts are active than `limit` (0: no limit) allows. Prometheus then forgets all alerts of the rule. */
export function excessOf(alerts: AlertsByKey, limit: number): AppError | undefined {
  const active = [...alerts.values()].filter(({ state }) => state !== 'inactive').length
  if (limit === 0 || active <= limit) return undefined
  return new AppError('query.execution', `exceeded limit of ${limit} with ${active} alerts`)
}

function begin(found: FoundAlert, rule: LifecycleRule, nowMs: number): ActiveAlert {
  const pending: ActiveAlert = {
    ...found,
    state: 'pending',
    activeAtMs: nowMs,
    firedAtMs: undefined,
    resolvedAtMs: undefined,
    keepFiringSinceMs: undefined,
    lastSentAtMs: undefined,
  }
  return fireWhenDue(pending, rule, nowMs)
}

function withSample(alert: ActiveAlert, found: FoundAlert, rule: LifecycleRule, nowMs: number): ActiveAlert {
  // one that had ended begins anew
  if (alert.state === 'inactive') return begin(found, rule, nowMs)
  return fireWhenDue(
    { ...alert, annotations: found.annotations, value: found.value, keepFiringSinceMs: undefined },
    rule,
    nowMs,
  )
}

function withoutSample(alert: ActiveAlert, rule: LifecycleRule, nowMs: number): ActiveAlert | undefined {
  if (alert.state === 'pending') return undefined
  if (alert.state === 'inactive') return nowMs - (alert.resolvedAtMs ?? nowMs) > resolvedRetentionMs ? undefined : alert
  const since = alert.keepFiringSinceMs ?? nowMs
  if (rule.keepFiringForMs > 0 && nowMs - since < rule.keepFiringForMs) return { ...alert, keepFiringSinceMs: since }
  return { ...alert, state: 'inactive', resolvedAtMs: nowMs, keepFiringSinceMs: undefined }
}

function fireWhenDue(alert: ActiveAlert, rule: LifecycleRule, nowMs: number): ActiveAlert {
  if (alert.state !== 'pending' || nowMs - alert.activeAtMs < rule.forMs) return alert
  return { ...alert, state: 'firing', firedAtMs: nowMs }
}

/** Whether the alert is to be handed on now: at each change, and again every `resendMs` while it lasts. */
export function needsSending(alert: ActiveAlert, nowMs: number, resendMs: number): boolean {
  if (alert.state === 'pending') return false
  if (alert.lastSentAtMs === undefined) return true
  if (alert.resolvedAtMs !== undefined && alert.resolvedAtMs > alert.lastSentAtMs) return true
  return alert.lastSentAtMs + resendMs <= nowMs
}
