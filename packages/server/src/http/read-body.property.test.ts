import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { AppError } from '@tidewatch/core/error.ts'
import fc from 'fast-check'
import { compressSync } from 'snappy'
import { expect, test } from 'vitest'
import { ByteBudget } from './byte-budget.ts'
import { readBody } from './read-body.ts'
import { SnappyBuffers } from './snappy.ts'

const encoders: Readonly<Record<string, (bytes: Uint8Array) => Buffer>> = {
  gzip: gzipSync,
  deflate: deflateSync,
  'deflate raw': deflateRawSync,
  br: brotliCompressSync,
  zstd: zstdCompressSync,
  snappy: (bytes) => Buffer.from(compressSync(Buffer.from(bytes))),
}

const limits = { maxBytes: 100_000, maxInflatedBytes: 100_000 }

/** As the HTTP parser would hand it out: in pieces, then the end. */
async function read(
  bytes: Uint8Array,
  name: string,
  pieces: readonly number[],
  budget = new ByteBudget(1 << 20),
): Promise<Uint8Array> {
  const raw = new IncomingMessage(new Socket())
  raw.headers = { 'transfer-encoding': 'chunked', 'content-encoding': name.split(' ')[0] ?? '' }
  using share = budget.open()
  const snappy = new SnappyBuffers().lease()
  const body = readBody(raw, { limits, snappy, share, signal: new AbortController().signal })
  let at = 0
  for (const piece of pieces) {
    if (at < bytes.length) raw.push(Buffer.from(bytes.subarray(at, at + piece)))
    at += piece
  }
  if (at < bytes.length) raw.push(Buffer.from(bytes.subarray(at)))
  raw.complete = true
  raw.push(null)
  return await body
}

const someBytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.uint8Array({ minLength: 1, maxLength: 20 }).map((part) => Buffer.concat(Array(200).fill(part))),
)
const somePieces = fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 10 })

test.each(Object.keys(encoders))('%s: gives back what was compressed, in whatever pieces it comes', async (name) => {
  await fc.assert(
    fc.asyncProperty(someBytes, somePieces, async (bytes, pieces) => {
      const encoded = encoders[name]?.(bytes) ?? Buffer.alloc(0)
      expect(Buffer.from(await read(encoded, name, pieces)).equals(Buffer.from(bytes))).toBe(true)
    }),
    { numRuns: 60 },
  )
})

test.each(Object.keys(encoders))('%s: a body that is cut is never taken for a whole one', async (name) => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 20, maxLength: 200 }), fc.nat(), async (bytes, where) => {
      const encoded = encoders[name]?.(bytes) ?? Buffer.alloc(0)
      const cut = encoded.subarray(0, 1 + (where % (encoded.length - 1)))
      await expect(read(cut, name, [7])).rejects.toMatchObject({ code: 'http.bad_encoding' })
    }),
    { numRuns: 60 },
  )
})

test.each(['gzip', 'deflate', 'br', 'zstd', 'snappy'])(
  '%s: any bytes give a body or an error with a way out, and nothing stays reserved',
  async (name) => {
    const budget = new ByteBudget(1 << 20)
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 100 }), async (bytes) => {
        try {
          await read(bytes, name, [], budget)
        } catch (error) {
          expect(error).toBeInstanceOf(AppError)
          expect(['http.bad_encoding', 'http.inflated_too_large']).toContain((error as AppError).code)
        }
        expect(budget.usedBytes).toBe(0)
      }),
      { numRuns: 100 },
    )
  },
)
