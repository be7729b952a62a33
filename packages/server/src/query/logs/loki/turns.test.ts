import { AppError } from '@tidewatch/core/error.ts'
import { expect, test } from 'vitest'
import { Turns } from './turns.ts'

test('eight at once, the others in their order, and who goes away loses its place', async () => {
  const turns = new Turns()
  const { signal } = new AbortController()
  const begun: number[] = []
  const ends = Array.from({ length: 10 }, () => Promise.withResolvers<void>())
  const work = (i: number): Promise<void> => {
    begun.push(i)
    return ends[i]?.promise ?? Promise.resolve()
  }
  const gone = new AbortController()
  const all = ends.map((_, i) => turns.run(() => work(i), i === 8 ? gone.signal : signal))
  await Promise.resolve()
  expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  gone.abort(new AppError('query.cancelled', 'gone'))
  await expect(all[8]).rejects.toThrow('gone')
  ends[3]?.resolve()
  await all[3]
  ends[9]?.resolve()
  await all[9]
  expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 9])
  for (const end of ends) end.resolve()
  await Promise.allSettled(all)
  expect(await turns.run(() => Promise.resolve('free'), signal)).toBe('free')
})

test('what waits is bounded', async () => {
  const turns = new Turns()
  const { signal } = new AbortController()
  const end = Promise.withResolvers<void>()
  const all = Array.from({ length: 72 }, () => turns.run(() => end.promise, signal))
  await expect(turns.run(() => end.promise, signal)).rejects.toThrow('wait already')
  end.resolve()
  await Promise.all(all)
})
