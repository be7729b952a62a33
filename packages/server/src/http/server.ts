// The one port: routes of all folders on Fastify, with our own limits, access rules and errors around them.
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import Fastify, { type FastifyInstance, type HTTPMethods } from 'fastify'
import type { Health, Logger, Metrics, TaskGroup } from '../self/port.ts'
import { answerBrokenRequest, type OpenResponses } from './broken-request.ts'
import { ByteBudget } from './byte-budget.ts'
import { type CertificateKeeper, keepCertificate } from './certificate.ts'
import { type ExchangeParts, exchange, pathOf, routeTarget, type Target } from './exchange.ts'
import { InFlight } from './in-flight.ts'
import { listen, ownUrl, stop } from './listener.ts'
import { createOriginCheck } from './origin.ts'
import { createPage, noPage } from './page.ts'
import type { Authenticator, BodyKind, BodyLimits, Route, SocketRoute } from './port.ts'
import { serveSockets } from './sockets.ts'
import { notFoundTarget, optionsTarget, shapeOfPath, wrongMethodTarget } from './stand-ins.ts'
import { systemRoutes } from './system-routes.ts'
import type { TlsFiles } from './tls.ts'

export interface HttpServerOptions {
  readonly routes: readonly Route[]
  readonly sockets?: readonly SocketRoute[]
  readonly authenticator: Authenticator
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
  readonly health: Health
  readonly tasks: TaskGroup
  /** Name or address to listen on. */
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** How people reach the server; its host and origin are ours too. */
  readonly externalUrl: string | undefined
  /** Further names that callers reach it by. */
  readonly hosts?: readonly string[]
  readonly tls: TlsFiles | undefined
  /** Where the build of the page lies; undefined: there is none here. */
  readonly webDir: string | undefined
  readonly version: string
  readonly limits?: Partial<HttpLimits>
}

/** What bounds requests; routes may set their own body limits. */
export interface HttpLimits {
  /** JSON and forms. */
  readonly maxTextBytes: number
  /** Bodies that are bytes, as sent. */
  readonly maxBytes: number
  /** The same, inflated. */
  readonly maxInflatedBytes: number
  /** All bodies in memory together. */
  readonly maxBytesInFlight: number
  readonly maxConnections: number
  /** How long a request may take to arrive whole, in ms. */
  readonly receiveTimeoutMs: number
  /** How long its headers may take, in ms. */
  readonly headersTimeoutMs: number
  /** For routes that name none, in ms. */
  readonly timeoutMs: number
  /** How long a stop waits for requests before it ends them, in ms. */
  readonly drainMs: number
}

export const defaultHttpLimits: HttpLimits = {
  maxTextBytes: 1 << 20,
  maxBytes: 16 << 20,
  maxInflatedBytes: 64 << 20,
  maxBytesInFlight: 256 << 20,
  maxConnections: 10_000,
  receiveTimeoutMs: 60_000,
  headersTimeoutMs: 15_000,
  timeoutMs: 120_000,
  drainMs: 2500,
}

export interface HttpServer extends AsyncDisposable {
  readonly port: number
  /** Where people find the page: the external URL, else the address listened on. No slash at the end. */
  readonly url: string
  /** All routes, those of this folder included. */
  readonly routes: readonly Route[]
  /** Reads certificate and key again; the former ones stay where the new ones are no good, and the error is thrown. */
  reloadCertificate(): Promise<void>
}

const maxHeaderBytes = 32_768
const keepAliveMs = 75_000
const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** Starts listening. Throws `http.cannot_listen` and `http.bad_certificate`. */
export async function createHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const limits = { ...defaultHttpLimits, ...options.limits }
  const part = options.health.part('http')
  const open: OpenResponses = new WeakMap()
  const keeper = options.tls === undefined ? undefined : await keepCertificate(options.tls, { ...options, part })
  const inFlight = new InFlight(options.clock)
  let isStopping = false
  const routes: Route[] = [...options.routes]
  const { externalUrl } = options
  routes.push(...systemRoutes({ ...options, externalUrl, isStopping: () => isStopping, allRoutes: () => routes }))
  const parts = exchangeParts(options, { limits, inFlight, isTls: keeper !== undefined, isStopping: () => isStopping })
  const server = makeServer(keeper, limits)
  const { authenticator, clock } = options
  const sockets = serveSockets(server, {
    ...{ routes: options.sockets ?? [], origin: parts.origin, authenticator, clock, isStopping: () => isStopping },
  })
  const app = Fastify({
    serverFactory: (handler) => server.on('request', handler),
    forceCloseConnections: false,
    clientErrorHandler: (error, socket) => answerBrokenRequest(error, socket, open),
    routerOptions: { maxParamLength: 4096 },
    frameworkErrors: (error, request, reply) => {
      const target = failedTarget(error, request.raw.url ?? '/')
      exchange(parts, target, request, reply).catch((failed: Error) => reply.raw.destroy(failed))
    },
  })
  server.on('request', (request, response) => open.set(request.socket, response))
  addRoutes(app, parts, routes)
  await app.ready()
  const port = await listen(server, options)
  options.tasks.every('time limits of requests', 500, () => inFlight.sweep())
  part.ready()
  return {
    port,
    url: (externalUrl ?? ownUrl(options.host, port, keeper !== undefined)).replace(/\/+$/, ''),
    routes,
    reloadCertificate: async () => keeper?.reload(),
    async [Symbol.asyncDispose]() {
      if (isStopping) return
      isStopping = true
      sockets[Symbol.dispose]()
      await stop(server, inFlight, limits.drainMs)
    },
  }
}

