// Warnings and infos of a query, in Prometheus's words (util/annotations) and with its positions.
import type { Span } from '../ast.ts'
import { printNumber } from '../print.ts'
import { goQuote } from '../quote.ts'

const utf8 = new TextEncoder()

/** A number as Go's `%g` prints it. */
export function goNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  if (value === Number.NEGATIVE_INFINITY) return '-Inf'
  if (Object.is(value, -0)) return '-0'
  const exponent = value === 0 ? 0 : Number(value.toExponential().split('e')[1])
  if (exponent >= -4 && exponent < 6) return printNumber(value)
  return withExponent(value)
}

function withExponent(value: number): string {
  const [digits, power] = value.toExponential().split('e')
  const sign = Number(power) < 0 ? '-' : '+'
  return `${digits}e${sign}${String(Math.abs(Number(power))).padStart(2, '0')}`
}

/** Two digits as Go's `%.2g` prints them: `10`, `1.5e+02`. */
function goTwoDigits(value: number): string {
  const rounded = Number(value.toPrecision(2))
  const magnitude = Math.abs(rounded)
  return magnitude === 0 || (magnitude >= 1e-4 && magnitude < 100) || !Number.isFinite(value)
    ? goNumber(rounded)
    : withExponent(rounded)
}

/** A moment as Go's RFC3339 prints it, in UTC and without fractions of a second. */
const secondOf = (atMs: number): string => `${new Date(Math.trunc(atMs / 1000) * 1000).toISOString().slice(0, 19)}Z`

/** `line:column` of an offset, counted from 1 in bytes as Prometheus does. */
export function positionIn(query: string, offset: number): string {
  const before = query.slice(0, offset)
  const lineStart = before.lastIndexOf('\n') + 1
  const line = before.split('\n').length
  return `${line}:${utf8.encode(before.slice(lineStart)).length + 1}`
}

const shownOfAKind = 10

/** Counts of a classic histogram that went down from one bucket to the next and had to be raised. */
export interface ForcedMonotonicity {
  /** Bounds of the lowest and the highest bucket among them. */
  readonly lowest: number
  readonly highest: number
  /** By how much at most. */
  readonly difference: number
}

interface ForcedOften extends ForcedMonotonicity {
  readonly span: Span
  readonly fromMs: number
  readonly toMs: number
  readonly samples: number
}

/** Collects what a query has to say besides its result; each text once. */
export class Notes {
  readonly #query: string
  readonly #warnings = new Set<string>()
  readonly #infos = new Set<string>()
  /** By their text; told as one for all histograms and steps. */
  readonly #forced = new Map<string, ForcedOften>()

  /** Without the query's text no positions are told. */
  constructor(query: string) {
    this.#query = query
  }

  warn(text: string, span: Span): void {
    this.#warnings.add(this.#placed(`PromQL warning: ${text}`, span))
  }

  info(text: string, span: Span): void {
    this.#infos.add(this.#placed(`PromQL info: ${text}`, span))
  }

