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
  if (exponent >= -4 && exponent < 21) return printNumber(value)
  const [digits, power] = value.toExponential().split('e')
  const sign = Number(power) < 0 ? '-' : '+'
  return `${digits}e${sign}${String(Math.abs(Number(power))).padStart(2, '0')}`
}

/** `line:column` of an offset, counted from 1 in bytes as Prometheus does. */
export function positionIn(query: string, offset: number): string {
  const before = query.slice(0, offset)
  const lineStart = before.lastIndexOf('\n') + 1
  const line = before.split('\n').length
  return `${line}:${utf8.encode(before.slice(lineStart)).length + 1}`
}

const shownOfAKind = 10

/** Collects what a query has to say besides its result; each text once. */
export class Notes {
  readonly #query: string
  readonly #warnings = new Set<string>()
  readonly #infos = new Set<string>()

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

  get warnings(): readonly string[] {
    return shorten(this.#warnings, 'warning')
  }

  get infos(): readonly string[] {
    return shorten(this.#infos, 'info')
  }

  #placed(text: string, span: Span): string {
    return this.#query === '' ? text : `${text} (${positionIn(this.#query, span.start)})`
  }
}

function shorten(texts: ReadonlySet<string>, kind: string): readonly string[] {
  const all = [...texts]
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
