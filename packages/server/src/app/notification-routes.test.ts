import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { expect, test } from 'vitest'
import type { Answer, RequestContext, Route } from '../http/port.ts'
import type { PartReport } from '../self/port.ts'
import { createNotificationRoutes } from './notification-routes.ts'

const problems = [{ message: 'it is no duration', where: { file: 'prometheus.yml', line: 3 } }]

function setUp() {
  const clock = new FakeClock(Date.UTC(2026, 10, 21))
  const now = { ok: true, parts: [] as PartReport[] }
  const configuration = {
    get lastReload() {
      return { atMs: 0, result: { ok: now.ok, problems: now.ok ? [] : problems } }
    },
  }
  const health = { report: () => ({ status: 'ready', ready: true, parts: now.parts }) as const }
  const [once, live] = createNotificationRoutes({ configuration, health, clock } as never) as [Route, Route]
  const asked = async () => {
    const { body } = await once.handle({} as RequestContext)
    return (body as { data: unknown[] }).data
  }
  return { clock, now, live, asked }
}

const followed = (live: Route, signal: AbortSignal): Answer => live.handle({ signal } as RequestContext) as Answer
const events = (answer: Answer): AsyncIterator<string> => (answer.body as AsyncIterable<string>)[Symbol.asyncIterator]()

const failed = {
  text: expect.stringMatching(/^Configuration reload has failed\. prometheus\.yml:3.* it is no duration/),
  date: '1970-01-01T00:00:00.000Z',
  active: true,
}

test('tell that the last reload failed, and why, until one succeeds', async () => {
  const { now, asked } = setUp()
  now.ok = false
  expect(await asked()).toEqual([failed])
  now.ok = true
  expect(await asked()).toEqual([])
})

test('tell which parts do not work as they should', async () => {
  const { now, asked } = setUp()
  now.parts = [
    { name: 'store', state: 'down', reason: 'the engine does not start', sinceMs: 60_000 },
    { name: 'spool', state: 'ready', reason: undefined, sinceMs: 0 },
  ]
  expect(await asked()).toEqual([
    { text: 'The store is down: the engine does not start', date: '1970-01-01T00:01:00.000Z', active: true },
  ])
})

test('a follower hears what is so now, what begins and what ends, and nothing twice', async () => {
  const { clock, now, live } = setUp()
  const leaving = new AbortController()
  now.ok = false
  const answer = followed(live, leaving.signal)
  expect(answer.headers).toMatchObject({ 'content-type': 'text/event-stream; charset=utf-8' })
  const heard = events(answer)
  await heard.next()
  const data = async () => {
    const { value } = await heard.next()
    const lines = String(value).split('\n\n').filter(Boolean)
    return lines.map((line) => JSON.parse(line.replace(/^data: /, '')))
  }
  expect(await data()).toEqual([failed])
  const next = data()
  await clock.advance(5000)
  now.ok = true
  await clock.advance(1000)
  expect(await next).toEqual([{ ...failed, active: false }])
  const quiet = heard.next()
  await clock.advance(16_000)
  expect(await quiet).toEqual({ done: false, value: ':\n\n' })
  const last = heard.next()
  leaving.abort()
  expect((await last).done).toBe(true)
})

test('the seventeenth follower is sent away, and there is room again when one leaves', () => {
  const { live } = setUp()
  const leaving = Array.from({ length: 16 }, () => new AbortController())
  for (const { signal } of leaving) expect(followed(live, signal).status).toBeUndefined()
  const late = new AbortController()
  expect(followed(live, late.signal)).toEqual({ status: 204 })
  leaving[3].abort()
  expect(followed(live, late.signal).status).toBeUndefined()
})
