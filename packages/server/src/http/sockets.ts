// WebSockets on the one port (RFC 6455): who calls is asked before the upgrade, as for every route; what is sent is bounded by whoever sends.
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Clock } from '@tidewatch/core/clock.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { type WebSocket, WebSocketServer } from 'ws'
import { statusOf } from './error-answer.ts'
import { guard } from './guard.ts'
import { badOrigin, type OriginCheck } from './origin.ts'
import { parsePairs } from './parse-input.ts'
import type { Authenticator, SocketRoute, TextSocket } from './port.ts'

export interface SocketsOptions {
  readonly routes: readonly SocketRoute[]
  readonly origin: OriginCheck
  readonly authenticator: Authenticator
  readonly clock: Clock
  readonly isStopping: () => boolean
}

/** Followers at once; each holds a buffer. */
const maxSockets = 200
/** Callers of a text stream have nothing to say. */
const maxMessageBytes = 4096
/** Whoever does not answer to a ping for so long has gone. */
const pingMs = 30_000
const normalClosure = 1000
const goingAway = 1001

/** Takes the upgrades of a server. */
export function serveSockets(server: Server, options: SocketsOptions): Disposable {
  const wss = new WebSocketServer({ noServer: true, maxPayload: maxMessageBytes, clientTracking: true })
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy())
    upgrade({ wss, request, socket, head }, options).catch((error: unknown) => refuse(socket, AppError.from(error)))
  })
  return {
    [Symbol.dispose]() {
      for (const client of wss.clients) client.close(goingAway, 'the server is stopping')
      for (const client of wss.clients) client.terminate()
      wss.close()
    },
  }
}

interface Upgrade {
  readonly wss: WebSocketServer
  readonly request: IncomingMessage
  readonly socket: Duplex
  readonly head: Buffer
}

async function upgrade({ wss, request, socket, head }: Upgrade, options: SocketsOptions): Promise<void> {
  const { routes, origin, authenticator, isStopping, clock } = options
  const url = request.url ?? '/'
  const [path, search = ''] = url.split('?', 2) as [string, string?]
  const { headers, rawHeaders, method = 'GET' } = request
  const { localAddress, remoteAddress = '' } = request.socket
  const asked = { method, headers, rawHeaders, localAddress }
  origin.checkHost(asked)
  // a browser sends cookies with a socket of any page, and lets that page read what comes
  if (origin.isCrossOrigin(asked)) throw badOrigin(headers.origin)
  const route = routes.find((one) => one.path === path)
  if (route === undefined) throw new AppError('http.not_found', 'there is no WebSocket here.')
  if (isStopping()) throw new AppError('internal.stopping', 'the server is stopping.')
  const identity = await guard(authenticator, route.permission, { headers, url, remoteAddress, crossOrigin: false })
  if (wss.clients.size >= maxSockets)
    throw new AppError('http.busy', `${maxSockets} callers follow already.`, { retryAfterSeconds: 10 })
  const over = new AbortController()
  const follow = await route.open({ query: parsePairs(search), headers, identity, remoteAddress, signal: over.signal })
  if (socket.destroyed) {
    over.abort(gone())
    return
  }
  wss.handleUpgrade(request, socket, head, (client) => {
    client.on('error', () => client.terminate())
    client.once('close', () => over.abort(gone()))
    keepAlive(client, clock, over.signal)
    follow(textSocket(client, over.signal))
  })
}

const gone = (): AppError => new AppError('internal.cancelled', 'the caller went away.')

function textSocket(client: WebSocket, signal: AbortSignal): TextSocket {
  return {
    signal,
    get bufferedBytes() {
      return client.bufferedAmount
    },
    send: (text) => client.send(text, () => undefined),
    close: (reason) => client.close(normalClosure, reason.slice(0, 100)),
  }
}

function keepAlive(client: WebSocket, clock: Clock, signal: AbortSignal): void {
  let isAnswered = true
  client.on('pong', () => {
    isAnswered = true
  })
  const beat = async (): Promise<void> => {
    while (!signal.aborted) {
      await clock.sleep(pingMs, { signal })
      if (!isAnswered) client.terminate()
      isAnswered = false
      client.ping()
    }
  }
  // ends with the socket
  beat().catch(() => undefined)
}

/** As an HTTP answer: the connection is no WebSocket yet. */
function refuse(socket: Duplex, error: AppError): void {
  const status = statusOf(error)
  const text = error.kind === 'bug' ? 'internal error' : error.message
  const body = `${error.fix === undefined || error.kind === 'bug' ? text : `${text} ${error.fix}`}\n`
  const head = [
    `HTTP/1.1 ${status} Refused`,
    'connection: close',
    'content-type: text/plain; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    ...(status === 401 ? ['www-authenticate: Bearer realm="Tidewatch"'] : []),
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}
