// One query, from its text to columns: in a worker, or beside the head where it needs little.
import { AppError } from '@tidewatch/core/error.ts'
import { evaluate } from '@tidewatch/promql/evaluate/evaluate.ts'
import type { EvaluateResult, ResultSeries } from '@tidewatch/promql/evaluate/result.ts'
import { float, histogram } from '@tidewatch/promql/evaluate/row.ts'
import { parse } from '@tidewatch/promql/parse.ts'
import type { HeadReader } from '../head/port.ts'
import type { QueryJob, WireMatrix, WireSample, WireSeries } from './protocol.ts'
import { RollupNotes } from './rollups.ts'
import { createMixedSource, type MixedSourceOptions } from './source.ts'
import type { QueryTrace } from './trace.ts'

export interface EvaluateJobOptions extends Pick<MixedSourceOptions, 'store' | 'ask'> {
  readonly head: HeadReader
  /** False where other processes take samples in too: then the store alone answers. */
  readonly usesHead: boolean
  readonly signal: AbortSignal
  /** Asked often, between series. */
  readonly isCancelled: () => boolean
  /** Where the caller asks what the query did. */
  readonly trace?: QueryTrace | undefined
}

/**
 * Throws what the parser and the evaluator throw. Where the head's memory was taken away (for want of it, or since samples were deleted) it is
 * tried once more.
 */
export async function evaluateJob(job: QueryJob, options: EvaluateJobOptions): Promise<EvaluateResult> {
  try {
    return await evaluateOnce(job, options)
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'query.busy') throw error
    return evaluateOnce(job, options)
  }
}

/** The head's memory is held from before the first look until the result is whole. */
async function evaluateOnce(job: QueryJob, options: EvaluateJobOptions): Promise<EvaluateResult> {
  const { head, store, ask, signal, isCancelled, trace } = options
  const { query, projects, maxSamples, startMs, endMs, stepMs, lookbackMs } = job
  const expr = parse(query)
  trace?.finished('parse')
  const acquired = head.acquire()
  const beginMs = options.usesHead ? acquired.beginMs : Number.POSITIVE_INFINITY
  const notes = new RollupNotes()
  try {
    using source = createMixedSource({ head, beginMs, store, projects, maxSamples, ask, lookbackMs, notes, trace })
    const kind = job.kind === 'range' || job.kind === 'matrix' ? 'range' : 'instant'
    const times = { startMs, endMs, stepMs, lookbackMs, kind } as const
    const bounds = { signal, limits: { maxSamples }, cancelled: isCancelled }
    const result = await evaluate(expr, source, { ...times, ...bounds, query, countSamples: trace !== undefined })
    trace?.finished('evaluate')
    return notes.infos.length === 0 ? result : { ...result, infos: [...result.infos, ...notes.infos] }
  } finally {
    head.release()
  }
}

/** What a rule's expression gave. */
export function toSamples(result: EvaluateResult): WireSample[] {
  if (result.type === 'scalar') return [{ labels: [], atMs: result.atMs, value: result.value }]
  if (result.type !== 'vector') {
    throw new AppError('query.execution', `rule result is not a vector or scalar`, {
      fix: 'Aggregate over the range, for example with last_over_time.',
    })
  }
  return result.series.flatMap(({ labels, timesMs, values, present, histograms }) => {
    const sample = { labels: labels.flat, atMs: timesMs[0] as number }
    if (present[0] === float) return [{ ...sample, value: values[0] as number }]
    return present[0] === histogram ? [{ ...sample, value: 0, histogram: histograms?.[0] }] : []
  })
}

/** What a range query gave, without the cells that are not there: rules look at much and find little. */
export function toWireMatrix(result: EvaluateResult): WireMatrix {
  if (result.type !== 'matrix') throw new AppError('internal.bug', 'a range query did not give a matrix.')
  return { series: result.series.map(toWireSeries), samples: result.samples }
}

function toWireSeries({ labels, values, present }: ResultSeries): WireSeries {
  const runs: number[] = []
  let cells = 0
  for (let step = 0; step < present.length; step++) {
    if (present[step] === 0) continue
    cells++
    if (step === 0 || present[step - 1] === 0) runs.push(step)
    if (step + 1 === present.length || present[step + 1] === 0) runs.push(step + 1)
  }
  const there = new Float64Array(cells)
  let at = 0
  for (let step = 0; step < present.length; step++)
    if (present[step] !== 0) there[at++] = present[step] === float ? (values[step] as number) : 0
  return { labels: labels.flat, runs: Uint32Array.from(runs), values: there }
}
