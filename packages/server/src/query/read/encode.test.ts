import { setStale } from '@tidewatch/core/stale.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ByteWriter, int64Length } from './bytes.ts'
import { crc32c } from './crc32c.ts'
import { decodeReadRequest } from './request.ts'
import { decodeXorChunk } from './testing/decode.ts'
import { encodeReadRequest } from './testing/encode-request.ts'
import { XorChunkEncoder } from './xor-chunk.ts'

test('the checksums of RFC 3720, appendix B.4', () => {
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa)
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43)
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283)
})

test('an int64 is two’s complement of 64 bits in a varint', () => {
  const writer = new ByteWriter()
  for (const value of [0, 1, 300, -1, -300, 1_700_000_000_000]) {
    const before = writer.length
    writer.int64(value)
    expect(writer.length - before).toBe(int64Length(value))
  }
  const decimal = 1_700_000_000_000n
  const last: number[] = []
  for (let rest = decimal; rest > 0n; rest >>= 7n) last.push(Number(rest & 0x7fn) | (rest >= 0x80n ? 0x80 : 0))
  const hex = Buffer.from(last).toString('hex')
  expect(Buffer.from(writer.written).toString('hex')).toBe(`0001ac02${'ff'.repeat(9)}01d4fd${'ff'.repeat(7)}01${hex}`)
})

const encoder = new XorChunkEncoder()

function encode(timesMs: readonly number[], values: Float64Array): Uint8Array {
  return encoder.encode(Float64Array.from(timesMs), new Uint32Array(values.buffer), 0, timesMs.length)
}

const bitsOf = (values: Float64Array): bigint[] => [...new BigUint64Array(values.buffer)]

test('whatever the samples are, a chunk gives them back bit for bit', () => {
  const value = fc.oneof(fc.double(), fc.integer().map(Number), fc.constantFrom(0, -0, 1, Number.NaN, 1e300))
  const delta = fc.oneof(
    fc.integer({ min: 1, max: 20 }),
    fc.integer({ min: 1, max: 2_000_000 }),
    fc.integer({ min: 1, max: 2 ** 40 }),
  )
  const start = fc.oneof(fc.integer({ min: 0, max: 2 ** 41 }), fc.integer({ min: -(2 ** 41), max: 0 }))
  const samples = fc.array(fc.tuple(delta, value), { minLength: 1, maxLength: 120 })
  fc.assert(
    fc.property(start, samples, (startMs, list) => {
      let atMs = startMs
      const timesMs = list.map(([deltaMs]) => (atMs += deltaMs))
      const values = Float64Array.from(list, ([, one]) => one)
      const decoded = decodeXorChunk(encode(timesMs, values))
      expect(decoded.map((sample) => sample.atMs)).toEqual(timesMs)
      expect(decoded.map(({ bits }) => bits)).toEqual(bitsOf(values))
    }),
  )
})

test.each([-8192, -8191, 8192, 8193, -65_536, -65_535, 65_536, 65_537, -524_288, -524_287, 524_288, 524_289])(
  'a step that changes by %i ms',
  (change) => {
    const timesMs = [0, 600_000, 1_200_000 + change]
    const decoded = decodeXorChunk(encode(timesMs, new Float64Array(3)))
    expect(decoded.map(({ atMs }) => atMs)).toEqual(timesMs)
  },
)

test('a stale marker stays one', () => {
  const values = Float64Array.of(1, 0)
  setStale(new Uint32Array(values.buffer), 1)
  expect(decodeXorChunk(encode([1000, 2000], values))[1]?.bits).toBe(0x7ff0000000000002n)
})

test('the request that Prometheus sends', () => {
  const matchers = [
    { name: '__name__', op: '=', value: 'up' },
    { name: 'job', op: '=~', value: 'a|b' },
    { name: 'döner', op: '!=', value: '' },
    { name: 'x', op: '!~', value: 'y' },
  ] as const
  const windows = [{ startMs: 1_700_000_000_123, endMs: 1_700_000_300_123, matchers }]
  expect(decodeReadRequest(encodeReadRequest(windows, [1, 0]))).toEqual({ queries: windows, acceptedTypes: [1, 0] })
})

test('accepted types also as one packed field, and unknown fields left aside', () => {
  const bytes = Uint8Array.of(0x12, 2, 1, 0, 0x7a, 3, 1, 2, 3, 0x69, 1, 2, 3, 4, 5, 6, 7, 8)
  expect(decodeReadRequest(bytes)).toEqual({ queries: [], acceptedTypes: [1, 0] })
})

test('times before 1970 and beyond every date', () => {
  const times = (startMs: bigint): number | undefined => {
    const bytes: number[] = [0x08]
    for (let rest = BigInt.asUintN(64, startMs), i = 0; i < 10; i++, rest >>= 7n)
      bytes.push(Number(rest & 0x7fn) | (i < 9 ? 0x80 : 0))
    return decodeReadRequest(Uint8Array.of(0x0a, bytes.length, ...bytes)).queries[0]?.startMs
  }
  expect(times(-1n)).toBe(-1)
  expect(times(-62_135_596_800_000n)).toBe(-62_135_596_800_000)
  expect(times(-(2n ** 63n))).toBe(-8_640_000_000_000_000)
  expect(times(2n ** 63n - 1n)).toBe(8_640_000_000_000_000)
})

test.each([
  ['a field that is longer than the body', '0a05'],
  ['a number without an end', '0affffffffffffffffffffff'],
  ['a matcher of no kind', '0a041a020809'],
  ['a matcher without a name', '0a041a020800'],
  ['a name that is not UTF-8', '0a051a031201ff'],
  ['a group', '0b'],
])('refuses %s', (_what, hex) => {
  expect(() => decodeReadRequest(Buffer.from(hex, 'hex'))).toThrow(/^byte \d+ of the inflated body: there is /)
})

test('refuses requests without bounds', () => {
  const window = { startMs: 0, endMs: 0, matchers: [] }
  expect(() => decodeReadRequest(encodeReadRequest(Array(101).fill(window)))).toThrow('more than 100 queries')
  const matchers = Array(1001).fill({ name: 'a', op: '=', value: 'b' })
  expect(() => decodeReadRequest(encodeReadRequest([{ ...window, matchers }]))).toThrow('more than 1000 matchers')
})
