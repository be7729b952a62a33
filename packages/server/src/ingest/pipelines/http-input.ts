// Logstash's http input: a port of its own where every request's body is events.

import { timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { isIPv6 } from 'node:net'
import { AppError } from '@tidewatch/core/error.ts'
import type { ProjectId } from '@tidewatch/core/matcher.ts'
import type { InputDescription } from '@tidewatch/logstash/inputs.ts'
import type { ListenerParts, OpenListener } from '../port.ts'
import { readJsonArray, readNdjson, readTextLines } from '../receivers/logs/lines.ts'
import { problemsOf } from '../receivers/logs/problems.ts'
import { inSlices } from '../slices.ts'
import { blockListOf, isFrom } from '../udp.ts'
import { tlsOf } from './input-tls.ts'

interface HttpInputParts extends ListenerParts {
  readonly name: string
  readonly project: ProjectId
  readonly networks: readonly string[]
}

const defaultMaxBytes = 100 << 20
const mostBytes = 256 << 20

/** Throws `http.cannot_listen`. */
export async function openHttpInput(input: InputDescription, parts: HttpInputParts): Promise<OpenListener> {
  const { host, port } = input.listen ?? { host: '127.0.0.1', port: 0 }
  const tls = tlsOf(input)
  const stack = new AsyncDisposableStack()
  const handle = handlerOf(input, parts)
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => void handle(request, response)
  const limits = { requestTimeout: 60_000, headersTimeout: 10_000, maxHeaderSize: 16_384, keepAliveTimeout: 30_000 }
  let server: ReturnType<typeof createServer>
  if (tls === undefined) server = createServer(limits, onRequest)
  else {
    const certificate = stack.use(await parts.openCertificate({ certFile: tls.cert_file, keyFile: tls.key_file }))
    const secure = createTlsServer({ ...limits, ...certificate.current() }, onRequest)
    server = secure
  }
  server.maxConnections = 1000
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new AppError('http.cannot_listen', `${host}:${port} cannot be listened on: ${cause.message}.`, {
          cause,
          fix: `Name a free port and an address of this machine in ${parts.name}.`,
        }),
      ),
    )
    server.listen(port, host, resolve)
  })
  stack.defer(async () => {
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  })
  const bound = server.address()
  const at = typeof bound === 'object' && bound !== null ? bound.port : port
  return {
    address: `${isIPv6(host) ? `[${host}]` : host}:${at}`,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

function handlerOf(input: InputDescription, parts: HttpInputParts) {
  const networks = blockListOf(parts.networks)
  const one = (name: string): string | undefined => input.settings.get(name)?.[0]
  const user = one('user')
  const credentials =
    user === undefined ? undefined : `Basic ${Buffer.from(`${user}:${one('password') ?? ''}`).toString('base64')}`
  const maxBytes = Math.min(Number(one('max_content_length')) || defaultMaxBytes, mostBytes)
  const status = Number(one('response_code')) || 200
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const answer = (code: number, text: string, headers: Readonly<Record<string, string>> = {}): void => {
      if (response.headersSent) return
      response.writeHead(code, { 'content-type': 'text/plain', ...headers }).end(text)
    }
    const address = request.socket.remoteAddress ?? ''
    if (!isFrom(networks, address)) {
      answer(403, 'this network may not send here\n', { connection: 'close' })
      return
    }
    if (credentials !== undefined && !isSame(request.headers.authorization ?? '', credentials)) {
      answer(401, 'unauthorized\n', { 'www-authenticate': 'Basic realm="pipeline"', connection: 'close' })
      return
    }
    try {
      parts.logs.checkRoom()
      const body = await readBody(request, maxBytes)
      if (body === undefined) {
        answer(413, `a body has at most ${maxBytes} bytes here\n`, { connection: 'close' })
        return
      }
      await take(body, { request, input, parts, address })
      answer(status, 'ok')
    } catch (error) {
      const { kind, message, retryAfterSeconds = 1 } = AppError.from(error)
      if (kind === 'limit' || kind === 'unavailable')
        answer(429, `${message}\n`, { 'retry-after': String(retryAfterSeconds) })
      else {
        parts.logger.warn(`a request to the http input of ${parts.name} failed`, { error })
        answer(500, 'internal error\n')
      }
    }
  }
}

const isSame = (given: string, wanted: string): boolean => {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)]
  return a.length === b.length && timingSafeEqual(a, b)
}

async function readBody(request: IncomingMessage, maxBytes: number): Promise<Uint8Array | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

interface Taken {
  readonly request: IncomingMessage
  readonly input: InputDescription
  readonly parts: HttpInputParts
  readonly address: string
}

/** JSON by its media type, whatever the codec; other bodies by the codec. */
async function take(body: Uint8Array, { request, input, parts, address }: Taken): Promise<void> {
  const { logs, clock, project, name } = parts
  using lines = logs.begin({ project, sender: `${name}, http from ${address}` })
  lines.setResource(new Map([['host.name', address]]))
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim()
  const { signal } = new AbortController()
  const problems = problemsOf()
  if (type === 'application/json') await inSlices(readJsonArray(lines, body, problems), { clock, signal })
  else if (type === 'application/x-ndjson') await inSlices(readNdjson(lines, body, problems), { clock, signal })
  else if (input.codec.isByLine) await inSlices(readTextLines(lines, body), { clock, signal })
  else if (body.length > 0) lines.addText(body, 0, body.length)
  // what is no JSON is a message with a tag, as any codec has it
  if (problems.count > 0 && lines.length === 0) lines.addText(body, 0, body.length)
  if (lines.length > 0) await lines.store()
}
