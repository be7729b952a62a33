import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { AppError } from '@tidewatch/core/error.ts'

/** Inflates and joins a body, and stops it at the limit: what flows in after that is not read. */
export async function readLimited(
  body: Readable,
  {
    gzip,
    maxBytes,
    fix,
    signal,
  }: { readonly gzip: boolean; readonly maxBytes: number; readonly fix?: string; readonly signal: AbortSignal },
): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  let size = 0
  const collect = async (source: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of source) {
      size += chunk.length
      if (size > maxBytes) {
        throw new AppError(
          'collect.limit',
          `the answer is longer than ${maxBytes} bytes`,
          fix === undefined ? {} : { fix },
        )
      }
      chunks.push(chunk)
    }
  }
  try {
    await (gzip ? pipeline(body, createGunzip(), collect, { signal }) : pipeline(body, collect, { signal }))
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof AppError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new AppError('collect.bad_answer', `the answer broke off or is no gzip: ${reason}`, { cause: error })
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)
}
