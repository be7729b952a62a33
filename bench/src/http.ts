// What our layer around a handler costs: an empty handler and a body of bytes, beside bare Fastify and bare node:http in the same run.
// Client and server share the process, so figures are for the whole round trip on a kept connection.
import { Agent, createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock } from '@tidewatch/core/clock.ts'
import { type Authenticator, defineRoute, type Identity, type Permission } from '@tidewatch/server/http/port.ts'
import { createHttpServer } from '@tidewatch/server/http/server.ts'
import { createHealth } from '@tidewatch/server/self/health.ts'
import { createMetrics } from '@tidewatch/server/self/metrics.ts'
import type { Logger } from '@tidewatch/server/self/port.ts'
import { createTaskGroup } from '@tidewatch/server/self/task-group.ts'
import Fastify from 'fastify'
import { compressSync, uncompressSync } from 'snappy'

const quiet: Logger = { debug() {}, info() {}, warn: console.warn, error: console.error, child: () => quiet }
const rounds = 3
const agent = new Agent({ keepAlive: true, maxSockets: 1 })
const plain = Buffer.alloc(2 << 20, 'remote_write label bytes and samples 0123456789 ')
for (let i = 0; i < plain.length; i += 7) plain[i] = (i * 2654435761) & 0xff
const block = compressSync(plain)

const identity: Identity = {
  kind: 'ingest_key',
  name: 'key:bench',
  permissions: new Set<Permission>(['public', 'ingest', 'view']),
  projects: 'all',
  project: 0 as Identity['project'],
}
const authenticator: Authenticator = { identify: async () => identity }

const stack = new AsyncDisposableStack()
try {
  const ports = { 'node:http': await bare(), fastify: await fastify(), tidewatch: await ours() }
  console.log(`body: ${block.length} bytes of snappy, ${plain.length} inflated`)
  for (let round = 1; round <= rounds; round++) {
    for (const [name, port] of Object.entries(ports)) {
      const empty = await measure(3000, () => call(port, 'GET', '/empty'))
      const body = await measure(150, () => call(port, 'POST', '/write', block))
      console.log(`round ${round}  ${name.padEnd(10)} empty: ${empty}   write: ${body}`)
    }
  }
} finally {
  agent.destroy()
  await stack.disposeAsync()
}

async function ours(): Promise<number> {
  const metrics = createMetrics({ logger: quiet })
  const health = createHealth({ clock: systemClock, logger: quiet, metrics })
  const tasks = stack.use(createTaskGroup({ clock: systemClock, logger: quiet, onFatal: console.error }))
  const common = { permission: 'ingest', errors: 'text', summary: '' } as const
  const routes = [
    defineRoute({ ...common, method: 'GET', path: '/empty', handle: () => ({ status: 204 }) }),
    defineRoute({
      ...common,
      method: 'POST',
      path: '/write',
      bodyKind: 'bytes',
      snappy: true,
      handle: ({ body }) => ({ status: (body as Uint8Array).length === plain.length ? 204 : 500 }),
    }),
  ]
  const parts = { clock: systemClock, logger: quiet, metrics, health, tasks, authenticator, routes }
  const place = {
    host: '127.0.0.1',
    port: 0,
    externalUrl: undefined,
    tls: undefined,
    webDir: '/nonexistent',
    version: 'bench',
  }
  return stack.use(await createHttpServer({ ...parts, ...place })).port
}

async function fastify(): Promise<number> {
  const app = Fastify()
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: 64 << 20 }, (_request, body, done) => done(null, body))
  app.get('/empty', (_request, reply) => reply.code(204).send())
  app.post('/write', (asked, reply) =>
    reply.code(uncompressSync(asked.body as Buffer).length === plain.length ? 204 : 500).send(),
  )
  await app.listen({ host: '127.0.0.1', port: 0 })
  stack.defer(() => app.close())
  return (app.server.address() as AddressInfo).port
}

async function bare(): Promise<number> {
  const server = createServer((asked, answer) => {
    const chunks: Buffer[] = []
    asked.on('data', (chunk: Buffer) => chunks.push(chunk))
    asked.on('end', () => {
      if (asked.method === 'POST') uncompressSync(Buffer.concat(chunks))
      answer.writeHead(204).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  stack.defer(() => new Promise<void>((resolve) => server.close(() => resolve())))
  return (server.address() as AddressInfo).port
}

function call(port: number, method: string, path: string, body?: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers =
      body === undefined
        ? {}
        : { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy', 'content-length': body.length }
    const asked = request({ host: '127.0.0.1', port, method, path, agent, headers }, (answer) => {
      if (answer.statusCode !== 204) reject(new Error(`status ${answer.statusCode}`))
      answer.resume().on('end', resolve)
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

/** Median and 99th percentile, in ms, and the CPU of the process for each call. */
async function measure(count: number, work: () => Promise<void>): Promise<string> {
  for (let i = 0; i < count / 5; i++) await work()
  const times = new Float64Array(count)
  const before = process.cpuUsage()
  for (let i = 0; i < count; i++) {
    const began = performance.now()
    await work()
    times[i] = performance.now() - began
  }
  const { user, system } = process.cpuUsage(before)
  times.sort()
  const at = (part: number): string => (times[Math.floor(count * part)] as number).toFixed(3)
  return `p50 ${at(0.5)} p99 ${at(0.99)} ms, cpu ${((user + system) / 1000 / count).toFixed(3)} ms`
}
