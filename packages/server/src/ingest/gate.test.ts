import { expect, test } from 'vitest'
import { AcceptGate } from './gate.ts'

const { signal } = new AbortController()

test('waits for those inside, keeps others outside, and lets them in again', async () => {
  const gate = new AcceptGate()
  const said: string[] = []
  const first = Promise.withResolvers<void>()
  const inside = gate.enter(async () => {
    await first.promise
    said.push('first done')
  })
  const closing = gate.close({ signal }).then((closed) => {
    said.push('closed')
    return closed
  })
  const later = gate.enter(async () => void said.push('later'))
  first.resolve()
  const closed = await closing
  await inside
  expect(said).toEqual(['first done', 'closed'])
  closed[Symbol.dispose]()
  await later
  expect(said).toEqual(['first done', 'closed', 'later'])
})

test('opens again where who closes it gives up', async () => {
  const gate = new AcceptGate()
  const never = Promise.withResolvers<void>()
  const inside = gate.enter(() => never.promise)
  const abort = new AbortController()
  const closing = gate.close({ signal: abort.signal })
  const later = gate.enter(async () => 'in')
  abort.abort(new Error('gave up'))
  await expect(closing).rejects.toThrow('gave up')
  expect(await later).toBe('in')
  never.resolve()
  await inside
})

test('is closed by one after the other, and by nobody who was stopped before', async () => {
  const gate = new AcceptGate()
  const one = await gate.close({ signal })
  let second: Disposable | undefined
  const closing = gate.close({ signal }).then((closed) => {
    second = closed
  })
  await Promise.resolve()
  expect(second).toBeUndefined()
  one[Symbol.dispose]()
  await closing
  const entered = gate.enter(async () => 'in')
  one[Symbol.dispose]()
  second?.[Symbol.dispose]()
  expect(await entered).toBe('in')
  await expect(gate.close({ signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow('no')
})
