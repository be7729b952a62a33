import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@tidewatch/core/clock.ts'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Logger } from '../self/port.ts'
import { createStoreClient } from './client.ts'
import {
  createEngineSupervisor,
  type EngineState,
  type EngineSupervisor,
  type EngineSupervisorOptions,
} from './supervisor.ts'
import { cannotStart, died } from './supervisor-failure.ts'
import { makePlaces } from './supervisor-places.ts'

const quiet: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => quiet }
const signal = AbortSignal.timeout(60_000)
let dataDir: string
let stack: AsyncDisposableStack

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'supervisor-'))
  stack = new AsyncDisposableStack()
  stack.defer(() => rmSync(dataDir, { recursive: true, force: true }))
})
afterEach(async () => {
  await stack.disposeAsync()
})

interface Watched {
  readonly engine: EngineSupervisor
  readonly states: EngineState[]
  /** Resolves with the next state of that kind, or the present one. */
  reached<Kind extends EngineState['kind']>(kind: Kind): Promise<Extract<EngineState, { kind: Kind }>>
}

function start(options: Partial<EngineSupervisorOptions> = {}): Watched {
  const states: EngineState[] = []
  const waiting = new Set<() => void>()
  const onState = (state: EngineState): void => {
    states.push(state)
    for (const look of waiting) look()
  }
  const settings = { dataDir, clock: systemClock, logger: quiet, sessions: 2, memoryBytes: 5e8, onState, ...options }
  const engine = stack.use(createEngineSupervisor(settings))
  const reached = <Kind extends EngineState['kind']>(kind: Kind): Promise<Extract<EngineState, { kind: Kind }>> =>
    new Promise((resolve) => {
      const look = (): void => {
        const state = states.at(-1)
        if (state?.kind !== kind) return
        waiting.delete(look)
        resolve(state as Extract<EngineState, { kind: Kind }>)
      }
      waiting.add(look)
      look()
    })
  return { engine, states, reached }
}

describe('the engine', () => {
  it('is ready when it answers, and starts again with its data when it was killed', async () => {
    const { engine, states, reached } = start()
    await engine.whenReady({ signal })
    const client = stack.use(createStoreClient(engine.address))
    await client.command('CREATE TABLE t (a UInt8) ENGINE = MergeTree ORDER BY a', { signal })
    await client.command('INSERT INTO t VALUES (1)', { signal })
    const { pid } = await reached('ready')
    process.kill(pid, 'SIGKILL')
    const { reason, retryInMs } = await reached('down')
    expect([reason.code, reason.message, reason.retryable, retryInMs]).toEqual([
      'store.unavailable',
      'The engine has ended (SIGKILL).',
      true,
      100,
    ])
    await engine.whenReady({ signal })
    expect(await client.query('SELECT a FROM t', { signal })).toEqual([{ a: 1 }])
    expect(engine.counters()).toMatchObject({ starts: 2, crashes: 1, residentBytes: expect.any(Number) })
    expect(states.map(({ kind }) => kind)).toEqual(['starting', 'ready', 'down', 'starting', 'ready'])
  })

  it('keeps directory and socket to its user, and leaves no socket and no process behind', async () => {
    const { engine, reached, states } = start()
    await engine.whenReady({ signal })
    const { pid } = await reached('ready')
    const socketPath = engine.address.socketPath ?? ''
    expect(statSync(join(dataDir, 'engine')).mode & 0o777).toBe(0o700)
    expect(statSync(socketPath).mode & 0o777).toBe(0o600)
    await engine[Symbol.asyncDispose]()
    expect(existsSync(socketPath)).toBe(false)
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
    expect(states.at(-1)).toEqual({ kind: 'stopped' })
    await expect(engine.whenReady({ signal })).rejects.toMatchObject({ code: 'internal.stopping' })
  })

  it('lets a running insert end before it stops', async () => {
    const { engine } = start()
    await engine.whenReady({ signal })
    const client = stack.use(createStoreClient(engine.address))
    await client.command('CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a', { signal })
    const insert = client.command('INSERT INTO t SELECT number + sleepEachRow(0.1) FROM numbers(5)', { signal })
    const running = "SELECT count() AS n FROM system.processes WHERE query LIKE 'INSERT INTO t%'"
    while ((await client.query<{ n: number }>(running, { signal }))[0]?.n === 0);
    await engine[Symbol.asyncDispose]()
    await insert
    const again = start()
    await again.engine.whenReady({ signal })
    const second = stack.use(createStoreClient(again.engine.address))
    expect(await second.query('SELECT count() AS n FROM t', { signal })).toEqual([{ n: 5 }])
  })

  it('works in a directory whose name is long and has characters of a pattern', async () => {
    const odd = join(dataDir, `${'long'.repeat(30)} {a,b}[*]?`)
    const { engine } = start({ dataDir: odd })
    await engine.whenReady({ signal })
    expect(engine.address.socketPath).toMatch(/^\/tmp\/tidewatch-/)
    const client = stack.use(createStoreClient(engine.address))
    await client.command('CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a', { signal })
    const block: Uint8Array[] = []
    for await (const part of client.stream('SELECT number AS a FROM numbers(9) FORMAT Native', { signal }))
      block.push(part)
    await client.insert('INSERT INTO t (a) FORMAT Native', block, { signal })
    await client.insert("INSERT INTO t (a) SELECT a FROM input('a UInt64') FORMAT Native", block, {
      signal,
      token: 'x',
    })
    expect(await client.query('SELECT count() AS n FROM t', { signal })).toEqual([{ n: 18 }])
    await engine[Symbol.asyncDispose]()
    expect(existsSync(engine.address.socketPath ?? '')).toBe(false)
  })
})

