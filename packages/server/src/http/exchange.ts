// One request from its first look to its answer: host and origin, who calls, the body, the route, the answer. Per request; bench/src/http.ts.
import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Counter, Family, Histogram, Logger } from '../self/port.ts'
import type { ByteBudget, ByteShare } from './byte-budget.ts'
import { errorAnswer, ownErrorAnswer, statusOf } from './error-answer.ts'
import { guard } from './guard.ts'
import { corsHeaders, securityHeaders } from './headers.ts'
import type { Flight, InFlight } from './in-flight.ts'
import { badOrigin, isStateChanging, type OriginCheck } from './origin.ts'
import type { Page } from './page.ts'
import { checkInput, checkMediaType, parseBody, parsePairs } from './parse-input.ts'
import type { Answer, Authenticator, BodyKind, BodyLimits, ErrorBody, ErrorShape, Route } from './port.ts'
import { type ReadBodyOptions, readBody } from './read-body.ts'
import { send } from './send.ts'
import { SnappyBuffers } from './snappy.ts'

export interface ExchangeParts {
  readonly origin: OriginCheck
  readonly authenticator: Authenticator
  readonly inFlight: InFlight
  readonly budget: ByteBudget
  readonly limitsOf: (kind: BodyKind) => BodyLimits
  readonly page: Page
  readonly isTls: boolean
  readonly isStopping: () => boolean
  readonly clock: Clock
  readonly logger: Logger
  readonly requests: Family<Counter>
  readonly durations: Family<Histogram>
  readonly defaultTimeoutMs: number
}

/** What is answered: a route, or what stands in for a missing one. */
export interface Target {
  readonly errors: ErrorShape
  readonly errorBody?: ErrorBody | undefined
  /** For metrics: a pattern, never a path. */
  readonly label: string
  readonly isCors: boolean
  readonly timeoutMs: number
  /** True where a page may stand in its place for a browser. */
  readonly yieldsToPage: boolean
  handle(exchange: Exchange): Promise<Answer> | Answer
}

export interface Exchange {
  readonly id: string
  readonly request: FastifyRequest
  readonly path: string
  readonly isCrossOrigin: boolean
  readonly share: ByteShare
  readonly signal: AbortSignal
}

const closedByCaller = 499
const requestIdPattern = /^[A-Za-z0-9._:-]{1,64}$/
/** After an answer that came before the whole body: this much more is read away, so that the sender reads the answer and no reset. */
const lingerBytes = 32 << 20
const lingerMs = 5000

export async function exchange(
  parts: ExchangeParts,
  target: Target,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const beganMs = parts.clock.monotonicMs()
  const id = requestId(request.headers['x-request-id'])
  const flight = parts.inFlight.begin(target.timeoutMs)
  const { signal } = flight.abort
  using share = parts.budget.open()
  endWithCaller(parts, flight, reply)
  const { answer, error } = await answerOf(parts, target, { id, request, share, signal })
  if (error !== undefined) linger(request.raw, parts.clock)
  const status = signal.aborted && reply.raw.destroyed ? closedByCaller : (answer.status ?? 200)
  record(parts, target, request, { id, status, ms: parts.clock.monotonicMs() - beganMs, error })
  const headers = {
    'x-request-id': id,
    ...securityHeaders({ isTls: parts.isTls, isCors: target.isCors }),
    ...(target.isCors ? corsHeaders() : {}),
    ...(parts.isStopping() ? { connection: 'close' } : {}),
  }
  await send(reply, answer, { headers, acceptEncoding: request.headers['accept-encoding'], signal })
  return reply
}

const snappyBuffers = new SnappyBuffers()

/** A route as a target: who may call it and what it takes. */
export function routeTarget(parts: ExchangeParts, route: Route): Target {
  const kind = route.bodyKind ?? (route.body === undefined ? 'none' : 'json')
  const limits = { ...parts.limitsOf(kind), ...route.limits }
  return {
    errors: route.errors,
    errorBody: route.errorBody,
    label: route.path,
    isCors: route.cors === true,
    timeoutMs: route.timeoutMs ?? parts.defaultTimeoutMs,
    yieldsToPage: route.path === '/' || route.path.startsWith('/:') || route.path.startsWith('/*'),
    async handle({ id, request, isCrossOrigin, share, signal }) {
      const { headers, ip: remoteAddress } = request
      // what a foreign page's browser adds by itself counts for nothing
      const identity = await guard(parts.authenticator, route.permission, {
        headers: isCrossOrigin ? { ...headers, cookie: undefined } : headers,
        url: request.raw.url ?? '/',
        remoteAddress,
        crossOrigin: isCrossOrigin,
      })
      // until the handler is really done, also where its caller has gone: it may still read what lies there
      using snappy = route.snappy === true ? snappyBuffers.lease() : undefined
      const body = await bodyOf(route, kind, request, { limits, share, signal, snappy })
      const query = queryOf(request)
      return await route.handle({
        id,
        params:
          route.params === undefined
            ? request.params
            : checkInput(route.params, request.params, 'params', route.errors),
        query: route.query === undefined ? query : checkInput(route.query, query, 'query', route.errors),
        body,
        headers,
        identity,
        remoteAddress,
        signal,
      })
    },
  }
}

