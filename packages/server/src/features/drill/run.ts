// One run of a drill as a machine without a clock: what was seen goes in, and whether it is over comes out.
import type { Drill, SeenDelivery } from './port.ts'

export const drillAlertName = 'FireDrill'

export type DrillStatus = 'running' | 'passed' | 'missed'

export interface DrillDelivery {
  readonly integration: string
  readonly receiver: string
  readonly outcome: SeenDelivery['outcome']
  readonly atMs: number
}

export interface DrillRun {
  readonly id: string
  readonly drill: string
  readonly startedBy: string
  readonly startedAtMs: number
  readonly endedAtMs: number | undefined
  readonly status: DrillStatus
  /** Why it was missed. */
  readonly reason: string
  /** Known from the first notification on. */
  readonly fingerprint: string | undefined
  readonly deliveries: readonly DrillDelivery[]
  readonly deliveredAtMs: number | undefined
  readonly acknowledgedAtMs: number | undefined
  readonly acknowledgedBy: string | undefined
}

/** Repeats of a channel that does not answer would fill the row. */
const mostDeliveries = 100

export const beginRun = (id: string, drill: string, startedBy: string, nowMs: number): DrillRun => ({
  ...{ id, drill, startedBy, startedAtMs: nowMs, status: 'running', reason: '', deliveries: [] },
  ...{ endedAtMs: undefined, fingerprint: undefined, deliveredAtMs: undefined },
  ...{ acknowledgedAtMs: undefined, acknowledgedBy: undefined },
})

/** What tells runs apart: one that begins before the alert of the former has ended is an alert of its own. */
export const runLabel = ({ id }: Pick<DrillRun, 'id'>): string => id.slice(0, 8)

/** With an attempt to tell people of it; the same run where it is none of its. */
export function withDelivery(run: DrillRun, seen: SeenDelivery): DrillRun {
  const alert = seen.alerts.find(({ labels }) => labels.alertname === drillAlertName && labels.run === runLabel(run))
  if (alert === undefined || !seen.isFiring || run.status !== 'running') return run
  const { integration, receiver, outcome, atMs } = seen
  const isDelivered = outcome === 'delivered' && !seen.isOnCall
  const deliveries = [...run.deliveries, { integration, receiver, outcome, atMs }].slice(-mostDeliveries)
  const deliveredAtMs = run.deliveredAtMs ?? (isDelivered ? atMs : undefined)
  return { ...run, fingerprint: alert.fingerprint, deliveries, deliveredAtMs }
}

/** What has become of it by now. */
export function judged(
  run: DrillRun,
  { acknowledgeWithinMs }: Pick<Drill, 'acknowledgeWithinMs'>,
  {
    nowMs,
    taken,
  }: { readonly nowMs: number; readonly taken: { readonly by: string; readonly atMs: number } | undefined },
): DrillRun {
  if (run.status !== 'running') return run
  if (taken !== undefined && taken.atMs >= run.startedAtMs)
    return { ...run, status: 'passed', endedAtMs: nowMs, acknowledgedAtMs: taken.atMs, acknowledgedBy: taken.by }
  if (nowMs < run.startedAtMs + acknowledgeWithinMs) return run
  return { ...run, status: 'missed', endedAtMs: nowMs, reason: whyMissed(run) }
}

function whyMissed({ deliveries, deliveredAtMs, fingerprint }: DrillRun): string {
  if (deliveredAtMs !== undefined) return 'it was delivered, and nobody acknowledged it.'
  if (fingerprint === undefined)
    return 'no notification came of it: look at its rule, at the routes and at silences, by its alert.'
  const tried = [...new Set(deliveries.map(({ integration }) => integration))].join(', ')
  return `it reached nobody; tried: ${tried}.`
}
