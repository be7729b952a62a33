import { describe, expect, test } from 'vitest'
import { formatTime } from '../date-format.ts'
import { parseExpression } from './expression.ts'
import { readIntervals } from './intervals.ts'
import { movingFunction } from './moving.ts'

const beginOf = (settings: object, time: string): string => {
  const intervals = readIntervals({ ...settings }, 'aggs.x')
  return formatTime(BigInt(intervals.floor(Date.parse(time))) * 1_000_000n, undefined, intervals.zone)
}
const lengthsOf = (settings: object, time: string, count: number): number[] => {
  const { floor, next } = readIntervals({ ...settings }, 'aggs.x')
  const begins = [floor(Date.parse(time))]
  while (begins.length <= count) begins.push(next(begins.at(-1) as number))
  return begins.slice(1).map((ms, i) => (ms - (begins[i] as number)) / 3_600_000)
}

describe('intervals', () => {
  test.each([
    [{ fixed_interval: '5m' }, '2026-06-01T12:07:00Z', '2026-06-01T12:05:00.000Z'],
    [{ fixed_interval: '1d', time_zone: '+02:00' }, '2026-06-01T23:00:00Z', '2026-06-02T00:00:00.000+02:00'],
    [{ calendar_interval: 'week' }, '2026-06-03T12:00:00Z', '2026-06-01T00:00:00.000Z'],
    [{ calendar_interval: '1M', time_zone: 'Europe/Berlin' }, '2026-05-31T22:30:00Z', '2026-06-01T00:00:00.000+02:00'],
    [{ calendar_interval: 'quarter' }, '2026-06-03T12:00:00Z', '2026-04-01T00:00:00.000Z'],
    [{ interval: 'year' }, '2026-06-03T12:00:00Z', '2026-01-01T00:00:00.000Z'],
    [{ calendar_interval: 'day', offset: '+6h' }, '2026-06-03T05:00:00Z', '2026-06-02T06:00:00.000Z'],
  ])('%j at %s begins at %s', (settings, time, begin) => expect(beginOf(settings, time)).toBe(begin))

  test('days are as long as clocks make them', () => {
    expect(lengthsOf({ calendar_interval: 'day', time_zone: 'Europe/Berlin' }, '2026-03-28T12:00:00Z', 3)).toEqual([
      24, 23, 24,
    ])
    expect(lengthsOf({ calendar_interval: 'day', time_zone: 'Europe/Berlin' }, '2026-10-24T12:00:00Z', 3)).toEqual([
      24, 25, 24,
    ])
  })

  test.each([
    [{}],
    [{ fixed_interval: '1 fortnight' }],
    [{ fixed_interval: '0s' }],
    [{ calendar_interval: '2d' }],
    [{ fixed_interval: '1m', time_zone: 'Nowhere/At_all' }],
  ])('%j is refused', (settings) => expect(() => readIntervals(settings, 'aggs.x')).toThrow())
})

describe('arithmetic', () => {
  test.each([
    ['params.a + params.b * 2', 7],
    ['(params.a + params.b) * 2 - -1', 9],
    ['params.a > 0 && params.b == 3 ? Math.max(params.a, params.b) / 2 : 0', 1.5],
    ['return a % 2;', 1],
  ])('%s', (script, value) => expect(parseExpression(script)({ a: 1, b: 3 })).toBe(value))

  test.each(['', 'params.a +', 'System.exit(1)', 'doc["x"].value', '('.repeat(1000), `${'-'.repeat(3000)}1`])(
    '%s is refused',
    (script) => {
      expect(() => parseExpression(script)({ a: 1 })).toThrow()
    },
  )

  test('windows', () => {
    expect(movingFunction('MovingFunctions.unweightedAvg(values)')([1, 2, 6])).toBe(3)
    expect(movingFunction('MovingFunctions.linearWeightedAvg(values)')([1, 4])).toBe(3)
    expect(movingFunction('MovingFunctions.ewma(values, 0.5)')([2, 4])).toBe(3)
    expect(() => movingFunction('values[0]')).toThrow('none that is known')
  })
})
