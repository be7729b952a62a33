// `npm run bench`: our server beside Debian's prometheus and victoria-metrics in one run, with the kit as the referee (BENCH_KIT, by default
// ../shared/bench). Prints the kit's tables and the ratios; writes them to bench/results/ with commit and machine.
//   npm run bench -- [--series 10000] [--hours 6] [--connections 4] [--runs 15] [--no-vm] [--kill-seconds 40]
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type Peer, startOurs, startPeer } from './peers.ts'

const here = dirname(fileURLToPath(import.meta.url))
const root = resolve(here, '..', '..')
const kit = process.env.BENCH_KIT ?? join(root, '..', 'shared', 'bench')

const { values: flags } = parseArgs({
  options: {
    series: { type: 'string', default: '10000' },
    hours: { type: 'string', default: '6' },
    connections: { type: 'string', default: '4' },
    runs: { type: 'string', default: '15' },
    'no-vm': { type: 'boolean', default: false },
    'kill-seconds': { type: 'string', default: '40' },
  },
})

/** What `rwgen.mjs send --json` says of one target, as far as it is shown. */
interface SendResult {
  readonly samplesPerSecond: number
  readonly p50ms: number
  readonly p99ms: number
  readonly cpuMicrosPerSample: number
  readonly cpuSecondsSettled: number
  readonly samples: number
  readonly diskBytes: number
}

function runKit(script: string, args: readonly string[]): Promise<string> {
  return new Promise((done, reject) => {
    const child = spawn(process.execPath, [join(kit, script), ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    child.stdout.setEncoding('utf8')
    child.stdout.on('data', (part: string) => {
      text += part
      process.stdout.write(part)
    })
    child.on('exit', (code) => (code === 0 ? done(text) : reject(new Error(`${script} ended with ${code}`))))
  })
}

async function ingest(peer: Peer, bodies: string, directory: string): Promise<SendResult> {
  console.log(`\n== ingest: ${peer.name}`)
  const json = join(directory, `${peer.name}.send.json`)
  const flush = peer.flushUrl === undefined ? [] : ['--flush-url', peer.flushUrl]
  const target = ['--url', `${peer.url}/api/v1/write`, '--pid', String(peer.pid()), '--dir', peer.dataDir]
  await runKit('rwgen.mjs', [
    'send',
    '--bodies',
    bodies,
    ...target,
    ...flush,
    '--connections',
    flags.connections,
    '--settle',
    '10',
    '--json',
    json,
  ])
  return JSON.parse(readFileSync(json, 'utf8')) as SendResult
}

async function queries(peers: readonly Peer[], bodies: string, directory: string): Promise<string> {
  console.log('\n== queries')
  const named = peers.flatMap(({ name, url }) =>
    // both keep answers of range queries, and evaluate again when asked to
    name === 'prom' ? [`${name}=${url}`] : [`${name}=${url}`, `${name}-nocache=${url}?nocache=1`],
  )
  return runKit('promq.mjs', [
    '--bodies',
    bodies,
    ...named,
    '--runs',
    flags.runs,
    '--json',
    join(directory, 'queries.json'),
  ])
}

/** The server, the engine and both are killed under a steady load; the kit's record says what became of what was acknowledged. */
async function kills(directory: string): Promise<string> {
  console.log('\n== kills')
  const seconds = Number(flags['kill-seconds'])
  await using ours = await startOurs(join(directory, 'kill'))
  const record = join(directory, 'record')
  const live = runKit('rwgen.mjs', [
    'live',
    '--url',
    `${ours.url}/api/v1/write`,
    '--record',
    record,
    '--series',
    '1000',
    '--interval',
    '0.5',
    '--seconds',
    String(seconds),
  ])
  const steps = [() => ours.killServer(), () => ours.killEngine(), () => ours.killBoth()]
  for (const step of steps) {
    await new Promise((wait) => setTimeout(wait, (seconds * 1000) / (steps.length + 1)))
    await step()
  }
  await live
  return await runKit('rwgen.mjs', ['verify', '--record', record, '--url', ours.url])
}

function ingestTable(results: ReadonlyMap<string, SendResult>): string {
  const base = results.get('prom')?.samplesPerSecond
  const rows = [...results].map(([name, result]) => {
    const ratio = base === undefined ? '' : (result.samplesPerSecond / base).toFixed(2)
    const cpu = ((result.cpuSecondsSettled * 1e6) / result.samples).toFixed(2)
    const bytes = (result.diskBytes / result.samples).toFixed(2)
    return `| ${name} | ${Math.round(result.samplesPerSecond / 1000)}k | ${ratio} | ${result.p50ms.toFixed(1)} / ${result.p99ms.toFixed(0)} | ${result.cpuMicrosPerSample.toFixed(2)} | ${cpu} | ${bytes} |`
  })
  return [
    '| server | samples/s | ratio | request p50 / p99 ms | CPU µs/sample | settled | bytes/sample |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n')
}

async function main(): Promise<void> {
  if (!existsSync(join(kit, 'rwgen.mjs'))) throw new Error(`The bench kit is not at ${kit}. Name it with BENCH_KIT.`)
  const directory = mkdtempSync(join(tmpdir(), 'tidewatch-bench-'))
  try {
    const bodies = join(directory, 'bodies')
    await runKit('rwgen.mjs', ['gen', '--out', bodies, '--series', flags.series, '--hours', flags.hours])
    const results = new Map<string, SendResult>()
    await using stack = new AsyncDisposableStack()
    const peers: Peer[] = []
    const kinds = flags['no-vm'] ? (['prom'] as const) : (['prom', 'vm'] as const)
    for (const kind of kinds) peers.push(stack.use(await startPeer(kit, kind, join(directory, kind))))
    peers.push(stack.use(await startOurs(join(directory, 'ours'))))
    for (const peer of peers) results.set(peer.name, await ingest(peer, bodies, directory))
    const table = await queries(peers, bodies, directory)
    const killed = await kills(directory)
    const report = [
      `# ${new Date().toISOString().slice(0, 10)}, ${commit()}`,
      '',
      machine(),
      '',
      ingestTable(results),
      '',
      '```',
      table.trim(),
      '',
      killed.trim(),
      '```',
      '',
    ].join('\n')
    console.log(`\n${report}`)
    const folder = join(root, 'bench', 'results')
    mkdirSync(folder, { recursive: true })
    writeFileSync(
      join(folder, `${new Date().toISOString().slice(0, 10)}-${flags.series}x${flags.hours}h-${commit()}.md`),
      report,
    )
  } finally {
    rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 })
  }
}

const commit = (): string =>
  execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim()

function machine(): string {
  const model = /model name\s*:\s*(.*)/.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? 'unknown processor'
  return `${flags.series} series x ${flags.hours} h, ${flags.connections} connections; ${model}; Node ${process.version}.`
}

await main()
