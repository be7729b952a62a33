import { describe, expect, test } from 'vitest'
import { isLocation, LocalTime } from './local-time.ts'
import type { TimeInterval } from './port.ts'
import { TimeIntervals } from './time-intervals.ts'

const interval = (parts: Partial<TimeInterval>): TimeInterval => ({
  times: undefined,
  weekdays: undefined,
  daysOfMonth: undefined,
  months: undefined,
  years: undefined,
  location: undefined,
  ...parts,
})

const mutes = (parts: Partial<TimeInterval>, time: string): boolean =>
  new TimeIntervals(new Map([['t', [interval(parts)]]])).mutes(['t'], Date.parse(time)).length > 0

describe('the clock on the wall of Berlin decides', () => {
  const nine = { times: [{ startMinute: 540, endMinute: 1020 }], location: 'Europe/Berlin' }

  test.each([
    ['winter', '2026-01-15T07:59:00Z', false],
    ['winter', '2026-01-15T08:00:00Z', true],
    ['summer', '2026-07-15T06:59:00Z', false],
    ['summer', '2026-07-15T07:00:00Z', true],
    ['the end is outside', '2026-07-15T15:00:00Z', false],
  ])('%s %s: %s', (_when, time, expected) => expect(mutes(nine, time)).toBe(expected))

  const twoToThree = { times: [{ startMinute: 120, endMinute: 180 }], location: 'Europe/Berlin' }

  test('the hour that summer time leaves out never comes', () => {
    expect(mutes(twoToThree, '2026-03-29T00:59:59Z')).toBe(false)
    expect(mutes(twoToThree, '2026-03-29T01:00:00Z')).toBe(false)
  })

  test('the hour that winter time repeats comes twice', () => {
    expect(mutes(twoToThree, '2026-10-25T00:30:00Z')).toBe(true)
    expect(mutes(twoToThree, '2026-10-25T01:30:00Z')).toBe(true)
    expect(mutes(twoToThree, '2026-10-25T02:00:00Z')).toBe(false)
  })

  test('a day is a day there, not in UTC', () => {
    const sunday = { weekdays: [{ begin: 0, end: 0 }], location: 'Pacific/Auckland' }
    expect(mutes(sunday, '2026-11-21T11:30:00Z')).toBe(true)
    expect(mutes(sunday, '2026-11-22T11:30:00Z')).toBe(false)
  })
})

test('the last day of the month moves with the month', () => {
  const last = { daysOfMonth: [{ begin: -1, end: -1 }] }
  expect(mutes(last, '2028-02-29T12:00:00Z')).toBe(true)
  expect(mutes(last, '2026-02-28T12:00:00Z')).toBe(true)
  expect(mutes(last, '2028-02-28T12:00:00Z')).toBe(false)
  expect(mutes({ daysOfMonth: [{ begin: 30, end: 31 }] }, '2026-02-28T12:00:00Z')).toBe(false)
})

test('a list that is empty takes no time, one that is not given takes any', () => {
  expect(mutes({ times: [] }, '2026-01-01T00:00:00Z')).toBe(false)
  expect(mutes({}, '2026-01-01T00:00:00Z')).toBe(true)
})

test('a name that nobody defined mutes nothing', () => {
  expect(new TimeIntervals(new Map()).mutes(['t'], 0)).toEqual([])
})

test('zones are those of the time zone database, as it writes them', () => {
  expect(['Europe/Berlin', 'US/Pacific', 'Etc/GMT+5', 'UTC', '', 'Local'].filter((name) => !isLocation(name))).toEqual(
    [],
  )
  expect(['europe/berlin', '+01:00', 'Mars/Base', '../etc', 'Europe/ Berlin'].filter(isLocation)).toEqual([])
})

test('a half-hour zone keeps its half hours', () => {
  expect(new LocalTime('Asia/Kolkata').at(Date.parse('2026-01-01T18:30:00Z'))).toEqual({
    year: 2026,
    month: 1,
    day: 2,
    weekday: 5,
    minute: 0,
  })
})
