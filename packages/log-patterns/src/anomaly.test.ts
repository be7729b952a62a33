import { expect, test } from 'vitest'
import { minuteSeries, volumeAnomaly } from './anomaly.ts'

const steady = Array.from({ length: 60 }, (_, i) => 100 + (i % 7))

test('a volume as ever is nothing', () => {
  expect(volumeAnomaly(steady, 108)).toBeUndefined()
})

test('a peak and a fall are told with what was expected', () => {
  expect(volumeAnomaly(steady, 900)).toMatchObject({ kind: 'spike', expected: 103, observed: 900 })
  expect(volumeAnomaly(steady, 0)).toMatchObject({ kind: 'drop', expected: 103, observed: 0 })
})

test('earlier peaks do not hide the next one', () => {
  const history = steady.map((count, i) => (i % 10 === 0 ? 5000 : count))
  expect(volumeAnomaly(history, 2000)?.kind).toBe('spike')
})

test('a few lines where there were none, and a short history, are nothing', () => {
  const silence = new Array<number>(60).fill(0)
  expect(volumeAnomaly(silence, 9)).toBeUndefined()
  expect(volumeAnomaly(silence, 50)?.kind).toBe('spike')
  expect(volumeAnomaly(steady.slice(0, 10), 900)).toBeUndefined()
})

test('minutes without lines are zeros', () => {
  const minutes = [
    { minuteMs: 60_000, bySeverity: [1, 2] },
    { minuteMs: 240_000, bySeverity: [4] },
  ]
  expect(minuteSeries(minutes, 0, 300_000)).toEqual([0, 3, 0, 0, 4])
})
