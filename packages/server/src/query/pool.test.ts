import { AppError } from '@tidewatch/core/error.ts'
import { describe, expect, it } from 'vitest'
import { type PoolTask, QueryPool, type QueryWorker } from './pool.ts'
import type { FromWorker, QueryJob, ToWorker } from './protocol.ts'

/** A worker that does what a test tells it to. */
class FakeWorker implements QueryWorker {
  readonly sent: ToWorker[] = []
  readonly cancelled: number[] = []
  listen: (message: FromWorker) => void = () => {}
  exit: (why: string) => void = () => {}
  post(message: ToWorker): void {
    this.sent.push(message)
  }
  onMessage(listen: (message: FromWorker) => void): void {
    this.listen = listen
  }
  onExit(listen: (why: string) => void): void {
    this.exit = listen
  }
  cancel(id: number): void {
    this.cancelled.push(id)
  }
  async terminate(): Promise<void> {}

  get runs(): { readonly id: number; readonly query: string }[] {
    return this.sent.flatMap((message) =>
      message.type === 'run' && 'query' in message.job ? [{ id: message.id, query: message.job.query }] : [],
    )
  }
  /** Answers the newest job with its own query's text. */
  finish(): void {
    const { id, query } = this.runs.at(-1) as { id: number; query: string }
    this.listen({ type: 'answer', id, json: new TextEncoder().encode(query), index: undefined })
  }
}

function setup({ size = 1, maxWaiting = 10 } = {}) {
  const workers: FakeWorker[] = []
  const pool = new QueryPool({
    size,
    maxWaiting,
    monotonicMs: () => 0,
    spawn: () => {
      const worker = new FakeWorker()
      workers.push(worker)
      return worker
    },
    select: async () => [],
  })
  const run = (query: string, more: Partial<PoolTask> = {}): Promise<string> => {
    const job: QueryJob = {
      kind: 'instant',
      query,
      startMs: 0,
      endMs: 0,
      stepMs: 0,
      lookbackMs: 1,
      projects: [0],
      maxSamples: 1,
      limit: 0,
    }
    const task = { job, user: 'mara', urgent: false, timeoutMs: 60_000, signal: new AbortController().signal, ...more }
    return pool.run(task).then((result) => ('json' in result ? new TextDecoder().decode(result.json) : 'samples'))
  }
  return { pool, workers, run, first: workers[0] as FakeWorker }
}

