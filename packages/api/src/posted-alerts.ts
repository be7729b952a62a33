// An application raises an alert by itself, and ends it: POST /api/tidewatch/v1/alerts.
import { z } from 'zod'

const labelName = z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'must be letters, digits and _, no digit first')
const ownLabels: ReadonlySet<string> = new Set(['alertname', 'severity', 'key'])

/** Longest life of an alert that nobody ends or renews, in seconds. */
const maxLastsSeconds = 7 * 86_400

export const postedAlert = z.strictObject({
  /** What it is called; alerts of one name are one kind of trouble. */
  name: z.string().trim().min(1, 'must not be empty').max(200, 'must have at most 200 characters'),
  /** Two calls with one key are about one alert. Without a key those of one name and the same labels are. */
  key: z.string().min(1).max(200).optional(),
  status: z.enum(['firing', 'resolved']).default('firing'),
  severity: z.string().min(1).max(50).default('medium'),
  message: z.string().max(4000, 'must have at most 4,000 characters').default(''),
  /** Any JSON; shown with the alert. */
  data: z.json().optional(),
  labels: z
    .record(labelName, z.string().max(1000))
    .default({})
    .refine((labels) => Object.keys(labels).length <= 30, 'at most 30 labels')
    .refine((labels) => !Object.keys(labels).some((name) => ownLabels.has(name)), {
      message: 'alertname, severity and key are said by the fields of their names',
    }),
  /** Channels that are told, in the place of those to which the routes lead. */
  actions: z.array(z.string().min(1).max(100)).max(20).optional(),
  /** Ends by itself after so many seconds unless it is raised again. */
  lastsSeconds: z.number().min(1).max(maxLastsSeconds).default(3600),
  url: z.url().max(2000).optional(),
})
export type PostedAlert = z.infer<typeof postedAlert>

export const postedAlertAnswer = z.object({
  fingerprint: z.string(),
  status: z.enum(['firing', 'resolved']),
  /** False where an alert of the key fired already: nobody is told twice. */
  isNew: z.boolean(),
  startsAtMs: z.number(),
  endsAtMs: z.number(),
})
export type PostedAlertAnswer = z.infer<typeof postedAlertAnswer>
