// The engine is killed at any moment: what was acknowledged is there once, and nothing is left running.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { systemClock } from '@tidewatch/core/clock.ts'
import type { Logger } from '@tidewatch/server/self/port.ts'
import { createStoreClient } from '@tidewatch/server/store/client.ts'
import { createEngineSupervisor, type EngineSupervisor } from '@tidewatch/server/store/supervisor.ts'
import { afterEach, beforeEach, expect, it } from 'vitest'

const quiet: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => quiet }
const root = fileURLToPath(new URL('../..', import.meta.url))
let dataDir: string

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'engine-kill-'))
})
afterEach(() => {
  rmSync(dataDir, { recursive: true, force: true })
})

/** A small server of nothing but the supervisor; prints the engine's process id when it is ready. */
function startParent(): ChildProcess {
  const program = `
    import { systemClock } from '@tidewatch/core/clock.ts'
    import { createEngineSupervisor } from '@tidewatch/server/store/supervisor.ts'
    const logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => logger }
    const onState = (state) => state.kind === 'ready' && console.log(state.pid)
    createEngineSupervisor({ dataDir: ${JSON.stringify(dataDir)}, clock: systemClock, logger, sessions: 2, onState })
  `
  return spawn(process.execPath, ['--input-type=module', '-e', program], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

function isAlive(pid: number): boolean {
  try {
    // A zombie has ended; only its parent has not asked yet.
    return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

async function gone(pid: number, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs
  while (isAlive(pid)) {
    if (performance.now() > deadline) throw new Error(`process ${pid} is alive after ${withinMs} ms`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

it('ends with its parent when that is killed, and the next start takes the directory', async () => {
  const parent = startParent()
  const [line] = await once(createInterface({ input: parent.stdout! }), 'line')
  const pid = Number(line)
  expect(isAlive(pid)).toBe(true)
  parent.kill('SIGKILL')
  await gone(pid, 60_000)
  await using engine = createEngineSupervisor({ dataDir, clock: systemClock, logger: quiet, sessions: 2 })
  await engine.whenReady({ signal: AbortSignal.timeout(30_000) })
})

it('has every acknowledged segment once after kills in the middle of loads', async () => {
  const kills = 20
  const rows = 20_000
  const quick = { sessions: 2, maxRestartDelayMs: 100 }
  await using engine = createEngineSupervisor({ dataDir, clock: systemClock, logger: quiet, ...quick })
  const signal = AbortSignal.timeout(800_000)
  await engine.whenReady({ signal })
  await using client = createStoreClient(engine.address)
  const table = 'segment UInt32, n UInt32, day Date'
  const engineOf =
    'ENGINE = MergeTree PARTITION BY day ORDER BY (segment, n) SETTINGS non_replicated_deduplication_window = 1000'
  await client.command(`CREATE TABLE ledger (${table}) ${engineOf}`, { signal })
  const block = (segment: number): Promise<Uint8Array[]> =>
    collect(
      client.stream(
        `SELECT toUInt32(${segment}) AS segment, toUInt32(number) AS n, toDate('2026-01-01') + number % 3 AS day FROM numbers(${rows}) FORMAT Native`,
        { signal },
      ),
    )
  const forms = [
    'INSERT INTO ledger (segment, n, day) FORMAT Native',
    `INSERT INTO ledger (segment, n, day) SELECT segment, n, day FROM input('${table}') FORMAT Native`,
  ]
  const seed = 20_261_121
  const chance = generator(seed)
  let killed = 0
  let segments = 0
  while (killed < kills) {
    const body = await retried(engine, () => block(segments))
    const load = (): Promise<void> => client.insert(forms[segments % 2], body, { signal, token: `segment-${segments}` })
    if (chance() < 0.5) {
      const first = load().catch(() => undefined)
      await systemClock.sleep(chance() * 60)
      if (engine.state.kind === 'ready') process.kill(engine.state.pid, 'SIGKILL')
      killed++
      await first
    }
    await retried(engine, load)
    segments++
  }
  const found = await retried(engine, () =>
    client.query<{ segments: number; rows: number; pairs: number }>(
      'SELECT uniqExact(segment) AS segments, count() AS rows, uniqExact(segment, n) AS pairs FROM ledger',
      { signal },
    ),
  )
  expect(found, `seed ${seed}`).toEqual([{ segments, rows: segments * rows, pairs: segments * rows }])
  expect(engine.counters().crashes).toBe(kills)
})

/** As the loader does it: what failed for the store's state is done again when the store is back. */
async function retried<T>(engine: EngineSupervisor, act: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    await engine.whenReady({ signal: AbortSignal.timeout(30_000) })
    try {
      return await act()
    } catch (caught) {
      if (attempt === 10) throw caught
      await systemClock.sleep(20)
    }
  }
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return parts
}

/** Mulberry32: the same moments for the same seed. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
