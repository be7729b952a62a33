// Who runs when: a fixed number of sessions, each on its thread, given out in the order of asking.
import { Worker } from 'node:worker_threads'
import type { Session } from 'chdb'
import { EngineException } from './exception.ts'
import { log } from './log.ts'
import type { FromSession, Job, JobSummary, SessionThreadData, ToSession } from './protocol.ts'
import { quoteString } from './statement.ts'

/** Reads and writes wait in lines of their own, so that heavy queries cannot keep inserts out, nor the other way. */
export type Lane = 'read' | 'write'

export interface PoolOptions {
  readonly dataDir: string
  readonly size: number
  readonly baseSettings: Readonly<Record<string, string>>
  /** Statements that wait for a session before more are refused (code 202). */
  readonly maxWaiting: number
}

export interface RunOptions {
  readonly lane: Lane
  readonly signal: AbortSignal
  /** Whether a caller that goes away ends the statement; else only its answer is dropped. */
  readonly killable: boolean
  /** Called for each piece of the answer, in order; the engine waits for the promise. */
  readonly onChunk: (bytes: Uint8Array) => Promise<void>
}

interface Member {
  readonly tag: string
  readonly worker: Worker
  lane: Lane | undefined
  handle: ((message: FromSession) => void) | undefined
}

interface Waiter {
  readonly lane: Lane
  give(member: Member): void
}

/** How often a kill is repeated until the session reports the end: a kill sent before the query has begun hits nothing. */
const killEveryMs = 50

export class SessionPool {
  readonly #options: PoolOptions
  /** Runs nothing but KILL QUERY and what the start needs, so that it is always free. */
  readonly #control: Session
  readonly #members: Member[] = []
  readonly #waiting: Waiter[] = []
  #starting = 0
  #lastLane: Lane = 'write'
  #nextId = 1
  #killing: Promise<unknown> = Promise.resolve()

  constructor(control: Session, options: PoolOptions) {
    this.#control = control
    this.#options = options
  }

  get running(): number {
    return this.#members.filter((member) => member.lane !== undefined).length
  }

  get waiting(): number {
    return this.#waiting.length
  }

  /** Opens the first session; the others are opened when they are needed. */
  async start(): Promise<void> {
    await this.#open()
  }

  /** Runs one statement; rejects with an EngineException. The session is given back when the engine is really done with it. */
  async run(job: Omit<Job, 'type' | 'id'>, options: RunOptions): Promise<JobSummary> {
    const member = await this.#acquire(options)
    try {
      return await this.#runOn(member, { ...job, type: 'run', id: this.#nextId++ }, options)
    } finally {
      member.lane = undefined
      member.handle = undefined
      this.#dispatch()
    }
  }

