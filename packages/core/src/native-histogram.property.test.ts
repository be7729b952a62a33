import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  customBucketsSchema,
  isStaleHistogram,
  type NativeHistogram,
  type Span,
  staleHistogram,
} from './native-histogram.ts'
import { histogramFault } from './native-histogram-check.ts'
import { decodeHistogram, encodeHistogram, maxHistogramBytes, replacesHistogram } from './native-histogram-codec.ts'

const hint = fc.constantFrom('unknown', 'reset', 'not_reset', 'gauge')
const whole = fc.oneof(fc.nat(), fc.maxSafeNat(), fc.constant(2 ** 53))
const fraction = fc.oneof(fc.double({ min: 0, noNaN: true }), fc.nat(), fc.constant(Number.NaN))
const anyDouble = fc.oneof(fc.double(), fc.integer(), fc.constant(-0))

function sideOf(
  counts: fc.Arbitrary<number>,
  { minFirst }: { readonly minFirst: number },
): fc.Arbitrary<{ readonly spans: Span[]; readonly buckets: Float64Array }> {
  const span = fc.record({ offset: fc.nat(2 ** 20), length: fc.nat(6) })
  return fc.tuple(fc.integer({ min: minFirst, max: 40 }), fc.array(span, { maxLength: 5 })).chain(([first, spans]) => {
    const placed = spans.map((one, i) => (i === 0 ? { ...one, offset: first } : one))
    const length = placed.reduce((sum, one) => sum + one.length, 0)
    return fc
      .array(counts, { minLength: length, maxLength: length })
      .map((list) => ({ spans: placed, buckets: Float64Array.from(list) }))
  })
}

const exponential = (isInteger: boolean): fc.Arbitrary<NativeHistogram> => {
  const counts = isInteger ? whole : fraction
  return fc
    .record({
      schema: fc.integer({ min: -4, max: 8 }),
      counterResetHint: hint,
      count: counts,
      sum: anyDouble,
      zeroThreshold: fc.oneof(fc.constantFrom(0, 2 ** -128, 0.001, 2 ** 11), fc.double({ min: 0, noNaN: true })),
      zeroCount: counts,
      positive: sideOf(counts, { minFirst: -(2 ** 31) + 1 }),
      negative: sideOf(counts, { minFirst: -40 }),
    })
    .map(({ positive, negative, ...rest }) => ({
      ...rest,
      isInteger,
      positiveSpans: positive.spans,
      positiveBuckets: positive.buckets,
      negativeSpans: negative.spans,
      negativeBuckets: negative.buckets,
      customValues: [],
    }))
}

const custom: fc.Arbitrary<NativeHistogram> = fc
  .record({
    counterResetHint: hint,
    count: whole,
    sum: anyDouble,
    bounds: fc.uniqueArray(
      fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(0.005, 0.1, 2.5)),
      {
        maxLength: 12,
      },
    ),
    counts: fc.array(whole, { maxLength: 8 }),
    isInteger: fc.boolean(),
  })
  .map(({ bounds, counts, ...rest }) => ({
    ...rest,
    schema: customBucketsSchema,
    zeroThreshold: 0,
    zeroCount: 0,
    positiveSpans: counts.length === 0 ? [] : [{ offset: 0, length: counts.length }],
    positiveBuckets: Float64Array.from(counts),
    negativeSpans: [],
    negativeBuckets: new Float64Array(0),
    customValues: bounds.sort((a, b) => a - b),
  }))

const anyHistogram = fc.oneof(exponential(true), exponential(false), custom)

test('a histogram is read back from its bytes as it was, hint, sign of zero and kind of counts included', () => {
  fc.assert(
    fc.property(anyHistogram, (h) => {
      const bytes = encodeHistogram(h)
      expect(bytes.length).toBeLessThanOrEqual(maxHistogramBytes)
      expect(decodeHistogram(bytes)).toEqual(h)
      expect(encodeHistogram(decodeHistogram(bytes))).toEqual(bytes)
    }),
    { numRuns: 300 },
  )
})

test('of any histograms at one moment the same one counts, in whichever order they come', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(anyHistogram, fc.constant(staleHistogram)), { minLength: 1, maxLength: 6 }),
      (all) => {
        const encoded = all.map(encodeHistogram)
        const last = (list: readonly Uint8Array[]): Uint8Array =>
          list.reduce((held, one) => (replacesHistogram(one, held) ? one : held))
        const winner = last(encoded)
        expect(last([...encoded].reverse())).toEqual(winner)
        expect(last([...encoded.slice(1), encoded[0] as Uint8Array])).toEqual(winner)
        if (all.some((h) => !isStaleHistogram(h))) expect(isStaleHistogram(decodeHistogram(winner))).toBe(false)
      },
    ),
  )
})

