// Live tail under a steady stream of lines: who gets how many of them and how late, and what it costs the server, which is a process of its own.
// `node bench/src/logs-tail.ts [lines a second, 5000] [seconds, 10]`
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { get, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { logTailEvent } from '@tidewatch/api/logs.ts'
import { type RunningServer, repositoryRoot, startServer } from '@tidewatch/testkit/server.ts'

const perSecond = Number(process.argv[2] ?? 5000)
const seconds = Number(process.argv[3] ?? 10)
const requestsPerSecond = 20
const warmUpMs = 30_000
const asJson = { 'content-type': 'application/x-ndjson' }
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** What one reader was given. */
interface Read {
  lines: number
  /** Lines that the server says there were, those that it left out with them; undefined where its API does not count them. */
  matched: number | undefined
  readonly delaysMs: number[]
}

interface Reader {
  readonly name: string
  /** Of the lines that are sent, how many it asks for. */
  readonly share: number
  readonly read: Read
  close(): void
}

const newRead = (matched: number | undefined): Read => ({ lines: 0, matched, delaysMs: [] })

function note(read: Read, sentMs: unknown): void {
  read.lines++
  if (read.delaysMs.length < 200_000) read.delaysMs.push(Date.now() - Number(sentMs))
}

/** How a reader of server-sent events takes them: `fast` as they come, `slow` 16 kB each half second, `stalled` the first and no more. */
type Pace = 'fast' | 'slow' | 'stalled'

async function events(server: RunningServer, pace: Pace, query: string, share: number): Promise<Reader> {
  const read = newRead(0)
  const url = `${server.url}/api/tidewatch/v1/logs/tail?${new URLSearchParams({ query, language: 'kql' })}`
  const answer = await new Promise<IncomingMessage>((resolve, reject) => get(url, resolve).on('error', reject))
  let rest = ''
  const take = (chunk: Buffer): void => {
    const parts = (rest + chunk.toString()).split('\n\n')
    rest = parts.pop() ?? ''
    for (const part of parts) {
      const event = logTailEvent.parse(JSON.parse(part.replace(/^data: /, '')))
      if (event.type !== 'lines') continue
      read.matched = (read.matched ?? 0) + event.matched
      for (const { attributes } of event.lines) note(read, attributes.sent_ms)
    }
  }
  answer.on('error', () => {})
  let timer: NodeJS.Timeout | undefined
  if (pace === 'fast') answer.on('data', take)
  else {
    answer.once('data', (first: Buffer) => {
      take(first)
      answer.pause()
    })
    if (pace === 'slow')
      timer = setInterval(() => {
        const chunk: Buffer | null = answer.read(16_384) ?? answer.read()
        if (chunk !== null) take(chunk)
      }, 500)
  }
  const name = `events, ${pace}${query === '' ? '' : `, ${query}`}`
  return {
    ...{ name, share, read },
    close() {
      clearInterval(timer)
      answer.destroy()
    },
  }
}

/** Loki's tail by WebSocket. */
async function socket(server: RunningServer, query: string, share: number): Promise<Reader> {
  const read = newRead(undefined)
  const url = `${server.url.replace('http', 'ws')}/loki/api/v1/tail?${new URLSearchParams({ query, limit: '1' })}`
  const open = new WebSocket(url)
  open.addEventListener('message', ({ data }) => {
    const { streams } = JSON.parse(String(data)) as { streams: { values: [string, string][] }[] }
    for (const { values } of streams) for (const [, line] of values) note(read, /sent at (\d+)/.exec(line)?.[1])
  })
  await new Promise((resolve, reject) => {
    open.addEventListener('open', resolve)
    open.addEventListener('error', reject)
  })
  return { name: `WebSocket, fast, ${query}`, share, read, close: () => open.close() }
}

/** `tidewatch logs -f`, as text. */
function command(server: RunningServer): Reader {
  const read = newRead(0)
  const main = join(repositoryRoot, 'packages', 'server', 'src', 'cli', 'main.ts')
  const child = spawn(process.execPath, [main, 'logs', '-f', '--url', server.url], { env: { ...process.env } })
  let rest = ''
  child.stdout.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n')
    rest = lines.pop() ?? ''
    read.matched = (read.matched ?? 0) + lines.length
    for (const line of lines) note(read, /sent at (\d+)/.exec(line)?.[1])
  })
  child.stderr.on('data', (chunk: Buffer) => {
    for (const [, left] of chunk.toString().matchAll(/-- (\d+) more lines/g))
      read.matched = (read.matched ?? 0) + Number(left)
  })
  return { name: 'tidewatch logs -f', share: 1, read, close: () => child.kill('SIGKILL') }
}