  /** Ends all sessions; nothing may be running any more. */
  async close(): Promise<void> {
    await Promise.all(
      this.#members.map(async (member) => {
        const closed = new Promise<void>((resolve) => {
          member.handle = (message) => message.type === 'closed' && resolve()
        })
        post(member, { type: 'stop' })
        await closed
      }),
    )
    await this.#killing
    this.#control.close()
  }

  async #runOn(member: Member, job: Job, { signal, killable, onChunk }: RunOptions): Promise<JobSummary> {
    let killer: NodeJS.Timeout | undefined
    const cancel = (): void => {
      if (!killable) return
      post(member, { type: 'cancel', id: job.id })
      this.#kill(member)
      killer ??= setInterval(() => this.#kill(member), killEveryMs)
    }
    signal.addEventListener('abort', cancel, { once: true })
    try {
      const finished = this.#listen(member, job, { signal, onChunk, cancel })
      post(member, job)
      if (signal.aborted) cancel()
      return await finished
    } finally {
      signal.removeEventListener('abort', cancel)
      clearInterval(killer)
      // A kill still under way must not meet the session's next statement.
      if (killer !== undefined) await this.#killing
    }
  }

  #listen(
    member: Member,
    job: Job,
    { signal, onChunk, cancel }: { signal: AbortSignal; onChunk: RunOptions['onChunk']; cancel: () => void },
  ): Promise<JobSummary> {
    return new Promise((resolve, reject) => {
      let passing: Promise<void> = Promise.resolve()
      let lost: unknown
      member.handle = (message) => {
        if (message.type === 'chunk') {
          passing = passing.then(async () => {
            if (signal.aborted || lost !== undefined) return
            await onChunk(message.bytes)
            post(member, { type: 'more', id: job.id })
          })
          passing.catch((caught: unknown) => {
            if (lost === undefined) cancel()
            lost ??= caught
          })
        } else if (message.type === 'failed') {
          const failure = (): void => reject(lost ?? EngineException.fromText(message.message))
          passing.then(failure, failure)
        } else if (message.type === 'done') {
          passing.then(() => (lost === undefined ? resolve(message.summary) : reject(lost)), reject)
        }
      }
    })
  }

  #kill(member: Member): void {
    const sql = `KILL QUERY WHERE Settings['log_comment'] = ${quoteString(member.tag)} ASYNC`
    this.#killing = this.#killing.then(() =>
      this.#control.queryAsync(sql, { format: 'TSV' }).catch((caught: unknown) => {
        log('warn', 'kill_failed', { message: String(caught) })
      }),
    )
  }

  #acquire({ lane, signal }: RunOptions): Promise<Member> {
    if (this.#waiting.length >= this.#options.maxWaiting) {
      const text = `Too many simultaneous queries: ${this.#waiting.length} are waiting`
      throw new EngineException(202, 'TOO_MANY_SIMULTANEOUS_QUERIES', text)
    }
    const { promise, resolve, reject } = Promise.withResolvers<Member>()
    const waiter: Waiter = {
      lane,
      give: (member) => {
        signal.removeEventListener('abort', leave)
        resolve(member)
      },
    }
    const leave = (): void => {
      const at = this.#waiting.indexOf(waiter)
      if (at === -1) return
      this.#waiting.splice(at, 1)
      reject(new EngineException(394, 'QUERY_WAS_CANCELLED', 'Query was cancelled'))
    }
    this.#waiting.push(waiter)
    signal.addEventListener('abort', leave, { once: true })
    if (signal.aborted) leave()
    this.#dispatch()
    return promise
  }

  #dispatch(): void {
    for (let waiter = this.#next(); waiter !== undefined; waiter = this.#next()) {
      const member = this.#members.find((candidate) => candidate.lane === undefined)
      if (member === undefined) {
        if (this.#members.length + this.#starting < this.#options.size) this.#grow()
        return
      }
      this.#waiting.splice(this.#waiting.indexOf(waiter), 1)
      this.#lastLane = waiter.lane
      member.lane = waiter.lane
      waiter.give(member)
    }
  }

  /** The first of the lane that was not served last, among lanes that leave the other one a session. */
  #next(): Waiter | undefined {
    const limit = Math.max(1, this.#options.size - 1)
    const allowed = this.#waiting.filter(
      ({ lane }) => this.#members.filter((member) => member.lane === lane).length < limit,
    )
    return allowed.find((waiter) => waiter.lane !== this.#lastLane) ?? allowed[0]
  }

  #grow(): void {
    this.#open().then(
      () => this.#dispatch(),
      (caught: unknown) => log('error', 'session_failed', { message: String(caught) }),
    )
  }

  async #open(): Promise<void> {
    this.#starting++
    try {
      const tag = `tidewatch-${this.#members.length + this.#starting}`
      const data: SessionThreadData = { dataDir: this.#options.dataDir, tag, baseSettings: this.#options.baseSettings }
      const worker = new Worker(new URL('session-thread.ts', import.meta.url), {
        workerData: data,
        resourceLimits: { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 128 },
      })
      const member: Member = { tag, worker, lane: undefined, handle: undefined }
      await new Promise<void>((resolve) => {
        worker.on('message', (message: FromSession) => {
          if (message.type === 'open') resolve()
          else member.handle?.(message)
        })
        // What the engine holds cannot be trusted after a thread of it has died: end, and be started anew.
        worker.on('error', (caught) => {
          log('error', 'session_died', { message: String(caught) })
          process.kill(process.pid, 'SIGKILL')
        })
      })
      this.#members.push(member)
    } finally {
      this.#starting--
    }
  }
}

function post(member: Member, message: ToSession): void {
  member.worker.postMessage(message)
}
