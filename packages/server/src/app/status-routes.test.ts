import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { expect, test } from 'vitest'
import { readServeOptions } from '../config/flags.ts'
import type { RequestContext, Route } from '../http/port.ts'
import { createMetrics } from '../self/metrics.ts'
import type { Logger } from '../self/port.ts'
import { flagValues } from './flags.ts'
import { createStatusRoutes, type StatusRoutesOptions } from './status-routes.ts'

const started = readServeOptions(['--database-url', 'postgres://me:pass@db:5432/tide?password=x'], {})
const quiet = { warn: () => undefined } as unknown as Logger
const nowMs = Date.UTC(2026, 10, 21, 12)

async function runtimeInfo(
  ok: boolean,
  retentionMs: number | undefined,
  sizeBytes?: number,
): Promise<Record<string, unknown>> {
  const configuration = { lastReload: { atMs: nowMs - 60_000, result: { ok, problems: [] } } }
  const options = started
  const keeping = { limits: () => ({ ageMs: retentionMs, sizeBytes }) }
  const { data } = await answer('runtimeinfo', { configuration, options, keeping })
  return data as Record<string, unknown>
}

/** What a status route says, made with no more than it needs. */
async function answer(
  name: string,
  parts: Partial<StatusRoutesOptions>,
  query: object = {},
): Promise<{ readonly status: string; readonly data: unknown }> {
  const cardinality = { tsdbStatus: () => expect.unreachable() }
  const route = createStatusRoutes({ cardinality, clock: new FakeClock(nowMs), ...parts } as StatusRoutesOptions).find(
    ({ path }) => path === `/api/v1/status/${name}`,
  ) as Route
  const { body } = await route.handle({ query } as RequestContext)
  return body as { status: string; data: unknown }
}

test('own metrics as JSON: counters, histograms with their buckets, what JSON has no numbers for', async () => {
  const metrics = createMetrics({ logger: quiet })
  metrics
    .counter({ name: 'tidewatch_a_total', help: 'As.', labels: ['kind'] })
    .with('x')
    .add(3)
  metrics.gauge({ name: 'tidewatch_b', help: 'A b.' }).with().set(Number.NaN)
  const histogram = metrics.histogram({ name: 'tidewatch_c_seconds', help: 'Cs.', labels: ['of'], buckets: [0.1, 1] })
  histogram.with('y').observe(0.5)
  histogram.with('y').observe(7)
  const { data } = await answer('self_metrics', { metrics })
  expect(data).toEqual([
    {
      ...{ name: 'tidewatch_a_total', help: 'As.', type: 'COUNTER' },
      metric: [{ label: [{ name: 'kind', value: 'x' }], counter: { value: 3 } }],
    },
    { name: 'tidewatch_b', help: 'A b.', type: 'GAUGE', metric: [{ gauge: { value: 'NaN' } }] },
    {
      ...{ name: 'tidewatch_c_seconds', help: 'Cs.', type: 'HISTOGRAM' },
      metric: [
        {
          label: [{ name: 'of', value: 'y' }],
          histogram: {
            ...{ sampleCount: '2', sampleSum: 7.5 },
            bucket: [
              { cumulativeCount: '0', upperBound: 0.1 },
              { cumulativeCount: '1', upperBound: 1 },
              { cumulativeCount: '2', upperBound: 'Infinity' },
            ],
          },
        },
      ],
    },
  ])
  const { data: some } = await answer('self_metrics', { metrics }, { metric_name_pattern: 'tidewatch_[ab].*' })
  expect((some as { name: string }[]).map(({ name }) => name)).toEqual(['tidewatch_a_total', 'tidewatch_b'])
  await expect(answer('self_metrics', { metrics }, { metric_name_pattern: '(' })).rejects.toThrow(
    /^metric_name_pattern: /,
  )
})

test('says since when it runs and how the last reading of the configuration went', async () => {
  const info = await runtimeInfo(false, 30 * 86_400_000)
  expect(info).toMatchObject({
    ...{ serverTime: '2026-11-21T12:00:00.000Z', lastConfigTime: '2026-11-21T11:59:00.000Z' },
    ...{ reloadConfigSuccess: false, storageRetention: '30d', CWD: process.cwd() },
  })
  const runsForMs = nowMs - Date.parse(String(info.startTime))
  expect(Math.abs(runsForMs - process.uptime() * 1000)).toBeLessThan(10_000)
})

test('names no retention where everything is kept', async () => {
  expect(await runtimeInfo(true, 86_400_000, 10 * 2 ** 30)).toMatchObject({ storageRetention: '1d or 10GB' })
  expect(await runtimeInfo(true, undefined)).toMatchObject({ storageRetention: '', reloadConfigSuccess: true })
})

test('says what it was started with, without what signs in', () => {
  const flags = flagValues(started, { ageMs: 30 * 86_400_000, sizeBytes: 5 * 2 ** 30 })
  expect(flags).toMatchObject({
    'storage.tsdb.retention.time': '30d',
    'storage.tsdb.retention.size': '5GB',
    'database-url': 'postgres://db:5432/tide',
  })
  expect(JSON.stringify(flags)).not.toContain('pass')
})
