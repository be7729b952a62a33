// A query worker's side: one job at a time, from text to bytes.
import { AppError } from '@tidewatch/core/error.ts'
import type { HeadReader } from '../head/port.ts'
import type { MetricStoreReader } from '../store/port.ts'
import { evaluateJob, toSamples, toWireMatrix } from './evaluate-job.ts'
import { answerOf } from './json.ts'
import type { FromWorker, QueryJob, ReadJob, SelectedRefs, ToWorker } from './protocol.ts'
import { readJob } from './read/job.ts'
import { PieceSender } from './read/pieces.ts'
import type { MixedSourceOptions } from './source.ts'
import { QueryTrace } from './trace.ts'

export interface RunnerOptions {
  readonly head: HeadReader
  readonly store: MetricStoreReader
  /** False where other processes take samples in too: then the store alone answers. */
  readonly usesHead: boolean
  /** Whether the query with this id was told to stop; asked often, so it reads shared memory. */
  readonly isCancelled: (id: number) => boolean
  readonly post: (message: FromWorker, transfer?: readonly ArrayBuffer[]) => void
  readonly monotonicMs: () => number
}

interface JobOptions extends RunnerOptions {
  readonly queuedMs: number
}

interface CurrentJob {
  readonly id: number
  readonly abort: AbortController
  /** Settles the question to the main thread that is open. */
  answer: { resolve: (selectors: readonly SelectedRefs[]) => void; reject: (error: AppError) => void } | undefined
  readonly pieces: PieceSender
}

/** Takes the main thread's messages, one after the other. */
export function createQueryRunner(options: RunnerOptions): (message: ToWorker) => void {
  let current: CurrentJob | undefined
  return (message) => {
    if (message.type === 'run') {
      current = begin(message.id, options.post)
      void runJob(current, message.job, { ...options, queuedMs: message.queuedMs })
      return
    }
    if (current?.id !== message.id) return
    if (message.type === 'selected') current.answer?.resolve(message.selectors)
    else if (message.type === 'select_failed') current.answer?.reject(AppError.fromJSON(message.error))
    else if (message.type === 'more') current.pieces.taken()
    else {
      const error = new AppError('query.cancelled', 'query was canceled in query execution')
      current.abort.abort(error)
      current.answer?.reject(error)
    }
  }
}

function begin(id: number, post: RunnerOptions['post']): CurrentJob {
  const abort = new AbortController()
  const pieces = new PieceSender((bytes) => post({ type: 'piece', id, bytes }, [bytes.buffer]), abort.signal)
  return { id, abort, answer: undefined, pieces }
}

async function runJob(current: CurrentJob, job: QueryJob | ReadJob, options: JobOptions): Promise<void> {
  const { post } = options
  try {
    const ask: MixedSourceOptions['ask'] = (requests, fromStore) =>
      new Promise((resolve, reject) => {
        current.answer = { resolve, reject }
        const windows = requests.map(({ matchers, startMs, endMs }) => ({ matchers, startMs, endMs }))
        post({ type: 'select', id: current.id, windows, projects: job.projects, fromStore })
      })
    const isCancelled = (): boolean => options.isCancelled(current.id)
    const rest = { ...options, ask, signal: current.abort.signal, isCancelled }
    if (job.kind === 'remote_read' || job.kind === 'federate') {
      await readJob(job, { ...rest, emit: (piece) => current.pieces.send(piece) })
      post({ type: 'ended', id: current.id })
      return
    }
    const { monotonicMs, queuedMs } = options
    const trace = job.stats === undefined ? undefined : new QueryTrace(monotonicMs, { queuedMs, evaluatedIn: 'worker' })
    const result = await evaluateJob(job, { ...rest, trace })
    if (job.kind === 'vector') {
      post({ type: 'samples', id: current.id, samples: toSamples(result) })
    } else if (job.kind === 'matrix') {
      const matrix = toWireMatrix(result)
      const arrays = matrix.series.flatMap(({ runs, values }) => [
        runs.buffer as ArrayBuffer,
        values.buffer as ArrayBuffer,
      ])
      post({ type: 'matrix', id: current.id, ...matrix }, arrays)
    } else {
      const { json, index } = answerOf(result, job, trace)
      const arrays = index === undefined ? [json] : [json, index.cells, index.series]
      post(
        { type: 'answer', id: current.id, json, index },
        arrays.map((array) => array.buffer as ArrayBuffer),
      )
    }
  } catch (error) {
    post({ type: 'failed', id: current.id, error: AppError.from(error).toJSON() })
  }
}
