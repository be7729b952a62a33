// `/api/tidewatch/v1/alerts/firing` and its neighbours: what fires, as a page shows it, in answers that stay small however much fires.
import { z } from 'zod'

const atMs = z.number()
const severity = z.enum(['critical', 'high', 'medium', 'low'])

/** `open`: people are told of it and nobody has it; `taken`: somebody has; `suppressed`: a silence, another alert or the time of day holds it back. */
export const alertStanding = z.enum(['open', 'taken', 'suppressed'])
export type AlertStanding = z.infer<typeof alertStanding>

const filters = {
  /** Words; each must stand in the name, the summary or a `label=value`. */
  find: z.string().max(500).optional(),
  severity: severity.optional(),
  state: alertStanding.optional(),
  receiver: z.string().max(1000).optional(),
  /** Matchers as Alertmanager writes them, once or several times. */
  filter: z.union([z.string().max(2000), z.array(z.string().max(2000)).max(50)]).optional(),
  /** The id of one group: its alerts alone. */
  group: z.string().max(100).optional(),
}

export const firingAlertsQuery = z.object({
  ...filters,
  cursor: z.string().max(1000).optional(),
  /** Rows of alerts, at most. */
  limit: z
    .string()
    .regex(/^[1-9]\d{0,2}$|^1000$/, 'must be 1 to 1000')
    .transform(Number)
    .optional(),
})
export type FiringAlertsQuery = z.infer<typeof firingAlertsQuery>

const labels = z.record(z.string(), z.string())

export const firingRow = z.object({
  /** Alertmanager's fingerprint of the alert's labels. */
  fingerprint: z.string(),
  name: z.string(),
  /** What a person reads first; empty where its sender said nothing. */
  sentence: z.string(),
  severity,
  standing: alertStanding,
  startsAtMs: atMs,
  labels,
  taker: z.object({ by: z.string(), atMs }).optional(),
  /** Silences that hide it. */
  silences: z.number(),
  /** The name of the alert that holds it back. */
  heldBy: z.string().optional(),
  /** Names of time intervals that hold its group back. */
  mutedBy: z.array(z.string()),
  /** What its rule saw last, where a rule of ours brought it. */
  value: z.number().optional(),
})
export type FiringRow = z.infer<typeof firingRow>

const counts = z.object({ open: z.number(), taken: z.number(), suppressed: z.number() })
export type FiringCounts = z.infer<typeof counts>

const firingGroup = z.object({
  /** The same while its route and its labels stay. */
  id: z.string(),
  receiver: z.string(),
  labels,
  /** Alerts that pass the filter. */
  total: z.number(),
  /** The worst first, then what fires longest. */
  rows: z.array(firingRow),
  /** For the rest of them, with `group`. */
  nextCursor: z.string().optional(),
})
export type FiringGroup = z.infer<typeof firingGroup>

/** `GET …/firing`: groups with something open first. */
export const firingAlerts = z.object({
  /** Different alerts that pass the filter: one that stands in several groups counts once. */
  counts,
  /** Who hears of anything that fires, whatever the filter. */
  receivers: z.array(z.string()),
  groupCount: z.number(),
  groups: z.array(firingGroup),
  /** For more groups. */
  nextCursor: z.string().optional(),
})
export type FiringAlerts = z.infer<typeof firingAlerts>

export const firingLabelsQuery = z.object(filters)

/** `GET …/firing/labels`: all that pass the filter, for what is done with all of them at once; at most 10,000. */
export const firingLabels = z.object({
  alerts: z.array(z.object({ fingerprint: z.string(), labels, taken: z.boolean() })),
  truncated: z.boolean(),
})
export type FiringLabels = z.infer<typeof firingLabels>

const pendingRow = z.object({
  fingerprint: z.string(),
  name: z.string(),
  sentence: z.string(),
  severity,
  labels,
  /** Since when the condition is true. */
  sinceMs: atMs,
  /** The rule's `for`. */
  forMs: z.number(),
  value: z.number(),
})
export type PendingRow = z.infer<typeof pendingRow>

/** `GET …/pending`: what is about to fire, the worst first, at most 200. */
export const pendingAlerts = z.object({ total: z.number(), rows: z.array(pendingRow) })
export type PendingAlerts = z.infer<typeof pendingAlerts>

/** `GET …/summary`: what every page says of alerts. */
export const alertsSummary = z.object({
  counts,
  /** Of those that nothing holds back. */
  severities: z.object({ critical: z.number(), high: z.number(), medium: z.number(), low: z.number() }),
  /** The five worst that nothing holds back. */
  worst: z.array(firingRow),
  /** The worst that nobody has. */
  next: firingRow.optional(),
  pending: pendingAlerts,
  rules: z.object({ total: z.number(), failing: z.number() }),
})
export type AlertsSummary = z.infer<typeof alertsSummary>

/** `GET …/silenced`: by a silence's id, how many alerts it hides now, and the first of them. */
export const silencedAlerts = z.record(
  z.string(),
  z.object({ total: z.number(), first: z.object({ fingerprint: z.string(), name: z.string() }) }),
)
export type SilencedAlerts = z.infer<typeof silencedAlerts>
