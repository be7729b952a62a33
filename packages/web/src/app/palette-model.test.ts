import { expect, it } from 'vitest'
import { findItems, metricHref, type PaletteItem, pageItems, recentFirst, rememberItem } from './palette-model.ts'

const fixed: PaletteItem[] = [
  { id: 'a', group: 'Pages', title: 'Alerts', words: 'firing' },
  { id: 'b', group: 'Actions', title: 'Dark theme' },
]
const metrics = ['node_cpu_seconds_total', 'process_cpu_seconds_total', 'up', 'cpu']
const titles = (text: string) =>
  findItems(text, fixed, metrics).flatMap((item) => (item.group === 'Logs' ? [] : [item.title]))

it('shows pages and actions before anything is typed', () => {
  expect(titles('')).toEqual(['Alerts', 'Dark theme'])
})

it('finds by further words, and metrics by the beginning before the middle', () => {
  expect(titles('firing')).toEqual(['Alerts'])
  expect(titles('cpu')).toEqual(['cpu', 'node_cpu_seconds_total', 'process_cpu_seconds_total'])
  expect(titles('proc sec')).toEqual(['process_cpu_seconds_total'])
})

it('offers to run what looks like a query', () => {
  expect(findItems('rate(up[5m])', fixed, metrics)[0]).toMatchObject({
    group: 'Query',
    href: '/explore?q=rate%28up%5B5m%5D%29',
  })
  expect(metricHref('up')).toBe('/explore?q=up')
})

it('offers to look for a text in logs, whatever signs it has', () => {
  const hrefOf = (text: string) => findItems(text, [], []).find(({ group }) => group === 'Logs')?.href ?? ''
  expect(new URLSearchParams(hrefOf('4bf92f3577b34da6').slice(6)).get('q')).toBe('"4bf92f3577b34da6"')
  expect(new URLSearchParams(hrefOf('say "hi" \\').slice(6)).get('q')).toBe('"say \\"hi\\" \\\\"')
  expect(hrefOf('ab')).toBe('')
})

it('puts what was chosen lately first', () => {
  expect(recentFirst(fixed, rememberItem(rememberItem([], 'a'), 'b')).map((item) => item.id)).toEqual(['b', 'a'])
})

it('has the parts of a page beside the page', () => {
  const [page, part] = pageItems([
    {
      ...{ path: '/logs', title: 'Logs', group: 'Explore', letter: 'l', words: 'lines', load: () => Promise.reject() },
      icon: (() => null) as never,
      places: [{ title: 'patterns', search: { tab: 'patterns' }, words: 'similar' }],
    },
  ])
  expect([page?.href, part?.title, part?.href]).toEqual(['/logs', 'Logs: patterns', '/logs?tab=patterns'])
})
