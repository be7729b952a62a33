// Readers of a live tail that take nothing, by events and by WebSocket, while much comes: nobody else waits for them, and no memory is held for them.
import { readFileSync } from 'node:fs'
import { get, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { type LogTailEvent, logTailEvent } from '@tidewatch/api/logs.ts'
import { sendLogLines } from '@tidewatch/testkit/log-lines.ts'
import { type RunningServer, startServer } from '@tidewatch/testkit/server.ts'
import { afterAll, beforeAll, expect, test } from 'vitest'

let server: RunningServer
beforeAll(async () => {
  server = await startServer({ readyTimeoutMs: 120_000 })
})
afterAll(() => server?.[Symbol.asyncDispose]())

const rssMb = (): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1]) / 1024

const linesEach = 500
const requests = 10
/** Requests of 2 MB. */
async function flood(service: string, count: number): Promise<void> {
  const padding = 'x'.repeat(4000)
  for (let request = 0; request < count; request++) {
    const lines = Array.from({ length: linesEach }, (_, i) => ({ service, message: `${request} ${i} ${padding}` }))
    await sendLogLines(server.url, lines)
  }
}

const tailUrl = (query: string): string =>
  `${server.url}/api/tidewatch/v1/logs/tail?${new URLSearchParams({ query, language: 'kql' })}`

/** Takes the first event and nothing after it. */
function stalledEvents(query: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(tailUrl(query), (answer) => {
      answer.on('error', () => {})
      answer.once('data', () => resolve(answer.pause()))
    }).on('error', reject)
  })
}

/** A WebSocket that was agreed on and is never read. */
function stalledSocket(query: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1', () => {
      const path = `/loki/api/v1/tail?${new URLSearchParams({ query })}`
      const head = ['connection: Upgrade', 'upgrade: websocket', 'sec-websocket-version: 13']
      const key = `sec-websocket-key: ${Buffer.alloc(16, 'k').toString('base64')}`
      socket.write([`GET ${path} HTTP/1.1`, `host: 127.0.0.1:${server.port}`, ...head, key, '', ''].join('\r\n'))
    })
    socket.on('error', reject)
    socket.once('data', (answer: Buffer) => {
      socket.pause()
      if (answer.toString().startsWith('HTTP/1.1 101')) resolve(socket)
      else reject(new Error(answer.toString()))
    })
  })
}

/** All events until so many lines are told of. */
async function readAll(query: string, lines: number, onOpen: () => void): Promise<LogTailEvent[]> {
  const found: LogTailEvent[] = []
  const stop = new AbortController()
  const { body } = await fetch(tailUrl(query), { signal: stop.signal })
  if (body === null) throw new Error('the tail has no body')
  let rest = ''
  let told = 0
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + text).split('\n\n')
    rest = parts.pop() ?? ''
    for (const part of parts) {
      const event = logTailEvent.parse(JSON.parse(part.replace(/^data: /, '')))
      found.push(event)
      if (found.length === 1) onOpen()
      if (event.type === 'lines') told += event.matched
    }
    if (told >= lines) break
  }
  stop.abort()
  return found
}

/** What comes once it is read again, until it says what is looked for. */
function readUntil(stream: IncomingMessage | Socket, wanted: RegExp): Promise<string> {
  let text = ''
  return new Promise((resolve, reject) => {
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
      if (wanted.test(text.slice(-chunk.length - 1000))) resolve(text)
    })
    stream.on('close', () => reject(new Error('it ended without a word')))
    stream.resume()
  })
}

test('readers that stand still neither hold memory nor keep others from what comes', async () => {
  // what taking so many lines needs by itself is not of the tail
  await flood('before', 4)
  const beforeMb = rssMb()
  const stalled = await Promise.all(Array.from({ length: 8 }, () => stalledEvents('service: flood')))
  const sockets = await Promise.all(Array.from({ length: 8 }, () => stalledSocket('{service_name="flood"}')))
  let sent: Promise<void> | undefined
  const events = await readAll('service: flood', requests * linesEach, () => {
    sent = flood('flood', requests)
  })
  await sent
  const told = events.reduce((sum, event) => sum + (event.type === 'lines' ? event.matched : 0), 0)
  expect(told).toBe(requests * linesEach)
  for (const event of events)
    if (event.type === 'lines') expect(event.share).toBeCloseTo(event.lines.length / event.matched)
  // 16 readers of 20 MB each would be 320 MB beside the 180 to 270 that the stream itself needs
  expect(rssMb() - beforeMb).toBeLessThan(400)
  // stalled ones that read again are told what they lack
  const [answer, socket] = [stalled[0], sockets[0]]
  if (answer === undefined || socket === undefined) throw new Error('nobody stands still')
  const [late, loki] = await Promise.all([
    readUntil(answer, /"share":0\.\d/),
    readUntil(socket, /"dropped_entries":\[\{/),
  ])
  expect(late).toMatch(/"matched":\d+/)
  expect(loki).toContain('"service_name":"flood"')
  for (const answer of stalled) answer.destroy()
  for (const socket of sockets) socket.destroy()
})
