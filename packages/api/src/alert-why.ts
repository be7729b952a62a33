// `/api/tidewatch/v1/alerts/:fingerprint` and `/api/tidewatch/v1/alerts/why`: why an alert did fire or did not, and who was told.
import { z } from 'zod'
import { acknowledgement } from './acknowledgements.ts'

const atMs = z.number()
const texts = z.record(z.string(), z.string())
const msText = z
  .string()
  .regex(/^\d{1,15}$/, 'must be ms since 1970')
  .transform(Number)

/** A step of the life of an alert, in the order in which they can come. */
export const alertStage = z.enum([
  'pending',
  'firing',
  'received',
  'inhibited',
  'silenced',
  'muted',
  'folded',
  'routed',
  'throttled',
  'flapping',
  'notified',
  'delivery',
  'acknowledged',
  'escalated',
  'resolved',
])

export const alertStep = z.object({
  atMs,
  stage: alertStage,
  /** One sentence for a person. */
  text: z.string(),
  /** The same for a program; of a delivery `outcome`, `attempt`, `integration`. */
  detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
})
export type AlertStep = z.infer<typeof alertStep>

const ruleShown = z.object({
  name: z.string(),
  group: z.string(),
  file: z.string(),
  /** `prometheus`, or a kind of `/api/tidewatch/v1/rule-kinds`. */
  kind: z.string(),
  query: z.string(),
  forMs: z.number(),
  keepFiringForMs: z.number(),
})
export type AlertRuleShown = z.infer<typeof ruleShown>

/** What keeps people from hearing of it now. */
const holding = z.object({
  stage: z.enum(['inhibited', 'silenced', 'muted', 'folded', 'throttled', 'acknowledged']),
  /** Fingerprints, ids of silences, names of intervals, a person. */
  by: z.array(z.string()),
  text: z.string(),
  /** When it ends by itself, where that is known. */
  untilMs: atMs.optional(),
  /** Receiver of the only group for which it holds; left out where it holds for all. */
  receiver: z.string().optional(),
})
export type AlertHolding = z.infer<typeof holding>

const groupShown = z.object({
  key: z.string(),
  receiver: z.string(),
  /** Keys of what sends for the receiver. */
  integrations: z.array(z.string()),
  /** When the group is looked at next. */
  dueAtMs: atMs,
  hasFlushed: z.boolean(),
  /** When each integration was last told of the group. */
  told: z.array(z.object({ integration: z.string(), atMs, firing: z.boolean() })),
  repeatIntervalMs: z.number(),
})

/** Numbers around the decision: the query without its comparison, in steps of time. */
const samplesShown = z.object({
  query: z.string(),
  /** Where the query is one comparison: `>` and what stands on its right. */
  comparison: z.object({ operator: z.string(), threshold: z.string() }).optional(),
  startMs: atMs,
  endMs: atMs,
  stepMs: z.number(),
  /** At most 5 series that can be of this alert. `values` and `thresholds` are in steps from `startMs`; null: no value there. */
  series: z.array(
    z.object({
      labels: texts,
      values: z.array(z.number().nullable()),
      /** What it was compared with, where that is known. */
      thresholds: z.array(z.number().nullable()).optional(),
    }),
  ),
  /** Why there are none. */
  failure: z.string().optional(),
})
export type AlertSamples = z.infer<typeof samplesShown>

export const alertFingerprintParams = z.strictObject({
  fingerprint: z.string().regex(/^[0-9a-f]{16}$/, 'must be 16 hex digits'),
})

/** `from`, `to`: ms since 1970 between which the time line is wanted; by default the last episode. */
export const alertDetailQuery = z.object({ from: msText.optional(), to: msText.optional() })

/** `GET /api/tidewatch/v1/alerts/:fingerprint`. */
export const alertDetail = z.object({
  fingerprint: z.string(),
  name: z.string(),
  /** `ended`: neither pending nor firing, and known from what was kept. */
  state: z.enum(['pending', 'firing', 'ended']),
  /** critical, high, medium, low. */
  severity: z.string(),
  labels: texts,
  annotations: texts,
  /** Not there for alerts that were posted. */
  rule: ruleShown.optional(),
  /** Of the rule's last evaluation. */
  value: z.string().optional(),
  /** Since when the condition holds. */
  activeAtMs: atMs.optional(),
  firedAtMs: atMs.optional(),
  endedAtMs: atMs.optional(),
  generatorUrl: z.string(),
  groups: z.array(groupShown),
  /** What happens next, as a sentence. */
  next: z.object({ text: z.string(), atMs: atMs.optional() }),
  holding: z.array(holding),
  acknowledgement: acknowledgement.optional(),
  fromMs: atMs,
  toMs: atMs,
  /** Oldest first; at most 1000. */
  timeline: z.array(alertStep),
  samples: samplesShown.optional(),
})
export type AlertDetail = z.infer<typeof alertDetail>

