import { describe, expect, it } from 'vitest'
import {
  chooseStepMs,
  describeRange,
  gridOf,
  parseTypedRange,
  rangeFromSearch,
  searchFromRange,
  shiftRange,
  widenRange,
  zoomRange,
} from './range.ts'

const now = Date.parse('2026-11-21T03:14:20Z')
const iso = (atMs: number) => new Date(atMs).toISOString().replace('.000Z', 'Z')

describe('a typed range', () => {
  it.each([
    ['3h', 'Last 3 h'],
    ['last 2 days', 'Last 2 days'],
    ['90 min', 'Last 1 h 30 min'],
    ['1d', 'Last 24 h'],
  ])('reads %s', (text, description) => {
    const typed = parseTypedRange(text, now, 'utc')
    expect('range' in typed && describeRange(typed.range, 'utc')).toBe(description)
  })

  it.each([
    ['yesterday 14:00–15:00', '2026-11-20T14:00:00Z', '2026-11-20T15:00:00Z'],
    ['02:00-03:00', '2026-11-21T02:00:00Z', '2026-11-21T03:00:00Z'],
    ['yesterday', '2026-11-20T00:00:00Z', '2026-11-21T00:00:00Z'],
    ['today', '2026-11-21T00:00:00Z', '2026-11-21T03:14:20Z'],
    ['2026-11-20 03:00 to 2026-11-20 04:30', '2026-11-20T03:00:00Z', '2026-11-20T04:30:00Z'],
    ['2026-11-19 – 2026-11-20', '2026-11-19T00:00:00Z', '2026-11-21T00:00:00Z'],
    ['20 Nov 23:00 – 21 Nov 01:00', '2026-11-20T23:00:00Z', '2026-11-21T01:00:00Z'],
    ['03:00 – now', '2026-11-21T03:00:00Z', '2026-11-21T03:14:20Z'],
  ])('reads %s', (text, start, end) => {
    const typed = parseTypedRange(text, now, 'utc')
    expect(typed).toEqual({ range: { kind: 'between', startMs: Date.parse(start), endMs: Date.parse(end) } })
  })

  it.each([
    ['', 'Write a range, such as 3h or yesterday 14:00–15:00.'],
    ['soon', '“soon” is not a time. Write 3h, yesterday 14:00–15:00 or 2026-11-21 03:00 – 04:00.'],
    ['02:00', 'Where does it end? Write 3h, yesterday 14:00–15:00 or 2026-11-21 03:00 – 04:00.'],
    ['15:00 – 16:00', 'That lies in the future.'],
    ['03:00 – 02:00', 'The end has to be after the start.'],
    ['5000d', 'A range is at most 400 days long.'],
  ])('says what is wrong with %j', (text, problem) => {
    expect(parseTypedRange(text, now, 'utc')).toEqual({ problem })
  })
})

describe('a range in the URL', () => {
  it('keeps its meaning there and back', () => {
    for (const range of [
      { kind: 'last', ms: 3 * 3_600_000 },
      { kind: 'between', startMs: now - 1_234_567, endMs: now },
    ] as const) {
      expect(rangeFromSearch(searchFromRange(range))).toEqual(range)
    }
  })

  it('is the default where it cannot be read', () => {
    const expected = rangeFromSearch({})
    expect(rangeFromSearch({ range: 'tomorrow' })).toEqual(expected)
    expect(rangeFromSearch({ from: '2026-11-21T03:00:00Z', to: 'x' })).toEqual(expected)
    expect(searchFromRange(expected)).toEqual({ range: undefined, from: undefined, to: undefined })
  })
})

describe('steps', () => {
  it('are nice, and few enough for a chart', () => {
    expect(chooseStepMs({ kind: 'last', ms: 900_000 })).toBe(5000)
    expect(chooseStepMs({ kind: 'last', ms: 3_600_000 })).toBe(15_000)
    expect(chooseStepMs({ kind: 'last', ms: 30 * 86_400_000 })).toBe(10_800_000)
  })

  it('follow the person, except where the answer would have too many points', () => {
    expect(chooseStepMs({ kind: 'last', ms: 3_600_000 }, { chosenMs: 1000 })).toBe(1000)
    expect(chooseStepMs({ kind: 'last', ms: 30 * 86_400_000 }, { chosenMs: 1000 })).toBe(10_800_000)
  })

  it('stand on the same moments whenever they are asked', () => {
    const range = { kind: 'last', ms: 900_000 } as const
    expect(gridOf(range, now, 5000)).toEqual(gridOf(range, now + 4999 - (now % 5000), 5000))
  })
})

describe('moving a range', () => {
  it('goes half a range earlier, and back to the clock', () => {
    const earlier = shiftRange({ kind: 'last', ms: 3_600_000 }, -1, now)
    expect(earlier).toEqual({ kind: 'between', startMs: now - 5_400_000, endMs: now - 1_800_000 })
    expect(shiftRange(earlier, 1, now)).toEqual({ kind: 'last', ms: 3_600_000 })
  })

  it('widens around the middle and never into the future', () => {
    expect(widenRange({ kind: 'last', ms: 1000 }, now)).toEqual({ kind: 'last', ms: 2000 })
    const wide = widenRange({ kind: 'between', startMs: now - 3_600_000, endMs: now - 60_000 }, now)
    expect(wide.kind === 'between' && [iso(wide.startMs), iso(wide.endMs)]).toEqual([
      '2026-11-21T01:44:50Z',
      '2026-11-21T03:14:20Z',
    ])
  })

  it('ignores a drag of a few pixels', () => {
    expect(zoomRange(now, now + 200)).toBeUndefined()
  })
})
