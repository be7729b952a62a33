import type { Target } from '@tidewatch/api/prometheus.ts'
import { expect, it } from 'vitest'
import { toChartData } from '../../charts/series.ts'
import { jobBars, jobRows } from './jobs.ts'

const target = (job: string, health: Target['health'], lastScrapeDuration = 0.01): Target => ({
  labels: { job },
  scrapePool: job,
  scrapeUrl: 'http://x/metrics',
  lastError: '',
  lastScrape: '2026-11-21T03:14:20Z',
  lastScrapeDuration,
  health,
})

it('puts jobs in trouble first and says how many of their targets are down', () => {
  const rows = jobRows([
    target('web', 'up'),
    target('api', 'up', 0.3),
    target('api', 'down'),
    target('db', 'down'),
    target('new', 'unknown'),
  ])
  expect(rows.map(({ job, word, up, total }) => `${job}: ${word}, ${up} of ${total}`)).toEqual([
    'db: Down, 0 of 1',
    'api: 1 down, 1 of 2',
    'new: Not scraped yet, 0 of 1',
    'web: Fine, 1 of 1',
  ])
  expect(rows[1]?.slowestSeconds).toBe(0.3)
  expect(rows[2]?.slowestSeconds).toBeNaN()
})

it('raises a bar where targets did not answer, and never draws a gap as fine', () => {
  const grid = { startMs: 0, endMs: 180_000, stepMs: 60_000 }
  const chart = toChartData(
    [
      {
        metric: { job: 'api' },
        values: [
          [0, '1'],
          [60, '0.5'],
          [120, '0'],
        ],
      },
    ],
    grid,
  )
  expect(jobBars(chart, 'api', 'utc').map((bar) => `${bar.state} ${bar.text}`)).toEqual([
    'fine 00:00, all answered',
    'warning 00:01, 50 % answered',
    'critical 00:02, 0 % answered',
    'no-data 00:03, no data',
  ])
})
