import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { expect, test } from 'vitest'
import type { RequestContext, Route } from '../http/port.ts'
import { createStatusRoutes } from './status-routes.ts'

const nowMs = Date.UTC(2026, 10, 21, 12)

async function runtimeInfo(ok: boolean, retentionMs: number | undefined): Promise<Record<string, unknown>> {
  const configuration = { lastReload: { atMs: nowMs - 60_000, result: { ok, problems: [] } } }
  const [route] = createStatusRoutes({ configuration, retentionMs, clock: new FakeClock(nowMs) }) as [Route]
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
  expect(await runtimeInfo(true, undefined)).toMatchObject({ storageRetention: '', reloadConfigSuccess: true })
})
