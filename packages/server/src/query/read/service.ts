// The main thread's side of remote read and federation: limits and turns; what is read goes from a worker to the caller as bytes.
import { AppError } from '@tidewatch/core/error.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import type { QueryPool } from '../pool.ts'
import type { ReadRequest, ReadService } from '../port.ts'
import type { ReadJob } from '../protocol.ts'
import type { QueryLimits, QueryOutcome } from '../service.ts'
import { PieceQueue } from './pieces.ts'
import { Turns } from './turns.ts'

export interface ReadServiceOptions {
  readonly pool: QueryPool
  /** The pool's size. */
  readonly workers: number
  readonly knownProjects: () => readonly ProjectId[]
  readonly monotonicMs: () => number
  readonly limits: QueryLimits
  readonly onOutcome?: (outcome: QueryOutcome) => void
}

/** Most series of one answer. */
const maxSeries = 1_000_000
/** Most bytes of a body of samples, before it is compressed: it is made whole, and twice that is in use meanwhile. */
const maxSampledBytes = 256 << 20

export function createReadService(options: ReadServiceOptions): ReadService {
  const { pool, limits, monotonicMs } = options
  const turns = new Turns(Math.max(1, options.workers - 1), limits.maxWaiting)
  return {
    async *read(request) {
      const startedMs = monotonicMs()
      const job = jobOf(request, options)
      const release = await turns.take(request.signal)
      const abort = new AbortController()
      const pieces = new PieceQueue()
      const report = (outcome: QueryOutcome['outcome']): void =>
        options.onOutcome?.({ kind: job.kind, seconds: (monotonicMs() - startedMs) / 1000, outcome })
      pool
        .run({
          job,
          user: request.user,
          urgent: false,
          timeoutMs: limits.timeoutMs,
          signal: AbortSignal.any([request.signal, abort.signal]),
          onPiece: (bytes, taken) => pieces.push(bytes, taken),
        })
        .then(
          () => {
            release()
            report('ok')
            pieces.end()
          },
          (thrown: unknown) => {
            const error = AppError.from(thrown)
            release()
            report(outcomeOf(error))
            pieces.end(error)
          },
        )
      try {
        yield* pieces
      } finally {
        abort.abort()
      }
    },
  }
}

function jobOf(request: ReadRequest, { knownProjects, limits }: ReadServiceOptions): ReadJob {
  const projects = request.projects === 'all' ? knownProjects() : [...request.projects]
  const { windows, externalLabels } = request
  const base = { windows, externalLabels, projects, maxSeries, maxSamples: limits.maxSamples }
  if (request.format === 'text' || request.format === 'families') {
    const isProtobuf = request.format === 'families'
    return { ...base, kind: 'federate', isProtobuf, utf8Names: request.utf8Names === true }
  }
  return { ...base, kind: 'remote_read', isChunked: request.format === 'chunked', maxBytes: maxSampledBytes }
}

function outcomeOf({ code }: AppError): QueryOutcome['outcome'] {
  if (code === 'query.timeout') return 'timeout'
  return code === 'query.cancelled' ? 'cancelled' : 'failed'
}
