import { expect, it } from 'vitest'
import { noiseOf } from './noise.ts'
import { episode, reportOf, ruleOf } from './testing-report.ts'

it('leaves a quiet rule alone', () => {
  expect(noiseOf(ruleOf({}), reportOf({}))).toMatchObject({ word: 'silent', why: 'never fired' })
  const firstEpisodes = [episode('A', 0, 60), episode('A', 9000, 60)]
  expect(noiseOf(ruleOf({ fired: 2, pages: 4 }), reportOf({ firstEpisodes }))).toEqual({
    ...{ word: 'quiet', state: 'fine', why: '0.93 pages a week', proposal: undefined },
  })
})

it('proposes a longer for where most are over at once, with what it spares', () => {
  const firstEpisodes = [1, 1, 3, 4, 90].map((length, i) => episode('A', i * 3000, length))
  expect(noiseOf(ruleOf({ fired: 5, pages: 5, shortLived: 4 }), reportOf({ firstEpisodes }))).toEqual({
    word: 'noisy',
    state: 'warning',
    why: '4 of 5 ended within 5 min',
    proposal: 'Make for 5 min longer: 4 of 5 would not have begun',
  })
})

it('proposes to keep firing where an alert comes back soon', () => {
  const firstEpisodes = [0, 44, 88, 132, 176].map((at) => episode('A', at, 40))
  expect(noiseOf(ruleOf({ fired: 5, pages: 60 }), reportOf({ firstEpisodes })).proposal).toBe(
    'Set keep_firing_for to 5 min: 4 of 5 would not have begun',
  )
})

it('says so where waiting would not help', () => {
  const firstEpisodes = Array.from({ length: 60 }, (_, i) => episode('A', i * 700, 200))
  expect(noiseOf(ruleOf({ fired: 60, pages: 60 }), reportOf({ firstEpisodes }))).toMatchObject({
    word: 'noisy',
    proposal: 'It fires often and for long: move its limit, or end the cause',
  })
})

it('tells repeats from alerts', () => {
  const firstEpisodes = [episode('A', 0, 30_000)]
  expect(noiseOf(ruleOf({ fired: 1, pages: 135 }), reportOf({ firstEpisodes })).proposal).toMatch(/^It fires for long/)
})

it('speaks of the listed ones alone where the list is cut', () => {
  const firstEpisodes = [1, 1, 1, 90].map((length, i) => episode('A', i * 3000, length))
  expect(noiseOf(ruleOf({ fired: 900, pages: 900, shortLived: 700 }), reportOf({ firstEpisodes })).proposal).toBe(
    'Make for 2 min longer: of those listed, 3 of 4 would not have begun',
  )
})
