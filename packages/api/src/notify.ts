// `/api/tidewatch/v1/notify/...`: channels, what was sent by them, what could not be sent. Times in ms since 1970, lengths in ms.
import { z } from 'zod'

const atMs = z.number()

export const deliveryOutcome = z.enum(['delivered', 'retry', 'failed', 'skipped', 'superseded', 'dropped'])

export const deliveryItem = z.object({
  id: z.string(),
  /** The notification; the same for all attempts. */
  notification: z.string(),
  integration: z.string(),
  groupKey: z.string(),
  atMs,
  attempt: z.number(),
  outcome: deliveryOutcome,
  /** What the receiver answered, or why there was no answer. */
  detail: z.string(),
  /** HTTP's, or one that means the same; 0 where there was no answer. */
  status: z.number(),
  durationMs: z.number(),
  /** An attempt before was cut off, and the receiver cannot tell a repeat. */
  perhapsTwice: z.boolean(),
})
export type DeliveryItem = z.infer<typeof deliveryItem>

/** `GET /notify/integrations`: every way in which somebody is told. */
export const integrationList = z.object({
  integrations: z.array(
    z.object({
      /** `channels/ops`, `critical/slack[0]`, `environment/slack`. */
      key: z.string(),
      receiver: z.string(),
      kind: z.string(),
      title: z.string(),
      origin: z.enum(['tidewatch.yml', 'alertmanager.yml', 'environment']),
      sendsResolved: z.boolean(),
      /** `idle`: nothing was sent in the last 30 days. */
      state: z.enum(['idle', 'working', 'failing']),
      last: deliveryItem.nullable(),
      waiting: z.number(),
      /** Given up, kept for a person. */
      failed: z.number(),
    }),
  ),
})
export type IntegrationList = z.infer<typeof integrationList>

/** `GET /notify/channels`: the kinds that there are. */
export const channelKindList = z.object({
  channels: z.array(
    z.object({
      kind: z.string(),
      title: z.string(),
      /** JSON Schema of its options. */
      options: z.record(z.string(), z.unknown()),
      /** Environment variables that set it up alone, with what they mean. */
      environment: z.record(z.string(), z.string()),
      /** Whether a repeat reaches people once. */
      repeats: z.enum(['once', 'perhaps twice']),
    }),
  ),
})

/** `POST /notify/test`: by key, receiver or kind; all when left out. */
export const testRequest = z.strictObject({ name: z.string().min(1).max(500).optional() })
export const testAnswer = z.object({ deliveries: z.array(deliveryItem) })
export type TestAnswer = z.infer<typeof testAnswer>

/** `GET /notify/deliveries`: newest first. */
export const deliveryQuery = z.object({
  integration: z.string().max(500).optional(),
  outcome: deliveryOutcome.optional(),
  notification: z.string().max(500).optional(),
  groupKey: z.string().max(10_000).optional(),
  fromMs: z.coerce.number().optional(),
  toMs: z.coerce.number().optional(),
  /** `next` of a former answer. */
  after: z.string().max(1000).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
})
export const deliveryList = z.object({ deliveries: z.array(deliveryItem), next: z.string().nullable() })
export type DeliveryList = z.infer<typeof deliveryList>

/** `GET /notify/dead-letters`: notifications that were given up, kept for 30 days. */
export const deadLetterQuery = z.object({
  integration: z.string().max(500).optional(),
  after: z.string().max(1000).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
})
export const deadLetterList = z.object({
  deadLetters: z.array(
    z.object({
      id: z.string(),
      integration: z.string(),
      receiver: z.string(),
      attempts: z.number(),
      createdAtMs: atMs,
      failedAtMs: atMs,
      status: z.enum(['firing', 'resolved']),
      severity: z.string(),
      groupLabels: z.record(z.string(), z.string()),
      alerts: z.number(),
      /** What the receiver said last. */
      detail: z.string(),
    }),
  ),
  next: z.string().nullable(),
})

/** `POST /notify/dead-letters/resend` and `/drop`. */
export const deadLetterIds = z.strictObject({ ids: z.array(z.string().min(1).max(500)).min(1).max(1000) })
export const deadLetterResult = z.object({ count: z.number() })
