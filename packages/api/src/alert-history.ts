// `/api/tidewatch/v1/alerts/history`: alerts that fired in the past 400 days, how soon people answered, and which rules make noise.
import { z } from 'zod'

const atMs = z.number()
const msText = z
  .string()
  .regex(/^\d{1,15}$/, 'must be ms since 1970')
  .transform(Number)
const severity = z.enum(['critical', 'high', 'medium', 'low'])

const filters = {
  /** ms since 1970; what fired at any moment between the two. By default the last 30 days. */
  from: msText.optional(),
  to: msText.optional(),
  rule: z.string().min(1).max(500).optional(),
  severity: severity.optional(),
  /** `name=value`, once or several times. */
  label: z.union([z.string().max(2000), z.array(z.string().max(2000)).max(50)]).optional(),
}

export const alertHistoryQuery = z.object({
  ...filters,
  state: z.enum(['firing', 'ended']).optional(),
  limit: z
    .string()
    .regex(/^[1-9]\d{0,3}$/, 'must be 1 to 1000')
    .transform(Number)
    .pipe(z.number().max(1000))
    .optional(),
  cursor: z.string().max(200).optional(),
})
export type AlertHistoryQuery = z.infer<typeof alertHistoryQuery>

export const alertEpisode = z.object({
  id: z.string(),
  fingerprint: z.string(),
  /** Its `alertname`. */
  name: z.string(),
  severity,
  labels: z.record(z.string(), z.string()),
  firedAtMs: atMs,
  /** Left out: it fires. */
  endedAtMs: atMs.optional(),
  acknowledgedAtMs: atMs.optional(),
  acknowledgedBy: z.string().optional(),
  acknowledgedVia: z.string().optional(),
  /** Messages to people in which it stood. */
  notifications: z.number(),
  /** Attempts to send one that failed. */
  failures: z.number(),
  /** Receivers that were told. */
  receivers: z.array(z.string()),
  /** It came and went, and was held firing. */
  flapped: z.boolean(),
})
export type AlertEpisode = z.infer<typeof alertEpisode>

/** `GET …/history`: the newest first. */
export const alertHistory = z.object({ episodes: z.array(alertEpisode), nextCursor: z.string().optional() })
export type AlertHistory = z.infer<typeof alertHistory>

export const alertSummaryQuery = z.object(filters)

const times = {
  /** Times it fired. */
  fired: z.number(),
  notifications: z.number(),
  acknowledged: z.number(),
  /** Mean time from firing to acknowledgement, of those that were acknowledged, in ms. */
  mttaMs: z.number().optional(),
  /** Mean time from firing to the end, of those that have ended, in ms. */
  mttrMs: z.number().optional(),
}

const proposal = z.object({
  kind: z.enum(['for', 'keep_firing_for', 'group_by', 'threshold']),
  /** What to do and why, in a sentence or two. */
  text: z.string(),
  /** Messages that it would have saved in the time looked at, where that can be counted. */
  saves: z.number().optional(),
  /** Where it can be computed: keys to change, and the change as text. */
  patch: z
    .object({
      /** The rule's file, or alertmanager.yml. */
      file: z.string(),
      set: z.record(z.string(), z.string()),
      diff: z.string(),
    })
    .optional(),
})
export type NoiseProposal = z.infer<typeof proposal>

/** `GET …/history/summary`. */
export const alertSummary = z.object({
  fromMs: atMs,
  toMs: atMs,
  ...times,
  severities: z.array(
    z.object({
      severity,
      ...times,
      /** How soon somebody is to answer; left out: nobody has to. */
      targetMs: z.number().optional(),
      /** Acknowledged, or ended, within that time. */
      withinTarget: z.number().optional(),
    }),
  ),
  /** The noisiest first, at most 100. */
  rules: z.array(
    z.object({
      rule: z.string(),
      severity,
      ...times,
      /** Different alerts. */
      alerts: z.number(),
      /** Ended within five minutes: nobody could have done anything. */
      shortLived: z.number(),
      medianMs: z.number().optional(),
      proposals: z.array(proposal),
    }),
  ),
  /** More happened than was looked at: the oldest are left out. */
  truncated: z.boolean(),
})
export type AlertSummary = z.infer<typeof alertSummary>
