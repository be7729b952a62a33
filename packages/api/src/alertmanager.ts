// Alertmanager's API v2 as far as the page reads it. https://github.com/prometheus/alertmanager, api/v2/openapi.yaml
import { z } from 'zod'

const texts = z.record(z.string(), z.string())
/** RFC 3339. */
const time = z.string()

export const gettableAlert = z.object({
  fingerprint: z.string(),
  labels: texts,
  annotations: texts,
  startsAt: time,
  endsAt: time,
  updatedAt: time,
  generatorURL: z.string().optional(),
  receivers: z.array(z.object({ name: z.string() })),
  status: z.object({
    state: z.enum(['active', 'suppressed', 'unprocessed']),
    /** Ids. */
    silencedBy: z.array(z.string()),
    /** Fingerprints. */
    inhibitedBy: z.array(z.string()),
    /** Names of time intervals; said by groups alone. */
    mutedBy: z.array(z.string()).default([]),
  }),
})
export type GettableAlert = z.infer<typeof gettableAlert>

/** `GET /api/v2/alerts`. */
export const gettableAlerts = z.array(gettableAlert)

/** `GET /api/v2/alerts/groups`. */
export const alertGroups = z.array(
  z.object({ labels: texts, receiver: z.object({ name: z.string() }), alerts: z.array(gettableAlert) }),
)
export type GettableAlertGroup = z.infer<typeof alertGroups>[number]

export const silenceMatcher = z.object({
  name: z.string(),
  value: z.string(),
  isRegex: z.boolean(),
  isEqual: z.boolean().default(true),
})
export type SilenceMatcher = z.infer<typeof silenceMatcher>

export const gettableSilence = z.object({
  id: z.string(),
  status: z.object({ state: z.enum(['active', 'pending', 'expired']) }),
  matchers: z.array(silenceMatcher),
  /** Where it hides what any one of several sets matches. */
  matcherSets: z.array(z.array(silenceMatcher)).optional(),
  startsAt: time,
  endsAt: time,
  updatedAt: time,
  createdBy: z.string(),
  comment: z.string(),
})
export type GettableSilence = z.infer<typeof gettableSilence>

/** `GET /api/v2/silences`. */
export const gettableSilences = z.array(gettableSilence)

/** Answer of `POST /api/v2/silences`. */
export const silenceMade = z.object({ silenceID: z.string() })
