import { expect, it } from 'vitest'
import { barsOf, barText, histogramText } from './histogram-model.ts'

const answer = {
  widthMs: 60_000,
  bars: [
    { startMs: 120_000, counts: { info: 5, error: 2 } },
    { startMs: 240_000, counts: { odd: 1 } },
  ],
  total: 8,
}

it('has a bar for every stretch of the span', () => {
  const bars = barsOf(answer, { fromMs: 70_000, toMs: 290_000 })
  expect(bars.map(({ startMs, total }) => [startMs, total])).toEqual([
    [60_000, 0],
    [120_000, 7],
    [180_000, 0],
    [240_000, 1],
  ])
  expect(bars[3]?.counts.unknown).toBe(1)
})

it('takes bars that do not begin at multiples, and none at all', () => {
  const odd = { widthMs: 60_000, bars: [{ startMs: 90_000, counts: { info: 1 } }], total: 1 }
  expect(barsOf(odd, { fromMs: 60_000, toMs: 180_000 }).map(({ startMs, total }) => [startMs, total])).toEqual([
    [30_000, 0],
    [90_000, 1],
    [150_000, 0],
  ])
  expect(barsOf({ widthMs: 0, bars: [], total: 0 }, { fromMs: 0, toMs: 1 })).toEqual([])
})

it('reads a bar and the whole', () => {
  const bars = barsOf(answer, { fromMs: 60_000, toMs: 290_000 })
  expect(bars[1] && barText(bars[1], 'utc')).toBe('00:02 – 00:03, 7 lines: 2 error, 5 info')
  expect(histogramText(bars, 8, 'utc')).toBe('8 lines in 4 bars. The highest: 00:02 – 00:03, 7 lines: 2 error, 5 info')
})
