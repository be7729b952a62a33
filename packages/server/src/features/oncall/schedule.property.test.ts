import { zoneOffsetMs } from '@tidewatch/core/time-zone.ts'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import type { Layer, Override, Schedule } from './port.ts'
import { nextShift, onCallAt, shiftsOf } from './schedule.ts'

const minuteMs = 60_000
const hourMs = 3_600_000
const dayMs = 86_400_000
const utc = (text: string): number => Date.parse(`${text}Z`)

const layer = (over: Partial<Layer>): Layer => ({
  name: 'first',
  people: ['ada', 'ben', 'cleo'],
  anchorLocalMs: utc('2026-01-05T09:00'),
  turnMs: 7 * dayMs,
  beginsLocalMs: utc('2026-01-05T09:00'),
  endsLocalMs: undefined,
  windows: [],
  ...over,
})
const berlin = (...layers: Layer[]): Schedule => ({ name: 'main', timeZone: 'Europe/Berlin', layers })
const stretch = (schedule: Schedule, from: string, to: string, overrides: readonly Override[] = []) =>
  shiftsOf(schedule, overrides, { fromMs: utc(from), toMs: utc(to) }).map(
    ({ startMs, endMs, onCall }) =>
      `${new Date(startMs).toISOString().slice(5, 16)} ${(endMs - startMs) / hourMs}h ${onCall?.person ?? '-'}`,
  )

describe('hand-over', () => {
  it('comes at 09:00 of local clocks when they go forward: that week is an hour short', () => {
    expect(stretch(berlin(layer({})), '2026-03-23T08:00', '2026-04-06T07:00')).toEqual([
      '03-23T08:00 167h cleo',
      '03-30T07:00 168h ada',
    ])
  })

  it('comes at 09:00 of local clocks when they go back: that week is an hour long', () => {
    expect(stretch(berlin(layer({})), '2026-10-19T07:00', '2026-11-02T08:00')).toEqual([
      '10-19T07:00 169h cleo',
      '10-26T08:00 168h ada',
    ])
  })

  it('within the hour that is repeated comes once, at its first time', () => {
    const nightly = layer({
      turnMs: dayMs,
      anchorLocalMs: utc('2026-10-01T02:30'),
      beginsLocalMs: utc('2026-10-01T02:30'),
    })
    expect(stretch(berlin(nightly), '2026-10-24T00:30', '2026-10-27T01:30')).toEqual([
      '10-24T00:30 24h cleo',
      '10-25T00:30 25h ada',
      '10-26T01:30 24h ben',
    ])
  })

  it('within the hour that is skipped comes an hour later on the clock', () => {
    const nightly = layer({
      turnMs: dayMs,
      anchorLocalMs: utc('2026-03-01T02:30'),
      beginsLocalMs: utc('2026-03-01T02:30'),
    })
    expect(stretch(berlin(nightly), '2026-03-28T01:30', '2026-03-30T00:30')).toEqual([
      '03-28T01:30 24h ada',
      '03-29T01:30 23h ben',
    ])
  })
})

it('keeps to hours and days, over midnight too, and shows the gaps', () => {
  const nights = layer({ people: ['ada'], windows: [{ weekdays: [5], fromMinute: 22 * 60, toMinute: 6 * 60 }] })
  expect(stretch(berlin(nights), '2026-01-08T23:00', '2026-01-11T00:00')).toEqual([
    '01-08T23:00 22h -',
    '01-09T21:00 8h ada',
    '01-10T05:00 19h -',
  ])
})

it('lets a later layer stand over an earlier one, and an override over all, the youngest first', () => {
  const days = layer({
    name: 'days',
    people: ['dora'],
    windows: [{ weekdays: [1, 2, 3, 4, 5], fromMinute: 540, toMinute: 1020 }],
  })
  const override = (id: string, person: string, from: string, to: string): Override => ({
    ...{ id, schedule: 'main', person, startMs: utc(from), endMs: utc(to), createdBy: 'x', createdAtMs: 1, note: '' },
  })
  const overrides = [
    override('a', 'eve', '2026-01-13T10:00', '2026-01-13T12:00'),
    override('b', 'fay', '2026-01-13T11:00', '2026-01-13T13:00'),
  ]
  const schedule = berlin(layer({ people: ['ada'] }), days)
  expect(stretch(schedule, '2026-01-13T06:00', '2026-01-13T18:00', overrides)).toEqual([
    '01-13T06:00 2h ada',
    '01-13T08:00 2h dora',
    '01-13T10:00 1h eve',
    '01-13T11:00 2h fay',
    '01-13T13:00 3h dora',
    '01-13T16:00 2h ada',
  ])
  expect(onCallAt(schedule, overrides, utc('2026-01-13T11:30'))).toEqual({ person: 'fay', by: { override: 'b' } })
})

