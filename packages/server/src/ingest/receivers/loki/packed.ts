// Loki unpacks a protobuf push by its content encoding and then by snappy, whatever the encoding was: some clients send snappy within gzip, others
// gzip alone. Both are taken.
import { AppError } from '@tidewatch/core/error.ts'
import { uncompress } from 'snappy'

/** Snappy writes at most 64 bytes for 3. */
const maxRatio = 32
/** A field of a push: number 1, streams; number 2, what a client says of its format. */
const isFieldOfPush = (tag: number): boolean => tag === 0x0a || tag === 0x12

/** The push itself: of a block of snappy what is in it. Throws `http.inflated_too_large`, `http.bad_encoding`. */
export async function unpackPush(body: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  if (isPush(body)) return body
  const length = lengthAt(body, 0)
  if (length === undefined || length.value > body.length * maxRatio)
    throw new AppError('http.bad_encoding', 'the body is neither a push in protobuf nor a block of snappy.', {
      fix: 'Send the PushRequest of Loki, in snappy, gzip or snappy within gzip.',
    })
  if (length.value > maxBytes)
    throw new AppError(
      'http.inflated_too_large',
      `the block of snappy claims ${length.value} bytes, more than ${maxBytes}`,
    )
  try {
    return (await uncompress(Buffer.from(body.buffer, body.byteOffset, body.length))) as Buffer
  } catch (cause) {
    throw new AppError('http.bad_encoding', 'the body is no block of snappy.', { cause })
  }
}

/** Whether the bytes are fields of a push up to their end. */
function isPush(body: Uint8Array): boolean {
  let at = 0
  while (at < body.length) {
    if (!isFieldOfPush(body[at] as number)) return false
    const length = lengthAt(body, at + 1)
    if (length === undefined) return false
    at = length.end + length.value
  }
  return at === body.length
}

function lengthAt(bytes: Uint8Array, from: number): { readonly value: number; readonly end: number } | undefined {
  let value = 0
  for (let i = 0; i < 5; i++) {
    const byte = bytes[from + i]
    if (byte === undefined) return undefined
    value += (byte & 0x7f) * 2 ** (7 * i)
    if (byte < 0x80) return { value, end: from + i + 1 }
  }
  return undefined
}