function exchangeParts(
  options: HttpServerOptions,
  more: Pick<ExchangeParts, 'inFlight' | 'isTls' | 'isStopping'> & { readonly limits: HttpLimits },
): ExchangeParts {
  const { clock, logger, metrics, authenticator, webDir, host, externalUrl, hosts = [] } = options
  const { limits, inFlight, isTls, isStopping } = more
  const budget = new ByteBudget(limits.maxBytesInFlight)
  const open = metrics
    .gauge({ name: 'tidewatch_http_requests_in_flight', help: 'Requests that are being worked on.' })
    .with()
  const bodies = metrics
    .gauge({ name: 'tidewatch_http_body_bytes', help: 'Request bodies in memory, in bytes.' })
    .with()
  metrics.beforeRead(() => {
    open.set(inFlight.size)
    bodies.set(budget.usedBytes)
  })
  return {
    origin: createOriginCheck({ host, externalUrl, isTls, hosts }),
    authenticator,
    inFlight,
    budget,
    limitsOf: (kind) => bodyLimits(kind, limits),
    page: webDir === undefined ? noPage : createPage({ webDir, clock }),
    isTls,
    isStopping,
    clock,
    logger,
    requests: metrics.counter({
      name: 'tidewatch_http_requests_total',
      help: 'Requests answered, by method, route and status; 499 where the caller went away.',
      labels: ['method', 'route', 'status'],
    }),
    durations: metrics.histogram({
      name: 'tidewatch_http_request_duration_seconds',
      help: 'Time from the head of a request to its answer, in seconds.',
      labels: ['route'],
      buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30],
    }),
    defaultTimeoutMs: limits.timeoutMs,
  }
}

function bodyLimits(kind: BodyKind, limits: HttpLimits): BodyLimits {
  if (kind === 'bytes') return { maxBytes: limits.maxBytes, maxInflatedBytes: limits.maxInflatedBytes }
  return { maxBytes: limits.maxTextBytes, maxInflatedBytes: limits.maxTextBytes }
}

function makeServer(keeper: CertificateKeeper | undefined, limits: HttpLimits): Server | TlsServer {
  const options = {
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.receiveTimeoutMs,
    connectionsCheckingInterval: Math.min(5000, Math.max(100, Math.round(limits.headersTimeoutMs / 3))),
    keepAliveTimeout: keepAliveMs,
    // other protocols that clients offer to change to (h2c) are none of ours: their requests are answered as they are
    shouldUpgradeCallback: (request: IncomingMessage) => request.headers.upgrade?.toLowerCase() === 'websocket',
    noDelay: true,
  }
  const server =
    keeper === undefined
      ? createServer(options)
      : createTlsServer({ ...options, ...keeper.current(), minVersion: 'TLSv1.2' })
  keeper?.follow((certificate) => {
    if ('setSecureContext' in server) server.setSecureContext(certificate)
  })
  server.maxConnections = limits.maxConnections
  return server
}

function addRoutes(app: FastifyInstance, parts: ExchangeParts, routes: readonly Route[]): void {
  // bodies are read by exchange, after it is known who calls
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))
  const byShape = new Map<string, Route[]>()
  for (const route of routes) {
    // `/a/:x` and `/a/:y` are one place
    const shape = route.path.replace(/:[^/]+/g, ':')
    byShape.set(shape, [...(byShape.get(shape) ?? []), route])
  }
  for (const there of byShape.values()) {
    const taken = new Set<HTTPMethods>(there.map(({ method }) => method))
    for (const route of there) {
      const alsoHead = route.method === 'GET' && !taken.has('HEAD')
      add(
        app,
        parts,
        { url: route.path, method: alsoHead ? ['GET', 'HEAD'] : [route.method] },
        routeTarget(parts, route),
      )
    }
    const url = there[0]?.path ?? '/'
    if (!taken.has('OPTIONS')) add(app, parts, { url, method: ['OPTIONS'] }, optionsTarget(url, there))
    const missing: HTTPMethods[] = methods.filter((method) => !taken.has(method))
    if (!taken.has('GET') && !taken.has('HEAD')) missing.push('HEAD')
    add(app, parts, { url, method: missing }, wrongMethodTarget(url, there))
  }
  app.setNotFoundHandler((request, reply) =>
    exchange(parts, notFoundTarget(shapeOfPath(pathOf(request))), request, reply),
  )
  app.setErrorHandler((error, request, reply) => exchange(parts, failedTarget(error, pathOf(request)), request, reply))
}

function add(
  app: FastifyInstance,
  parts: ExchangeParts,
  { url, method }: { readonly url: string; readonly method: HTTPMethods[] },
  target: Target,
): void {
  if (method.length === 0) return
  app.route({
    method,
    url,
    exposeHeadRoute: false,
    handler: (request, reply) => exchange(parts, target, request, reply),
  })
}

/** What Fastify itself refused. */
function failedTarget(caught: unknown, path: string): Target {
  const code = caught instanceof Error && 'code' in caught ? String(caught.code) : ''
  const message = caught instanceof Error ? caught.message : String(caught)
  return {
    ...notFoundTarget(shapeOfPath(path)),
    yieldsToPage: false,
    handle() {
      if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
        throw new AppError('http.media_type', 'the content-type header is not a media type.', {
          where: { key: 'content-type' },
          fix: 'Send one such as application/json.',
        })
      }
      if (code.startsWith('FST_ERR_')) throw new AppError('http.malformed', `the request cannot be read: ${message}`)
      throw caught
    },
  }
}