/** ms of processor time that a process took, and its memory now and at most, in MB. */
function costOf(pid: number): { readonly cpuMs: number; readonly rssMb: number; readonly mostMb: number } {
  const after = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const mb = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024
  return { cpuMs: (Number(after[11]) + Number(after[12])) * 10, rssMb: mb('VmRSS'), mostMb: mb('VmHWM') }
}

/** Sends at the rate; resolves with what was taken. Late requests are sent at once, so that the rate holds. */
async function send(server: RunningServer): Promise<number> {
  const each = Math.round(perSecond / requestsPerSecond)
  const startMs = performance.now()
  let count = 0
  for (let request = 0; request < seconds * requestsPerSecond; request++) {
    const restMs = startMs + (request * 1000) / requestsPerSecond - performance.now()
    if (restMs > 0) await wait(restMs)
    const sentMs = Date.now()
    const body = Array.from({ length: each }, () => {
      const level = ++count % 10 === 0 ? 'error' : 'info'
      const message = `order ${count} was stored after ${count % 90} ms, sent at ${sentMs}`
      return JSON.stringify({ level, message, service: 'shop', order: count, path: '/api/orders', sent_ms: sentMs })
    })
    const answer = await fetch(`${server.url}/api/tidewatch/v1/logs`, {
      method: 'POST',
      headers: asJson,
      body: body.join('\n'),
    })
    if (!answer.ok) throw new Error(await answer.text())
    await answer.text()
  }
  const tookMs = performance.now() - startMs
  console.log(`sent ${count} lines in ${(tookMs / 1000).toFixed(1)} s, ${Math.round((count / tookMs) * 1000)} a second`)
  return count
}

const percentile = (sorted: readonly number[], share: number): string =>
  sorted.length === 0 ? '-' : String(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))])

function report({ name, share, read: { lines, matched, delaysMs } }: Reader, sent: number): void {
  const sorted = delaysMs.toSorted((a, b) => a - b)
  const percent = (part: number): string => `${((part / (sent * share)) * 100).toFixed(1).padStart(6)} %`
  const told = matched === undefined ? '      -' : percent(matched)
  const delays = `${percentile(sorted, 0.5).padStart(6)} ${percentile(sorted, 0.99).padStart(6)}`
  console.log(`${name.padEnd(48)} ${percent(lines)} ${told.padStart(9)} ${delays}`)
}

/** Until each reader that reads was given a line; what it got until then does not count. */
async function warmUp(server: RunningServer, readers: readonly Reader[]): Promise<void> {
  const reading = readers.filter(({ name }) => !name.includes('stalled'))
  const line = { level: 'error', message: `a first one, sent at ${Date.now()}`, service: 'shop', sent_ms: Date.now() }
  for (const endMs = performance.now() + warmUpMs; ; ) {
    await fetch(`${server.url}/api/tidewatch/v1/logs`, { method: 'POST', headers: asJson, body: JSON.stringify(line) })
    await wait(500)
    const waiting = reading.filter(({ read }) => read.lines === 0).map(({ name }) => name)
    if (waiting.length === 0) break
    if (performance.now() > endMs) throw new Error(`no line came to ${waiting.join('; ')}`)
  }
  await wait(1000)
  for (const { read } of readers) {
    read.lines = 0
    if (read.matched !== undefined) read.matched = 0
    read.delaysMs.length = 0
  }
}

async function round(title: string, open: (server: RunningServer) => Promise<readonly Reader[]>): Promise<void> {
  console.log(`\n${title}`)
  await using server = await startServer()
  const readers = await open(server)
  await warmUp(server, readers)
  const before = costOf(server.pid)
  const sent = await send(server)
  await wait(1500)
  const after = costOf(server.pid)
  console.log(`${'reader'.padEnd(48)}  given  told of   p50 ms p99 ms`)
  for (const reader of readers) report(reader, sent)
  const cpu = ((after.cpuMs - before.cpuMs) / (seconds * 10)).toFixed(0)
  const memory = `${before.rssMb.toFixed(0)} MB before, ${after.rssMb.toFixed(0)} MB after, ${after.mostMb.toFixed(0)} MB at most`
  console.log(`server (without its engine): ${cpu} % of a processor; ${memory}`)
  for (const reader of readers) reader.close()
}

const errors = 'level: error'
await round('nobody follows', async () => [])
await round('all lines', async (server) => [
  await events(server, 'fast', '', 1),
  await events(server, 'slow', '', 1),
  await events(server, 'stalled', '', 1),
  await socket(server, '{service_name="shop"}', 1),
  command(server),
])
await round('a filter that one line in ten fits', async (server) => [
  await events(server, 'fast', errors, 0.1),
  await events(server, 'slow', errors, 0.1),
  await events(server, 'stalled', errors, 0.1),
  await socket(server, '{service_name="shop"} | level="error"', 0.1),
])
