// Our log API beside raw ClickHouse and ripgrep, in one run over the kit's lines (BENCH_KIT, by default ../shared/bench): loading over HTTP, disk,
// memory, and the kit's queries with their right answers.
//   node scripts/with-node.mjs node bench/src/logs.ts [--lines 5000000] [--connections 2] [--runs 15] [--no-raw] [--no-rg] [--keep DIR]
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { Agent, type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { json, text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { logHistogram, logValues } from '@tidewatch/api/logs.ts'
import { type Ours, startOurs, storeClientOf } from './peers.ts'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..')
const kit = process.env.BENCH_KIT ?? join(root, '..', 'shared', 'bench')

const { values: flags } = parseArgs({
  options: {
    lines: { type: 'string', default: '5000000' },
    connections: { type: 'string', default: '2' },
    runs: { type: 'string', default: '15' },
    'no-raw': { type: 'boolean', default: false },
    'no-rg': { type: 'boolean', default: false },
    /** Lines and data stay in this directory, and are used again where they are there. */
    keep: { type: 'string' },
  },
})

const bodyBytes = 4 << 20
/** The first ones are of code that V8 has not made fast yet: a server that somebody asks has been asked before. */
const warmUps = 10
/** A look at the memory of all processes takes some 40 ms, in which the sender does nothing and the server gets no memory. */
const memoryEveryMs = 2500

interface Meta {
  readonly startMs: number
  readonly endMs: number
  readonly traceId: string
  readonly bytes: number
}

interface KitQuery {
  readonly id: string
  readonly kind: 'lines' | 'count' | 'by' | 'histogram'
  readonly field?: string
  lucene(meta: Meta): string
}

interface Answers {
  readonly meta: Meta
  readonly truth: Readonly<Record<string, { readonly lines: number; readonly groups?: unknown }>>
}

const { LOG_QUERIES } = (await import(pathToFileURL(join(kit, 'logs', 'logs-queries.mjs')).href)) as {
  LOG_QUERIES: readonly KitQuery[]
}
const { usage } = (await import(pathToFileURL(join(kit, 'lib', 'proc.mjs')).href)) as {
  usage(pid: number): { readonly cpu: number; readonly rss: number }
}

function run(script: string, args: readonly string[]): Promise<void> {
  return new Promise((done, reject) => {
    const child = spawn(process.execPath, [join(kit, 'logs', script), ...args], { stdio: 'inherit' })
    child.on('exit', (code) => (code === 0 ? done() : reject(new Error(`${script} ended with ${code}`))))
  })
}

/** Bodies of whole lines, read as they are needed: the file is larger than what should lie in memory. */
function* bodiesOf(file: string): Generator<Buffer> {
  const handle = openSync(file, 'r')
  const { size } = statSync(file)
  for (let at = 0; at < size; ) {
    const body = Buffer.allocUnsafe(Math.min(bodyBytes, size - at))
    const read = readSync(handle, body, 0, body.length, at)
    const end = at + read === size ? read : body.lastIndexOf(0x0a, read) + 1
    at += end
    yield body.subarray(0, end)
  }
}

interface Agents {
  readonly agent: Agent
}

function post(url: string, body: Buffer, { agent }: Agents): Promise<number> {
  return new Promise((done, reject) => {
    const headers = { 'content-type': 'application/x-ndjson', 'content-length': body.length }
    const sending = request(url, { method: 'POST', agent, headers }, (answer) => {
      answer.resume()
      answer.on('end', () => done(answer.statusCode ?? 0))
    })
    sending.on('error', reject)
    sending.end(body)
  })
}

/** A sender that repeats what was refused for want of room. */
async function send(url: string, bodies: Generator<Buffer>, agents: Agents): Promise<void> {
  for (const body of bodies) {
    for (;;) {
      const status = await post(url, body, agents)
      if (status < 300) break
      if (status !== 429 && status < 500) throw new Error(`answered ${status}`)
      await wait(200)
    }
  }
}

async function load(ours: Ours, file: string, meta: Meta): Promise<void> {
  const bodies = bodiesOf(file)
  const agents = { agent: new Agent({ keepAlive: true }) }
  const before = usage(ours.pid())
  let peak = 0
  const watching = setInterval(() => {
    peak = Math.max(peak, usage(ours.pid()).rss)
  }, memoryEveryMs)
  const began = performance.now()
  const url = `${ours.url}/api/tidewatch/v1/logs`
  await Promise.all(Array.from({ length: Number(flags.connections) }, () => send(url, bodies, agents)))
  const seconds = (performance.now() - began) / 1000
  const sent = usage(ours.pid())
  agents.agent.destroy()
  await settle(ours)
  clearInterval(watching)
  const settled = usage(ours.pid())
  const lines = Number(flags.lines)
  const micros = (cpu: number): string => ((cpu / lines) * 1e6).toFixed(2)
  console.log(
    `ours: ${(meta.bytes / seconds / 1e6).toFixed(1)} MB/s acknowledged, ${Math.round(lines / seconds)} lines/s, ` +
      `${micros(sent.cpu - before.cpu)} µs of CPU a line while sending, ${micros(settled.cpu - before.cpu)} when all is loaded, ` +
      `at most ${(Math.max(peak, settled.rss) / 1e6).toFixed(0)} MB in all processes`,
  )
}

/** Until the spool is empty and merges have had their time. */
async function settle(ours: Ours): Promise<void> {
  for (let quiet = 0; quiet < 10; ) {
    const text = await (await fetch(`${ours.url}/metrics`)).text()
    const waiting = Number(/^tidewatch_spool_segments (\d+)/m.exec(text)?.[1] ?? 1)
    quiet = waiting <= 1 ? quiet + 1 : 0
    await wait(1000)
  }
}

/** One part a day, as it becomes by itself ten minutes after the last line; raw ClickHouse is asked in that state, too. */
async function mergeAll(ours: Ours, meta: Meta): Promise<void> {
  await using client = storeClientOf(ours.dataDir)
  const began = performance.now()
  const limits = { signal: AbortSignal.timeout(900_000), timeoutMs: 900_000 }
  await client.command('OPTIMIZE TABLE logs FINAL', limits)
  // what was merged lies about for eight minutes more, and slows down whoever lists parts
  await client.command('ALTER TABLE logs MODIFY SETTING old_parts_lifetime = 1', limits)
  const isLeft = "SELECT 1 AS one FROM system.parts WHERE NOT active AND table = 'logs' LIMIT 1"
  while ((await client.query(isLeft, limits)).length > 0) await wait(500)
  await client.command('ALTER TABLE logs RESET SETTING old_parts_lifetime', limits)
  const [parts] = await client.query<{ n: number; bytes: number }>(
    "SELECT toFloat64(count()) AS n, toFloat64(sum(bytes_on_disk)) AS bytes FROM system.parts WHERE active AND table = 'logs'",
    limits,
  )
  const { n = 0, bytes = 0 } = parts ?? {}
  console.log(
    `merged to ${n} parts in ${((performance.now() - began) / 1000).toFixed(1)} s: ${(bytes / 1e6).toFixed(0)} MB, ${(meta.bytes / bytes).toFixed(2)} times smaller than the file`,
  )
}

interface Measured {
  readonly lines: number
  readonly firstMs: number
}

/** Asks as a shipper's or a dashboard's server does. By `fetch` the same answer takes 1.5 to 3 ms more, all of it in this process. */
async function get(url: string, { agent }: Agents): Promise<IncomingMessage> {
  const [answer] = (await once(request(url, { agent }).end(), 'response')) as [IncomingMessage]
  if (answer.statusCode !== 200) throw new Error(`${url}: ${answer.statusCode} ${await text(answer)}`)
  return answer
}

async function ask(ours: Ours, query: KitQuery, { meta, agents }: { meta: Meta; agents: Agents }): Promise<Measured> {
  const began = performance.now()
  const parameters = new URLSearchParams({
    ...{ query: query.lucene(meta), language: 'lucene' },
    ...{ fromMs: String(meta.startMs), toMs: String(meta.endMs + 1) },
  })
  const read = (path: string, more: Readonly<Record<string, string>>): Promise<IncomingMessage> => {
    for (const [name, value] of Object.entries(more)) parameters.set(name, value)
    return get(`${ours.url}/api/tidewatch/v1/logs/${path}?${parameters}`, agents)
  }
  if (query.kind === 'lines') return readSearch(await read('search', { limit: '100' }), began)
  if (query.kind === 'by') {
    const answer = await read('fields/values', { field: query.field ?? '', limit: '100' })
    const { values } = logValues.parse(await json(answer))
    return { lines: values.reduce((sum, { count }) => sum + count, 0), firstMs: performance.now() - began }
  }
  const bars = query.kind === 'count' ? '1' : '1000'
  const { total } = logHistogram.parse(await json(await read('histogram', { bars, by: '' })))
  return { lines: total, firstMs: performance.now() - began }
}

/** When the first event came, and how many lines there were. */
async function readSearch(answer: IncomingMessage, began: number): Promise<Measured> {
  let firstMs = 0
  const chunks: Buffer[] = []
  for await (const chunk of answer) {
    if (firstMs === 0) firstMs = performance.now() - began
    chunks.push(chunk)
  }
  const lines = Buffer.concat(chunks)
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { readonly type: string; readonly lines?: readonly unknown[]; message?: string })
  const failed = lines.find(({ type }) => type === 'error')
  if (failed !== undefined) throw new Error(failed.message)
  return { lines: lines.reduce((sum, { lines: found = [] }) => sum + found.length, 0), firstMs }
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] as number

async function queries(ours: Ours, { meta, truth }: Answers): Promise<void> {
  console.log(`\n${'query'.padEnd(20)}${'median ms'.padStart(10)}${'first ms'.padStart(10)}  lines`)
  const agents = { agent: new Agent({ keepAlive: true }) }
  for (const query of LOG_QUERIES) {
    const times: number[] = []
    const firsts: number[] = []
    let lines = 0
    for (let i = 0; i < warmUps + Number(flags.runs); i++) {
      const began = performance.now()
      const measured = await ask(ours, query, { meta, agents })
      lines = measured.lines
      if (i < warmUps) continue
      times.push(performance.now() - began)
      firsts.push(measured.firstMs)
    }
    const right = truth[query.id]?.lines ?? -1
    const wanted = query.kind === 'lines' ? Math.min(100, right) : right
    const told = lines === wanted ? 'right' : `WRONG: ${wanted} wanted`
    const cells = [median(times), median(firsts)].map((ms) => ms.toFixed(1).padStart(10)).join('')
    console.log(`${query.id.padEnd(20)}${cells}  ${lines} ${told}`)
  }
  agents.agent.destroy()
}

async function main(): Promise<void> {
  if (!existsSync(join(kit, 'logs'))) throw new Error(`The bench kit is not at ${kit}. Name it with BENCH_KIT.`)
  const directory = flags.keep ?? mkdtempSync(join(tmpdir(), 'tidewatch-bench-'))
  mkdirSync(directory, { recursive: true })
  try {
    const file = join(directory, 'lines')
    if (!existsSync(`${file}.json`)) await run('gen-logs.mjs', ['--out', file, '--lines', flags.lines])
    const answers = JSON.parse(readFileSync(`${file}.json`, 'utf8')) as Answers
    console.log('\n== ours, over HTTP')
    // a run that ended in the middle left half of them
    const loaded = join(directory, 'loaded')
    if (!existsSync(loaded)) rmSync(join(directory, 'ours'), { recursive: true, force: true })
    {
      await using ours = await startOurs(join(directory, 'ours'))
      if (!existsSync(loaded)) {
        await load(ours, file, answers.meta)
        await mergeAll(ours, answers.meta)
      }
      writeFileSync(loaded, '')
      await queries(ours, answers)
    }
    if (!flags['no-raw']) {
      console.log('\n== raw ClickHouse, in process')
      const raw = join(directory, 'raw')
      rmSync(raw, { recursive: true, force: true })
      await run('baseline-chdb.mjs', [
        '--logs',
        file,
        '--modules',
        join(root, 'node_modules'),
        '--dir',
        raw,
        '--runs',
        flags.runs,
      ])
    }
    if (!flags['no-rg']) {
      console.log('\n== ripgrep on the file')
      await run('baseline-rg.mjs', ['--logs', file])
    }
  } finally {
    if (flags.keep === undefined) rmSync(directory, { recursive: true, force: true })
  }
}

await main()
