// The main thread's side of queries: checks, limits and turns here; the work itself in the workers.
import { AppError } from '@tidewatch/core/error.ts'
import { Labels } from '@tidewatch/core/labels.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import { parse } from '@tidewatch/promql/parse.ts'
import type { HeadReader, SampleChanges, SeriesIndex } from '../head/port.ts'
import type { SpoolFlusher } from '../spool/port.ts'
import type { MetricStoreReader } from '../store/port.ts'
import type { IndexedJson } from './indexed-json.ts'
import { matrixOfInstants } from './matrix-of-instants.ts'
import { type PoolResult, QueryPool, type QueryWorker } from './pool.ts'
import type {
  InstantRequest,
  Matrix,
  QueryOptions,
  QueryService,
  RangeRequest,
  ReadService,
  VectorSample,
} from './port.ts'
import type { QueryJob, ReadJob } from './protocol.ts'
import { RangeReuse } from './range-reuse.ts'
import { createReadService } from './read/service.ts'
import { selectSeries } from './select.ts'
import { SmallQueries } from './small.ts'
import { isStepIndependent } from './step-independent.ts'

/** Bounds of one query and of all. */
export interface QueryLimits {
  readonly timeoutMs: number
  readonly maxTimeoutMs: number
  readonly lookbackMs: number
  readonly maxSamples: number
  /** Steps of a range query. Prometheus has 11,000. */
  readonly maxSteps: number
  /** Steps of a matrix, which rules over the past ask for by weeks. */
  readonly maxMatrixSteps: number
  readonly maxQueryBytes: number
  readonly maxWaiting: number
}

export const defaultQueryLimits: QueryLimits = {
  timeoutMs: 120_000,
  maxTimeoutMs: 600_000,
  lookbackMs: 300_000,
  maxSamples: 50_000_000,
  maxSteps: 11_000,
  maxMatrixSteps: 50_000,
  maxQueryBytes: 128 * 1024,
  maxWaiting: 200,
}

/** What became of a query, for the metrics. */
export interface QueryOutcome {
  readonly kind: QueryJob['kind'] | ReadJob['kind']
  readonly seconds: number
  readonly outcome: 'ok' | 'failed' | 'timeout' | 'cancelled'
}

export interface QueryServiceOptions {
  readonly workers: number
  readonly spawn: () => QueryWorker
  readonly index: SeriesIndex
  /** For queries that are answered on this thread; undefined where other processes take samples in too. */
  readonly openHead: (() => HeadReader) | undefined
  /** What was taken in, for using answers again; undefined where other processes take samples in too. */
  readonly changes?: SampleChanges | undefined
  readonly onReuse?: (share: 'all' | 'part' | 'none') => void
  readonly store: MetricStoreReader
  readonly flusher: SpoolFlusher
  /** Every project there is, for a caller who may see all. */
  readonly knownProjects: () => readonly ProjectId[]
  readonly monotonicMs: () => number
  readonly limits?: Partial<QueryLimits>
  readonly onOutcome?: (outcome: QueryOutcome) => void
}

/** Tables that hold what a metric query reads. */
export const metricTables = ['series', 'samples', 'histograms'] as const

