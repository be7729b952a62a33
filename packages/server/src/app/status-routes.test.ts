import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { expect, test } from 'vitest'
import { readServeOptions } from '../config/flags.ts'
import type { RequestContext, Route } from '../http/port.ts'
import { flagValues } from './flags.ts'
import { createStatusRoutes } from './status-routes.ts'

const started = readServeOptions(['--database-url', 'postgres://me:pass@db:5432/tide?password=x'], {})
const nowMs = Date.UTC(2026, 10, 21, 12)

async function runtimeInfo(
  ok: boolean,
  retentionMs: number | undefined,
  sizeBytes?: number,
): Promise<Record<string, unknown>> {
  const configuration = { lastReload: { atMs: nowMs - 60_000, result: { ok, problems: [] } } }
  const options = started
  const keeping = { limits: () => ({ ageMs: retentionMs, sizeBytes }) }
  const cardinality = { tsdbStatus: () => expect.unreachable() }
  const [route] = createStatusRoutes({ configuration, options, keeping, cardinality, clock: new FakeClock(nowMs) }) as [
    Route,
  ]
  const { body } = await route.handle({} as RequestContext)
  return (body as { data: Record<string, unknown> }).data
}

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
