import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createLogger } from '../self/logger.ts'
import type { StateStore } from '../state/port.ts'
import { createStateStore } from '../state/store.ts'
import { Journal, type JournalLimits, journalState } from './journal.ts'
import type { JournalEntry } from './port.ts'

const clock = new FakeClock()
let dir: string
let state: StateStore

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'tidewatch-journal-'))
  const logger = createLogger({ clock, format: 'json', level: 'error', write: () => undefined })
  state = await createStateStore({
    dataDir: dir,
    databaseUrl: undefined,
    env: {},
    features: [journalState],
    clock,
    logger,
  })
})
afterEach(async () => {
  await state[Symbol.asyncDispose]()
  rmSync(dir, { recursive: true, force: true })
})

const entry = (text: string, atMs = clock.nowMs()): JournalEntry => ({
  ...{ atMs, fingerprint: 'f', stage: 'routed', text, detail: { to: 'ops', count: 1 } },
})

async function kept(journal: Journal): Promise<string[]> {
  const rows = await journal.read('f', { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 100 })
  return rows.map(({ text }) => text)
}

/** Runs it for so long. */
async function runFor(journal: Journal, ms: number): Promise<void> {
  const stop = new AbortController()
  const running = journal.run(stop.signal)
  await clock.advance(ms)
  stop.abort()
  await running
}

const open = (limits: Partial<JournalLimits> = {}): Journal => new Journal({ state, clock, limits })

test('lines come back in their order, with their detail, and of one alert alone', async () => {
  const journal = open()
  journal.record([entry('one'), entry('two'), { ...entry('other'), fingerprint: 'g' }])
  expect(await kept(journal)).toEqual(['one', 'two'])
  await clock.advance(1)
  const again = open()
  again.record([entry('three')])
  expect(await kept(again)).toEqual(['one', 'two', 'three'])
  const [row] = await again.read('f', { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, limit: 1 })
  expect(row).toEqual(entry('one', clock.nowMs() - 1))
})

test('what waits is written when it is stopped', async () => {
  const journal = open()
  journal.record([entry('late')])
  await runFor(journal, 0)
  expect(await kept(open())).toEqual(['late'])
})

test('lines go after 30 days, and the oldest where there are too many', async () => {
  const nowMs = clock.nowMs()
  const journal = open({ maxRows: 2 })
  journal.record([
    entry('old', nowMs - 31 * 86_400_000),
    entry('a', nowMs - 3),
    entry('b', nowMs - 2),
    entry('c', nowMs - 1),
  ])
  await runFor(journal, 1000)
  expect(await kept(journal)).toEqual(['b', 'c'])
})

test('where lines come faster than they can be written the oldest are lost, and counted', async () => {
  const journal = open({ maxWaiting: 2 })
  journal.record([entry('1'), entry('2'), entry('3')])
  expect(journal.lost).toBe(1)
  expect(await kept(journal)).toEqual(['2', '3'])
})
