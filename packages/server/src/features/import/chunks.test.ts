import type { NativeHistogram } from '@tidewatch/core/native-histogram.ts'
import { staleHigh, staleLow } from '@tidewatch/core/stale.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
// the chunks that remote read from here makes are Prometheus's own, byte for byte (tests/counterparts)
import { XorChunkEncoder } from '../../query/read/xor-chunk.ts'
import { decodeChunk } from './chunks.ts'

interface Floats {
  readonly times: readonly number[]
  readonly words: readonly number[]
}

function floatsOf(data: Uint8Array): Floats {
  const times: number[] = []
  const words: number[] = []
  decodeChunk(1, data, {
    float: (timeMs, low, high) => {
      times.push(timeMs)
      words.push(low, high)
    },
    histogram: () => expect.unreachable(),
  })
  return { times, words }
}

test('every float comes out as it went in, whatever its bits and times', () => {
  const word = fc.oneof(fc.constantFrom(0, 1, 2, 0x7ff00000, 0x80000000, 0xffffffff), fc.nat({ max: 0xffffffff }))
  const gap = fc.oneof(fc.constantFrom(1, 15_000, 60_000), fc.nat(10_000_000), fc.nat(2 ** 41))
  const sample = fc.record({ gap: gap.map((ms) => ms + 1), low: word, high: word })
  fc.assert(
    fc.property(
      fc.integer({ min: -1e12, max: 2e12 }),
      fc.array(sample, { minLength: 1, maxLength: 120 }),
      (startMs, samples) => {
        let at = startMs
        const times = samples.map((one) => (at += one.gap))
        const words = samples.flatMap(({ low, high }) => [low, high])
        const encoded = new XorChunkEncoder().encode(Float64Array.from(times), Uint32Array.from(words), 0, times.length)
        expect(floatsOf(encoded)).toEqual({ times, words })
      },
    ),
  )
})

/** Bits from the highest on, as chunks have them. */
class Bits {
  readonly #bits: number[] = []

  put(value: bigint, count: number): this {
    for (let i = count - 1; i >= 0; i--) this.#bits.push(Number((BigInt.asUintN(64, value) >> BigInt(i)) & 1n))
    return this
  }

  /** Zero or a number of three bits, which is as much as these chunks need. */
  small(value: number): this {
    return value === 0 ? this.put(0n, 1) : this.put(0b10n, 2).put(BigInt(value), 3)
  }

  double(value: number): this {
    const view = new DataView(new ArrayBuffer(8))
    view.setFloat64(0, value)
    return this.put(view.getBigUint64(0), 64)
  }

  words(low: number, high: number): this {
    return this.put((BigInt(high) << 32n) | BigInt(low), 64)
  }

  /** A whole value in place of what changed. */
  whole(change: bigint): this {
    return this.put(0b11n, 2).put(0n, 5).put(0n, 6).put(change, 64)
  }

  get bytes(): Uint8Array {
    const bytes = new Uint8Array(Math.ceil(this.#bits.length / 8))
    this.#bits.forEach((bit, i) => {
      bytes[i >> 3] = (bytes[i >> 3] as number) | (bit << (7 - (i & 7)))
    })
    return bytes
  }
}

function histogramsOf(encoding: number, data: Uint8Array): { readonly timeMs: number; readonly h: NativeHistogram }[] {
  const found: { timeMs: number; h: NativeHistogram }[] = []
  decodeChunk(encoding, data, {
    float: () => expect.unreachable(),
    histogram: (timeMs, h) => found.push({ timeMs, h }),
  })
  return found
}

/** Two samples; custom bounds 0.5 and one that thousandths do not reach; one span of two buckets. */
function head(bits: Bits, flags: number): Bits {
  bits.put(2n, 16).put(BigInt(flags), 8)
  bits.put(0n, 8)
  // schema -53 needs nine bits
  bits.put(0b1110n, 4).put(-53n, 9)
  bits.small(1).small(2).small(0).small(0)
  bits.small(2)
  bits.put(0b1110n, 4).put(501n, 9)
  return bits.put(0n, 1).double(Math.PI)
}

test('float counts and custom bounds', () => {
  const bits = head(new Bits(), 0b11000000)
  bits.small(3).double(7.5).double(0).double(12.25).double(2.5).double(5)
  // the second a little later: count and one bucket change
  const xor = (a: number, b: number): bigint => {
    const view = new DataView(new ArrayBuffer(16))
    view.setFloat64(0, a)
    view.setFloat64(8, b)
    return view.getBigUint64(0) ^ view.getBigUint64(8)
  }
  bits.small(2).whole(xor(7.5, 9)).put(0n, 1).put(0n, 1).put(0n, 1).whole(xor(5, 6.5))
  const [first, second] = histogramsOf(3, bits.bytes)
  expect(first).toMatchObject({
    timeMs: 3,
    h: {
      schema: -53,
      customValues: [0.5, Math.PI],
      isInteger: false,
      counterResetHint: 'gauge',
      count: 7.5,
      sum: 12.25,
    },
  })
  expect(first?.h.positiveSpans).toEqual([{ length: 2, offset: 0 }])
  expect(second).toMatchObject({ timeMs: 5, h: { count: 9, sum: 12.25 } })
})

test('whole counts are added up, and a stale marker is one', () => {
  const bits = new Bits().put(3n, 16).put(0n, 8).put(1n, 8).small(0)
  bits.small(1).small(2).small(1).small(0)
  bits.small(1).small(3).small(0).double(1.5).small(1).small(1)
  bits.small(2).small(4).small(1).put(0n, 1).small(1).small(2)
  const before = new DataView(new ArrayBuffer(8))
  before.setFloat64(0, 1.5)
  const stale = (BigInt(staleHigh) << 32n) | BigInt(staleLow)
  bits
    .small(0)
    .small(0)
    .small(0)
    .whole(before.getBigUint64(0) ^ stale)
  const [first, second, third] = histogramsOf(2, bits.bytes)
  expect(first?.h).toMatchObject({ count: 3, zeroThreshold: 2 ** -242, isInteger: true, counterResetHint: 'unknown' })
  expect([...(first?.h.positiveBuckets ?? [])]).toEqual([1, 2])
  expect(second).toMatchObject({ timeMs: 3, h: { count: 7, zeroCount: 1, sum: 1.5, counterResetHint: 'not_reset' } })
  expect([...(second?.h.positiveBuckets ?? [])]).toEqual([2, 5])
  expect(third).toMatchObject({ timeMs: 5, h: { positiveSpans: [] } })
  expect(third?.h.sum).toBeNaN()
})

test('bytes that are no chunk are refused, never followed', () => {
  const sink = { float: () => undefined, histogram: () => undefined }
  expect(() => decodeChunk(1, Uint8Array.of(0, 9, 1), sink)).toThrow('a chunk ends too early')
  expect(() => decodeChunk(7, Uint8Array.of(0, 1), sink)).toThrow('a chunk has encoding 7, which is not known here')
  fc.assert(
    fc.property(fc.constantFrom(1, 2, 3), fc.uint8Array({ maxLength: 300 }), (encoding, data) => {
      try {
        decodeChunk(encoding, data, sink)
      } catch (error) {
        expect(error).toMatchObject({ code: 'collect.bad_answer' })
      }
    }),
    { numRuns: 500 },
  )
})
