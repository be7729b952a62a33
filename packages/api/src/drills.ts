// `/api/tidewatch/v1/drills`: fire drills, what came of them. Times in ms since 1970, lengths in ms.
import { z } from 'zod'

const atMs = z.number()

export const drillRun = z.object({
  id: z.string(),
  drill: z.string(),
  /** A name, or `timetable`. */
  startedBy: z.string(),
  startedAtMs: atMs,
  endedAtMs: atMs.nullable(),
  status: z.enum(['running', 'passed', 'missed']),
  /** Why it was missed; empty otherwise. */
  reason: z.string(),
  /** Of its alert; null before the first notification. */
  fingerprint: z.string().nullable(),
  /** Each attempt to tell somebody. */
  deliveries: z.array(
    z.object({
      integration: z.string(),
      receiver: z.string(),
      /** `delivered`, `retry`, `failed`, as in the delivery log. */
      outcome: z.string(),
      atMs,
    }),
  ),
  /** The first that reached a person's channel. */
  deliveredAtMs: atMs.nullable(),
  acknowledgedAtMs: atMs.nullable(),
  acknowledgedBy: z.string().nullable(),
})
export type DrillRunItem = z.infer<typeof drillRun>

/** The sign of life that goes out; `last` is null before the first, and in a process that sends none. */
const heartbeatState = z.object({
  /** Where it goes, without the secret part of its URL. */
  receiver: z.string(),
  intervalMs: z.number(),
  last: z
    .object({
      atMs,
      /** `withheld`: we are not well, and say so by silence. */
      outcome: z.enum(['sent', 'failed', 'withheld']),
      /** Why it was not sent; empty otherwise. */
      reason: z.string(),
    })
    .nullable(),
  /** When the receiver heard us last, since the start. */
  lastSentAtMs: atMs.nullable(),
})
export type HeartbeatState = z.infer<typeof heartbeatState>

/** `GET /drills`: each with figures over its last 100 runs that are over. */
export const drillList = z.object({
  /** Null: none is configured. */
  heartbeat: heartbeatState.nullable(),
  drills: z.array(
    z.object({
      name: z.string(),
      timeZone: z.string(),
      nextAtMs: atMs,
      acknowledgeWithinMs: z.number(),
      runs: z.number(),
      delivered: z.number(),
      acknowledged: z.number(),
      medianDeliveryMs: z.number().nullable(),
      medianAcknowledgeMs: z.number().nullable(),
      last: drillRun.nullable(),
    }),
  ),
})
export type DrillList = z.infer<typeof drillList>

/** `GET /drills/runs?drill=&limit=`: newest first. */
export const drillRunQuery = z.object({
  drill: z.string().max(100).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
})
export const drillRunList = z.object({ runs: z.array(drillRun) })
/** `GET /drills/runs/:id` */
export const drillRunParams = z.strictObject({ id: z.string().min(1).max(64) })
/** `POST /drills/:name/run`: begins one; its run is the answer. */
export const drillParams = z.strictObject({ name: z.string().min(1).max(100) })
