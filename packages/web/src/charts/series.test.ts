import { describe, expect, it } from 'vitest'
import { formatSeries, lonePoints, maxDrawnSeries, nameSeries, sortSeries, toChartData } from './series.ts'

const grid = { startMs: 60_000, endMs: 120_000, stepMs: 15_000 }

describe('toChartData', () => {
  it('puts each value at its step and leaves gaps as gaps', () => {
    const data = toChartData(
      [
        {
          metric: { a: '1' },
          values: [
            [60, '1'],
            [75, '2'],
            [120, '4'],
          ],
        },
      ],
      grid,
    )
    expect(data.timesMs).toEqual([60_000, 75_000, 90_000, 105_000, 120_000])
    expect(data.series[0]?.values).toEqual([1, 2, null, null, 4])
    expect(data.series[0]?.stats).toEqual({ last: 4, lastAtMs: 120_000, least: 1, mean: 7 / 3, most: 4 })
  })

  it('draws neither NaN nor infinities, and leaves out a series that has nothing else', () => {
    const data = toChartData(
      [
        {
          metric: { a: '1' },
          values: [
            [60, 'NaN'],
            [75, '+Inf'],
            [90, '3'],
          ],
        },
        { metric: { a: '2' }, values: [[60, 'NaN']] },
      ],
      grid,
    )
    expect(data.series.map((series) => series.values)).toEqual([[null, null, 3, null, null]])
  })

  it('draws the highest when there are too many, and says how many there were', () => {
    const many = Array.from({ length: 250 }, (_, i) => ({
      metric: { i: String(i) },
      values: [[60, String(i)]] as const,
    }))
    const data = toChartData(many, grid)
    expect([data.series.length, data.total]).toEqual([maxDrawnSeries, 250])
    expect(Math.min(...data.series.map((series) => series.stats.most))).toBe(50)
  })

  it('names series by what tells them apart', () => {
    const data = toChartData(
      [
        { metric: { __name__: 'up', job: 'api', instance: 'a:1' }, values: [[60, '1']] },
        { metric: { __name__: 'up', job: 'api', instance: 'b:1' }, values: [[60, '1']] },
      ],
      grid,
    )
    expect(data.series.map((series) => series.name)).toEqual(['a:1', 'b:1'])
    expect(data.shared).toEqual({ __name__: 'up', job: 'api' })
  })
})

describe('names', () => {
  it('are whole where a series stands alone', () => {
    expect(nameSeries({ __name__: 'up', job: 'api' })).toBe('up{job="api"}')
    expect(nameSeries({})).toBe('value')
  })

  it('can be pasted into a query', () => {
    expect(formatSeries({ __name__: 'up', path: 'a"b\\c' })).toBe('up{path="a\\"b\\\\c"}')
    expect(formatSeries({})).toBe('{}')
  })
})

describe('sortSeries', () => {
  it('orders by any column in both directions', () => {
    const data = toChartData(
      [
        { metric: { i: '10' }, values: [[60, '5']] },
        { metric: { i: '9' }, values: [[60, '7']] },
      ],
      grid,
    )
    expect(sortSeries(data.series, 'last', true).map((series) => series.name)).toEqual(['9', '10'])
    expect(sortSeries(data.series, 'name', false).map((series) => series.name)).toEqual(['9', '10'])
    expect(sortSeries(data.series, 'most', false).map((series) => series.name)).toEqual(['10', '9'])
  })
})

describe('lonePoints', () => {
  it('finds values between gaps', () => {
    expect(lonePoints([1, null, 2, null, 3, 4])).toEqual([0, 2])
  })
})
