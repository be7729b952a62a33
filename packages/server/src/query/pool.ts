// Hands queries to worker threads: one at a time each, users taking turns, with time limits and cancelling that really ends the work.
import { AppError } from '@tidewatch/core/error.ts'
import type { IndexedJson } from './indexed-json.ts'
import type { FromWorker, QueryJob, ReadJob, ToWorker, WireMatrix, WireSample } from './protocol.ts'

/** A worker thread as the pool needs it. */
export interface QueryWorker {
  post(message: ToWorker): void
  onMessage(listen: (message: FromWorker) => void): void
  /** The thread ended by itself: out of memory, or a bug. */
  onExit(listen: (why: string) => void): void
  /** Makes the evaluation with this id stop at its next look, without waiting for the thread's messages. */
  cancel(id: number): void
  terminate(): Promise<void>
}

export interface PoolOptions {
  readonly size: number
  readonly spawn: () => QueryWorker
  /** Queries that may wait, all users' together; one more is refused. Of one user half as many may: there is room for others. */
  readonly maxWaiting: number
  readonly monotonicMs: () => number
  /** Answers a worker's question for series (and flushes the spool where the store is read). */
  readonly select: (
    message: Extract<FromWorker, { type: 'select' }>,
    signal: AbortSignal,
  ) => Promise<Extract<ToWorker, { type: 'selected' }>['selectors']>
}

export interface PoolTask {
  readonly job: QueryJob | ReadJob
  /** Takes a read's pieces as they are made; `taken` asks for more. */
  readonly onPiece?: (bytes: Uint8Array, taken: () => void) => void
  /** Whose turn it counts as. */
  readonly user: string
  /** Before everything that waits: rules must not be late because of a dashboard. */
  readonly urgent: boolean
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

export type PoolResult =
  | IndexedJson
  | { readonly samples: readonly WireSample[] }
  | WireMatrix
  | { readonly isEnded: true }

interface Waiting {
  readonly task: PoolTask
  readonly sinceMs: number
  readonly resolve: (result: PoolResult) => void
  readonly reject: (error: AppError) => void
}

interface Running extends Waiting {
  readonly id: number
  readonly abort: AbortController
  /** Set once the caller has been answered; the worker may still be busy ending it. */
  isOver: boolean
}

/** Who may sit there: anybody, what is urgent, or a user who has nothing running. */
type SeatUse = 'anybody' | 'urgent' | 'guest'

interface Seat {
  readonly use: SeatUse
  /** Started with the first query that needs it: a thread takes 30 MB. */
  worker: QueryWorker | undefined
  running: Running | undefined
}

/**
 * Up to a fixed number of workers, one more for what is urgent, one more for a user who has nothing running while others' queries hold all
 * seats, and the queue before them.
 */
export class QueryPool implements AsyncDisposable {
  readonly #options: PoolOptions
  readonly #seats: Seat[] = []
  /** Waiting tasks by user; a Map keeps the order in which users take turns. */
  readonly #waiting = new Map<string, Waiting[]>()
  readonly #urgent: Waiting[] = []
  #waitingCount = 0
  #nextId = 1
  #isClosed = false

  constructor(options: PoolOptions) {
    this.#options = options
    // one is there from the beginning: the first query does not wait for a thread to start
    for (let i = 0; i < options.size; i++)
      this.#seats.push({ use: 'anybody', worker: i === 0 ? this.#spawn(i) : undefined, running: undefined })
  }

  get waiting(): number {
    return this.#waitingCount
  }
  get running(): number {
    return this.#seats.filter((seat) => seat.running !== undefined).length
  }

