import { expect, test } from 'vitest'
import { TimeSlices } from './time-slices.ts'

test('a stretch ends by the clock; others run in its turn, and the next one begins behind them', async () => {
  let nowMs = 100
  const slices = new TimeSlices({ monotonicMs: () => nowMs }, 5)
  expect(slices.isOver()).toBe(false)
  nowMs = 105
  expect(slices.isOver()).toBe(true)
  setImmediate(() => {
    nowMs = 200
  })
  await slices.turn()
  expect(nowMs).toBe(200)
  expect(slices.isOver()).toBe(false)
  nowMs = 204.9
  expect(slices.isOver()).toBe(false)
  nowMs = 205
  expect(slices.isOver()).toBe(true)
})
