// A stand-in for the server: Prometheus's API over generated data, signing in, the built page. For tests of the page alone.
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { answerAccounts } from './fake-accounts.ts'
import { answerAlerting } from './fake-alerting.ts'
import { fakeCardinality, fakeLabelValues } from './fake-cardinality.ts'
import { fakeDroppedTargets, fakeRelabelSteps, fakeRules, fakeTargets } from './fake-data.ts'
import { answerQuery, fakeMetadata, fakeMetricNames } from './fake-queries.ts'

export interface FakeApi extends AsyncDisposable {
  readonly url: string
  /** Changed by tests while it runs. */
  readonly state: FakeState
  close(): Promise<void>
}

export interface FakeState {
  /** Whether a session is open; a POST to /session opens it. */
  signedIn: boolean
  authRequired: boolean
  password: string
  /** The token of a one-time link that still works. */
  linkToken: string | undefined
  /** Paths that answer this status instead. */
  readonly failing: Map<string, number>
  /** No series, no targets, no rules: the first second of a life. */
  empty: boolean
  firing: boolean
  /** Keeps answers back this long. */
  delayMs: number
}

interface FakeApiOptions {
  /** The built page; without it only the API answers. */
  readonly distDir?: string
  readonly port?: number
  readonly state?: Partial<Omit<FakeState, 'failing'>>
}

/** What the real server sends with the page; the tests' console shows what it forbids. */
const pageHeaders = {
  'content-security-policy':
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
}

export async function startFakeApi(options: FakeApiOptions = {}): Promise<FakeApi> {
  const state: FakeState = {
    signedIn: true,
    authRequired: true,
    password: 'correct horse battery',
    linkToken: 'one-time',
    empty: false,
    firing: true,
    delayMs: 0,
    ...options.state,
    failing: new Map(),
  }
  const server = createServer((request, response) => {
    handle(request, response, state, options.distDir).catch((error: unknown) => {
      response.writeHead(500).end(String(error))
    })
  })
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve))
  const close = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    state,
    close,
    [Symbol.asyncDispose]: close,
  }
}

export interface FakeRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly body: string
}

export interface FakeAnswer {
  readonly status: number
  readonly body: unknown
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  state: FakeState,
  distDir: string | undefined,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://fake')
  if (!url.pathname.startsWith('/api/')) return sendPage(url.pathname, response, distDir)
  const body = await textOf(request)
  const query = new URLSearchParams([
    ...url.searchParams,
    ...(request.headers['content-type']?.includes('form') ? new URLSearchParams(body) : []),
  ])
  if (state.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, state.delayMs))
  const { status, body: answer } = answerApi(
    { method: request.method ?? 'GET', path: url.pathname, query, body },
    state,
  )
  response.writeHead(status, { 'content-type': 'application/json', 'x-request-id': 'fake-request' })
  response.end(status === 204 ? undefined : JSON.stringify(answer))
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

function answerApi(request: FakeRequest, state: FakeState): FakeAnswer {
  const failing = state.failing.get(request.path)
  if (failing !== undefined) return prometheusError(failing, 'internal', 'The store does not answer')
  if (request.path === '/api/tidewatch/v1/cardinality')
    return { status: 200, body: fakeCardinality(Date.now(), state.empty) }
  const label = /^\/api\/tidewatch\/v1\/cardinality\/labels\/([^/]+)$/.exec(request.path)?.[1]
  if (label !== undefined) return { status: 200, body: fakeLabelValues(decodeURIComponent(label)) }
  const alerting = state.signedIn ? answerAlerting(request, state) : undefined
  if (alerting !== undefined) return alerting
  if (request.path.startsWith('/api/tidewatch/v1/')) return answerAccounts(request, state)
  if (!state.signedIn) return prometheusError(401, 'unauthorized', 'You are signed out')
  return answerPrometheus(request.path.slice('/api/v1'.length), request.query, state)
}

function answerPrometheus(path: string, query: URLSearchParams, state: FakeState): FakeAnswer {
  const labelName = /^\/label\/([^/]+)\/values$/.exec(path)?.[1]
  if (labelName !== undefined)
    return success(state.empty ? [] : labelName === '__name__' ? fakeMetricNames : ['api', 'host', 'tidewatch'])
  switch (path) {
    case '/query':
    case '/query_range': {
      const answer = answerQuery(query, { empty: state.empty, range: path === '/query_range' })
      return 'error' in answer ? prometheusError(400, 'bad_data', answer.error) : success(answer.data)
    }
    case '/labels':
      return success(['__name__', 'instance', 'job', 'mode'])
    case '/series':
      return success([{ __name__: 'up', job: 'api', instance: '10.0.0.1:8080' }])
    case '/metadata':
      return success(state.empty ? {} : fakeMetadata)
    case '/targets':
      return success({
        activeTargets: state.empty ? [] : fakeTargets(Date.now()),
        droppedTargets: state.empty ? [] : fakeDroppedTargets,
        droppedTargetCounts: state.empty ? {} : { api: 3 },
      })
    case '/targets/relabel_steps': {
      const labels = JSON.parse(query.get('labels') ?? '{}') as Record<string, string>
      return success({ steps: query.get('scrapePool') === 'api' ? fakeRelabelSteps(labels) : [] })
    }
    case '/rules':
      return success({ groups: state.empty ? [] : fakeRules(Date.now(), state.firing) })
    case '/status/buildinfo':
      return success({ version: '0.1.0' })
    default:
      return prometheusError(404, 'not_found', `There is no ${path}`)
  }
}

const success = (data: unknown): FakeAnswer => ({ status: 200, body: { status: 'success', data } })
const prometheusError = (status: number, errorType: string, error: string): FakeAnswer => ({
  status,
  body: { status: 'error', errorType, error },
})

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

async function sendPage(path: string, response: ServerResponse, distDir: string | undefined): Promise<void> {
  if (distDir === undefined) {
    response.writeHead(404).end()
    return
  }
  const file = extname(path) === '' ? 'index.html' : normalize(path)
  const bytes = await readFile(join(distDir, file)).catch(() => undefined)
  if (bytes === undefined) {
    response.writeHead(404).end()
    return
  }
  response.writeHead(200, { 'content-type': contentTypes[extname(file)] ?? 'application/octet-stream', ...pageHeaders })
  response.end(bytes)
}
