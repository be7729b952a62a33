// The embedded engine: what the child process and its HTTP interface cost over the library in the own process.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@tidewatch/core/clock.ts'
import type { Logger } from '@tidewatch/server/self/port.ts'
import { createStoreClient } from '@tidewatch/server/store/client.ts'
import { createEngineSupervisor, type EngineSupervisor } from '@tidewatch/server/store/supervisor.ts'
import { Session } from 'chdb'

const quiet: Logger = { debug() {}, info() {}, warn: console.warn, error: console.error, child: () => quiet }
const signal = AbortSignal.timeout(600_000)
const dir = mkdtempSync(join(tmpdir(), 'bench-engine-'))
const idleSeconds = Number(process.argv[2] ?? 10)
const rows = 1_000_000
const loads = 5
const table =
  'project UInt32, id UInt128, time DateTime64(3) CODEC(DoubleDelta, ZSTD(1)), value Float64 CODEC(Delta(8), ZSTD(1))'
const engineOf = 'ENGINE = MergeTree ORDER BY (project, id, time) SETTINGS non_replicated_deduplication_window = 1000'
const samples = (load: number): string =>
  `SELECT toUInt32(0) AS project, toUInt128(intDiv(number, 100)) * 0x9E3779B97F4A7C15 AS id, toDateTime64(1700000000 + ${load} * 1500 + (number % 100) * 15, 3) AS time, sin(number) AS value FROM numbers(${rows})`

try {
  await child()
  await library()
} finally {
  rmSync(dir, { recursive: true, force: true })
}

async function child(): Promise<void> {
  for (const cached of [false, true]) {
    const start = performance.now()
    await using engine = createEngineSupervisor({ dataDir: join(dir, 'child'), clock: systemClock, logger: quiet })
    await engine.whenReady({ signal })
    const name = cached ? 'start, code cached' : 'first start'
    console.log(`${name}: ${ms(performance.now() - start)} from the spawn to the first answer`)
    if (!cached) continue
    await using client = createStoreClient(engine.address)
    await idle(engine, 'idle after the start')
    await latency('child: client, SELECT 1', () => client.query('SELECT 1 AS x', { signal }))
    await throughput('child: client, SELECT 1, 4 at once', () => client.query('SELECT 1 AS x', { signal }))
    await client.command(`CREATE TABLE samples (${table}) ${engineOf}`, { signal })
    const bodies: Uint8Array[][] = []
    for (let load = 0; load < loads; load++) {
      const parts: Uint8Array[] = []
      for await (const part of client.stream(`${samples(load)} FORMAT Native`, { signal })) parts.push(part)
      bodies.push(parts)
    }
    const cpu = engine.counters().cpuSeconds ?? 0
    const begun = performance.now()
    for (const [load, body] of bodies.entries()) {
      await client.insert('INSERT INTO samples FORMAT Native', body, { signal, token: `load-${load}` })
    }
    const cpuEnd = engine.counters().cpuSeconds ?? 0
    report('child: insert by token', performance.now() - begun, cpuEnd - cpu)
    await idle(engine, 'idle after the loads')
  }
}

/** The same work by the library in this process, without HTTP, threads, pool and limits. */
async function library(): Promise<void> {
  const session = new Session(join(dir, 'library'))
  await session.queryAsync('CREATE DATABASE bench')
  await session.queryAsync('USE bench')
  await latency('library in process: SELECT 1', () => session.queryAsync('SELECT 1 AS x', { format: 'JSONEachRow' }))
  await session.queryAsync(`CREATE TABLE samples (${table}) ${engineOf}`)
  const files: string[] = []
  for (let load = 0; load < loads; load++) {
    const path = join(dir, `${load}.native`)
    writeFileSync(path, (await session.queryAsync(samples(load), { format: 'Native' })).bytes())
    files.push(path)
  }
  const cpu = process.cpuUsage()
  const begun = performance.now()
  for (const path of files) await session.queryAsync(`INSERT INTO samples SELECT * FROM file('${path}', 'Native')`)
  const used = process.cpuUsage(cpu)
  report('library in process: INSERT SELECT FROM file()', performance.now() - begun, (used.user + used.system) / 1e6)
  session.close()
}

async function idle(engine: EngineSupervisor, name: string): Promise<void> {
  await systemClock.sleep(2000)
  const before = engine.counters().cpuSeconds ?? 0
  await systemClock.sleep(idleSeconds * 1000)
  const share = ((engine.counters().cpuSeconds ?? 0) - before) / idleSeconds
  const pid = engine.state.kind === 'ready' ? engine.state.pid : 0
  const memory = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  const megabytes = (field: string): string =>
    `${field} ${Math.round(Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(memory)?.[1] ?? 0) / 1024)} MB`
  const figures = ['Rss', 'Pss', 'Anonymous'].map(megabytes).join(', ')
  console.log(`${name}: ${figures}; ${(share * 100).toFixed(2)} % of a core over ${idleSeconds} s`)
}

async function latency(name: string, act: () => Promise<unknown>): Promise<void> {
  const times: number[] = []
  for (let i = 0; i < 1200; i++) {
    const start = performance.now()
    await act()
    if (i >= 200) times.push(performance.now() - start)
  }
  times.sort((a, b) => a - b)
  console.log(`${name}: p50 ${ms(times[times.length / 2])}, p99 ${ms(times[times.length * 0.99])}`)
}

async function throughput(name: string, act: () => Promise<unknown>): Promise<void> {
  const each = 400
  const start = performance.now()
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (let i = 0; i < each; i++) await act()
    }),
  )
  console.log(`${name}: ${Math.round((each * 4) / ((performance.now() - start) / 1000))} a second`)
}

function report(name: string, wallMs: number, cpuSeconds: number): void {
  const perSample = (cpuSeconds * 1e6) / (rows * loads)
  console.log(`${name}: ${loads} x ${rows} samples in ${ms(wallMs)}, ${perSample.toFixed(3)} µs of CPU a sample`)
}

function ms(value: number): string {
  return `${value.toFixed(value < 100 ? 2 : 0)} ms`
}
