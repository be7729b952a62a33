import fc from 'fast-check'
import { compressSync, uncompressSync } from 'snappy'
import { expect, test } from 'vitest'
import { SnappyBuffers, snappyLength } from './snappy.ts'

const buffers = new SnappyBuffers()

/** By the same memory as all before it, so that what they left would show. */
function inflate(block: Uint8Array): Buffer | undefined {
  const length = snappyLength(block)
  if (length === undefined || length > 1 << 24) return undefined
  using lease = buffers.lease()
  const inflated = lease.inflate(block, length)
  return inflated === undefined ? undefined : Buffer.from(inflated)
}

function byBinding(block: Uint8Array): Buffer | undefined {
  try {
    return uncompressSync(Buffer.from(block)) as Buffer
  } catch {
    return undefined
  }
}

/** Texts with repetitions of every distance and length, and random bytes. */
const someBytes = fc.oneof(
  fc.uint8Array({ maxLength: 500 }),
  fc
    .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 90 }), fc.integer({ min: 1, max: 40 })), { maxLength: 30 })
    .map((parts) => Buffer.concat(parts.flatMap(([part, times]) => Array<Uint8Array>(times).fill(part)))),
)

test('gives back what was compressed', () => {
  fc.assert(
    fc.property(someBytes, (bytes) => {
      const block = compressSync(Buffer.from(bytes))
      expect(inflate(block)?.equals(Buffer.from(bytes))).toBe(true)
    }),
    { numRuns: 500 },
  )
})

test('damaged blocks: refused or inflated exactly as by the library itself', () => {
  const change = fc.record({ at: fc.nat(2000), byte: fc.nat(255), cut: fc.nat(20) })
  fc.assert(
    fc.property(someBytes, change, (bytes, { at, byte, cut }) => {
      const block = Buffer.from(compressSync(Buffer.from(bytes)))
      block[at % block.length] = byte
      const damaged = block.subarray(0, Math.max(1, block.length - cut))
      if ((snappyLength(damaged) ?? 0) > 1 << 20) return
      expect(inflate(damaged)).toEqual(byBinding(damaged))
    }),
    { numRuns: 1000 },
  )
})

test('far copies and long literals, whose lengths take more bytes', () => {
  const random = Buffer.from(Array.from({ length: 70_000 }, (_, i) => (i * 2_654_435_761) >>> 13))
  const bytes = Buffer.concat([random, random.subarray(0, 300), random.subarray(5, 66_000)])
  expect(inflate(compressSync(bytes))?.equals(bytes)).toBe(true)
  // a copy whose offset takes four bytes: no compressor writes it for so short a text
  const block = Buffer.from([12, 7 << 2, ...Buffer.from('abcdefgh'), (3 << 2) | 3, 8, 0, 0, 0])
  expect(inflate(block)?.toString()).toBe('abcdefghabcd')
})
