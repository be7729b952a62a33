import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ChangedTimes } from './changes.ts'

it('says the earliest time that came since, never a later one, and seldom an earlier one', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 60_000 }), { minLength: 1, maxLength: 60 }),
      fc.nat(60),
      (times, from) => {
        const changes = new ChangedTimes()
        let asked = changes.sequence
        for (const [i, time] of times.entries()) {
          if (i === Math.min(from, times.length)) asked = changes.sequence
          changes.noteFrom(time)
        }
        const later = times.slice(asked)
        const truth = later.length === 0 ? Number.POSITIVE_INFINITY : Math.min(...later)
        const said = changes.earliestSince(asked)
        expect(said).toBeLessThanOrEqual(truth)
        if (later.length > 0) expect(said).toBeGreaterThan(truth - 1000)
        else expect(said).toBe(Number.POSITIVE_INFINITY)
      },
    ),
  )
})

it('stays small when samples come for ever, and then answers earlier than it must', () => {
  const changes = new ChangedTimes()
  for (let second = 0; second < 20_000; second++) changes.noteFrom(second * 2000)
  expect(changes.earliestSince(changes.sequence)).toBe(Number.POSITIVE_INFINITY)
  expect(changes.earliestSince(19_990)).toBe(19_990 * 2000)
  expect(changes.earliestSince(5000)).toBeLessThanOrEqual(5000 * 2000)
})

it('takes the times of floats and histograms of a batch', () => {
  const changes = new ChangedTimes()
  const before = changes.sequence
  changes.note({
    length: 2,
    refs: Uint32Array.of(1, 1, 1),
    timesMs: Float64Array.of(5000, 4000, 1),
    values: new Float64Array(3),
  })
  expect(changes.earliestSince(before)).toBe(4000)
  changes.note({ length: 0, refs: new Uint32Array(0), timesMs: new Float64Array(0), values: new Float64Array(0) })
  expect(changes.earliestSince(before)).toBe(4000)
})
