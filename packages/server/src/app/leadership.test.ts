import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { expect, it } from 'vitest'
import type { StateLocks } from '../state/port.ts'
import { fired, whileLeading } from './leadership.ts'

it('leads while it has the lock, waits while another has it, and leads again', async () => {
  const clock = new FakeClock()
  const stop = new AbortController()
  let lost = new AbortController()
  let isFree = false
  const locks: StateLocks = {
    tryLock: async () => (isFree ? { signal: lost.signal, [Symbol.asyncDispose]: async () => undefined } : undefined),
  }
  const log: string[] = []
  const done = whileLeading({ locks, name: 'rules', clock, signal: stop.signal }, async (signal) => {
    log.push('leads')
    await fired(signal)
    log.push('lost')
  }).catch((error: unknown) => log.push(String(error)))
  await new Promise(setImmediate)
  expect(log).toEqual([])
  isFree = true
  await clock.advance(5000)
  expect(log).toEqual(['leads'])
  isFree = false
  lost.abort()
  await new Promise(setImmediate)
  lost = new AbortController()
  isFree = true
  await clock.advance(5000)
  expect(log).toEqual(['leads', 'lost', 'leads'])
  stop.abort()
  await done
  expect(log).toEqual(['leads', 'lost', 'leads', 'lost'])
})
