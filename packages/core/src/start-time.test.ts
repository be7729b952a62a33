import { expect, it } from 'vitest'
import { staleHistogram } from './native-histogram.ts'
import { histogramFault } from './native-histogram-check.ts'
import { emptyLike, zeroBelongs } from './start-time.ts'

it('zero belongs between the newest sample and the one that told of the start', () => {
  expect(zeroBelongs(10, 20, Number.NEGATIVE_INFINITY)).toBe(true)
  expect(zeroBelongs(10, 20, 5)).toBe(true)
  expect(zeroBelongs(10, 20, 10)).toBe(false)
  expect(zeroBelongs(10, 20, 15)).toBe(false)
  // OpenTelemetry writes the sample's own time where it does not know the start
  expect(zeroBelongs(20, 20, 5)).toBe(false)
  expect(zeroBelongs(30, 20, 5)).toBe(false)
  expect(zeroBelongs(0, 20, Number.NEGATIVE_INFINITY)).toBe(false)
  expect(zeroBelongs(Number.NaN, 20, 5)).toBe(false)
})

it('an empty histogram is one of the same layout', () => {
  const exponential = emptyLike({ ...staleHistogram, schema: 3, zeroThreshold: 0.01, isInteger: true })
  expect(exponential).toMatchObject({ schema: 3, zeroThreshold: 0.01, count: 0, sum: 0, isInteger: true })
  const custom = emptyLike({ ...staleHistogram, schema: -53, customValues: [1, 2] })
  expect(custom).toMatchObject({ schema: -53, customValues: [1, 2], zeroThreshold: 0 })
  for (const one of [exponential, custom]) expect(histogramFault(one)).toBeUndefined()
})
