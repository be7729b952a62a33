import { expect, it } from 'vitest'
import { countPools, discoveredTargets, filterDiscovered, keyOfTarget } from './discovered.ts'

const target = (instance: string) => ({
  discoveredLabels: { __address__: instance, __meta_zone: 'z1' },
  labels: { instance, job: 'api' },
  scrapePool: 'api',
  scrapeUrl: `http://${instance}/metrics`,
  lastError: '',
  lastScrape: '2026-11-21T03:14:20Z',
  lastScrapeDuration: 0.01,
  health: 'up' as const,
})
const data = {
  activeTargets: [target('a:1'), target('b:1')],
  droppedTargets: [{ discoveredLabels: { __address__: 'c:1', __meta_zone: 'z2' }, scrapePool: 'api' }],
  droppedTargetCounts: { api: 5, quiet: 0 },
}
const found = discoveredTargets(data)
const addresses = (text: string, shown: 'all' | 'kept' | 'dropped' = 'all', pool?: string) =>
  filterDiscovered(found, { text, shown, pool }).map(({ discovered }) => discovered.__address__)

it('lists what was kept and what was dropped, each under a key of its own', () => {
  expect(new Set(found.map(({ key }) => key)).size).toBe(3)
  expect(keyOfTarget(target('a:1'))).toBe(found[0]?.key)
  expect(found.map(({ target: kept }) => kept !== undefined)).toEqual([true, true, false])
})

it('counts by job, with what keep_dropped_targets leaves out of the list', () => {
  expect(countPools(data)).toEqual([
    { pool: 'api', kept: 2, dropped: 5, unlisted: 4 },
    { pool: 'quiet', kept: 0, dropped: 0, unlisted: 0 },
  ])
})

it('finds by labels from before and after relabelling', () => {
  expect(addresses('')).toHaveLength(3)
  expect(addresses('zone=Z2')).toEqual(['c:1'])
  expect(addresses('instance=b:1 api')).toEqual(['b:1'])
  expect(addresses('', 'dropped')).toEqual(['c:1'])
  expect(addresses('', 'kept')).toEqual(['a:1', 'b:1'])
  expect(addresses('', 'all', 'other')).toEqual([])
})
