// A server on a free port with a fake clock, for the tests of this folder and those under tests/hostile.
import { request as httpRequest, type IncomingHttpHeaders, type RequestOptions } from 'node:http'
import { connect } from 'node:net'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { createHealth } from '../../self/health.ts'
import { createLogger } from '../../self/logger.ts'
import { createMetrics } from '../../self/metrics.ts'
import { createTaskGroup } from '../../self/task-group.ts'
import { anonymous } from '../guard.ts'
import type { AuthenticatedRequest, Authenticator, Identity, Permission, Route } from '../port.ts'
import { createHttpServer, type HttpServer, type HttpServerOptions } from '../server.ts'

export const everything: Identity = {
  kind: 'local',
  name: 'local',
  permissions: new Set<Permission>(['public', 'ingest', 'view', 'edit', 'admin']),
  projects: 'all',
  project: defaultProject,
}

/** All who call may do everything, except for pages of other origins. */
export const openToAll: Authenticator = {
  identify: async ({ crossOrigin }: AuthenticatedRequest) => (crossOrigin ? anonymous : everything),
}

export interface ServedForTest extends AsyncDisposable {
  readonly http: HttpServer
  readonly clock: FakeClock
  readonly log: readonly string[]
  call(path: string, options?: CallOptions): Promise<Called>
  /** Sends bytes as they are and collects what comes until the connection ends. */
  raw(bytes: string | Uint8Array, options?: { readonly end?: boolean }): Promise<string>
}

export interface CallOptions {
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly body?: string | Uint8Array
  readonly request?: RequestOptions
}

export interface Called {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly bytes: Buffer
  readonly text: string
  json(): unknown
}

export async function serveForTest(
  routes: readonly Route[],
  overrides: Partial<Omit<HttpServerOptions, 'clock'>> = {},
): Promise<ServedForTest> {
  const clock = new FakeClock()
  const log: string[] = []
  const logger = createLogger({ clock, format: 'json', level: 'debug', write: (line) => log.push(line) })
  const metrics = createMetrics({ logger })
  const health = createHealth({ clock, logger, metrics })
  const onFatal = (name: string, error: unknown): void => {
    throw new Error(`${name} failed`, { cause: error })
  }
  const tasks = createTaskGroup({ clock, logger, onFatal })
  const http = await createHttpServer({
    routes,
    authenticator: openToAll,
    clock,
    logger,
    metrics,
    health,
    tasks,
    host: '127.0.0.1',
    port: 0,
    externalUrl: undefined,
    tls: undefined,
    webDir: '/nonexistent',
    version: '0.0.0-test',
    ...overrides,
  })
  return {
    http,
    clock,
    log,
    call: (path, options) => call(http.port, path, options),
    raw: (bytes, options) => sendRaw(http.port, bytes, options),
    async [Symbol.asyncDispose]() {
      await tasks[Symbol.asyncDispose]()
      const closed = http[Symbol.asyncDispose]()
      await clock.advance(10_000)
      await closed
    },
  }
}

function call(port: number, path: string, options: CallOptions = {}): Promise<Called> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, body } = options
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const request = httpRequest(
      { host: '127.0.0.1', port, path, method, agent: false, headers: { ...length, ...headers }, ...options.request },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const bytes = Buffer.concat(chunks)
          const text = bytes.toString()
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            bytes,
            text,
            json: () => JSON.parse(text),
          })
        })
      },
    )
    request.on('error', reject)
    request.end(body)
  })
}

function sendRaw(
  port: number,
  bytes: string | Uint8Array,
  { end = true }: { readonly end?: boolean } = {},
): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const chunks: Buffer[] = []
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(Buffer.concat(chunks).toString()))
    socket.write(bytes)
    if (end) socket.end()
  })
}
