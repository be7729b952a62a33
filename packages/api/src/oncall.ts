// `/api/tidewatch/v1/oncall`: who is called, now and when. Times in ms since 1970.
import { z } from 'zod'

const atMs = z.number()
const item = z.string().min(1).max(100)

/** A stretch of time with one person; `person` null: nobody is on call, a gap. */
export const shift = z.object({
  startMs: atMs,
  endMs: atMs,
  person: z.string().nullable(),
  /** The layer of the schedule that says so; null with an override or in a gap. */
  layer: z.string().nullable(),
  /** The id of the override that says so. */
  override: z.string().nullable(),
})
export type ShiftItem = z.infer<typeof shift>

/** `GET /oncall/now`: of each schedule, who is on call, until when, and who comes next. */
export const onCallNow = z.object({
  atMs,
  schedules: z.array(
    z.object({
      schedule: z.string(),
      timeZone: z.string(),
      /** As it is now: its `endMs` is the hand-over, cut 60 days ahead. */
      now: shift,
      /** The next other person, also behind a gap; null: nobody within 60 days. */
      next: shift.nullable(),
    }),
  ),
})
export type OnCallNow = z.infer<typeof onCallNow>

/** `GET /oncall/now?at=`: at another time than now. */
export const nowQuery = z.object({ at: z.coerce.number().int().min(0).max(4e12).optional() })

export const scheduleParams = z.strictObject({ name: item })

/** `GET /oncall/schedules/:name/shifts?from=&to=`: the whole range, gaps included, in order. At most 400 days. */
export const rangeQuery = z.object({
  from: z.coerce.number().int().min(0).max(4e12),
  to: z.coerce.number().int().min(0).max(4e12),
})
export const shiftList = z.object({ schedule: z.string(), timeZone: z.string(), shifts: z.array(shift) })
export type ShiftList = z.infer<typeof shiftList>

const target = z.object({ kind: z.enum(['person', 'schedule', 'channel']), name: z.string() })
/** `GET /oncall/plan`: what tidewatch.yml says. Addresses are not told, only of which kind they are. */
export const onCallPlan = z.object({
  people: z.array(
    z.object({
      name: z.string(),
      timeZone: z.string().nullable(),
      contacts: z.array(z.object({ kind: z.string(), channel: z.string().nullable() })),
    }),
  ),
  schedules: z.array(
    z.object({
      name: z.string(),
      timeZone: z.string(),
      layers: z.array(
        z.object({ name: z.string(), people: z.array(z.string()), turnMs: z.number(), restricted: z.boolean() }),
      ),
    }),
  ),
  policies: z.array(
    z.object({
      name: z.string(),
      repeats: z.number(),
      steps: z.array(z.object({ targets: z.array(target), waitMs: z.number() })),
    }),
  ),
})
export type OnCallPlanAnswer = z.infer<typeof onCallPlan>

export const override = z.object({
  id: z.string(),
  schedule: z.string(),
  person: z.string(),
  startMs: atMs,
  endMs: atMs,
  note: z.string(),
  createdBy: z.string(),
  createdAtMs: atMs,
})
export type OverrideItem = z.infer<typeof override>
/** `GET /oncall/overrides`: all, by their begin. */
export const overrideList = z.object({ overrides: z.array(override) })
/** `POST /oncall/overrides`, `PUT /oncall/overrides/:id`. */
export const writeOverride = z
  .strictObject({
    schedule: item,
    person: item,
    startMs: z.int().min(0).max(4e12),
    endMs: z.int().min(0).max(4e12),
    note: z.string().max(500).default(''),
  })
  .refine(({ startMs, endMs }) => endMs > startMs, { error: 'must end after it begins', path: ['endMs'] })
export const overrideParams = z.strictObject({ id: z.string().min(1).max(64) })

const recipient = z.object({ kind: z.enum(['person', 'channel']), name: z.string() })
export const escalation = z.object({
  id: z.string(),
  policy: z.string(),
  groupKey: z.string(),
  /** `open`: somebody is being called. `missed`: all steps are over and nobody took it. */
  status: z.enum(['open', 'acknowledged', 'resolved', 'missed']),
  openedAtMs: atMs,
  /** When it was taken, missed or over. */
  endedAtMs: atMs.nullable(),
  /** When the next step comes. */
  nextAtMs: atMs.nullable(),
  acknowledgedBy: z.string().nullable(),
  groupLabels: z.record(z.string(), z.string()),
  severity: z.string(),
  alerts: z.number(),
  steps: z.array(
    z.object({
      atMs,
      /** From 1, over all rounds. */
      number: z.number(),
      targets: z.array(target),
      /** Empty: nobody was on call. */
      recipients: z.array(recipient),
    }),
  ),
})
export type EscalationItem = z.infer<typeof escalation>
/** `GET /oncall/escalations?open=true&limit=`: newest first. */
export const escalationQuery = z.object({
  open: z.enum(['true', 'false']).default('false'),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
})
export const escalationList = z.object({ escalations: z.array(escalation) })

/** `GET /oncall/feeds/:kind/:name`: the secret address of a calendar; `POST` makes a new one, and the former ends. */
export const feedParams = z.strictObject({ kind: z.enum(['person', 'schedule']), name: item })
export const feedAnswer = z.object({ url: z.string() })
