import { expect, test } from 'vitest'
import type { NativeHistogram } from './native-histogram.ts'
import { histogramFault } from './native-histogram-check.ts'
import { withKnownResolution } from './native-histogram-resolution.ts'

const fine = (schema: number, fields: Partial<NativeHistogram> = {}): NativeHistogram => ({
  schema,
  counterResetHint: 'unknown',
  count: 10,
  sum: 12,
  zeroThreshold: 0.001,
  zeroCount: 0,
  positiveSpans: [
    { offset: -3, length: 5 },
    { offset: 4, length: 1 },
  ],
  positiveBuckets: Float64Array.of(1, 1, 1, 1, 2, 4),
  negativeSpans: [],
  negativeBuckets: new Float64Array(0),
  customValues: [],
  isInteger: true,
  ...fields,
})

test('two buckets of schema 9 are one of schema 8', () => {
  // indexes -3 to 1 and 6
  const { schema, positiveSpans, positiveBuckets } = withKnownResolution(fine(9))
  expect({ schema, positiveSpans, counts: [...positiveBuckets] }).toEqual({
    schema: 8,
    positiveSpans: [
      { offset: -1, length: 3 },
      { offset: 1, length: 1 },
    ],
    counts: [2, 2, 2, 4],
  })
})

test('the finest that the format knows keeps its counts and passes the check', () => {
  const reduced = withKnownResolution(fine(52))
  expect(histogramFault(reduced)).toBeUndefined()
  expect([...reduced.positiveBuckets]).toEqual([4, 6])
  expect(reduced.positiveSpans).toEqual([{ offset: 0, length: 2 }])
})

test('what is fine already, unknown or broken stays as it is', () => {
  for (const h of [fine(8), fine(-4), fine(53), fine(9, { positiveBuckets: Float64Array.of(1) })]) {
    expect(withKnownResolution(h)).toBe(h)
  }
})
