// `GET /api/tidewatch/v1/cardinality` and its labels: how many series there are, of what, and what could go.
import { z } from 'zod'

const counted = z.object({ name: z.string(), count: z.number() })

const label = z.object({
  name: z.string(),
  values: z.number(),
  series: z.number(),
  /** What the values would take, written out for each series. */
  bytes: z.number(),
})
export type CountedLabel = z.infer<typeof label>

const limits = z.object({
  /** 0 is no limit. */
  samples: z.number(),
  labels: z.number(),
  labelNameLength: z.number(),
  labelValueLength: z.number(),
})

const job = z.object({
  /** Empty for series without a job. */
  job: z.string(),
  series: z.number(),
  /** With a sample in the last five minutes. */
  active: z.number(),
  targets: z.number(),
  largestTarget: z.object({ instance: z.string(), active: z.number() }),
  labels: z.number(),
  labelNameLength: z.number(),
  labelValueLength: z.number(),
  /** Left out where no scrape job has the name: what comes was pushed. */
  limits: limits.optional(),
})
export type CountedJob = z.infer<typeof job>

const proposal = z.object({
  kind: z.enum(['labeldrop', 'drop']),
  job: z.string(),
  label: z.string(),
  /** Of a `drop`. */
  metric: z.string().optional(),
  values: z.number(),
  series: z.number(),
  saved: z.number(),
  scraped: z.boolean(),
  /** YAML. */
  rule: z.string(),
})
export type DropProposal = z.infer<typeof proposal>

export const cardinalityReport = z.object({
  /** When it was counted, ms since 1970. */
  atMs: z.number(),
  series: z.number(),
  /** With a sample in the last five minutes. */
  active: z.number(),
  labelPairs: z.number(),
  metrics: z.array(counted),
  labels: z.array(label),
  jobs: z.array(job),
  /** Series that appeared: by hour (the last one goes on), and by metric and job in all these hours. */
  churn: z.object({
    sinceMs: z.number(),
    hours: z.array(z.object({ startMs: z.number(), created: z.number() })),
    metrics: z.array(counted),
    jobs: z.array(counted),
  }),
  proposals: z.array(proposal),
})
export type CardinalityReport = z.infer<typeof cardinalityReport>

/** `?limit=20`: how long the lists are at most. */
export const cardinalityQuery = z.object({ limit: z.coerce.number().int().min(1).max(1000).default(20) })

export const labelParams = z.object({ name: z.string().min(1).max(1024) })

/** `GET /api/tidewatch/v1/cardinality/labels/:name`: the values with the most series. */
export const labelValuesReport = z.object({
  name: z.string(),
  values: z.number(),
  top: z.array(counted),
})
export type LabelValuesReport = z.infer<typeof labelValuesReport>
