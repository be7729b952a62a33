import { expect, it } from 'vitest'
import { dayBars, episodeBars, headline, otherMessages } from './report-words.ts'
import { episode, reportOf, ruleOf, startMs } from './testing-report.ts'

const dayMs = 86_400_000

it('says it in one sentence', () => {
  const firstEpisodes = [episode('A', 0, 4), episode('A', 60, 6), episode('A', 120, 300)]
  expect(headline(reportOf({ pages: 14, atNight: 3, firstEpisodes }))).toBe(
    '14 pages in 30 days, 3 of them at night, median 6 min.',
  )
  expect(headline(reportOf({ pages: 1, firstEpisodes: [] }))).toBe('1 page in 30 days, none of them at night.')
})

it('says when nothing would have happened, and when something fired that nobody was told of', () => {
  expect(headline(reportOf({ endMs: startMs + 7_200_000 }))).toBe('Nothing would have fired in 2 h.')
  expect(headline(reportOf({ rules: [ruleOf({ fired: 2 })] }))).toBe('No page in 30 days, though alerts fired 2 times.')
})

it('tells repeats and ends beside it', () => {
  expect(otherMessages(reportOf({}))).toBeUndefined()
  expect(otherMessages(reportOf({ repeats: 2, ends: 1 }))).toBe(
    '2 pages are repeats; 1 message more would only have said that something is over.',
  )
})

it('has a bar for each day, also without pages', () => {
  const days = [{ startMs: startMs + 2 * dayMs, pages: 3, atNight: 1 }]
  const bars = dayBars(reportOf({ endMs: startMs + 3.5 * dayMs, days }))
  expect(bars.map(({ pages, atNight }) => [pages, atNight])).toEqual([
    [0, 0],
    [0, 0],
    [3, 1],
    [0, 0],
  ])
  expect(bars[2]?.text).toBe('3 Nov: 3 pages, 1 at night')
})

it('rises where alerts fired, higher for critical ones, and knows where the list ends', () => {
  const firstEpisodes = [episode('A', 0, 30, 'critical'), episode('A', 1440, 30), episode('B', 2000, 1)]
  const report = reportOf({ firstEpisodes })
  const all = episodeBars({ group: 'g', rule: 'A', fired: 2 }, report, 'utc')
  expect(all).toHaveLength(60)
  expect(all.slice(0, 4).map(({ state }) => state)).toEqual(['critical', 'fine', 'warning', 'fine'])
  expect(all[2]?.text).toBe('2 Nov 00:00: 1 alert firing')
  const cut = episodeBars({ group: 'g', rule: 'A', fired: 9 }, report, 'utc')
  expect(cut.slice(2, 5).map(({ state }) => state)).toEqual(['warning', 'no-data', 'no-data'])
})
