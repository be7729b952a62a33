// Memory of all our processes while the kit's samples come in and at rest after. One server, nothing beside it: what
// it takes does not depend on how busy the machine is, only how long the load lasts. BENCH_KIT as for run.ts.
//   node bench/src/memory.ts [--series 100000] [--hours 1] [--connections 4] [--rest 120]
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startOurs } from './peers.ts'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..')
const kit = process.env.BENCH_KIT ?? join(root, '..', 'shared', 'bench')

const { values: flags } = parseArgs({
  options: {
    series: { type: 'string', default: '100000' },
    hours: { type: 'string', default: '1' },
    connections: { type: 'string', default: '4' },
    /** Seconds without any load before what stays is read. */
    rest: { type: 'string', default: '120' },
  },
})

interface Taken {
  readonly name: string
  readonly pssBytes: number
  readonly anonymousBytes: number
}

/** The server and all it started. Shared pages count in parts, so that the sum is what the machine gives. */
function memoryOf(root: number): Taken[] {
  return treeOf(root).flatMap((pid) => {
    try {
      const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
      const bytes = (field: string): number => Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(text)?.[1]) * 1024
      const name = readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
      return [{ name: `${name} ${pid}`, pssBytes: bytes('Pss'), anonymousBytes: bytes('Pss_Anon') }]
    } catch {
      // it ended meanwhile
      return []
    }
  })
}

function treeOf(root: number): number[] {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]))
    } catch {
      // it ended meanwhile
    }
  }
  const found = [root]
  for (const pid of found) for (const [child, parent] of parents) if (parent === pid) found.push(child)
  return found
}

const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`.padStart(8)
const sum = (taken: readonly Taken[]): number => taken.reduce((total, { pssBytes }) => total + pssBytes, 0)

function show(title: string, taken: readonly Taken[]): void {
  console.log(`\n${title}: ${mb(sum(taken)).trim()}`)
  for (const { name, pssBytes, anonymousBytes } of taken)
    console.log(`  ${name.padEnd(24)} ${mb(pssBytes)}  of them ${mb(anonymousBytes).trim()} not files`)
}

function runKit(args: readonly string[]): Promise<void> {
  return new Promise((done, reject) => {
    const child = spawn(process.execPath, [join(kit, 'rwgen.mjs'), ...args], { stdio: 'inherit' })
    child.on('exit', (code) => (code === 0 ? done() : reject(new Error(`rwgen.mjs ${args[0]} ended with ${code}`))))
  })
}

if (!existsSync(kit)) throw new Error(`the kit is not at ${kit}. Name its place in BENCH_KIT.`)
const directory = mkdtempSync(join(tmpdir(), 'tidewatch-memory-'))
try {
  const bodies = join(directory, 'bodies')
  await runKit(['gen', '--out', bodies, '--series', flags.series, '--hours', flags.hours])
  await using ours = await startOurs(directory)
  await wait(5000)
  show('at its start', memoryOf(ours.pid()))
  let peak: readonly Taken[] = []
  const watching = new AbortController()
  const watched = (async () => {
    while (!watching.signal.aborted) {
      const now = memoryOf(ours.pid())
      if (sum(now) > sum(peak)) peak = now
      await wait(1000, undefined, { signal: watching.signal }).catch(() => undefined)
    }
  })()
  await runKit(['send', '--bodies', bodies, '--url', `${ours.url}/api/v1/write`, '--connections', flags.connections])
  const restMs = Number(flags.rest) * 1000
  await wait(restMs)
  watching.abort()
  await watched
  show('at the most, while it came in and after', peak)
  show(`at rest, ${flags.rest} s after the last request`, memoryOf(ours.pid()))
  const own = await (await fetch(`${ours.url}/metrics`)).text()
  for (const name of ['tidewatch_head_series', 'tidewatch_head_sample_bytes', 'tidewatch_head_begin_timestamp_seconds'])
    console.log(new RegExp(`^${name} .*$`, 'm').exec(own)?.[0] ?? `${name}: not told`)
} finally {
  rmSync(directory, { recursive: true, force: true })
}
