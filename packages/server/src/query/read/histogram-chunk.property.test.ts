import { type NativeHistogram, staleHistogram } from '@tidewatch/core/native-histogram.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chunkEnd, HistogramChunkEncoder } from './histogram-chunk.ts'
import { type ChunkHistogram, decodeHistogramChunk } from './testing/decode-histogram-chunk.ts'

const flagsOf = { unknown: 0, reset: 0x80, not_reset: 0x40, gauge: 0xc0 }
const encoder = new HistogramChunkEncoder()
const bitsOf = (value: number): bigint => new BigUint64Array(Float64Array.of(value).buffer)[0] as bigint

interface Shape {
  readonly schema: number
  readonly zeroThreshold: number
  readonly customValues: readonly number[]
  readonly offset: number
  readonly isInteger: boolean
}

const shape: fc.Arbitrary<Shape> = fc.oneof(
  fc.record({
    schema: fc.integer({ min: -4, max: 8 }),
    zeroThreshold: fc.constantFrom(0, 2 ** -128, 0.001, 2048, 0.5),
    customValues: fc.constant([]),
    offset: fc.constantFrom(-3, 0, 7, 70_000),
    isInteger: fc.boolean(),
  }),
  fc.record({
    schema: fc.constant(-53),
    zeroThreshold: fc.constant(0),
    customValues: fc.constantFrom([0.1, 2.5, 1e300], [-5, 0, 33_554.43, 33_554.431]),
    offset: fc.constant(0),
    isInteger: fc.boolean(),
  }),
)
const counts = (isInteger: boolean): fc.Arbitrary<number> =>
  isInteger
    ? fc.oneof(
        fc.nat(30),
        fc.nat(2 ** 30),
        fc.maxSafeNat().map((n) => n % 2 ** 51),
      )
    : fc.oneof(fc.nat(30), fc.double({ min: 0, noNaN: true }))

const hint = fc.constantFrom('unknown', 'reset', 'not_reset', 'gauge')

function histogram({ offset, ...rest }: Shape): fc.Arbitrary<NativeHistogram> {
  const count = counts(rest.isInteger)
  const isCustom = rest.schema === -53
  return fc
    .record({
      counterResetHint: hint,
      sum: fc.double(),
      zeroCount: isCustom ? fc.constant(0) : count,
      count,
      a: count,
      b: count,
      c: count,
    })
    .map(({ a, b, c, ...own }) => ({
      ...rest,
      ...own,
      count: rest.isInteger ? a + b + c + own.zeroCount : own.count,
      positiveSpans: [{ offset, length: 2 }],
      positiveBuckets: Float64Array.of(a, b),
      negativeSpans: isCustom ? [] : [{ offset: 1, length: 1 }],
      negativeBuckets: isCustom ? new Float64Array(0) : Float64Array.of(c),
    }))
}

/** Stretches of histograms of one shape, with stale markers among them. */
const sequence = fc
  .array(
    shape.chain((one) =>
      fc.array(
        fc.oneof({ weight: 9, arbitrary: histogram(one) }, { weight: 1, arbitrary: fc.constant(staleHistogram) }),
        { minLength: 1, maxLength: 30 },
      ),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((stretches) => stretches.flat())

function plain(h: NativeHistogram, atMs: number, found: ChunkHistogram): ChunkHistogram {
  const sides = { positiveBuckets: [...h.positiveBuckets], negativeBuckets: [...h.negativeBuckets] }
  const { count, zeroCount } = h
  // a stale marker has its chunk's layout
  const { schema, zeroThreshold, positiveSpans, negativeSpans, customValues } = h === staleHistogram ? found : h
  const layout = { schema, zeroThreshold, positiveSpans, negativeSpans, customValues }
  return { ...layout, atMs, count, zeroCount, sumBits: bitsOf(h.sum), ...sides }
}

test('whatever the histograms are, chunks give them back, and begin anew where a reader could not know of a reset', () => {
  fc.assert(
    fc.property(
      sequence,
      fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 9 }),
      (all, steps) => {
        let atMs = 1_700_000_000_000
        const timesMs = Float64Array.from(all, (_, i) => (atMs += steps[i % steps.length] as number))
        for (let from = 0, to = 0; from < all.length; from = to) {
          to = chunkEnd(all, from)
          expect(to).toBeGreaterThan(from)
          const { encoding, data } = encoder.encode(timesMs, all, { from, to })
          const { flags, histograms } = decodeHistogramChunk(data, encoding)
          const first = all[from] as NativeHistogram
          expect(flags).toBe(flagsOf[first.counterResetHint])
          expect(encoding).toBe(first.isInteger && first.count < 2 ** 50 ? 2 : 3)
          expect(histograms).toEqual(
            all.slice(from, to).map((h, i) => plain(h, timesMs[from + i] as number, histograms[i] as ChunkHistogram)),
          )
          for (const h of all.slice(from + 1, to))
            if (h !== staleHistogram) expect(h.counterResetHint === 'gauge').toBe(first.counterResetHint === 'gauge')
        }
      },
    ),
    { numRuns: 300 },
  )
})

test('counts that grow are one chunk, a reset begins another', () => {
  const grown = (
    count: number,
    counterResetHint: NativeHistogram['counterResetHint'] = 'unknown',
  ): NativeHistogram => ({
    ...staleHistogram,
    counterResetHint,
    isInteger: true,
    count,
    sum: count,
    positiveSpans: [{ offset: 0, length: 1 }],
    positiveBuckets: Float64Array.of(count),
  })
  expect(chunkEnd([grown(1), grown(2), grown(2, 'not_reset'), grown(1)], 0)).toBe(3)
  expect(chunkEnd([grown(1), grown(2, 'reset')], 0)).toBe(1)
  expect(chunkEnd([grown(1), undefined], 0)).toBe(1)
  expect(chunkEnd([grown(5, 'gauge'), grown(1, 'gauge'), grown(3)], 0)).toBe(2)
  expect(
    chunkEnd(
      Array.from({ length: 500 }, (_, i) => grown(i)),
      0,
    ),
  ).toBe(120)
})
