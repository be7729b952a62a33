import type { ShiftItem } from '@tidewatch/api/oncall.ts'
import { expect, it } from 'vitest'
import { calendarSpan, chosenSpan, hoursOf, namedSpans, pickedMs, piecesOf } from './lanes.ts'
import { inputMoment, inputText, momentIn, spanName, timeIn } from './zoned.ts'

const berlin = 'Europe/Berlin'
const at = (text: string): number => Date.parse(`${text}Z`)
const iso = (ms: number): string => new Date(ms).toISOString().slice(0, 16)

it('reads local times, on days when clocks change too', () => {
  expect(timeIn(at('2026-11-21T21:45'), 'Asia/Kolkata')).toEqual({
    year: 2026,
    month: 11,
    day: 22,
    hour: 3,
    minute: 15,
  })
  const moment = (text: string) => iso(inputMoment(text, berlin) ?? 0)
  expect(moment('2026-07-01T09:00')).toBe('2026-07-01T07:00')
  expect(moment('2026-03-29T02:30')).toBe('2026-03-29T01:30')
  expect(moment('2026-10-25T02:30')).toBe('2026-10-25T00:30')
  expect(moment('2026-10-25T03:30')).toBe('2026-10-25T02:30')
  expect(inputText(at('2026-01-01T00:00'), 'America/New_York')).toBe('2025-12-31T19:00')
  expect(inputMoment('', berlin)).toBeUndefined()
  expect(iso(momentIn({ year: 2026, month: 1, day: 1, hour: 0, minute: 0 }, 'Pacific/Kiritimati'))).toBe(
    '2025-12-31T10:00',
  )
})

it('says a span with the day of its end only where it is another', () => {
  const span = { startMs: at('2026-11-27T17:00'), endMs: at('2026-11-27T22:00') }
  expect(spanName(span, berlin)).toBe('Fri 27 Nov, 18:00 to 23:00')
  expect(spanName({ ...span, endMs: at('2026-11-28T07:00') }, berlin)).toBe('Fri 27 Nov, 18:00 to Sat 28 Nov, 08:00')
})

it('shows a week as seven days from Monday, also with a day of 25 hours', () => {
  const span = calendarSpan({ view: 'week', offset: -4, nowMs: at('2026-11-21T12:00'), timeZone: berlin })
  expect(span.title).toBe('19 Oct to 25 Oct 2026')
  expect(span.lanes.map(({ title }) => title)).toEqual([
    'Mon 19 Oct',
    'Tue 20 Oct',
    'Wed 21 Oct',
    'Thu 22 Oct',
    'Fri 23 Oct',
    'Sat 24 Oct',
    'Sun 25 Oct',
  ])
  const sunday = span.lanes.at(-1)
  expect(((sunday?.endMs ?? 0) - (sunday?.startMs ?? 0)) / 3_600_000).toBe(25)
  expect(sunday?.ticks.map(({ at: share }) => Math.round(share * 25))).toEqual([0, 7, 13, 19])
  expect(span.lanes.some(({ isNow }) => isNow)).toBe(false)
})

it('shows a month as its weeks, over the end of a year too', () => {
  const span = calendarSpan({ view: 'month', offset: 2, nowMs: at('2026-11-21T12:00'), timeZone: berlin })
  expect(span.title).toBe('January 2027')
  expect(span.lanes.map(({ title }) => title)).toEqual([
    'Mon 28 Dec',
    'Mon 4 Jan',
    'Mon 11 Jan',
    'Mon 18 Jan',
    'Mon 25 Jan',
  ])
  expect(span.lanes[0]?.ticks.map(({ text }) => text)).toEqual(['28 Dec', '29', '30', '31', '1 Jan', '2', '3'])
  const earlier = calendarSpan({ view: 'month', offset: -11, nowMs: at('2026-11-21T12:00'), timeZone: berlin })
  expect(earlier.title).toBe('December 2025')
})

const shift = (start: string, end: string, person: string | null): ShiftItem => ({
  ...{ startMs: at(start), endMs: at(end), person, layer: null, override: null },
})

it('cuts shifts to a lane and counts hours, those of nobody too', () => {
  const shifts = [
    shift('2026-11-20T00:00', '2026-11-21T06:00', 'mara'),
    shift('2026-11-21T06:00', '2026-11-21T12:00', null),
    shift('2026-11-21T12:00', '2026-11-30T00:00', 'ilya'),
  ]
  const lane = { startMs: at('2026-11-21T00:00'), endMs: at('2026-11-22T00:00') }
  expect(piecesOf(lane, shifts).map(({ left, width, shift: one }) => [one.person, left, width])).toEqual([
    ['mara', 0, 0.25],
    [null, 0.25, 0.25],
    ['ilya', 0.5, 0.5],
  ])
  expect([...hoursOf(shifts, lane)].map(([person, ms]) => [person, ms / 3_600_000])).toEqual([
    ['mara', 6],
    [null, 6],
    ['ilya', 12],
  ])
})

it('chooses a shift as a whole, of one longer than the lane only what lies in it', () => {
  const lane = { startMs: at('2026-11-21T00:00'), endMs: at('2026-11-22T00:00') }
  const chosen = (start: string, end: string) => {
    const span = chosenSpan(shift(start, end, 'mara'), lane)
    return [iso(span.startMs), iso(span.endMs)]
  }
  expect(chosen('2026-11-21T18:00', '2026-11-22T08:00')).toEqual(['2026-11-21T18:00', '2026-11-22T08:00'])
  expect(chosen('2026-11-21T09:00', '2026-11-28T09:00')).toEqual(['2026-11-21T09:00', '2026-11-22T00:00'])
})

it('picks half hours of a day and quarters of the days of a week', () => {
  const day = { startMs: at('2026-11-21T00:00'), endMs: at('2026-11-22T00:00') }
  expect(iso(pickedMs(day, 0.757, 'week'))).toBe('2026-11-21T18:00')
  expect(iso(pickedMs(day, 7, 'week'))).toBe('2026-11-22T00:00')
  expect(iso(pickedMs(day, -1, 'week'))).toBe('2026-11-21T00:00')
  expect(iso(pickedMs(day, 0.3, 'month'))).toBe('2026-11-21T06:00')
})

it('knows what people mean by tonight, Friday night and the weekend', () => {
  const named = (now: string) =>
    namedSpans(at(now), berlin).map((span) => [span.title, iso(span.startMs), iso(span.endMs)].join(' '))
  expect(named('2026-11-25T12:00')).toEqual([
    'Tonight 2026-11-25T17:00 2026-11-26T07:00',
    'Friday night 2026-11-27T17:00 2026-11-28T07:00',
    'The weekend 2026-11-27T23:00 2026-11-29T23:00',
  ])
  expect(named('2026-11-27T12:00').map((text) => text.split(' 2026')[0])).toEqual(['Tonight', 'The weekend'])
})
