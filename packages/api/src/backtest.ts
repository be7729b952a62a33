// `/api/tidewatch/v1/alerts/backtests`: what rules, routes, silences and schedules would have done in the past.
import { z } from 'zod'

const atMs = z.number().int()
const texts = z.record(z.string(), z.string())

/** `POST`: begins one. */
export const backtestRequest = z.strictObject({
  /** A rule file's text, of Prometheus's form or of our own. Left out: the rules in force. */
  rules: z.string().min(1).max(1_000_000).optional(),
  /** Only rules of these names. */
  only: z.array(z.string().min(1)).max(1000).optional(),
  days: z.number().positive().max(400).optional(),
  /** In ms since 1970; with `endMs` in place of `days`. */
  startMs: atMs.optional(),
  endMs: atMs.optional(),
  /** When people sleep. */
  night: z
    .strictObject({
      timeZone: z.string().min(1).max(100),
      fromHour: z.number().int().min(0).max(23),
      toHour: z.number().int().min(0).max(23),
    })
    .optional(),
})
export type BacktestRequest = z.infer<typeof backtestRequest>

const count = z.object({ name: z.string(), pages: z.number(), atNight: z.number() })
export type PagesOf = z.infer<typeof count>

const rule = z.object({
  group: z.string(),
  rule: z.string(),
  /** Times it would have begun to fire, over all its alerts. */
  fired: z.number(),
  /** Different alerts. */
  alerts: z.number(),
  /** Sum and longest of how long they fired, and their middle. */
  firedForMs: z.number(),
  longestMs: z.number(),
  medianMs: z.number(),
  pages: z.number(),
  atNight: z.number(),
  /** Ended within five minutes: nobody could have done anything. */
  shortLived: z.number(),
  failure: z.string().optional(),
})
export type BacktestedRule = z.infer<typeof rule>

const page = z.object({
  atMs,
  receiver: z.string(),
  integration: z.string(),
  reason: z.enum(['firing', 'changed', 'repeat']),
  severity: z.string(),
  groupLabels: texts,
  alertNames: z.array(z.string()),
  alerts: z.number(),
  atNight: z.boolean(),
  people: z.array(z.string()),
})
export type BacktestPage = z.infer<typeof page>

const episode = z.object({
  group: z.string(),
  rule: z.string(),
  labels: texts,
  activeAtMs: atMs,
  firedAtMs: atMs,
  endedAtMs: atMs.optional(),
})
export type BacktestEpisode = z.infer<typeof episode>

const together = z.object({
  /** Labels by which to group. */
  groupBy: z.array(z.string()),
  receiver: z.string(),
  /** Messages there were, and how many there would have been. */
  pages: z.number(),
  wouldBe: z.number(),
  /** Names of the alerts concerned, the most frequent first, at most 10. */
  alertNames: z.array(z.string()),
})
export type TogetherProposal = z.infer<typeof together>

export const backtestReport = z.object({
  startMs: atMs,
  endMs: atMs,
  night: z.object({ timeZone: z.string(), fromHour: z.number(), toHour: z.number() }),
  pages: z.number(),
  atNight: z.number(),
  repeats: z.number(),
  /** Messages that only say that something is over. */
  ends: z.number(),
  receivers: z.array(count),
  people: z.array(count),
  /** By the day they begin (UTC), those without pages left out. */
  days: z.array(z.object({ startMs: atMs, pages: z.number(), atNight: z.number() })),
  rules: z.array(rule),
  /** "These would have been one." */
  together: z.array(together),
  /** The first of them, in order of time; `pages` and the rules' `fired` count all. */
  firstPages: z.array(page),
  firstEpisodes: z.array(episode),
  /** What a reader should know before believing it. */
  notes: z.array(z.string()),
})
export type BacktestReport = z.infer<typeof backtestReport>

export const backtest = z.object({
  id: z.string(),
  status: z.enum(['waiting', 'running', 'done', 'failed', 'cancelled']),
  /** From 0 to 1. */
  progress: z.number(),
  createdAtMs: atMs,
  createdBy: z.string(),
  tookMs: z.number().optional(),
  error: z.string().optional(),
  report: backtestReport.optional(),
})
export type Backtest = z.infer<typeof backtest>

/** `GET`: those since the start, the newest first, without their reports. */
export const backtestList = z.object({ backtests: z.array(backtest.omit({ report: true })) })
