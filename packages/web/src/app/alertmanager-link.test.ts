import { expect, it } from 'vitest'
import { stringifySearch } from '../data/search.ts'
import { alertmanagerLink, splitMatchers } from './alertmanager-link.ts'

const lead = (hash: string, pathname = '/') => {
  const link = alertmanagerLink(pathname, hash)
  return link && link.path + decodeURIComponent(stringifySearch(link.search)).replaceAll('+', ' ')
}

it.each([
  ['/alerts', '/alerts'],
  ['/alerts?receiver=team%2Fdb', '/alerts?receiver=team/db'],
  ['/alerts?filter=%7Balertname%3D%22A%22%2C%20team%3D%22db%22%7D', '/alerts?filter=alertname="A"&filter=team="db"'],
  ['/alerts?silenced=false&inhibited=false&muted=false&active=true', '/alerts?state=open'],
  ['/silences', '/alerts?tab=silences'],
  ['/silences/new?filter=%7Bteam%3D%22db%22%7D&comment=why', '/alerts?tab=silences&silence={team="db"}&comment=why'],
  ['/silences/new', '/alerts?tab=silences&silence='],
  ['/silences/edit/6f3a', '/alerts?tab=silences&edit=6f3a'],
  ['/silences/6f3a', '/alerts?tab=silences&edit=6f3a'],
  ['/status', '/settings'],
])('/#%s leads to %s', (hash, address) => {
  expect(lead(hash)).toBe(address)
})

it('leaves other addresses alone', () => {
  expect(lead('main')).toBeUndefined()
  expect(lead('/nothing')).toBeUndefined()
  expect(lead('/alerts', '/rules')).toBeUndefined()
})

it('parts matchers at commas outside of quotes', () => {
  expect(splitMatchers('{a="1,2", b=~"x\\",y" ,c!=d}')).toEqual(['a="1,2"', 'b=~"x\\",y"', 'c!=d'])
  expect(splitMatchers('')).toEqual([])
})
