// Alertmanager's API v2 as far as the page reads it. https://github.com/prometheus/alertmanager, api/v2/openapi.yaml
import { z } from 'zod'

/** RFC 3339. */
const time = z.string()

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
