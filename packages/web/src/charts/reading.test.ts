import { expect, it } from 'vitest'
import { describeChart, readAt, stackColumns } from './reading.ts'
import { toChartData } from './series.ts'

const grid = { startMs: 0, endMs: 30_000, stepMs: 15_000 }
const data = (count: number) =>
  toChartData(
    Array.from({ length: count }, (_, i) => ({
      metric: { i: String(i) },
      values: [
        [0, String(i)],
        [30, String(i * 2)],
      ] as const,
    })),
    grid,
  )

it('reads at most eight values, the highest first, and says how many more there are', () => {
  const readings = readAt(data(12).series, 2, 'number')
  expect(readings.shown.map((reading) => reading.value)).toEqual([22, 20, 18, 16, 14, 12, 10, 8])
  expect(readings.rest).toBe('4 more, at most 6')
})

it('reads nothing in a gap', () => {
  expect(readAt(data(3).series, 1, 'number')).toEqual({ shown: [], rest: undefined })
})

it('tells range and extremes in a sentence', () => {
  const text = describeChart('CPU', data(2).series, grid, { unit: 'number', zone: 'utc' })
  expect(text).toBe(
    'CPU, from Thu 1 Jan 1970, 00:00:00 UTC to Thu 1 Jan 1970, 00:00:30 UTC: 2 series, between 0 and 2.',
  )
  expect(describeChart('CPU', [], grid, { unit: 'number', zone: 'utc' })).toMatch(/no data\.$/)
})

it('stacks without filling gaps', () => {
  expect(stackColumns(data(3).series)).toEqual([
    [0, null, 0],
    [1, null, 2],
    [3, null, 6],
  ])
})