describe('QueryPool', () => {
  it('runs one query at a time on a worker, in order', async () => {
    const { run, first } = setup()
    const a = run('a')
    const b = run('b')
    expect(first.runs.map(({ query }) => query)).toEqual(['a'])
    first.finish()
    expect(await a).toBe('a')
    first.finish()
    expect(await b).toBe('b')
  })

  it('lets users take turns', async () => {
    const { run, first } = setup()
    const all = [run('a1'), run('a2'), run('a3'), run('b1', { user: 'ilya' })]
    for (let i = 0; i < all.length; i++) first.finish()
    await Promise.all(all)
    expect(first.runs.map(({ query }) => query)).toEqual(['a1', 'a2', 'b1', 'a3'])
  })

  it('gives a user who has nothing running a seat, however many heavy queries of another run and wait', async () => {
    const { run, workers } = setup({ size: 2, maxWaiting: 200 })
    const heavy = Array.from({ length: 50 }, (_, i) => run(`heavy${i}`))
    const light = run('light', { user: 'ilya' })
    const guest = workers[2] as FakeWorker
    expect(guest.runs.map(({ query }) => query)).toEqual(['light'])
    const more = run('more', { user: 'ilya' })
    expect(guest.runs, 'one guest at a time').toHaveLength(1)
    guest.finish()
    expect(await light).toBe('light')
    guest.finish()
    expect(await more).toBe('more')
    for (let i = 0; i < 25; i++) for (const worker of workers.slice(0, 2)) worker.finish()
    await Promise.all(heavy)
    expect(guest.runs, 'whose seats are taken already waits for them').toHaveLength(2)
  })

  it('has room for others where one user has too many waiting', async () => {
    const { run, first } = setup({ maxWaiting: 4 })
    const mine = [run('a0'), run('a1'), run('a2')]
    await expect(run('a3')).rejects.toMatchObject({
      code: 'query.busy',
      message: '2 of your queries are waiting already.',
    })
    const other = run('b', { user: 'ilya' })
    for (let i = 0; i < 4; i++) first.finish()
    await Promise.all(mine)
    void other
  })

  it('tells a worker how long the query waited', async () => {
    const { run, first } = setup()
    void run('a').catch(() => undefined)
    expect(first.sent[0]).toMatchObject({ type: 'run', queuedMs: 0 })
  })

  it('gives a rule a seat at once where all others are taken, and the next free one to the next rule', async () => {
    const { run, first, workers } = setup()
    const a1 = run('a1')
    const a2 = run('a2')
    const rule1 = run('rule1', { user: 'rules', urgent: true })
    const rule2 = run('rule2', { user: 'rules', urgent: true })
    const [, spare] = workers as [FakeWorker, FakeWorker]
    expect(spare.runs.map(({ query }) => query)).toEqual(['rule1'])
    first.finish()
    spare.finish()
    await Promise.all([a1, rule1])
    expect(first.runs.map(({ query }) => query)).toEqual(['a1', 'rule2'])
    first.finish()
    await rule2
    first.finish()
    expect(await a2).toBe('a2')
    expect(spare.runs, 'the spare seat is for what is urgent alone').toHaveLength(1)
    expect(workers).toHaveLength(2)
  })

  it('refuses one more than may wait, with when to try again', async () => {
    const { run } = setup({ maxWaiting: 1 })
    void run('a').catch(() => undefined)
    void run('b').catch(() => undefined)
    await expect(run('c')).rejects.toMatchObject({ code: 'query.busy', retryAfterSeconds: 1 })
  })

  it('answers a caller who goes away at once, and stops the work; the worker is free again when it says so', async () => {
    const { run, first } = setup()
    const abort = new AbortController()
    const a = run('a', { signal: abort.signal })
    const b = run('b')
    abort.abort()
    await expect(a).rejects.toMatchObject({ code: 'query.cancelled' })
    expect(first.cancelled).toEqual([1])
    expect(first.runs).toHaveLength(1)
    first.listen({ type: 'failed', id: 1, error: new AppError('query.cancelled', 'stopped').toJSON() })
    first.finish()
    expect(await b).toBe('b')
  })

  it('never starts a waiting query whose caller has gone', async () => {
    const { run, first, pool } = setup()
    const abort = new AbortController()
    const a = run('a')
    const b = run('b', { signal: abort.signal })
    abort.abort()
    await expect(b).rejects.toMatchObject({ code: 'query.cancelled' })
    expect(pool.waiting).toBe(0)
    first.finish()
    await a
    expect(first.runs).toHaveLength(1)
  })

  it('ends a query at its time limit, the waiting included', async () => {
    const { run, first } = setup()
    await expect(run('a', { timeoutMs: 5 })).rejects.toMatchObject({ code: 'query.timeout' })
    expect(first.cancelled).toEqual([1])
  })

  it('replaces a worker that died and goes on with the next query', async () => {
    const { run, workers, first } = setup()
    const a = run('a')
    const b = run('b')
    first.exit('out of memory')
    await expect(a).rejects.toMatchObject({ code: 'query.limit' })
    expect(workers).toHaveLength(2)
    workers[1]?.finish()
    expect(await b).toBe('b')
  })

  it('refuses what waits when it is closed', async () => {
    const { run, pool } = setup()
    const all = [run('a'), run('b')]
    const ends = Promise.allSettled(all)
    await pool[Symbol.asyncDispose]()
    expect((await ends).map((end) => end.status)).toEqual(['rejected', 'rejected'])
    await expect(run('c')).rejects.toMatchObject({ code: 'internal.stopping' })
  })
})
