// Archived days of logs, as the page and the command line read them.
import { z } from 'zod'

const restored = z.object({
  /** `stored`: its lines are there, and nobody here knows of how they came. */
  stage: z.enum(['waiting', 'loading', 'done', 'failed', 'stored']),
  lines: z.number(),
  ofLines: z.number(),
  /** When they go again, ms since 1970. */
  untilMs: z.number(),
  by: z.string(),
  /** What failed; else empty. */
  message: z.string(),
})

const day = z.object({
  /** `2026-11-20`, UTC. */
  day: z.string(),
  dayMs: z.number(),
  lines: z.number(),
  /** In the archive, compressed. */
  bytes: z.number(),
  /** The same as NDJSON. */
  rawBytes: z.number(),
  files: z.number(),
  writtenMs: z.number(),
  /** Whether the store has lines of it that came in here. */
  isStored: z.boolean(),
  restored: restored.optional(),
})
export type ArchivedDay = z.infer<typeof day>

/** `GET /logs/archive`: newest day first. */
export const logArchive = z.object({
  /** Undefined where there is no archive in the configuration. */
  place: z.string().optional(),
  /** ms. */
  afterMs: z.number().optional(),
  holdMs: z.number().optional(),
  /** Archiving fails since then. */
  trouble: z.object({ sinceMs: z.number(), message: z.string() }).optional(),
  /** Why the list cannot be read. */
  unread: z.string().optional(),
  waitingDays: z.number().optional(),
  lines: z.number(),
  bytes: z.number(),
  days: z.array(day),
})
export type LogArchiveState = z.infer<typeof logArchive>

/** `POST /logs/archive/:day/restore`. */
export const logRestoreWish = z.strictObject({
  /** How long it stays. */
  days: z.int().min(1).max(3650),
})
