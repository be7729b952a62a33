import { expect, it } from 'vitest'
import { isWithinBusinessHours } from './business-hours.ts'

const berlin = { timeZone: 'Europe/Berlin', days: [1, 2, 3, 4, 5], fromMinute: 9 * 60, toMinute: 17 * 60 }
const hourMs = 3_600_000

it.each([
  ['a night does not count', '2026-11-19T18:00:00+01:00', '2026-11-20T09:59:00+01:00', true],
  ['the morning does', '2026-11-19T18:00:00+01:00', '2026-11-20T10:01:00+01:00', false],
  ['a weekend does not', '2026-11-20T16:30:00+01:00', '2026-11-23T09:30:00+01:00', true],
  ['nor does what is left of Friday twice', '2026-11-20T16:30:00+01:00', '2026-11-23T09:31:00+01:00', false],
  ['at once', '2026-11-20T12:00:00+01:00', '2026-11-20T12:00:00+01:00', true],
  ['within the day', '2026-11-20T12:00:00+01:00', '2026-11-20T13:00:00+01:00', true],
  ['too late within the day', '2026-11-20T12:00:00+01:00', '2026-11-20T13:00:01+01:00', false],
  ['clocks are put back on that weekend', '2026-10-23T16:30:00+02:00', '2026-10-26T09:30:00+01:00', true],
  ['clocks are put forward on that weekend', '2026-03-27T16:30:00+01:00', '2026-03-30T09:31:00+02:00', false],
])('%s', (_, from, to, isWithin) => {
  const span = { fromMs: Date.parse(from), toMs: Date.parse(to), withinMs: hourMs }
  expect(isWithinBusinessHours(berlin, span)).toBe(isWithin)
})

it('does not count for ever what nobody answered', () => {
  expect(isWithinBusinessHours(berlin, { fromMs: 0, toMs: Number.POSITIVE_INFINITY, withinMs: hourMs })).toBe(false)
})
