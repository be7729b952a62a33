// A query worker's side: one job at a time, from text to bytes.
import { AppError } from '@tidewatch/core/error.ts'
import { evaluate } from '@tidewatch/promql/evaluate/evaluate.ts'
import type { EvaluateResult } from '@tidewatch/promql/evaluate/result.ts'
import { float } from '@tidewatch/promql/evaluate/row.ts'
import { parse } from '@tidewatch/promql/parse.ts'
import type { HeadReader } from '../head/port.ts'
import type { MetricStoreReader } from '../store/port.ts'
import { resultToJson } from './json.ts'
import type { FromWorker, QueryJob, SelectedRefs, SelectorWindow, ToWorker, WireSample } from './protocol.ts'
import { createMixedSource } from './source.ts'

export interface RunnerOptions {
  readonly head: HeadReader
  readonly store: MetricStoreReader
  /** False where other processes take samples in too: then the store alone answers. */
  readonly usesHead: boolean
  /** Whether the query with this id was told to stop; asked often, so it reads shared memory. */
  readonly isCancelled: (id: number) => boolean
  readonly post: (message: FromWorker, transfer?: readonly ArrayBuffer[]) => void
}

interface CurrentJob {
  readonly id: number
  readonly abort: AbortController
  /** Settles the question to the main thread that is open. */
  answer: { resolve: (selectors: readonly SelectedRefs[]) => void; reject: (error: AppError) => void } | undefined
}

/** Takes the main thread's messages, one after the other. */
export function createQueryRunner(options: RunnerOptions): (message: ToWorker) => void {
  let current: CurrentJob | undefined
  return (message) => {
    if (message.type === 'run') {
      current = { id: message.id, abort: new AbortController(), answer: undefined }
      void runJob(current, message.job, options)
      return
    }
    if (current?.id !== message.id) return
    if (message.type === 'selected') current.answer?.resolve(message.selectors)
    else if (message.type === 'select_failed') current.answer?.reject(AppError.fromJSON(message.error))
    else {
      const error = new AppError('query.cancelled', 'query was canceled in query execution')
      current.abort.abort(error)
      current.answer?.reject(error)
    }
  }
}

async function runJob(current: CurrentJob, job: QueryJob, options: RunnerOptions): Promise<void> {
  const { post } = options
  try {
    const result = await evaluateJob(current, job, options)
    if (job.kind === 'vector') {
      post({ type: 'samples', id: current.id, samples: toSamples(result) })
    } else {
      const json = resultToJson(result, job.limit)
      post({ type: 'answer', id: current.id, json }, [json.buffer as ArrayBuffer])
    }
  } catch (error) {
    post({ type: 'failed', id: current.id, error: AppError.from(error).toJSON() })
  }
}

async function evaluateJob(current: CurrentJob, job: QueryJob, options: RunnerOptions): Promise<EvaluateResult> {
  const { head, store, isCancelled, post } = options
  const expr = parse(job.query)
  const ask = (windows: readonly SelectorWindow[], fromStore: boolean): Promise<readonly SelectedRefs[]> =>
    new Promise((resolve, reject) => {
      current.answer = { resolve, reject }
      post({ type: 'select', id: current.id, windows, projects: job.projects, fromStore })
    })
  const acquired = head.acquire()
  const beginMs = options.usesHead ? acquired.beginMs : Number.POSITIVE_INFINITY
  try {
    const source = createMixedSource({ head, beginMs, store, projects: job.projects, maxSamples: job.maxSamples, ask })
    return await evaluate(expr, source, {
      startMs: job.startMs,
      endMs: job.endMs,
      stepMs: job.stepMs,
      lookbackMs: job.lookbackMs,
      kind: job.kind === 'range' ? 'range' : 'instant',
      signal: current.abort.signal,
      limits: { maxSamples: job.maxSamples },
      cancelled: () => isCancelled(current.id),
      query: job.query,
    })
  } finally {
    head.release()
  }
}

function toSamples(result: EvaluateResult): WireSample[] {
  if (result.type === 'scalar') return [{ labels: [], atMs: result.atMs, value: result.value }]
  if (result.type !== 'vector') {
    throw new AppError('query.execution', `rule result is not a vector or scalar`, {
      fix: 'Aggregate over the range, for example with last_over_time.',
    })
  }
  return result.series.flatMap(({ labels, timesMs, values, present }) =>
    present[0] === float ? [{ labels: labels.flat, atMs: timesMs[0] as number, value: values[0] as number }] : [],
  )
}