test('a stale marker stays one, also where its NaN has become a quiet one', () => {
  const quiet = new Float64Array(Uint32Array.of(2, 0x7ff80000).buffer)[0] as number
  for (const sum of [staleHistogram.sum, quiet]) {
    const h = { ...staleHistogram, sum }
    expect(isStaleHistogram(h)).toBe(true)
    expect(encodeHistogram(h).length).toBe(1)
    expect(isStaleHistogram(decodeHistogram(encodeHistogram(h)))).toBe(true)
  }
  expect(isStaleHistogram({ ...staleHistogram, sum: Number.NaN })).toBe(false)
})

const plain: NativeHistogram = {
  schema: 3,
  counterResetHint: 'unknown',
  count: 6,
  sum: 12.5,
  zeroThreshold: 2 ** -128,
  zeroCount: 1,
  positiveSpans: [
    { offset: -2, length: 2 },
    { offset: 3, length: 1 },
  ],
  positiveBuckets: Float64Array.of(1, 2, 1),
  negativeSpans: [{ offset: 0, length: 1 }],
  negativeBuckets: Float64Array.of(1),
  customValues: [],
  isInteger: true,
}
const bounded: NativeHistogram = {
  ...plain,
  schema: customBucketsSchema,
  count: 4,
  zeroThreshold: 0,
  zeroCount: 0,
  positiveSpans: [{ offset: 0, length: 3 }],
  negativeSpans: [],
  negativeBuckets: new Float64Array(0),
  customValues: [0.5, 1],
}

test('takes what is right', () => {
  expect(histogramFault(plain)).toBeUndefined()
  expect(histogramFault(bounded)).toBeUndefined()
  expect(histogramFault(staleHistogram)).toBeUndefined()
  expect(histogramFault({ ...plain, count: 9, sum: Number.NaN })).toBeUndefined()
  expect(histogramFault({ ...plain, count: 5.9, isInteger: false })).toBeUndefined()
  expect(encodeHistogram(plain).length).toBe(26)
})

test.each<[string, NativeHistogram, RegExp]>([
  ['schema', { ...plain, schema: 9 }, /schema is 9/],
  ['spans', { ...plain, positiveSpans: [{ offset: 0, length: 2 }] }, /positive spans need 2 buckets, and it has 3/],
  [
    'offset',
    {
      ...plain,
      positiveSpans: [
        { offset: 0, length: 2 },
        { offset: -1, length: 1 },
      ],
    },
    /offset -1/,
  ],
  [
    'negative count',
    { ...plain, negativeBuckets: Float64Array.of(-1) },
    /bucket 1 of its negative side has the count -1/,
  ],
  ['fraction', { ...plain, positiveBuckets: Float64Array.of(1, 1.5, 1) }, /count 1.5/],
  ['count', { ...plain, count: 7 }, /count is 7, and its buckets hold 6/],
  ['count of a sum that is no number', { ...plain, count: 5, sum: Number.NaN }, /buckets hold 6/],
  ['count too large', { ...plain, count: 2 ** 60 }, /whole numbers of at most 2\^53/],
  ['bounds of exponential buckets', { ...plain, customValues: [1] }, /custom bounds, which exponential/],
  ['bounds in no order', { ...bounded, customValues: [1, 1] }, /do not ascend: 1 follows 1/],
  ['bound NaN', { ...bounded, customValues: [Number.NaN, 1] }, /do not ascend/],
  ['bound +Inf', { ...bounded, customValues: [1, Number.POSITIVE_INFINITY] }, /\+Inf/],
  ['too few bounds', { ...bounded, customValues: [1] }, /reach to bucket 3, and 1 custom bounds make 2/],
  ['zero bucket', { ...bounded, zeroCount: 1 }, /no zero bucket/],
  [
    'negative side',
    { ...bounded, negativeSpans: plain.negativeSpans, negativeBuckets: plain.negativeBuckets },
    /no negative side/,
  ],
  ['size', { ...plain, positiveBuckets: new Float64Array(2501) }, /at most 2500/],
])('tells what is wrong: %s', (_name, h, text) => {
  expect(histogramFault(h)).toMatch(text)
})
