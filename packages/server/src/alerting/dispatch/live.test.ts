import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { DispatchChange, DispatchStore } from './change.ts'
import type { GroupNews } from './flush.ts'
import { Dispatcher } from './live.ts'
import { alertOf, policyOf, simpleYaml, startMs, told } from './testing-machine.ts'

let clock: FakeClock
let changes: DispatchChange[]
let news: GroupNews[]
let isDown: boolean
let failures: number
let stop: AbortController
let running: Promise<void>
let dispatcher: Dispatcher

const store: DispatchStore = {
  load: async () => ({ alerts: [], groups: [], told: [] }),
  async save(change) {
    if (isDown) throw new Error('the disk is full')
    changes.push(change)
    news.push(...change.news)
  },
}

beforeEach(async () => {
  clock = new FakeClock(startMs)
  changes = []
  news = []
  isDown = false
  failures = 0
  stop = new AbortController()
  dispatcher = new Dispatcher(policyOf(simpleYaml), {
    ...{ store, clock, journal: { record: () => undefined }, notifications: { wake: () => undefined } },
    ...{ silencesOf: () => [], acknowledgedBy: () => undefined, externalUrl: () => '' },
    links: () => ({ alert: '', acknowledge: '', silence: '' }),
    onFailure: () => {
      failures++
    },
  })
  const ready = Promise.withResolvers<void>()
  running = dispatcher.run(stop.signal, ready.resolve)
  await ready.promise
})
afterEach(async () => {
  stop.abort()
  await running
})

const alert = (i: number) => alertOf({ alertname: 'A', i: String(i) })

test('many deliveries are kept together before any of them is answered', async () => {
  await clock.advance(0)
  const before = changes.length
  await Promise.all(Array.from({ length: 50 }, (_, i) => dispatcher.deliver([alert(i)])))
  expect(changes.length - before).toBeLessThanOrEqual(2)
  expect(changes.reduce((sum, { alerts }) => sum + alerts.size, 0)).toBe(50)
})

test('wakes by the clock when a group is due', async () => {
  await dispatcher.deliver([alert(1)])
  await clock.advance(9000)
  expect(told(news)).toEqual([])
  await clock.advance(1000)
  expect(told(news)).toEqual(['10s team firing A1'])
})

test('what cannot be kept is refused to its sender, and kept once it can be', async () => {
  isDown = true
  await expect(dispatcher.deliver([alert(1)])).rejects.toThrow('the disk is full')
  await clock.advance(11_000)
  expect(failures).toBeGreaterThan(0)
  expect(news).toEqual([])
  isDown = false
  await clock.advance(2000)
  expect(news.map(({ notification }) => notification.reason)).toEqual(['firing'])
  expect(changes.some(({ alerts }) => alerts.size === 1)).toBe(true)
  // the sender sends again: nothing is told twice
  await dispatcher.deliver([alert(1)])
  await clock.advance(120_000)
  expect(news).toHaveLength(1)
})

test('alerts are refused, not lost, where nobody dispatches', async () => {
  stop.abort()
  await running
  await expect(dispatcher.deliver([alert(1)])).rejects.toMatchObject({ code: 'internal.stopping' })
})