describe('a directory in use', () => {
  it('is waited for while its former engine ends', async () => {
    const former = start()
    await former.engine.whenReady({ signal })
    const next = start()
    const early = next.engine.whenReady({ signal: AbortSignal.timeout(300) })
    await expect(early).rejects.toMatchObject({ name: 'TimeoutError' })
    await former.engine[Symbol.asyncDispose]()
    await next.engine.whenReady({ signal })
  })

  it('is named with the process that holds it, and tried again later and later', async () => {
    const holder = start()
    await holder.engine.whenReady({ signal })
    const { pid } = await holder.reached('ready')
    const clock = new FakeClock()
    const { engine, reached } = start({ clock, lockWaitMs: 0 })
    await expect(engine.whenReady({ signal })).rejects.toMatchObject({
      code: 'data_dir.locked',
      message: `The data directory is in use: ${dataDir}/engine/data is in use by process ${pid}.`,
      fix: 'Stop the other Tidewatch on it, or name another directory with --data-dir.',
    })
    const delays: (number | undefined)[] = []
    for (let i = 0; i < 3; i++) {
      const { retryInMs = 0 } = await reached('down')
      delays.push(retryInMs)
      await clock.advance(retryInMs)
      await reached('starting')
    }
    expect(delays).toEqual([100, 200, 400])
    expect(engine.counters().crashes).toBe(0)
    await holder.engine[Symbol.asyncDispose]()
    for (let ready = false; !ready; ) {
      const state = await Promise.race([reached('down'), reached('ready')])
      if (state.kind === 'down') await clock.advance(state.retryInMs ?? 0)
      ready = state.kind === 'ready'
    }
  })
})

describe('places', () => {
  it('are in the data directory while that is short and plain', () => {
    const places = makePlaces(dataDir)
    const dir = join(dataDir, 'engine')
    expect({ ...places, remove: 0 }).toEqual({
      dir,
      bodyDir: join(dir, 'bodies'),
      socketPath: join(dir, 'socket'),
      remove: 0,
    })
  })

  it('are the same outside directory at each start, unless somebody else has made it', () => {
    const long = join(dataDir, 'x'.repeat(120))
    const [first, second] = [makePlaces(long), makePlaces(long)]
    expect(second.socketPath).toBe(first.socketPath)
    expect(first.bodyDir).toBe(join(long, 'engine', 'bodies'))
    const outside = join(first.socketPath, '..')
    first.remove()
    mkdirSync(outside, { mode: 0o755 })
    const third = makePlaces(long)
    expect(third.socketPath).not.toBe(first.socketPath)
    third.remove()
    rmSync(outside, { recursive: true })
  })

  it('say when the data directory cannot be written', () => {
    const file = join(dataDir, 'file')
    writeFileSync(file, '')
    expect(() => makePlaces(file)).toThrow(
      expect.objectContaining({
        code: 'data_dir.read_only',
        message: `Cannot write the data directory ${file}/engine (ENOTDIR).`,
      }),
    )
  })
})

describe('reasons', () => {
  const exit = { code: 3, signal: null, lastWords: undefined }

  it.each([
    ['disk_full', 'data_dir.full', 'The disk of the data directory is full: 5 bytes left.'],
    ['read_only', 'data_dir.read_only', 'Cannot write the data directory: 5 bytes left.'],
    ['platform', 'store.platform', 'The embedded engine does not run here: 5 bytes left'],
  ])('%s is told as %s', (reason, code, message) => {
    expect(cannotStart({ ...exit, failure: { reason, message: '5 bytes left' } }, '/d')).toMatchObject({
      code,
      message,
    })
  })

  it('end with what the library said last', () => {
    const lastWords = 'Code: 74. DB::Exception: broken'
    const failure = { reason: 'damaged', message: 'Failed to create connection' }
    expect(cannotStart({ ...exit, failure, lastWords }, '/d').message).toBe(
      'The engine cannot open /d/data. The engine said: Code: 74. DB::Exception: broken',
    )
    expect(died({ ...exit, failure: undefined, lastWords }).message).toBe(
      'The engine has ended (code 3). Its last words: Code: 74. DB::Exception: broken',
    )
  })
})