  /** The buckets of a histogram at one step were no counts that go up. */
  forcedMonotonicity(
    name: string,
    { lowest, highest, difference }: ForcedMonotonicity,
    atMs: number,
    span: Span,
  ): void {
    const text = `PromQL info: ${noteTexts.forcedMonotonicity(name)}`
    const before = this.#forced.get(text)
    this.#forced.set(text, {
      span: before?.span ?? span,
      lowest: Math.min(lowest, before?.lowest ?? lowest),
      highest: Math.max(highest, before?.highest ?? highest),
      difference: Math.max(difference, before?.difference ?? difference),
      fromMs: Math.min(atMs, before?.fromMs ?? atMs),
      toMs: Math.max(atMs, before?.toMs ?? atMs),
      samples: (before?.samples ?? 0) + 1,
    })
  }

  get warnings(): readonly string[] {
    return shorten([...this.#warnings], 'warning')
  }

  get infos(): readonly string[] {
    const forced = [...this.#forced].map(([text, often]) => this.#placed(this.#forcedText(text, often), often.span))
    return shorten([...this.#infos, ...forced], 'info')
  }

  /** Whether a note tells at which steps something was: an answer to other steps has another text. */
  get tellSteps(): boolean {
    return this.#forced.size > 0
  }

  /** The details come with the position only, as Prometheus tells them. */
  #forcedText(text: string, { lowest, highest, difference, fromMs, toMs, samples }: ForcedOften): string {
    if (this.#query === '') return text
    const buckets = `from buckets ${goNumber(lowest)} to ${goNumber(highest)}, with a max diff of ${goTwoDigits(difference)}`
    return `${text}, ${buckets}, over ${samples} samples from ${secondOf(fromMs)} to ${secondOf(toMs)}`
  }

  #placed(text: string, span: Span): string {
    return this.#query === '' ? text : `${text} (${positionIn(this.#query, span.start)})`
  }
}

/** In the order of their texts: that of the series is the source's, and differs between head and store. */
function shorten(notes: readonly string[], kind: string): readonly string[] {
  const all = notes.toSorted()
  if (all.length <= shownOfAKind) return all
  return [...all.slice(0, shownOfAKind), `${all.length - shownOfAKind} more ${kind} annotations omitted`]
}

const forMetric = (name: string): string => (name === '' ? '' : ` for metric name ${goQuote(name)}`)

/** Which operation on histograms a note is about. */
export type HistogramOperation = 'addition' | 'subtraction' | 'aggregation'

/** The texts, by Prometheus's names for them. */
export const noteTexts = {
  invalidQuantile: (q: number) => `quantile value should be between 0 and 1, got ${goNumber(q)}`,
  invalidRatio: (ratio: number, to: number) =>
    `ratio value should be between -1 and 1, got ${goNumber(ratio)}, capping to ${goNumber(to)}`,
  badBucketLabel: (name: string, label: string) =>
    `bucket label "le" is missing or has a malformed value of ${goQuote(label)}${forMetric(name)}`,
  mixedFloatsHistograms: (name: string) =>
    `encountered a mix of histograms and floats for metric name ${goQuote(name)}`,
  mixedFloatsHistogramsAggregation: () => 'encountered a mix of histograms and floats for aggregation',
  mixedClassicNative: (name: string) => `vector contains a mix of classic and native histograms${forMetric(name)}`,
  notCounter: (name: string) => `this native histogram metric is not a counter: ${goQuote(name)}`,
  notGauge: (name: string) => `this native histogram metric is not a gauge: ${goQuote(name)}`,
  mixedExponentialCustom: (name: string) =>
    `vector contains a mix of histograms with exponential and custom buckets schemas for metric name ${goQuote(name)}`,
  incompatibleCustomBuckets: (name: string) =>
    `vector contains histograms with incompatible custom buckets for metric name ${goQuote(name)}`,
  incompatibleBucketLayout: (op: string) => `incompatible bucket layout encountered for binary operator ${op}`,
  reconciledCustomBuckets: (operation: HistogramOperation) =>
    `mismatched custom buckets were reconciled during ${operation}`,
  counterResetCollision: (operation: HistogramOperation) => `conflicting counter resets during histogram ${operation}`,
  possibleNonCounter: (name: string) =>
    `metric might not be a counter, name does not end in _total/_sum/_count/_bucket: ${goQuote(name)}`,
  forcedMonotonicity: (name: string) =>
    `input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)${forMetric(name)}`,
  sortInRangeQuery: () => 'sort is ineffective for range queries since results are always ordered by labels',
  incompatibleTypes: (left: string, op: string, right: string) =>
    `incompatible sample types encountered for binary operator ${goQuote(op)}: ${left} ${op} ${right}`,
  histogramIgnoredInAggregation: (op: string) => `ignored histogram in ${op} aggregation`,
  histogramIgnoredInMixedRange: (name: string) =>
    `ignored histograms in a range containing both floats and histograms for metric name ${goQuote(name)}`,
  quantileNaNResult: (name: string) =>
    `input to histogram_quantile has NaN observations, result is NaN${forMetric(name)}`,
  quantileNaNSkew: (name: string) =>
    `input to histogram_quantile has NaN observations, result is skewed higher${forMetric(name)}`,
  fractionNaNs: (name: string) =>
    `input to histogram_fraction has NaN observations, which are excluded from all fractions${forMetric(name)}`,
} as const
