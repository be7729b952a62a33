import { AppError } from '@tidewatch/core/error.ts'
import { uncompressSync } from 'snappy'

/** Inflates one snappy block. The length it declares is checked before any memory is taken. */
export function inflateSnappyBlock(body: Uint8Array, maxInflatedBytes: number): Uint8Array {
  const declared = declaredLength(body)
  if (declared === undefined) throw badBlock()
  if (declared > maxInflatedBytes) {
    const message = `the body says that it inflates to ${declared} bytes; ${maxInflatedBytes} are allowed`
    throw new AppError('http.inflated_too_large', message, { fix: 'Send smaller requests (max_samples_per_send).' })
  }
  try {
    const inflated = uncompressSync(body, { asBuffer: true })
    if (typeof inflated !== 'string' && inflated.length === declared) return inflated
  } catch (cause) {
    throw badBlock(cause)
  }
  throw badBlock()
}

/** The varint at the front of a block: bytes after inflating. Format: google/snappy, format_description.txt. */
function declaredLength(body: Uint8Array): number | undefined {
  let length = 0
  for (let i = 0; i < 5; i++) {
    const byte = body[i]
    if (byte === undefined) return undefined
    length += (byte & 0x7f) * 128 ** i
    if (byte < 0x80) return length
  }
  return undefined
}

function badBlock(cause?: unknown): AppError {
  return new AppError('http.bad_encoding', 'the body is no whole snappy block', {
    fix: 'Compress it as one snappy block (not the framed format) with Content-Encoding: snappy.',
    cause,
  })
}
