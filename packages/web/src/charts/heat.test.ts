import { expect, it } from 'vitest'
import { heatOf, heatShare, rowTicks } from './heat.ts'

const grid = { startMs: 0, endMs: 20_000, stepMs: 10_000 }

it('adds up native histograms by bucket, over all series', () => {
  const histogram = (buckets: [number, string, string, string][]) => ({ count: '0', sum: '0', buckets })
  const heat = heatOf(
    [
      {
        metric: { a: '1' },
        histograms: [
          [
            0,
            histogram([
              [0, '1', '2', '3'],
              [0, '2', '4', '5'],
            ]),
          ],
        ],
      },
      {
        metric: { a: '2' },
        histograms: [
          [0, histogram([[0, '1', '2', '1']])],
          [20, histogram([[3, '-1', '1', '7']])],
        ],
      },
    ],
    grid,
  )
  expect(heat?.buckets).toEqual([
    { lower: -1, upper: 1 },
    { lower: 1, upper: 2 },
    { lower: 2, upper: 4 },
  ])
  expect([...(heat?.counts ?? [])]).toEqual([0, 4, 5, 0, 0, 0, 7, 0, 0])
  expect(heat?.most).toBe(7)
})

it('takes classic buckets apart', () => {
  const series = (le: string, at0: string, at10: string) => ({
    metric: { __name__: 'x_bucket', le },
    values: [
      [0, at0],
      [10, at10],
    ] as [number, string][],
  })
  const heat = heatOf([series('+Inf', '10', '4'), series('0.5', '2', '4'), series('1', '7', '4')], grid)
  expect(heat?.buckets).toEqual([
    { lower: 0, upper: 0.5 },
    { lower: 0.5, upper: 1 },
    { lower: 1, upper: Number.POSITIVE_INFINITY },
  ])
  expect([...(heat?.counts ?? [])].slice(0, 6)).toEqual([2, 5, 3, 4, 0, 0])
})

it('joins neighbours where there are too many, and knows when there is nothing', () => {
  const buckets = Array.from({ length: 300 }, (_, i): [number, string, string, string] => [0, `${i}`, `${i + 1}`, '1'])
  const heat = heatOf([{ metric: {}, histograms: [[0, { count: '300', sum: '0', buckets }]] }], grid)
  expect(heat?.buckets).toHaveLength(60)
  expect(heat?.buckets[0]).toEqual({ lower: 0, upper: 5 })
  expect(heat?.most).toBe(5)
  expect(heatOf([{ metric: {}, values: [[0, '1']] }], grid)).toBeUndefined()
})

it('writes some bounds beside the rows, and colours by the logarithm', () => {
  const buckets = Array.from({ length: 10 }, (_, i) => ({
    lower: i === 0 ? Number.NEGATIVE_INFINITY : i,
    upper: i + 1,
  }))
  const heat = { timesMs: [], buckets, counts: new Float64Array(0), most: 0 }
  expect(rowTicks(heat, 5).map(({ row }) => row)).toEqual([2, 4, 6, 8])
  expect([heatShare(0, 10), heatShare(10, 10)]).toEqual([0, 1])
  expect(heatShare(1, 1000)).toBeGreaterThan(0.12)
})
