import { expect, test } from 'vitest'
import type { RequestContext, Route } from '../http/port.ts'
import { createNotificationRoutes } from './notification-routes.ts'

const notifications = async (ok: boolean) => {
  const problems = [{ message: 'it is no duration', where: { file: 'prometheus.yml', line: 3 } }]
  const result = ok ? { ok, problems: [] } : { ok, problems }
  const [route] = createNotificationRoutes({ configuration: { lastReload: { atMs: 0, result } } } as never) as [Route]
  const { body } = await route.handle({} as RequestContext)
  return (body as { data: unknown[] }).data
}

test('tell that the last reload failed, and why, until one succeeds', async () => {
  expect(await notifications(false)).toEqual([
    {
      text: expect.stringMatching(/^Configuration reload has failed\. prometheus\.yml:3.* it is no duration/),
      date: '1970-01-01T00:00:00.000Z',
      active: true,
    },
  ])
  expect(await notifications(true)).toEqual([])
})
