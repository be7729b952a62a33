// A request's body: received and inflated under limits. Per request; bench/src/http.ts.
import type { IncomingMessage } from 'node:http'
import type { Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw, createZstdDecompress } from 'node:zlib'
import { AppError, quoteValue } from '@tidewatch/core/error.ts'
import { uncompress } from 'snappy'
import type { ByteShare } from './byte-budget.ts'
import type { BodyLimits } from './port.ts'
import { type SnappyLease, snappyLength } from './snappy.ts'
import { ZstdFrames } from './zstd-frames.ts'

export interface ReadBodyOptions {
  readonly limits: BodyLimits
  /** Where snappy's block format is an encoding: what the inflated bytes lie in. */
  readonly snappy: SnappyLease | undefined
  readonly share: ByteShare
  readonly signal: AbortSignal
}

type Encoding = 'identity' | 'gzip' | 'deflate' | 'br' | 'zstd' | 'snappy'

const noBytes = new Uint8Array(0)
/** Larger snappy blocks are inflated off the thread: 4 MB take about 10 ms. */
const snappySyncBytes = 1 << 20
/** Snappy writes at most 64 bytes for 3; a block that claims more than this is broken, whatever it holds. */
const snappyMaxRatio = 32

/** The inflated bytes. Throws `http.body_too_large`, `http.inflated_too_large`, `http.bad_encoding`, `http.unknown_encoding`, `http.busy`. */
export async function readBody(raw: IncomingMessage, options: ReadBodyOptions): Promise<Uint8Array> {
  const encoding = encodingOf(raw, options.snappy !== undefined)
  const declared = declaredLength(raw)
  if (declared === 0) return noBytes
  if (declared !== undefined && declared > options.limits.maxBytes) throw bodyTooLarge(options.limits.maxBytes)
  if (encoding === 'identity') return collect(raw, options, undefined)
  if (encoding === 'snappy' && options.snappy !== undefined)
    return inflateSnappy(await collect(raw, options, undefined), options.snappy, options)
  return collect(raw, options, encoding)
}

function declaredLength(raw: IncomingMessage): number | undefined {
  const text = raw.headers['content-length']
  if (text !== undefined) return Number(text)
  return raw.headers['transfer-encoding'] === undefined ? 0 : undefined
}

function encodingOf(raw: IncomingMessage, snappy: boolean): Encoding {
  const text = (raw.headers['content-encoding'] ?? '').trim().toLowerCase()
  switch (text) {
    case '':
      // Prometheus takes remote_write bodies for snappy whatever the header says, so some senders leave it out
      return snappy && raw.headers['content-type']?.startsWith('application/x-protobuf') === true
        ? 'snappy'
        : 'identity'
    case 'identity':
    case 'gzip':
    case 'deflate':
    case 'br':
    case 'zstd':
      return text
    case 'x-gzip':
      return 'gzip'
    case 'snappy':
      if (snappy) return 'snappy'
  }
  const known = ['gzip', 'deflate', 'br', 'zstd', ...(snappy ? ['snappy'] : [])].join(', ')
  throw new AppError('http.unknown_encoding', `the content encoding ${quoteValue(text)} is not known here.`, {
    where: { key: 'content-encoding' },
    fix: `Send one of ${known}, or none.`,
  })
}

