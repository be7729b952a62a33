// What recording rules would have written, had they been there: asked for in ranges of time, written with the times of their evaluations. As in a
// running group a rule sees what those before it wrote; a series that ends gets a stale marker.
import { encodeLabels } from '@tidewatch/core/encoded-labels.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { Labels, metricNameLabel } from '@tidewatch/core/labels.ts'
import { staleHigh, staleLow } from '@tidewatch/core/stale.ts'
import { SeriesSamples, WriteBody } from './write-request.ts'

export interface RecordingRule {
  readonly name: string
  readonly expr: string
  readonly labels: Readonly<Record<string, string>>
}

/** One series of a range answer. */
export interface RangeSeries {
  readonly metric: Readonly<Record<string, string>>
  /** Seconds and value, as Prometheus prints them. */
  readonly values?: readonly (readonly [number, string])[]
  readonly histograms?: unknown
}

export interface RuleHistoryOptions {
  readonly rules: readonly RecordingRule[]
  readonly intervalMs: number
  /** Most series of one rule at one time; 0: no limit. */
  readonly limit: number
  readonly startMs: number
  /** Inclusive. */
  readonly endMs: number
  readonly ask: (query: {
    expr: string
    startMs: number
    endMs: number
    stepMs: number
  }) => Promise<readonly RangeSeries[]>
  /** Resolves once the samples are seen by queries. */
  readonly write: (body: Uint8Array) => Promise<void>
  readonly onProgress: (untilMs: number, samples: number) => void
  /** Evaluations without a result, with why. */
  readonly onFailure: (rule: RecordingRule, atMs: number, reason: string) => void
}

/** Evaluations asked for at once. */
const stepsAtOnce = 500

/** Samples written, stale markers included. Throws what the server says of a query. */
export async function recordHistory(options: RuleHistoryOptions): Promise<number> {
  const { intervalMs, startMs, endMs, rules } = options
  const firstMs = Math.ceil(startMs / intervalMs) * intervalMs
  let written = 0
  for (let fromMs = firstMs; fromMs <= endMs; fromMs += stepsAtOnce * intervalMs) {
    const lastMs = Math.min(fromMs + (stepsAtOnce - 1) * intervalMs, Math.floor(endMs / intervalMs) * intervalMs)
    for (const rule of rules)
      written += await recordRange(rule, { fromMs, lastMs, isFirst: fromMs === firstMs }, options)
    options.onProgress(lastMs, written)
  }
  return written
}

interface Range {
  readonly fromMs: number
  readonly lastMs: number
  readonly isFirst: boolean
}

async function recordRange(rule: RecordingRule, range: Range, options: RuleHistoryOptions): Promise<number> {
  const { intervalMs } = options
  // one evaluation before shows which series end at the first
  const startMs = range.isFirst ? range.fromMs : range.fromMs - intervalMs
  const found = await options.ask({ expr: rule.expr, startMs, endMs: range.lastMs, stepMs: intervalMs })
  const series = found.map((one) => ({ labels: recorded(one.metric, rule), points: pointsOf(one, rule) }))
  const failed = failedTimes(rule, series, options)
  const body = new WriteBody()
  const samples = new SeriesSamples()
  let written = 0
  for (const { labels, points } of series) {
    samples.clear()
    let wasThere = false
    for (let atMs = startMs; atMs <= range.lastMs; atMs += intervalMs) {
      // an evaluation that failed writes nothing, no stale markers either
      if (failed.has(atMs)) continue
      const value = points.get(atMs)
      if (atMs >= range.fromMs) {
        if (value !== undefined) addValue(samples, atMs, value)
        else if (wasThere) samples.float(atMs, staleLow, staleHigh)
      }
      wasThere = value !== undefined
    }
    body.add(encodeLabels(labels), samples)
    written += samples.count
    if (body.isFull) await options.write(body.take())
  }
  if (body.samples > 0) await options.write(body.take())
  return written
}

function recorded(metric: Readonly<Record<string, string>>, rule: RecordingRule): Labels {
  return Labels.from({ ...metric, ...rule.labels, [metricNameLabel]: rule.name })
}

function pointsOf({ values = [], histograms }: RangeSeries, rule: RecordingRule): ReadonlyMap<number, number> {
  if (Array.isArray(histograms) && histograms.length > 0)
    throw new AppError(
      'query.execution',
      `${rule.name} gives native histograms, whose buckets an answer does not have exactly.`,
      {
        fix: 'Leave the rule out of the file, and record it from now on.',
      },
    )
  return new Map(values.map(([seconds, text]) => [Math.round(seconds * 1000), numberOf(text)]))
}

const spelled: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  '+Inf': Number.POSITIVE_INFINITY,
  '-Inf': Number.NEGATIVE_INFINITY,
}
const numberOf = (text: string): number => spelled[text] ?? Number(text)

const value = new Float64Array(1)
const words = new Uint32Array(value.buffer)
function addValue(samples: SeriesSamples, atMs: number, number: number): void {
  value[0] = number
  // whatever NaN it was: an answer only has its name
  if (Number.isNaN(number)) samples.float(atMs, 1, 0x7ff80000)
  else samples.float(atMs, words[0] as number, words[1] as number)
}

/** Times at which two series are the same once they have the rule's name and labels, or there are too many. */
function failedTimes(
  rule: RecordingRule,
  series: readonly { readonly labels: Labels; readonly points: ReadonlyMap<number, number> }[],
  { limit, onFailure }: RuleHistoryOptions,
): ReadonlySet<number> {
  const keys = new Map<number, Set<string>>()
  const failed = new Map<number, string>()
  for (const { labels, points } of series) {
    const key = labels.key()
    for (const atMs of points.keys()) {
      const known = keys.get(atMs) ?? new Set<string>()
      keys.set(atMs, known)
      if (known.has(key)) failed.set(atMs, 'vector contains metrics with the same labelset after applying rule labels')
      known.add(key)
    }
  }
  if (limit > 0)
    for (const [atMs, { size }] of keys)
      if (size > limit) failed.set(atMs, `exceeded limit of ${limit} with ${size} series`)
  for (const [atMs, reason] of failed) onFailure(rule, atMs, reason)
  return new Set(failed.keys())
}
