// An answer on its way out: as JSON, text, bytes or stream, compressed where that helps.
import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { acceptedEncoding, compressBytes, compressor, isCompressible, leastCompressedBytes } from './compress.ts'
import type { Answer } from './port.ts'

export interface SendOptions {
  readonly headers: Readonly<Record<string, string>>
  readonly acceptEncoding: string | string[] | undefined
  /** Ends a stream when the caller goes away or the time is over. */
  readonly signal: AbortSignal
}

interface Payload {
  readonly type: string
  readonly data: Buffer | Readable | undefined
}

/** Hands the answer to Fastify. Headers of the answer win over the usual ones. */
export async function send(reply: FastifyReply, answer: Answer, options: SendOptions): Promise<void> {
  const status = answer.status ?? (answer.body === undefined ? 204 : 200)
  const { type, data: whole } = payloadOf(answer.body)
  // whoever asks for the headers alone does not wait for the end of a stream, which may have none
  const isLeftOut = whole instanceof Readable && reply.request.method === 'HEAD'
  if (isLeftOut) whole.destroy()
  const data = isLeftOut ? undefined : whole
  const headers: Record<string, string> = {
    'cache-control': 'no-store',
    ...options.headers,
    ...(whole === undefined ? {} : { 'content-type': type }),
    ...answer.headers,
  }
  const encoding = data === undefined ? undefined : encodingFor(headers, data, options.acceptEncoding)
  if (data instanceof Readable) options.signal.addEventListener('abort', () => data.destroy(), { once: true })
  if (encoding !== undefined && data !== undefined) {
    headers['content-encoding'] = encoding
    const smaller = data instanceof Readable ? data.pipe(compressor(encoding)) : await compressBytes(data, encoding)
    if (data instanceof Readable && smaller instanceof Readable) data.on('error', (error) => smaller.destroy(error))
    reply.code(status).headers(headers).send(smaller)
    return
  }
  reply.code(status).headers(headers).send(data)
}

function encodingFor(headers: Record<string, string>, data: Buffer | Readable, accept: string | string[] | undefined) {
  if (headers['content-encoding'] !== undefined || !isCompressible(headers['content-type'] ?? '')) return undefined
  if (!(data instanceof Readable) && data.length < leastCompressedBytes) return undefined
  headers.vary ??= 'accept-encoding'
  return acceptedEncoding(accept)
}

function payloadOf(body: unknown): Payload {
  if (body === undefined) return { type: '', data: undefined }
  if (typeof body === 'string') return { type: 'text/plain; charset=utf-8', data: Buffer.from(body) }
  if (body instanceof Uint8Array) {
    return { type: 'application/octet-stream', data: Buffer.from(body.buffer, body.byteOffset, body.byteLength) }
  }
  if (body instanceof Readable) return { type: 'application/octet-stream', data: body }
  if (isAsyncIterable(body))
    return { type: 'application/octet-stream', data: Readable.from(body, { objectMode: false }) }
  return { type: 'application/json', data: Buffer.from(JSON.stringify(body)) }
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}
