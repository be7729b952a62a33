import { Labels } from '@tidewatch/core/labels.ts'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { beforeEach, expect, test } from 'vitest'
import { type Silence, stateOf } from './silence.ts'
import { SilenceBook, type SilenceWish } from './silence-book.ts'

const hourMs = 3_600_000
let clock: FakeClock
let rows: Map<string, Silence>
let book: SilenceBook

const open = (): SilenceBook =>
  new SilenceBook({
    clock,
    mode: () => 'fallback',
    rows: {
      all: async () => [...rows.values()],
      count: async () => rows.size,
      save: async (silences) => {
        for (const silence of silences) rows.set(silence.id, silence)
      },
      removeEndedBefore: async (atMs) => {
        for (const [id, { endsAtMs }] of rows) if (endsAtMs < atMs) rows.delete(id)
      },
    },
  })

beforeEach(() => {
  clock = new FakeClock()
  rows = new Map()
  book = open()
})

const wish = (more: Partial<SilenceWish> = {}): SilenceWish => ({
  id: undefined,
  matcherSets: [[{ name: 'team', value: 'db', isRegex: false }]],
  startsAtMs: clock.nowMs(),
  endsAtMs: clock.nowMs() + hourMs,
  ...{ createdBy: 'kim', comment: 'known', annotations: {} },
  ...more,
})
const db = Labels.from({ team: 'db' })
const hides = (labels = db): boolean => book.silencesOf(labels, clock.nowMs()).length > 0
const stateNow = (id: string): string => stateOf(book.find(id) as Silence, clock.nowMs())

test('hides what all matchers of one of its sets match, from its start to its end', async () => {
  await book.set(wish({ startsAtMs: clock.nowMs() + 1000 }))
  expect(hides()).toBe(false)
  await clock.advance(1000)
  expect(hides()).toBe(true)
  expect(hides(Labels.from({ team: 'web' }))).toBe(false)
  await clock.advance(hourMs)
  expect(hides()).toBe(false)
})

test('another end keeps the id; other matchers end the former one and make a new one', async () => {
  const id = await book.set(wish())
  await clock.advance(2000)
  const startsAtMs = book.find(id)?.startsAtMs
  expect(await book.set(wish({ id, startsAtMs, endsAtMs: clock.nowMs() + 2 * hourMs }))).toBe(id)
  const other = await book.set(
    wish({ id, startsAtMs, matcherSets: [[{ name: 'team', value: 'web', isRegex: false }]] }),
  )
  expect(other).not.toBe(id)
  expect(stateNow(id)).toBe('expired')
  expect(hides()).toBe(false)
  expect(hides(Labels.from({ team: 'web' }))).toBe(true)
})

test('one that has begun cannot begin at another time: a new one is made', async () => {
  const id = await book.set(wish())
  await clock.advance(5000)
  const moved = await book.set(wish({ id, startsAtMs: clock.nowMs() + 60_000 }))
  expect(moved).not.toBe(id)
  expect([stateNow(id), stateNow(moved)]).toEqual(['expired', 'pending'])
  const again = await book.set(wish({ id: moved, startsAtMs: clock.nowMs() + 120_000 }))
  expect(again).toBe(moved)
})

test('ends on demand, once; is kept for five days, over restarts', async () => {
  const id = await book.set(wish())
  await book.end(id)
  expect(hides()).toBe(false)
  await expect(book.end(id)).rejects.toMatchObject({ code: 'state.conflict' })
  await expect(book.end('nothing')).rejects.toMatchObject({ code: 'state.not_found' })
  book = open()
  await book.refresh()
  expect(stateNow(id)).toBe('expired')
  await clock.advance(121 * hourMs)
  await book.refresh()
  expect(book.find(id)).toBeUndefined()
})

test('one that would hide everything, and an id that nobody knows, are refused', async () => {
  const everything = [[{ name: 'team', value: '.*', isRegex: true }]]
  await expect(book.set(wish({ matcherSets: everything }))).rejects.toMatchObject({ code: 'alerts.bad_silence' })
  await expect(book.set(wish({ id: 'nothing' }))).rejects.toMatchObject({ code: 'state.not_found' })
})
