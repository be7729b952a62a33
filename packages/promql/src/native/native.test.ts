import { customBucketsSchema, type FloatHistogram } from '@tidewatch/core/native-histogram.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { add, compact, detectReset, divide, equal, scale, subtract, toSchema, widenZeroBucket } from './arithmetic.ts'
import { exponentialBound } from './bounds.ts'
import { allBuckets, positiveSide, sideOf, spansOf } from './buckets.ts'
import { histogramFraction, histogramQuantile } from './quantile.ts'
import { histogramText } from './text.ts'
import { trimHistogram } from './trim.ts'

/** Positive buckets from an index on; count and sum follow. */
function exponential(
  schema: number,
  offset: number,
  counts: readonly number[],
  fields: Partial<FloatHistogram> = {},
): FloatHistogram {
  const zeroCount = fields.zeroCount ?? 0
  return {
    schema,
    counterResetHint: 'unknown',
    count: counts.reduce((sum, count) => sum + count, zeroCount),
    sum: counts.reduce((sum, count, i) => sum + count * exponentialBound(offset + i, schema), 0),
    zeroThreshold: 0.001,
    zeroCount,
    positiveSpans: counts.length === 0 ? [] : [{ offset, length: counts.length }],
    positiveBuckets: Float64Array.from(counts),
    negativeSpans: [],
    negativeBuckets: new Float64Array(0),
    customValues: [],
    ...fields,
  }
}

const custom = (bounds: readonly number[], counts: readonly number[]): FloatHistogram =>
  exponential(customBucketsSchema, 0, counts, { zeroThreshold: 0, customValues: bounds, sum: 0 })

const histograms = fc
  .record({
    schema: fc.integer({ min: -2, max: 4 }),
    offset: fc.integer({ min: -20, max: 20 }),
    counts: fc.array(fc.nat(9), { maxLength: 12 }),
    zeroCount: fc.nat(5),
    zeroThreshold: fc.constantFrom(0, 0.001, 0.5, 2),
  })
  .map(({ schema, offset, counts, zeroCount, zeroThreshold }) => {
    return widenZeroBucket(exponential(schema, offset, counts, { zeroCount, zeroThreshold: 0 }), zeroThreshold)
  })

const bucketSum = (h: FloatHistogram): number => allBuckets(h).reduce((sum, { count }) => sum + count, 0)

function combined(result: ReturnType<typeof add>): FloatHistogram {
  if (!result.ok) throw new Error(result.why)
  return result.value
}

describe('arithmetic', () => {
  test('loses no observation by adding, whatever the schemas and zero buckets are', () => {
    fc.assert(
      fc.property(histograms, histograms, (a, b) => {
        const sum = combined(add(a, b))
        expect(bucketSum(sum)).toBe(bucketSum(a) + bucketSum(b))
        expect(sum.count).toBe(a.count + b.count)
        expect(sum.schema).toBe(Math.min(a.schema, b.schema))
      }),
    )
  })

  test('takes away what was added', () => {
    fc.assert(
      fc.property(histograms, histograms, (a, b) => {
        const back = compact(combined(subtract(combined(add(a, b)), b)))
        const same = compact(toSchema(widenZeroBucket(a, back.zeroThreshold), back.schema))
        expect(positiveSide(back)).toEqual(positiveSide(same))
        expect(back.zeroCount).toBe(same.zeroCount)
      }),
    )
  })

  test('refuses custom buckets with exponential ones, and with other bounds', () => {
    expect(add(custom([1], [1]), exponential(0, 0, [1]))).toEqual({ ok: false, why: 'schema' })
    expect(add(custom([1], [1]), custom([2], [1]))).toEqual({ ok: false, why: 'bounds' })
  })

  test('divides by zero to infinities without buckets', () => {
    const divided = divide(exponential(0, 0, [1, 2]), 0)
    expect([divided.count, divided.positiveBuckets.length]).toEqual([Infinity, 0])
  })

  test('does not change its operands', () => {
    const a = exponential(0, 0, [1, 2])
    const before = histogramText(a)
    add(a, exponential(1, 3, [4]))
    scale(a, 3)
    expect(histogramText(a)).toBe(before)
  })
})

test('a sum is no reset of its parts; a part is one of the sum', () => {
  fc.assert(
    fc.property(histograms, histograms, (a, b) => {
      const sum = combined(add(a, b))
      expect(detectReset(sum, a)).toBe(false)
      if (b.count > 0) expect(detectReset(a, sum)).toBe(true)
    }),
  )
})

test('spans and buckets go back and forth', () => {
  const spans = [
    { offset: -2, length: 2 },
    { offset: 3, length: 1 },
  ]
  const side = sideOf(spans, Float64Array.of(1, 2, 3))
  expect(side).toEqual({ indexes: [-2, -1, 3], counts: [1, 2, 3] })
  expect(spansOf(side)).toEqual({ spans, buckets: Float64Array.of(1, 2, 3) })
})

test('equal only with the same buckets', () => {
  expect(equal(exponential(0, 0, [1, 2]), exponential(0, 0, [1, 2]))).toBe(true)
  expect(equal(exponential(0, 0, [1, 2]), exponential(0, 1, [1, 2], { sum: 5 }))).toBe(false)
})

test('quantile and fraction are inverse to each other', () => {
  const quantiles = fc.double({ min: 0.01, max: 0.99, noNaN: true })
  fc.assert(
    fc.property(histograms, quantiles, (h, q) => {
      // observations of exactly zero lie below no value but in no bucket of any width either
      fc.pre(h.count > 0 && (h.zeroCount === 0 || h.zeroThreshold > 0))
      const { value } = histogramQuantile(q, h)
      expect(histogramFraction(-Infinity, value, h).value).toBeGreaterThanOrEqual(q - 1e-9)
    }),
  )
})

test('trimming keeps each observation on one side', () => {
  fc.assert(
    fc.property(histograms, fc.double({ min: -10, max: 100, noNaN: true }), (h, at) => {
      const below = trimHistogram(h, at, true)
      const above = trimHistogram(h, at, false)
      expect(below.count + above.count).toBeCloseTo(bucketSum(h), 9)
    }),
  )
})

test('prints as Prometheus does', () => {
  expect(histogramText(exponential(0, 0, [1, 0, 2], { zeroCount: 3, sum: 9 }))).toBe(
    '{count:6, sum:9, [-0.001,0.001]:3, (0.5,1]:1, (2,4]:2}',
  )
})
