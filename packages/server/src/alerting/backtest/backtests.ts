// Backtests that people asked for: one at a time, the others wait; reports are kept in memory until newer ones take their place.
import { randomUUID } from 'node:crypto'
import type { Backtest, BacktestReport, BacktestRequest } from '@tidewatch/api/backtest.ts'
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import type { QueryService } from '../../query/port.ts'
import type { TaskGroup } from '../../self/port.ts'
import { type BacktestPlan, runBacktest } from './backtest.ts'
import { reportOf } from './report.ts'

export interface BacktestsOptions {
  /** Throws what is wrong with the request. */
  readonly plan: (request: BacktestRequest) => BacktestPlan
  readonly queries: Pick<QueryService, 'matrix' | 'vector'>
  readonly clock: Clock
  readonly tasks: TaskGroup
}

interface Job {
  readonly id: string
  readonly plan: BacktestPlan
  readonly createdAtMs: number
  readonly createdBy: string
  readonly abort: AbortController
  status: Backtest['status']
  progress: number
  tookMs?: number
  error?: string
  report?: BacktestReport
}

const mostKept = 20
const mostWaiting = 5

export class Backtests {
  readonly #options: BacktestsOptions
  /** The newest last. */
  readonly #jobs: Job[] = []
  #isRunning = false

  constructor(options: BacktestsOptions) {
    this.#options = options
  }

  /** Throws what is wrong with the request, and `http.busy` where too many wait. */
  begin(request: BacktestRequest, createdBy: string): Backtest {
    const { plan, clock } = this.#options
    const waiting = this.#jobs.filter(({ status }) => status === 'waiting').length
    if (waiting >= mostWaiting)
      throw new AppError('http.busy', `${waiting} backtests wait already.`, {
        retryAfterSeconds: 10,
        fix: 'Wait for them, or cancel one.',
      })
    const job: Job = {
      ...{ id: randomUUID(), plan: plan(request), createdAtMs: clock.nowMs(), createdBy },
      ...{ abort: new AbortController(), status: 'waiting', progress: 0 },
    }
    this.#jobs.push(job)
    if (this.#jobs.length > mostKept) this.#forgetOldest()
    this.#next()
    return shown(job)
  }

  /** The newest first, without reports. */
  list(): Omit<Backtest, 'report'>[] {
    return this.#jobs.map((job) => shown({ ...job, report: undefined })).reverse()
  }

  /** Throws `state.not_found`. */
  find(id: string): Backtest {
    return shown(this.#job(id))
  }

  /** Ends one that runs or waits; forgets one that is over. Throws `state.not_found`. */
  remove(id: string): void {
    const job = this.#job(id)
    job.abort.abort(new AppError('query.cancelled', 'the backtest was cancelled.'))
    if (job.status === 'waiting') job.status = 'cancelled'
    else if (job.status !== 'running') this.#jobs.splice(this.#jobs.indexOf(job), 1)
  }

  #job(id: string): Job {
    const job = this.#jobs.find((one) => one.id === id)
    if (job !== undefined) return job
    throw new AppError('state.not_found', 'there is no such backtest.', {
      fix: `Start it again: the last ${mostKept} are kept, until the server stops.`,
    })
  }

  #forgetOldest(): void {
    const over = this.#jobs.findIndex(({ status }) => status !== 'running' && status !== 'waiting')
    if (over >= 0) this.#jobs.splice(over, 1)
  }

  #next(): void {
    if (this.#isRunning) return
    const job = this.#jobs.find(({ status }) => status === 'waiting')
    if (job === undefined) return
    this.#isRunning = true
    job.status = 'running'
    this.#options.tasks.run(`backtest ${job.id}`, async (signal) => {
      await this.#run(job, signal)
      this.#isRunning = false
      if (!signal.aborted) this.#next()
    })
  }

  /** Never throws: what goes wrong is the job's state. */
  async #run(job: Job, stopping: AbortSignal): Promise<void> {
    const { queries, clock } = this.#options
    const signal = AbortSignal.any([job.abort.signal, stopping])
    const startedMs = clock.monotonicMs()
    const onProgress = (share: number): void => {
      job.progress = share
    }
    try {
      const findings = await runBacktest(job.plan, { queries, clock, signal, onProgress })
      job.report = reportOf(job.plan, findings)
      job.status = 'done'
      job.progress = 1
    } catch (error) {
      job.status = signal.aborted ? 'cancelled' : 'failed'
      job.error = AppError.from(error).message
    }
    job.tookMs = Math.round(clock.monotonicMs() - startedMs)
  }
}

function shown({
  id,
  status,
  progress,
  createdAtMs,
  createdBy,
  tookMs,
  error,
  report,
}: Omit<Job, 'report'> & {
  readonly report?: BacktestReport | undefined
}): Backtest {
  return {
    ...{ id, status, progress, createdAtMs, createdBy },
    ...(tookMs === undefined ? {} : { tookMs }),
    ...(error === undefined ? {} : { error }),
    ...(report === undefined ? {} : { report }),
  }
}
