// One query, from its text to columns: in a worker, or beside the head where it needs little.
import { AppError } from '@tidewatch/core/error.ts'
import { evaluate } from '@tidewatch/promql/evaluate/evaluate.ts'
import type { EvaluateResult } from '@tidewatch/promql/evaluate/result.ts'
import { float, histogram } from '@tidewatch/promql/evaluate/row.ts'
import { parse } from '@tidewatch/promql/parse.ts'
import type { HeadReader } from '../head/port.ts'
import type { QueryJob, WireSample } from './protocol.ts'
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
    const source = createMixedSource({ head, beginMs, store, projects, maxSamples, ask, lookbackMs, notes, trace })
    const kind = job.kind === 'range' ? 'range' : 'instant'
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
