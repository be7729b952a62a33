import type { LogTailEvent } from '@tidewatch/api/logs.ts'
import { logRecord } from '@tidewatch/core/log-record.ts'
import { everything } from '@tidewatch/logquery/predicate.ts'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { expect, it } from 'vitest'
import { lineOf } from './line.ts'
import { createLogTail, tailEventText } from './tail.ts'

it('lets who reads nothing for a minute give way, and refuses where all read', async () => {
  const clock = new FakeClock(1_700_000_000_000)
  const tail = createLogTail({ subscribe: () => ({ [Symbol.dispose]() {} }) }, clock)
  const sight = { predicate: everything, isWhole: true, show: lineOf }
  const { signal } = new AbortController()
  const open = () => tail.follow({ projects: new Set(), sight, signal })
  const all = Array.from({ length: 32 }, open)
  for (const one of all) expect((await one.next()).value).toEqual({ type: 'idle' })
  await expect(open().next()).rejects.toThrow('32 tails of logs are open already.')
  await clock.advance(61_000)
  expect((await open().next()).value).toEqual({ type: 'idle' })
  expect(tail.stats.followers).toBe(32)
  expect((await all[0]?.next())?.done).toBe(true)
  expect(tail.stats.followers).toBe(32)
})

it('writes lines as JSON, whoever they were written for before', () => {
  const lineAt = (seq: bigint) => lineOf({ place: { timeNs: 1n, seq }, record: logRecord({ body: `"${seq}", ☂` }) })
  const [a, b] = [lineAt(1n), lineAt(2n)]
  const events: readonly LogTailEvent[] = [
    { type: 'idle' },
    { type: 'lines', lines: [], matched: 3, share: 0 },
    { type: 'lines', lines: [a, b], matched: 2, share: 1 },
    { type: 'lines', lines: [b], matched: 4, share: 0.25 },
  ]
  for (const event of events) expect(JSON.parse(tailEventText(event))).toEqual(event)
})
