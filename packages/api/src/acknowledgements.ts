// `/api/tidewatch/v1/alerts/acknowledgements`: who has taken which alerts.
import { z } from 'zod'

export const acknowledgement = z.object({
  /** Alertmanager's fingerprint of the alert's labels. */
  fingerprint: z.string(),
  by: z.string(),
  /** `page`, `link`, `slack`, `telegram`, `sms`, `api`, `cli`. */
  via: z.string(),
  note: z.string(),
  /** ms since 1970. */
  atMs: z.number(),
})
export type AcknowledgementItem = z.infer<typeof acknowledgement>

/** `GET`: all that hold now; they end with their alerts. */
export const acknowledgementList = z.object({ acknowledgements: z.array(acknowledgement) })

/** `POST`: the alerts named, or all that fire in one group. Answers those that are newly taken: others had been before. */
export const acknowledge = z
  .strictObject({
    fingerprints: z
      .array(z.string().regex(/^[0-9a-f]{16}$/, 'must be 16 hex digits'))
      .min(1)
      .max(10_000)
      .optional(),
    groupKey: z.string().min(1).max(20_000).optional(),
    note: z.string().max(1000).default(''),
    via: z.enum(['page', 'api', 'cli']).default('api'),
  })
  .refine(({ fingerprints, groupKey }) => (fingerprints === undefined) !== (groupKey === undefined), {
    error: 'name either fingerprints or groupKey',
  })

/** `DELETE …/:fingerprint`: gives it back; repeats and escalation go on. */
export const acknowledgementParams = z.strictObject({
  fingerprint: z.string().regex(/^[0-9a-f]{16}$/, 'must be 16 hex digits'),
})
