// Queries that need next to nothing are answered on the main thread: to hand one to a worker wakes threads four times, which takes longer than the work
// itself (docs/decisions/006-small-queries.md). What the estimate gets wrong ends after a few milliseconds and goes to a worker. Per query.
import { AppError } from '@tidewatch/core/error.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import type { SelectRequest } from '@tidewatch/promql/port.ts'
import type { HeadReader, SeriesIndex } from '../head/port.ts'
import type { MetricStoreReader } from '../store/port.ts'
import { evaluateJob, toSamples, toWireMatrix } from './evaluate-job.ts'
import { answerOf } from './json.ts'
import type { PoolResult } from './pool.ts'
import type { QueryJob, SelectedRefs } from './protocol.ts'
import { selectSeries } from './select.ts'
import { QueryTrace } from './trace.ts'

export interface SmallQueriesOptions {
  readonly openHead: () => HeadReader
  readonly index: SeriesIndex
  /** Not asked: a query that reaches back to what only the store has is not small. */
  readonly store: MetricStoreReader
  readonly monotonicMs: () => number
}

/** Longer ones may do a lot with few samples. */
const maxQueryLength = 1000
/** Series that the labels alone leave possible, in one selector. */
const maxSeries = 2000
/** Samples read and values computed, as estimated: about 2 ms. */
const maxWork = 20_000
/** Where the estimate was wrong: the worker takes over. */
const maxMs = 25
const assumedIntervalMs = 10_000

export class SmallQueries {
  readonly #options: SmallQueriesOptions
  /** More than one only where a query begins between another's steps. */
  readonly #idleHeads: HeadReader[] = []

  constructor(options: SmallQueriesOptions) {
    this.#options = options
  }

  /** The answer, or undefined where a worker should find it. Throws what is wrong with the query. */
  async tryRun(job: QueryJob, signal: AbortSignal): Promise<PoolResult | undefined> {
    if (job.query.length > maxQueryLength) return undefined
    const { monotonicMs, store } = this.#options
    const head = this.#idleHeads.pop() ?? this.#options.openHead()
    const endMs = monotonicMs() + maxMs
    const isCancelled = (): boolean => {
      if (monotonicMs() > endMs) throw notSmall
      return signal.aborted
    }
    const ask = async (requests: readonly SelectRequest[], fromStore: boolean): Promise<readonly SelectedRefs[]> =>
      fromStore ? Promise.reject(notSmall) : this.#select(requests, job)
    const trace =
      job.stats === undefined ? undefined : new QueryTrace(monotonicMs, { queuedMs: 0, evaluatedIn: 'server' })
    try {
      const result = await evaluateJob(job, { head, store, usesHead: true, ask, signal, isCancelled, trace })
      if (job.kind === 'vector') return { samples: toSamples(result) }
      return job.kind === 'matrix' ? toWireMatrix(result) : answerOf(result, job, trace)
    } catch (error) {
      if (error === notSmall) return undefined
      throw error
    } finally {
      this.#idleHeads.push(head)
    }
  }

  #select(requests: readonly SelectRequest[], { projects, stepMs }: QueryJob): SelectedRefs[] {
    const { index } = this.#options
    for (const { matchers } of requests) {
      let possible = 0
      for (const project of projects) possible += index.countAtMost(project as ProjectId, matchers)
      if (possible > maxSeries) throw notSmall
    }
    let work = 0
    return requests.map((request) => {
      const selected = selectSeries(index, request, { projects, withIds: false })
      work += selected.refs.length * workPerSeries(request, stepMs)
      if (work > maxWork) throw notSmall
      return selected
    })
  }
}

/** Thrown to leave a query to the workers; never seen by anybody. */
const notSmall = new AppError('internal.bug', 'a query that is not small was not handed on')

/** Samples of the window, and for each step those of its range again. */
function workPerSeries({ startMs, endMs, hints }: SelectRequest, queryStepMs: number): number {
  const stepMs = hints.stepMs ?? queryStepMs
  const steps = stepMs > 0 ? (endMs - startMs) / stepMs : 1
  return (endMs - startMs) / assumedIntervalMs + steps * (1 + (hints.rangeMs ?? 0) / assumedIntervalMs)
}
