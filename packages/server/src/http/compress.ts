// Answers get smaller where they are large and the caller takes it.
import type { Transform } from 'node:stream'
import { promisify } from 'node:util'
import { brotliCompress, constants, createBrotliCompress, createGzip, gzip } from 'node:zlib'

export type AnswerEncoding = 'br' | 'gzip'

/** Below this a compressed answer saves less than its header costs. */
export const leastCompressedBytes = 1400
const gzipLevel = 4
const brotliQuality = 4

const gzipAsync = promisify(gzip)
const brotliAsync = promisify(brotliCompress)

/** The best encoding that the caller names with a weight above 0; undefined for none. */
export function acceptedEncoding(accept: string | string[] | undefined): AnswerEncoding | undefined {
  if (typeof accept !== 'string') return undefined
  let any = false
  const refused = new Set<string>()
  const named = new Set<string>()
  for (const part of accept.toLowerCase().split(',')) {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim())
    const weight = parameters.find((parameter) => parameter.startsWith('q='))
    if (weight !== undefined && Number(weight.slice(2)) === 0) refused.add(name)
    else if (name === '*') any = true
    else named.add(name === 'x-gzip' ? 'gzip' : name)
  }
  return (['br', 'gzip'] as const).find((encoding) => named.has(encoding) || (any && !refused.has(encoding)))
}

/** Text and its kin; pictures and archives are compressed already, and events are to leave at once. */
export function isCompressible(contentType: string): boolean {
  return /^(?:text\/(?!event-stream)|application\/(?:[\w.+-]+\+)?(?:json|xml|javascript|x-ndjson|openmetrics-text|yaml)|image\/svg\+xml)/.test(
    contentType,
  )
}

/** In the thread pool, so that a large answer holds up nobody. */
export async function compressBytes(bytes: Uint8Array, encoding: AnswerEncoding): Promise<Buffer> {
  if (encoding === 'gzip') return gzipAsync(bytes, { level: gzipLevel, chunkSize: 1 << 16 })
  const params = { [constants.BROTLI_PARAM_QUALITY]: brotliQuality, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
  return brotliAsync(bytes, { params, chunkSize: 1 << 16 })
}

/** For streams; each chunk is flushed, since a reader of a stream waits for it. */
export function compressor(encoding: AnswerEncoding): Transform {
  if (encoding === 'gzip') return createGzip({ level: gzipLevel, flush: constants.Z_SYNC_FLUSH })
  return createBrotliCompress({
    flush: constants.BROTLI_OPERATION_FLUSH,
    params: { [constants.BROTLI_PARAM_QUALITY]: brotliQuality },
  })
}
