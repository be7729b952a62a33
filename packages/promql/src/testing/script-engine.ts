// The evaluator behind Prometheus's answer shapes: what the conformance scripts run against.
import { AppError } from '@tidewatch/core/error.ts'
import { Labels } from '@tidewatch/core/labels.ts'
import type { CounterResetHint, FloatHistogram } from '@tidewatch/core/native-histogram.ts'
import type { KitHistogram, KitSample, KitSeries, QueryBody } from '@tidewatch/testkit/promqltest/kit.ts'
import type { ScriptEngine } from '@tidewatch/testkit/promqltest/run.ts'
import { type EvaluateOptions, evaluate } from '../evaluate/evaluate.ts'
import type { EvaluateResult, ResultSeries } from '../evaluate/result.ts'
import { allBuckets, usesCustomBuckets } from '../native/buckets.ts'
import { parse } from '../parse.ts'
import { printNumber } from '../print.ts'
import { MemorySource, type MemoryValue } from './memory-source.ts'

const hints: readonly CounterResetHint[] = ['unknown', 'reset', 'not_reset', 'gauge']
const lookbackMs = 300_000

function toHistogram(h: KitHistogram): FloatHistogram {
  const spans = ({ offset, counts }: KitHistogram['pos']) =>
    counts.length === 0 ? [] : [{ offset, length: counts.length }]
  return {
    schema: h.schema,
    counterResetHint: hints[h.hint] ?? 'unknown',
    count: h.count,
    sum: h.sum,
    zeroThreshold: h.zeroThreshold,
    zeroCount: h.zeroCount,
    positiveSpans: spans(h.pos),
    positiveBuckets: Float64Array.from(h.pos.counts),
    negativeSpans: spans(h.neg),
    negativeBuckets: Float64Array.from(h.neg.counts),
    customValues: h.customValues,
  }
}

function toValue({ v, h }: KitSample): MemoryValue {
  return h === undefined ? (v ?? Number.NaN) : toHistogram(h)
}

function histogramJson(h: FloatHistogram): object {
  const buckets = allBuckets(h)
    .filter((b) => b.count !== 0)
    .map((b) => {
      const zero = b.lower === -h.zeroThreshold && b.upper === h.zeroThreshold && !usesCustomBuckets(h)
      const first = usesCustomBuckets(h) && b.lower === Number.NEGATIVE_INFINITY
      const lowerIn = zero || first || b.lower < 0
      const upperIn = zero || b.upper > 0 || usesCustomBuckets(h)
      const rule = lowerIn ? (upperIn ? 3 : 1) : upperIn ? 0 : 2
      return [rule, printNumber(b.lower), printNumber(b.upper), printNumber(b.count)]
    })
  return { count: printNumber(h.count), sum: printNumber(h.sum), buckets }
}

function cellsOf(series: ResultSeries, kind: 1 | 2): [number, unknown][] {
  const cells: [number, unknown][] = []
  series.present.forEach((present, i) => {
    if (present !== kind) return
    const item = series.histograms?.[i]
    const value = kind === 2 && item !== undefined ? histogramJson(item) : printNumber(series.values[i] as number)
    cells.push([(series.timesMs[i] as number) / 1000, value])
  })
  return cells
}

function toData(result: EvaluateResult): unknown {
  switch (result.type) {
    case 'scalar':
      return { resultType: 'scalar', result: [result.atMs / 1000, printNumber(result.value)] }
    case 'string':
      return { resultType: 'string', result: [result.atMs / 1000, result.value] }
    case 'vector':
      return {
        resultType: 'vector',
        result: result.series.map((series) => {
          const metric = series.labels.toObject()
          const [value] = cellsOf(series, 1)
          const [histogram] = cellsOf(series, 2)
          return histogram === undefined ? { metric, value } : { metric, histogram }
        }),
      }
    case 'matrix':
      return {
        resultType: 'matrix',
        result: result.series.map((series) => ({
          metric: series.labels.toObject(),
          values: cellsOf(series, 1),
          histograms: cellsOf(series, 2),
        })),
      }
  }
}

/** An empty store with the evaluator over it. */
export function createScriptEngine(): ScriptEngine {
  const source = new MemorySource()
  const run = async (
    query: string,
    options: Pick<EvaluateOptions, 'startMs' | 'endMs' | 'stepMs' | 'kind'>,
  ): Promise<QueryBody> => {
    try {
      const result = await evaluate(parse(query), source, {
        ...options,
        query,
        lookbackMs,
        signal: new AbortController().signal,
      })
      return { status: 'success', data: toData(result), warnings: result.warnings, infos: result.infos }
    } catch (caught) {
      if (caught instanceof AppError && caught.kind !== 'bug') return { status: 'error', error: caught.message }
      throw caught
    }
  }
  return {
    load: (series: readonly KitSeries[]) => {
      for (const { labels, samples } of series) {
        source.add(
          Labels.from(labels),
          samples.map((sample) => ({ atMs: sample.t, value: toValue(sample) })),
        )
      }
    },
    instant: (query, atMs) => run(query, { startMs: atMs, endMs: atMs, stepMs: 0, kind: 'instant' }),
    range: (query, startMs, endMs, stepMs) => run(query, { startMs, endMs, stepMs, kind: 'range' }),
  }
}
