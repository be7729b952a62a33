import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fromLocalMs, isTimeZone, toLocalMs, zoneOffsetMs } from './time-zone.ts'

const utc = (text: string): number => Date.parse(`${text}Z`)

it('knows zones, and takes no offsets for zones', () => {
  expect(['UTC', 'Europe/Berlin', 'America/St_Johns'].every(isTimeZone)).toBe(true)
  expect(['Europe/Nowhere', '+02:00', '', 'berlin time'].some(isTimeZone)).toBe(false)
})

it('has the offsets of both halves of the year, also where they are no whole hours', () => {
  expect(zoneOffsetMs('Europe/Berlin', utc('2026-01-01T00:00'))).toBe(3_600_000)
  expect(zoneOffsetMs('Europe/Berlin', utc('2026-03-29T00:59:59'))).toBe(3_600_000)
  expect(zoneOffsetMs('Europe/Berlin', utc('2026-03-29T01:00'))).toBe(7_200_000)
  expect(zoneOffsetMs('Asia/Kathmandu', utc('2026-03-29T01:00'))).toBe(20_700_000)
  expect(zoneOffsetMs('America/St_Johns', utc('2026-07-01T00:00'))).toBe(-9_000_000)
})

it('takes the first of two local times, and moves one that does not exist forward', () => {
  expect(fromLocalMs('Europe/Berlin', utc('2026-10-25T02:30'))).toBe(utc('2026-10-25T00:30'))
  expect(fromLocalMs('Europe/Berlin', utc('2026-03-29T02:30'))).toBe(utc('2026-03-29T01:30'))
  expect(fromLocalMs('America/New_York', utc('2026-11-01T01:30'))).toBe(utc('2026-11-01T05:30'))
  expect(fromLocalMs('Australia/Lord_Howe', utc('2026-10-04T02:15'))).toBe(utc('2026-10-03T15:45'))
})

it('goes there and back but for the hour that is repeated', () => {
  const zones = fc.constantFrom(
    'Europe/Berlin',
    'America/New_York',
    'Asia/Kolkata',
    'Pacific/Apia',
    'Africa/Casablanca',
  )
  fc.assert(
    fc.property(zones, fc.integer({ min: utc('2000-01-01T00:00'), max: utc('2037-12-31T00:00') }), (zone, atMs) => {
      const back = fromLocalMs(zone, toLocalMs(zone, atMs))
      expect(toLocalMs(zone, back)).toBe(toLocalMs(zone, atMs))
      expect(back).toBeLessThanOrEqual(atMs)
      expect(atMs - back).toBeLessThanOrEqual(86_400_000)
    }),
  )
})
