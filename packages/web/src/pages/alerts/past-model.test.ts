import { expect, it } from 'vitest'
import { daysOf, pastWords } from './past-model.ts'

const dayMs = 86_400_000
const hourMs = 3_600_000
const past = {
  fromMs: 0,
  toMs: 30 * dayMs,
  episodes: [
    { firedAtMs: 29.5 * dayMs, severity: 'high' },
    { firedAtMs: 10.9 * dayMs, endedAtMs: 11.1 * dayMs, severity: 'high' },
    { firedAtMs: -hourMs, endedAtMs: hourMs, severity: 'high' },
  ],
}

it('marks each day on which it fired', () => {
  expect(daysOf(past).flatMap(({ fired }, day) => (fired ? [day] : []))).toEqual([0, 10, 11, 29])
})

it('sums up, and counts what fires still until now', () => {
  const { times, lastedMs, medianMs } = pastWords(past)
  expect([times, Math.round(lastedMs / hourMs), Math.round((medianMs ?? 0) / hourMs)]).toEqual([3, 18, 5])
  expect(pastWords({ ...past, episodes: [] })).toEqual({ times: 0, lastedMs: 0, medianMs: undefined })
})