/** `label`: `name=value`, once or several times. */
export const alertWhyQuery = z.object({
  rule: z.string().min(1).max(500),
  at: msText.optional(),
  label: z.union([z.string().max(2000), z.array(z.string().max(2000)).max(50)]).optional(),
})

/** What became of it, from "not even asked" to "people were told". */
export const whyVerdict = z.enum([
  'not_evaluated',
  'failed',
  'no_data',
  'not_true',
  'pending',
  'waiting',
  'inhibited',
  'silenced',
  'muted',
  'folded',
  'throttled',
  'acknowledged',
  'undelivered',
  'told',
  'ended',
])
export type WhyVerdict = z.infer<typeof whyVerdict>

const whyAlert = z.object({
  fingerprint: z.string(),
  labels: texts,
  state: z.enum(['pending', 'firing', 'ended']),
  verdict: whyVerdict,
  text: z.string(),
  activeAtMs: atMs.optional(),
  firedAtMs: atMs.optional(),
  /** Around the time asked for; oldest first, at most 200. */
  timeline: z.array(alertStep),
})
export type WhyAlert = z.infer<typeof whyAlert>

/** `GET /api/tidewatch/v1/alerts/why`. */
export const alertWhy = z.object({
  rule: ruleShown,
  atMs,
  verdict: whyVerdict,
  /** The answer in one or two sentences. */
  text: z.string(),
  /** What would change it. */
  fix: z.string().optional(),
  evaluation: z.object({
    intervalMs: z.number(),
    /** The last one at or before the time asked for; `current` where it is the last there was. */
    lastMs: atMs.optional(),
    health: z.enum(['unknown', 'ok', 'err']),
    error: z.string(),
    /** Slots near the time asked for that went by. */
    missed: z.array(z.object({ fromMs: atMs, toMs: atMs, count: z.number() })),
  }),
  /** The query then, with its value beside what it is compared with. */
  condition: z.object({
    query: z.string(),
    comparison: z.object({ operator: z.string(), threshold: z.string() }).optional(),
    /** At most 50; those nearest to being true first. */
    series: z.array(
      z.object({
        labels: texts,
        value: z.string(),
        threshold: z.string().optional(),
        holds: z.boolean(),
      }),
    ),
    /** Series in all. */
    count: z.number(),
    failure: z.string().optional(),
  }),
  /** At most 20, those that got furthest last. */
  alerts: z.array(whyAlert),
  samples: samplesShown.optional(),
})
export type AlertWhy = z.infer<typeof alertWhy>

/** Something that happened shortly before an alert began. */
const suspect = z.object({
  kind: z.enum(['alert', 'change', 'deploy']),
  atMs,
  /** Of an alert its name, of a change what was done, of a deploy whose it was. */
  title: z.string(),
  text: z.string(),
  /** Of an alert. */
  fingerprint: z.string().optional(),
  /** How often the same happened in the 30 days before; of alerts. */
  timesBefore: z.number().optional(),
})
export type AlertSuspect = z.infer<typeof suspect>

/** `GET /api/tidewatch/v1/alerts/:fingerprint/past`. */
export const alertPast = z.object({
  /** When its condition began to be true, as far as it is known; left out where it has never fired. */
  beganMs: atMs.optional(),
  /** What happened in the half hour before, the most unusual first. */
  suspects: z.array(suspect),
  /** The last 30 days, the newest first, at most 500. */
  fromMs: atMs,
  toMs: atMs,
  episodes: z.array(
    z.object({ firedAtMs: atMs, endedAtMs: atMs.optional(), acknowledgedAtMs: atMs.optional(), severity: z.string() }),
  ),
})
export type AlertPast = z.infer<typeof alertPast>
