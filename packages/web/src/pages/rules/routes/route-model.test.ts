import type { RouteNode } from '@tidewatch/api/routing.ts'
import { expect, it } from 'vitest'
import { groupingWords, labelsOfSearch, labelsOfText, pathTo, searchOfLabels, timingWords } from './route-model.ts'

const node = (id: string, routes: RouteNode[] = []): RouteNode => ({
  ...{ id, receiver: id, matchers: [], continue: false, groupBy: [], routes },
  ...{ groupWaitMs: 30_000, groupIntervalMs: 300_000, repeatIntervalMs: 14_400_000 },
  ...{ muteTimeIntervals: [], activeTimeIntervals: [], integrations: [], groups: 0, mutedBy: [] },
})

it('finds the way to every route that was chosen', () => {
  const root = node('root', [node('a', [node('a1'), node('a2')]), node('b')])
  expect([...pathTo(root, [{ id: 'a2' }])].sort()).toEqual(['a', 'a2', 'root'])
  expect([...pathTo(root, [{ id: 'channels of a rule' }])]).toEqual([])
})

it('says grouping and times', () => {
  expect(groupingWords({ groupBy: [] })).toBe('all alerts in one group')
  expect(groupingWords({ groupBy: ['...'] })).toBe('each alert a group of its own')
  expect(timingWords(node('a'))).toBe('waits 30 s, tells of changes every 5 min, repeats after 4 h')
})

it('reads labels as people write and paste them', () => {
  expect(labelsOfText('team=core')).toEqual({ team: 'core' })
  expect(labelsOfText('{alertname="A, B", say="\\"x\\""}')).toEqual({ alertname: 'A, B', say: '"x"' })
  expect(labelsOfText('a=1 b=2')).toEqual({ a: '1', b: '2' })
  expect(labelsOfText('nothing')).toBeUndefined()
})

it('keeps labels in the address', () => {
  const labels = { path: '/a=b', team: '' }
  expect(labelsOfSearch(searchOfLabels(labels))).toEqual(labels)
})