it('finds who comes next over a gap', () => {
  const weekdaysOnly = layer({ windows: [{ weekdays: [1, 2, 3, 4, 5], fromMinute: 0, toMinute: 1440 }] })
  const next = nextShift(berlin(weekdaysOnly), [], utc('2026-01-09T12:00'))
  expect(next?.onCall?.person).toBe('ben')
  expect(next?.startMs).toBe(utc('2026-01-12T08:00'))
})

const zones = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'UTC')
const windows = fc.array(
  fc.record({
    weekdays: fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1 }),
    fromMinute: fc.integer({ min: 0, max: 47 }).map((half) => half * 30),
    toMinute: fc.integer({ min: 1, max: 48 }).map((half) => half * 30),
  }),
  { maxLength: 3 },
)
const layers = fc.array(
  fc.record({
    people: fc.array(fc.constantFrom('ada', 'ben', 'cleo', 'dora'), { minLength: 1, maxLength: 4 }),
    turnMs: fc.constantFrom(6 * hourMs, 12 * hourMs, dayMs, 3 * dayMs, 7 * dayMs),
    startHours: fc.integer({ min: -400, max: 100 }),
    windows,
  }),
  { minLength: 1, maxLength: 3 },
)
const aroundChanges = fc.constantFrom(
  '2026-03-06',
  '2026-03-27',
  '2026-04-03',
  '2026-10-02',
  '2026-10-23',
  '2026-10-30',
  '2026-06-10',
)

/** Minute by minute on a local clock, without any of the code above: every local time of the day names its person. */
function slowPerson(one: Layer, zone: string, atMs: number): string | undefined {
  const localMs = atMs + zoneOffsetMs(zone, atMs)
  if (localMs < one.beginsLocalMs) return undefined
  const minute = Math.floor(localMs / minuteMs) % 1440
  const weekday = new Date(localMs).getUTCDay()
  const inWindow = one.windows.some(({ weekdays, fromMinute, toMinute }) =>
    toMinute > fromMinute
      ? weekdays.includes(weekday) && minute >= fromMinute && minute < toMinute
      : (weekdays.includes(weekday) && minute >= fromMinute) ||
        (weekdays.includes((weekday + 6) % 7) && minute < toMinute),
  )
  if (one.windows.length > 0 && !inWindow) return undefined
  return one.people[Math.floor((localMs - one.anchorLocalMs) / one.turnMs) % one.people.length]
}

const isNearChange = (zone: string, atMs: number): boolean =>
  zoneOffsetMs(zone, atMs - 2 * hourMs) !== zoneOffsetMs(zone, atMs + 2 * hourMs)

test('covers exactly what is configured: the calendar, the answer for a moment and a walk by local clocks agree', () => {
  fc.assert(
    fc.property(zones, layers, aroundChanges, (timeZone, written, day) => {
      const fromMs = utc(`${day}T00:00`)
      const toMs = fromMs + 4 * dayMs
      const schedule: Schedule = {
        name: 'main',
        timeZone,
        layers: written.map(({ startHours, ...one }, i) => {
          const beginsLocalMs = fromMs + startHours * hourMs
          return layer({ ...one, name: `l${i}`, anchorLocalMs: beginsLocalMs, beginsLocalMs })
        }),
      }
      const shifts = shiftsOf(schedule, [], { fromMs, toMs })
      expect(shifts[0]?.startMs).toBe(fromMs)
      expect(shifts.at(-1)?.endMs).toBe(toMs)
      let i = 0
      for (let atMs = fromMs; atMs < toMs; atMs += 30 * minuteMs) {
        while ((shifts[i]?.endMs ?? toMs) <= atMs) i++
        const now = onCallAt(schedule, [], atMs)
        expect(shifts[i]?.onCall, new Date(atMs).toISOString()).toEqual(now)
        // there a local clock alone does not say which moment is meant
        if (isNearChange(timeZone, atMs)) continue
        const slow = schedule.layers.toReversed().map((one) => slowPerson(one, timeZone, atMs))
        expect(now?.person, new Date(atMs).toISOString()).toBe(slow.find((person) => person !== undefined))
      }
      for (const [at, shift] of shifts.entries()) expect(shift.startMs).toBe(at === 0 ? fromMs : shifts[at - 1]?.endMs)
    }),
    { numRuns: 60 },
  )
})