/** Receives the body, through a decompressor where there is an encoding; stops both at the first limit. */
function collect(raw: IncomingMessage, options: ReadBodyOptions, encoding: Encoding | undefined): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const { limits, share, signal } = options
    const chunks: Buffer[] = []
    let received = 0
    let kept = 0
    let decoder: Transform | undefined
    const frames = encoding === 'zstd' ? new ZstdFrames() : undefined
    const finish = (result: Uint8Array | undefined, error?: unknown): void => {
      raw.off('data', onData).off('end', onEnd).off('error', onError).off('close', onClose)
      signal.removeEventListener('abort', onAbort)
      decoder?.destroy()
      if (result === undefined) reject(error)
      else resolve(result)
    }
    const keep = (chunk: Buffer): void => {
      kept += chunk.length
      try {
        if (encoding !== undefined && kept > limits.maxInflatedBytes) throw inflatedTooLarge(limits.maxInflatedBytes)
        share.take(chunk.length)
      } catch (error) {
        finish(undefined, error)
        return
      }
      chunks.push(chunk)
    }
    // a block that is inflated next need not have memory of its own: what is allocated outside the heap is what calls the collector
    const join = (): Uint8Array => options.snappy?.join(chunks, kept) ?? Buffer.concat(chunks, kept)
    const done = (): void => finish(chunks.length === 1 ? (chunks[0] as Buffer) : join())
    const onData = (chunk: Buffer): void => {
      received += chunk.length
      if (received > limits.maxBytes) finish(undefined, bodyTooLarge(limits.maxBytes))
      else if (encoding === undefined) keep(chunk)
      else decode(chunk)
    }
    const decode = (chunk: Buffer): void => {
      if (decoder === undefined) {
        decoder = createDecoder(encoding as Encoding, chunk)
        decoder.on('data', keep).on('end', done)
        decoder.on('error', (error) => finish(undefined, badEncoding(encoding as Encoding, error)))
        decoder.on('drain', () => raw.resume())
      }
      frames?.push(chunk)
      if (!decoder.write(chunk)) raw.pause()
    }
    const onEnd = (): void => {
      if (frames?.isWhole === false)
        finish(undefined, badEncoding('zstd', new Error('it ends before its last frame does')))
      else if (decoder === undefined) done()
      else decoder.end()
    }
    const onError = (error: Error): void =>
      finish(undefined, new AppError('internal.cancelled', 'the sender went away.', { cause: error }))
    const onClose = (): void => {
      if (!raw.complete) onError(new Error('closed before the end of the body'))
    }
    const onAbort = (): void => finish(undefined, signal.reason)
    raw.on('data', onData).on('end', onEnd).on('error', onError).on('close', onClose)
    signal.addEventListener('abort', onAbort, { once: true })
  })
}

function createDecoder(encoding: Encoding, first: Buffer): Transform {
  const chunkSize = 1 << 16
  switch (encoding) {
    case 'gzip':
      return createGunzip({ chunkSize })
    case 'br':
      return createBrotliDecompress({ chunkSize })
    case 'zstd':
      return createZstdDecompress({ chunkSize })
    default:
      // RFC 9110 means zlib's format by "deflate"; some senders mean the bare one
      return isZlib(first) ? createInflate({ chunkSize }) : createInflateRaw({ chunkSize })
  }
}

/** RFC 1950: method 8 and a header that is a multiple of 31. */
function isZlib(bytes: Buffer): boolean {
  if (((bytes[0] as number) & 0x0f) !== 8) return false
  return bytes.length < 2 || (((bytes[0] as number) << 8) | (bytes[1] as number)) % 31 === 0
}

async function inflateSnappy(
  block: Uint8Array,
  lease: SnappyLease,
  { limits, share }: ReadBodyOptions,
): Promise<Uint8Array> {
  const claimed = snappyLength(block)
  if (claimed === undefined || claimed > block.length * snappyMaxRatio) {
    throw badEncoding('snappy', new Error('its length does not fit what follows; is it the framed format?'))
  }
  if (claimed > limits.maxInflatedBytes) throw inflatedTooLarge(limits.maxInflatedBytes)
  share.take(claimed)
  if (block.length <= snappySyncBytes) {
    const inflated = lease.inflate(block, claimed)
    if (inflated === undefined) throw badEncoding('snappy', new Error('it is cut, or damaged'))
    return inflated
  }
  try {
    return (await uncompress(block)) as Buffer
  } catch (error) {
    throw badEncoding('snappy', error)
  }
}

function badEncoding(encoding: Encoding, cause: unknown): AppError {
  const detail = cause instanceof Error ? cause.message : String(cause)
  return new AppError('http.bad_encoding', `the body is not whole ${encoding}: ${detail}`, {
    where: { key: 'content-encoding' },
    fix: 'Send it whole, or without the content-encoding header if it is not compressed.',
    cause,
  })
}

function bodyTooLarge(maxBytes: number): AppError {
  return new AppError('http.body_too_large', `the body is larger than the limit maxBytes of ${maxBytes} bytes.`, {
    fix: 'Send less in one request.',
  })
}

function inflatedTooLarge(maxBytes: number): AppError {
  return new AppError(
    'http.inflated_too_large',
    `the body inflates to more than the limit maxInflatedBytes of ${maxBytes} bytes.`,
    {
      fix: 'Send less in one request.',
    },
  )
}
