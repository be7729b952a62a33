import type { Target } from '@tidewatch/api/prometheus.ts'
import { expect, it } from 'vitest'
import { countTargets, filterTargets, lastScrapeMs } from './targets.ts'

const target = (instance: string, health: Target['health'], lastError = ''): Target => ({
  labels: { instance, job: 'api' },
  scrapePool: 'api',
  scrapeUrl: `http://${instance}/metrics`,
  lastError,
  lastScrape: '2026-11-21T03:14:20Z',
  lastScrapeDuration: 0.01,
  health,
})
const targets = [target('a:1', 'up'), target('b:1', 'down', 'connection refused')]

it('finds targets by every word, wherever it stands', () => {
  expect(filterTargets(targets, { text: 'job=api REFUSED', health: 'all' }).map((one) => one.labels.instance)).toEqual([
    'b:1',
  ])
  expect(filterTargets(targets, { text: '', health: 'up' })).toHaveLength(1)
})

it('counts by health', () => {
  expect(countTargets(targets)).toEqual({ up: 1, down: 1, unknown: 0 })
})

it('knows a target that was never scraped', () => {
  expect(lastScrapeMs({ ...target('a:1', 'unknown'), lastScrape: '0001-01-01T00:00:00Z' })).toBeUndefined()
})