  run(task: PoolTask): Promise<PoolResult> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) return reject(new AppError('internal.stopping', 'the server is stopping.'))
      if (task.signal.aborted) return reject(cancelled())
      const busy = this.#whyBusy(task)
      if (busy !== undefined) {
        return reject(
          new AppError('query.busy', busy, {
            retryAfterSeconds: 1,
            fix: 'Try again in a moment, or ask for less at once.',
          }),
        )
      }
      this.#enqueue({ task, sinceMs: this.#options.monotonicMs(), ...this.#withLimits(task, resolve, reject) })
      this.#fill()
    })
  }

  #whyBusy({ user, urgent }: PoolTask): string | undefined {
    const { maxWaiting } = this.#options
    if (this.#waitingCount >= maxWaiting) return `${this.#waitingCount} queries are waiting already.`
    const own = this.#waiting.get(user)?.length ?? 0
    return urgent || own < Math.ceil(maxWaiting / 2) ? undefined : `${own} of your queries are waiting already.`
  }

  /** Ends a task for its caller, once, by whichever comes first: answer, time limit, the caller going away. */
  #withLimits(
    task: PoolTask,
    resolve: (result: PoolResult) => void,
    reject: (error: AppError) => void,
  ): Pick<Waiting, 'resolve' | 'reject'> {
    const onAbort = (): void => this.#end(task, cancelled())
    const timer = setTimeout(() => this.#end(task, timedOut(task.timeoutMs)), task.timeoutMs)
    const settle = (): void => {
      clearTimeout(timer)
      task.signal.removeEventListener('abort', onAbort)
    }
    task.signal.addEventListener('abort', onAbort, { once: true })
    return {
      resolve: (result) => {
        settle()
        resolve(result)
      },
      reject: (error) => {
        settle()
        reject(error)
      },
    }
  }

  #enqueue(waiting: Waiting): void {
    this.#waitingCount++
    if (waiting.task.urgent) {
      this.#urgent.push(waiting)
      return
    }
    const queue = this.#waiting.get(waiting.task.user)
    if (queue === undefined) this.#waiting.set(waiting.task.user, [waiting])
    else queue.push(waiting)
  }

  #dequeue(): Waiting | undefined {
    const urgent = this.#dequeueUrgent()
    if (urgent !== undefined) return urgent
    const turn = this.#waiting.entries().next()
    if (turn.done === true) return undefined
    const [user, queue] = turn.value
    const first = queue.shift() as Waiting
    this.#waitingCount--
    // to the back of the row: the next turn is another user's
    this.#waiting.delete(user)
    if (queue.length > 0) this.#waiting.set(user, queue)
    return first
  }

  #dequeueUrgent(): Waiting | undefined {
    const urgent = this.#urgent.shift()
    if (urgent !== undefined) this.#waitingCount--
    return urgent
  }

  /** The first who waits and has nothing running, where somebody else has several seats: not the one after another of theirs. */
  #dequeueGuest(): Waiting | undefined {
    const held = new Map<string, number>()
    for (const { running } of this.#seats)
      if (running?.task.urgent === false) held.set(running.task.user, (held.get(running.task.user) ?? 0) + 1)
    const most = Math.max(0, ...held.values())
    if (most < 2) return undefined
    for (const [user, queue] of this.#waiting) {
      if (held.has(user)) continue
      if (queue.length === 1) this.#waiting.delete(user)
      this.#waitingCount--
      return queue.shift()
    }
    return undefined
  }

  #next(use: SeatUse): Waiting | undefined {
    if (use === 'anybody') return this.#dequeue()
    return use === 'urgent' ? this.#dequeueUrgent() : this.#dequeueGuest()
  }

  #fill(): void {
    for (const [index, seat] of this.#seats.entries()) {
      if (seat.running !== undefined) continue
      const next = this.#next(seat.use)
      if (next !== undefined) this.#begin(seat, next, index)
    }
    // seats that are there only once they were needed: others may hold theirs for minutes, waiting for a store that is away
    for (const use of ['urgent', 'guest'] as const) {
      if (this.#seats.some((seat) => seat.use === use)) continue
      const next = this.#next(use)
      if (next === undefined) continue
      const seat: Seat = { use, worker: undefined, running: undefined }
      this.#begin(seat, next, this.#seats.push(seat) - 1)
    }
  }

  #begin(seat: Seat, next: Waiting, index: number): void {
    seat.worker ??= this.#spawn(index)
    const running: Running = { ...next, id: this.#nextId++, abort: new AbortController(), isOver: false }
    seat.running = running
    const queuedMs = this.#options.monotonicMs() - next.sinceMs
    seat.worker.post({ type: 'run', id: running.id, job: running.task.job, queuedMs })
  }

  #end(task: PoolTask, error: AppError): void {
    for (const queue of [this.#urgent, ...this.#waiting.values()]) {
      const at = queue.findIndex((waiting) => waiting.task === task)
      if (at < 0) continue
      const [waiting] = queue.splice(at, 1)
      if (queue.length === 0) this.#waiting.delete(task.user)
      this.#waitingCount--
      waiting?.reject(error)
      return
    }
    const seat = this.#seats.find(({ running }) => running?.task === task)
    if (seat?.running === undefined || seat.running.isOver) return
    // the seat stays taken until the worker says it is done: its memory is in use until then
    seat.running.isOver = true
    seat.running.abort.abort(error)
    seat.worker?.cancel(seat.running.id)
    seat.running.reject(error)
  }

  #spawn(index: number): QueryWorker {
    const worker = this.#options.spawn()
    worker.onMessage((message) => this.#onMessage(index, message))
    worker.onExit((why) => this.#onExit(index, why))
    return worker
  }

  #onMessage(index: number, message: FromWorker): void {
    const seat = this.#seats[index]
    const running = seat?.running
    if (seat === undefined || running === undefined || running.id !== message.id) return
    if (message.type === 'select') {
      this.#select(seat, running, message)
      return
    }
    if (message.type === 'piece') {
      const taken = (): void => seat.worker?.post({ type: 'more', id: running.id })
      if (!running.isOver) running.task.onPiece?.(message.bytes, taken)
      return
    }
    seat.running = undefined
    if (!running.isOver) {
      if (message.type === 'failed') running.reject(AppError.fromJSON(message.error))
      else running.resolve(resultOf(message))
    }
    this.#fill()
  }

  #select(seat: Seat, running: Running, message: Extract<FromWorker, { type: 'select' }>): void {
    this.#options.select(message, running.abort.signal).then(
      (selectors) => seat.worker?.post({ type: 'selected', id: running.id, selectors }),
      (error: unknown) =>
        seat.worker?.post({ type: 'select_failed', id: running.id, error: AppError.from(error).toJSON() }),
    )
  }

  #onExit(index: number, why: string): void {
    const seat = this.#seats[index]
    if (seat === undefined || this.#isClosed) return
    const { running } = seat
    seat.running = undefined
    seat.worker = undefined
    if (running !== undefined && !running.isOver) {
      running.reject(
        new AppError('query.limit', `the query needed more than its thread has: ${why}.`, {
          fix: 'Ask for fewer series, a shorter range or a longer step.',
        }),
      )
    }
    this.#fill()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    const stopping = new AppError('internal.stopping', 'the server is stopping.')
    for (const waiting of [...this.#urgent, ...[...this.#waiting.values()].flat()]) waiting.reject(stopping)
    this.#urgent.length = 0
    this.#waiting.clear()
    this.#waitingCount = 0
    for (const { running } of this.#seats) if (running !== undefined && !running.isOver) running.reject(stopping)
    await Promise.all(this.#seats.map(({ worker }) => worker?.terminate()))
  }
}

function resultOf(message: Extract<FromWorker, { type: 'answer' | 'samples' | 'matrix' | 'ended' }>): PoolResult {
  if (message.type === 'answer') return { json: message.json, index: message.index }
  if (message.type === 'matrix') return { series: message.series, samples: message.samples }
  return message.type === 'samples' ? { samples: message.samples } : { isEnded: true }
}

function cancelled(): AppError {
  return new AppError('query.cancelled', 'query was canceled in query execution')
}

function timedOut(timeoutMs: number): AppError {
  return new AppError('query.timeout', `query timed out in query execution after ${timeoutMs / 1000} s`, {
    fix: 'Ask for fewer series, a shorter range or a longer step, or give a longer timeout.',
  })
}
