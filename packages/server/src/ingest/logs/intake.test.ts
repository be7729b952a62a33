import { createHash } from 'node:crypto'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import { createRedactor } from '@tidewatch/redact/redactor.ts'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { expect, it } from 'vitest'
import { createLogIntake } from './intake.ts'

it.each([1, 10_000])('%i timed lines that are sent again are known by the SHA-1 of their bytes', async (lines) => {
  const names: unknown[] = []
  const redactor = createRedactor()
  const intake = createLogIntake({
    spool: {
      checkRoom: () => {},
      append: async (_sections, options) => {
        names.push(options?.bodyHash)
        return { duplicate: names.length > 1 }
      },
    },
    encoder: { lines: (_project, { length }) => ({ table: 'logs', rows: length, parts: [] }) },
    clock: new FakeClock(Date.UTC(2026, 5, 1, 12)),
    ...{ redactor: () => redactor, onSecret: () => {} },
    keeping: () => ({ maxAgeMs: undefined, daysOf: () => 0, usesService: false }),
  })
  const line = Buffer.from(JSON.stringify({ time: '2026-06-01T11:00:00Z', message: 'hello, how are you' }))
  const body = Buffer.concat(Array.from({ length: lines }, () => line))
  const send = async () => {
    using request = intake.begin({ project: defaultProject, sender: 'a test' })
    for (let at = 0; at < body.length; at += line.length) request.addJson(body, at, at + line.length)
    return await request.store({ body })
  }
  expect(await send()).toMatchObject({ lines, duplicate: false })
  expect(await send()).toMatchObject({ lines, duplicate: true })
  const name = `logs-${defaultProject}-${createHash('sha1').update(body).digest('base64url')}`
  expect(names).toEqual([name, name])
})
