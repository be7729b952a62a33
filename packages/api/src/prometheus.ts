// The answers of Prometheus's HTTP API that the page reads (https://prometheus.io/docs/prometheus/latest/querying/api/).
import { z } from 'zod'

/** Seconds since 1970 and the value as text, since JSON has neither NaN nor infinities. */
export type SamplePair = readonly [seconds: number, value: string]

const labels = z.record(z.string(), z.string())

function isSamplePair(value: unknown): value is SamplePair {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === 'number' && typeof value[1] === 'string'
}

// one loop instead of a schema an element: a range answer has up to 200,000 of them
const samplePairs = z.custom<readonly SamplePair[]>((value) => Array.isArray(value) && value.every(isSamplePair), {
  error: 'expected a list of [seconds, "value"]',
})
const samplePair = z.custom<SamplePair>(isSamplePair, { error: 'expected [seconds, "value"]' })

/** Of a native histogram: which bounds belong to it (0 the upper, 1 the lower, 2 none, 3 both), the bounds, how many lie between. */
const bucket = z.tuple([z.number(), z.string(), z.string(), z.string()])
const histogramPair = z.tuple([
  z.number(),
  z.object({ count: z.string(), sum: z.string(), buckets: z.array(bucket).optional() }),
])
export type HistogramPair = z.infer<typeof histogramPair>

const matrixSeries = z.object({
  metric: labels,
  values: samplePairs.optional(),
  histograms: z.array(histogramPair).optional(),
})
const vectorSample = z.object({ metric: labels, value: samplePair.optional(), histogram: histogramPair.optional() })

/** All in seconds. */
const stages = z.object({
  queue: z.number(),
  parse: z.number(),
  select: z.number(),
  store: z.number(),
  evaluate: z.number(),
  encode: z.number(),
})

const selectorTrace = z.object({
  selector: z.string(),
  start: z.number(),
  end: z.number(),
  series: z.number(),
  seriesInHead: z.number(),
  seriesInStore: z.number(),
  samplesFromHead: z.number(),
  samplesFromStore: z.number(),
  samplesFromRollups: z.number(),
})

/** `data.stats` with `stats=all`: Prometheus's figures, and ours of how the query was answered. */
export const explainData = z.object({
  stats: z.object({
    samples: z.object({ totalQueryableSamples: z.number(), peakSamples: z.number() }),
    tidewatch: z.object({
      evaluatedIn: z.enum(['server', 'worker']),
      samplesTouched: z.number(),
      series: z.number(),
      samplesFromHead: z.number(),
      samplesFromStore: z.number(),
      samplesFromRollups: z.number(),
      stages,
      selectors: z.array(selectorTrace),
    }),
  }),
})
export type Explain = z.infer<typeof explainData>['stats']

/** `data` of `/api/v1/query_exemplars`; undefined where nothing could be selected. */
export const exemplarsData = z
  .array(
    z.object({
      seriesLabels: labels,
      exemplars: z.array(z.object({ labels, value: z.string(), timestamp: z.number() })),
    }),
  )
  .optional()

/** `data` of `/api/v1/query` and `/api/v1/query_range`. */
export const queryData = z.discriminatedUnion('resultType', [
  z.object({ resultType: z.literal('matrix'), result: z.array(matrixSeries) }),
  z.object({ resultType: z.literal('vector'), result: z.array(vectorSample) }),
  z.object({ resultType: z.literal('scalar'), result: samplePair }),
  z.object({ resultType: z.literal('string'), result: samplePair }),
])
export type QueryData = z.infer<typeof queryData>
export type MatrixSeries = z.infer<typeof matrixSeries>
export type VectorSample = z.infer<typeof vectorSample>

/** Every good answer's frame; `infos` are hints on the query, `warnings` say that the answer may be wrong or partial. */
export function prometheusSuccess<Data extends z.ZodType>(data: Data) {
  return z.object({
    status: z.literal('success'),
    data,
    warnings: z.array(z.string()).optional(),
    infos: z.array(z.string()).optional(),
  })
}

/** Every bad answer. */
export const prometheusError = z.object({ status: z.literal('error'), errorType: z.string(), error: z.string() })

