// What is not HTTP, too slow or too large to be a request: answered on the socket itself, before there is anything to route.
import { randomUUID } from 'node:crypto'
import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { AppError } from '@tidewatch/core/error.ts'
import { errorAnswer } from './error-answer.ts'

/** The responses that are being made, by socket: one that has begun must not get a second head. */
export type OpenResponses = WeakMap<Duplex, ServerResponse>

export function answerBrokenRequest(error: Error & { code?: string }, socket: Duplex, open: OpenResponses): void {
  if (error.code === 'ECONNRESET' || !socket.writable || open.get(socket)?.headersSent === true) {
    socket.destroy()
    return
  }
  const { status = 400, headers, body } = errorAnswer(describe(error), 'tidewatch', randomUUID())
  const text = JSON.stringify(body)
  const all = {
    ...headers,
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(text)),
    connection: 'close',
  }
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${head.join('')}\r\n${text}`)
}

function describe(error: Error & { code?: string }): AppError {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return new AppError(
        'http.headers_too_large',
        'the request line and headers are larger than the limit of 32768 bytes.',
        {
          fix: 'Send long queries as a form by POST.',
        },
      )
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new AppError('http.too_slow', 'the request did not arrive whole in time.', {
        fix: 'Send it faster, or less at once.',
      })
    case 'HPE_INVALID_EOF_STATE':
      return new AppError('http.malformed', 'the request ends before its body does.', {
        fix: 'Send as many bytes as content-length says.',
      })
    default:
      return new AppError('http.malformed', `this is not an HTTP request: ${error.message}`, {
        fix: 'Speak HTTP/1.1 here; https only where a certificate is set.',
      })
  }
}