async function bodyOf(
  route: Route,
  kind: BodyKind,
  request: FastifyRequest,
  options: ReadBodyOptions,
): Promise<unknown> {
  if (kind === 'none') return undefined
  checkMediaType(kind, request.headers['content-type'])
  const bytes = await readBody(request.raw, options)
  if (kind === 'bytes') return bytes
  const value = parseBody(kind, bytes, kind === 'form' ? queryOf(request) : {})
  return route.body === undefined ? value : checkInput(route.body, value, 'body', route.errors)
}

function queryOf(request: FastifyRequest): Record<string, string | string[]> {
  const url = request.raw.url ?? ''
  const mark = url.indexOf('?')
  return parsePairs(mark === -1 ? '' : url.slice(mark + 1))
}

async function answerOf(
  parts: ExchangeParts,
  target: Target,
  { id, request, share, signal }: Omit<Exchange, 'path' | 'isCrossOrigin'>,
): Promise<{ readonly answer: Answer; readonly error?: AppError }> {
  const path = pathOf(request)
  try {
    const { method, headers, raw } = request
    const asked = { method, headers, rawHeaders: raw.rawHeaders, localAddress: raw.socket.localAddress }
    parts.origin.checkHost(asked)
    const isCrossOrigin = parts.origin.isCrossOrigin(asked)
    if (isCrossOrigin && isStateChanging(request.method) && !target.isCors) throw badOrigin(request.headers.origin)
    const page = target.yieldsToPage
      ? await parts.page.answer({ method: request.method, path, headers: request.headers })
      : undefined
    if (page !== undefined) return { answer: page }
    return { answer: await unlessAborted(target.handle({ id, request, path, isCrossOrigin, share, signal }), signal) }
  } catch (caught) {
    const error = AppError.from(caught)
    if (target.errorBody === undefined) return { answer: errorAnswer(error, target.errors, id), error }
    return {
      answer: ownErrorAnswer(error, target.errorBody, { requestId: id, requestHeaders: request.headers }),
      error,
    }
  }
}

export const pathOf = (request: FastifyRequest): string => (request.raw.url ?? '/').split('?', 1)[0] as string

/** The work's result, or the signal's reason as soon as it fires: a handler that does not listen holds nobody up. */
function unlessAborted<T>(work: Promise<T> | T, signal: AbortSignal): Promise<T> | T {
  if (!(work instanceof Promise)) return work
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

/** The flight is over when the answer has left or the caller has. */
function endWithCaller(parts: ExchangeParts, flight: Flight, reply: FastifyReply): void {
  reply.raw.once('close', () => {
    // also where only the headers were asked for: there is nobody who follows
    if (!reply.raw.writableFinished || flight.isEndless)
      flight.abort.abort(new AppError('internal.cancelled', 'the caller went away.'))
    parts.inFlight.end(flight)
  })
}

function requestId(given: string | string[] | undefined): string {
  return typeof given === 'string' && requestIdPattern.test(given) ? given : randomUUID()
}

function linger(raw: IncomingMessage, clock: Clock): void {
  if (raw.complete || raw.destroyed) return
  let left = lingerBytes
  const over = new AbortController()
  raw.on('data', (chunk: Buffer) => {
    left -= chunk.length
    if (left < 0) raw.destroy()
  })
  raw.once('close', () => over.abort())
  raw.once('end', () => over.abort())
  raw.resume()
  clock.sleep(lingerMs, { signal: over.signal }).then(
    () => raw.destroy(),
    () => undefined,
  )
}

function record(
  parts: ExchangeParts,
  target: Target,
  request: FastifyRequest,
  {
    id,
    status,
    ms,
    error,
  }: { readonly id: string; readonly status: number; readonly ms: number; readonly error: AppError | undefined },
): void {
  parts.requests.with(request.method, target.label, String(status)).add()
  parts.durations.with(target.label).observe(ms / 1000)
  if (error === undefined) return
  // without the query: keys may stand there
  const fields = {
    requestId: id,
    method: request.method,
    path: pathOf(request),
    status,
    address: request.ip,
    code: error.code,
  }
  if (error.kind === 'bug') parts.logger.error('a request failed', { ...fields, error })
  else if (statusOf(error) >= 500 && status !== closedByCaller)
    parts.logger.warn('a request failed', { ...fields, reason: error.message })
  else parts.logger.debug('a request was refused', { ...fields, reason: error.message })
}