export function createQueryService(
  options: QueryServiceOptions,
): QueryService & ReadService & AsyncDisposable & { readonly load: () => { running: number; waiting: number } } {
  const limits = { ...defaultQueryLimits, ...options.limits }
  const pool = new QueryPool({
    size: options.workers,
    spawn: options.spawn,
    maxWaiting: limits.maxWaiting,
    monotonicMs: options.monotonicMs,
    select: async ({ windows, projects, fromStore }, signal) => {
      // everything acknowledged goes first where the worker will look
      if (fromStore) await options.flusher.flush(metricTables, { signal })
      return windows.map((window) => selectSeries(options.index, window, { projects, withIds: fromStore }))
    },
  })
  const { openHead, changes } = options
  const reuse = changes === undefined ? undefined : new RangeReuse({ ...options, changes })
  const small = openHead === undefined ? undefined : new SmallQueries({ ...options, openHead })
  const run = async (job: QueryJob, request: QueryOptions, urgent: boolean): Promise<PoolResult> => {
    checkSize(request as InstantRequest, limits)
    const startedMs = options.monotonicMs()
    const report = (outcome: QueryOutcome['outcome']): void =>
      options.onOutcome?.({ kind: job.kind, seconds: (options.monotonicMs() - startedMs) / 1000, outcome })
    try {
      const timeoutMs = Math.min(request.timeoutMs ?? limits.timeoutMs, limits.maxTimeoutMs)
      const result =
        (await small?.tryRun(job, request.signal)) ??
        (await pool.run({ job, user: request.user, urgent, timeoutMs, signal: request.signal }))
      report('ok')
      return result
    } catch (error) {
      const { code } = AppError.from(error)
      report(code === 'query.timeout' ? 'timeout' : code === 'query.cancelled' ? 'cancelled' : 'failed')
      throw error
    }
  }
  const job = (
    request: QueryOptions & { readonly query: string },
    part: Pick<QueryJob, 'kind' | 'startMs' | 'endMs' | 'stepMs'>,
  ): QueryJob => ({
    ...part,
    query: request.query,
    lookbackMs: request.lookbackMs ?? limits.lookbackMs,
    projects: request.projects === 'all' ? options.knownProjects() : [...request.projects],
    maxSamples: limits.maxSamples,
    limit: request.limit ?? 0,
    ...(request.stats === undefined ? {} : { stats: request.stats }),
  })
  return {
    instant: async (request) => answer(await run(job(request, { kind: 'instant', ...at(request) }), request, false)),
    range: async (request) => {
      checkSteps(request, limits)
      const { startMs, endMs, stepMs } = request
      const whole = job(request, { kind: 'range', startMs, endMs, stepMs })
      const evaluate = async (part: QueryJob): Promise<IndexedJson> => answer(await run(part, request, false))
      const canReuse = reuse !== undefined && request.isFresh !== true
      return { json: (await (canReuse ? reuse.run(whole, evaluate) : evaluate(whole))).json }
    },
    vector: async (request) => samples(await run(job(request, { kind: 'vector', ...at(request) }), request, true)),
    matrix: async (request) => {
      // nobody looks at each of its steps: what it takes is bounded by its samples
      checkSteps(request, { ...limits, maxSteps: limits.maxMatrixSteps })
      const { startMs, endMs, stepMs, maxSamples = Number.POSITIVE_INFINITY } = request
      if (!isStepIndependent(parse(request.query)))
        return matrixOfInstants(request, async (atMs) =>
          samples(await run(job(request, { kind: 'vector', ...at({ ...request, atMs }) }), request, false)),
        )
      const whole = job(request, { kind: 'matrix', startMs, endMs, stepMs })
      return matrix(await run({ ...whole, maxSamples: Math.min(maxSamples, limits.maxSamples) }, request, false))
    },
    ...createReadService({ ...options, pool, limits }),
    load: () => ({ running: pool.running, waiting: pool.waiting }),
    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  }
}

const at = ({ atMs }: InstantRequest): { startMs: number; endMs: number; stepMs: number } => ({
  startMs: atMs,
  endMs: atMs,
  stepMs: 0,
})

function answer(result: PoolResult): IndexedJson {
  if ('json' in result) return result
  throw new AppError('internal.bug', 'a worker answered something else where JSON was asked for.')
}

function samples(result: PoolResult): readonly VectorSample[] {
  if (!('samples' in result) || 'series' in result)
    throw new AppError('internal.bug', 'a worker answered something else where samples were asked for.')
  return result.samples.map(({ labels, ...sample }) => ({ ...sample, labels: Labels.fromSorted(labels) }))
}

function matrix(result: PoolResult): Matrix {
  if (!('samples' in result && 'series' in result))
    throw new AppError('internal.bug', 'a worker answered something else where numbers of a range were asked for.')
  const series = result.series.map((one) => ({ ...one, labels: Labels.fromSorted(one.labels) }))
  return { series, samples: result.samples }
}

function checkSize(request: { readonly query: string }, limits: QueryLimits): void {
  const bytes = Buffer.byteLength(request.query)
  if (bytes <= limits.maxQueryBytes) return
  throw new AppError('query.parse', `the query has ${bytes} bytes; at most ${limits.maxQueryBytes} are allowed.`, {
    fix: 'Shorten it, or record parts of it by rules.',
  })
}

function checkSteps({ startMs, endMs, stepMs }: RangeRequest, limits: QueryLimits): void {
  if (endMs < startMs) throw badParameter('end', 'end timestamp must not be before start time')
  if (stepMs <= 0)
    throw badParameter('step', 'zero or negative query resolution step widths are not accepted. Try a positive integer')
  if ((endMs - startMs) / stepMs > limits.maxSteps) {
    throw new AppError(
      'http.invalid',
      'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
    )
  }
}

export function badParameter(name: string, message: string): AppError {
  return new AppError('http.invalid', `invalid parameter ${JSON.stringify(name)}: ${message}`, { where: { key: name } })
}