const target = z.object({
  discoveredLabels: labels.optional(),
  labels,
  scrapePool: z.string(),
  scrapeUrl: z.string(),
  lastError: z.string().default(''),
  /** RFC 3339; the year 1 before the first scrape. */
  lastScrape: z.string(),
  /** Seconds. */
  lastScrapeDuration: z.number(),
  health: z.enum(['up', 'down', 'unknown']),
  /** Prometheus durations: `15s`. */
  scrapeInterval: z.string().optional(),
  scrapeTimeout: z.string().optional(),
})
export type Target = z.infer<typeof target>

/** `data` of `/api/v1/targets`. */
export const targetsData = z.object({ activeTargets: z.array(target) })

/** `data` of `/api/v1/targets` with those that relabelling dropped. */
export const discoveryData = z.object({
  activeTargets: z.array(target),
  droppedTargets: z.array(z.object({ discoveredLabels: labels, scrapePool: z.string().default('') })).default([]),
  /** By job: all that were dropped, also those beyond keep_dropped_targets. */
  droppedTargetCounts: z.record(z.string(), z.number()).nullish(),
})
export type DiscoveryData = z.infer<typeof discoveryData>

const relabelRule = z.object({
  source_labels: z.array(z.string()).default([]),
  separator: z.string().default(';'),
  regex: z.string().default('(.*)'),
  modulus: z.number().optional(),
  target_label: z.string().default(''),
  replacement: z.string().default('$1'),
  action: z.string().default('replace'),
})
export type RelabelRule = z.infer<typeof relabelRule>

/** `data` of `/api/v1/targets/relabel_steps`: what each rule of a job made of labels. */
export const relabelStepsData = z.object({
  steps: z.array(z.object({ rule: relabelRule, output: labels, keep: z.boolean() })),
})
export type RelabelStep = z.infer<typeof relabelStepsData>['steps'][number]

const alert = z.object({
  /** Alertmanager's, of the labels under which people hear of it. */
  fingerprint: z.string().optional(),
  labels,
  annotations: labels.default({}),
  state: z.enum(['inactive', 'pending', 'firing']),
  activeAt: z.string().optional(),
  value: z.string(),
})
export type ActiveAlert = z.infer<typeof alert>

const ruleState = {
  name: z.string(),
  query: z.string(),
  labels: labels.optional(),
  health: z.enum(['ok', 'err', 'unknown']),
  lastError: z.string().optional(),
  /** Seconds. */
  evaluationTime: z.number().optional(),
  lastEvaluation: z.string().optional(),
}
const alertingRule = z.object({
  type: z.literal('alerting'),
  ...ruleState,
  state: z.enum(['inactive', 'pending', 'firing', 'unknown']),
  /** `for`, in seconds. */
  duration: z.number(),
  /** Seconds. */
  keepFiringFor: z.number().optional(),
  annotations: labels.default({}),
  alerts: z.array(alert).default([]),
})
const recordingRule = z.object({ type: z.literal('recording'), ...ruleState })
export type AlertingRule = z.infer<typeof alertingRule>
export type RecordingRule = z.infer<typeof recordingRule>

const ruleGroup = z.object({
  name: z.string(),
  file: z.string(),
  rules: z.array(z.discriminatedUnion('type', [alertingRule, recordingRule])),
  /** Seconds. */
  interval: z.number(),
  /** Seconds. */
  evaluationTime: z.number().optional(),
  lastEvaluation: z.string().optional(),
  /** Evaluations since the start, and those that were left out; Prometheus has neither here. */
  iterations: z.number().optional(),
  missedIterations: z.number().optional(),
})
export type RuleGroup = z.infer<typeof ruleGroup>

/** `data` of `/api/v1/rules`. */
export const rulesData = z.object({ groups: z.array(ruleGroup) })

/** `data` of `/api/v1/metadata`: by metric name, what its targets say about it. */
export const metadataData = z.record(
  z.string(),
  z.array(z.object({ type: z.string(), help: z.string(), unit: z.string().default('') })),
)
export type MetricMetadata = z.infer<typeof metadataData>

/** `data` of `/api/v1/labels` and `/api/v1/label/<name>/values`. */
export const namesData = z.array(z.string())

/** `data` of `/api/v1/series`. */
export const seriesData = z.array(labels)

/** `data` of `/api/v1/status/buildinfo`. */
export const buildInfoData = z.object({ version: z.string() })
