import { threadId } from 'node:worker_threads'
import { AppError } from '@tidewatch/core/error.ts'
import { Labels } from '@tidewatch/core/labels.ts'
import { defaultProject, type Matcher } from '@tidewatch/core/matcher.ts'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { expect, test } from 'vitest'
import type { Head } from './head.ts'
import { appendAll, bitsOf, headForTest, seriesForTest, startMs } from './head-for-test.ts'
import type { SeriesRef } from './port.ts'
import { createHeadReader, releaseReadersOf } from './reader.ts'
import { graceSeconds } from './sweeper.ts'
import { TestColumns } from './test-columns.ts'

const all: readonly Matcher[] = []
const named = (i: number): Matcher[] => [{ name: 'i', op: '=', value: String(i) }]

/** A value that does not compress, the same for the same series and step. */
function noise(series: number, step: number): number {
  return Math.sin(series * 1000 + step + 1) * 1e3
}

/** Appends scrapes [from, to) of all series, 15 s apart. */
function scrape(head: Head, refs: readonly SeriesRef[], from: number, to: number): void {
  const values = new Float64Array(refs.length)
  for (let step = from; step < to; step++) {
    for (let i = 0; i < refs.length; i++) values[i] = noise(i, step)
    const timesMs = new Float64Array(refs.length).fill(startMs + step * 15_000)
    head.writer.append({ length: refs.length, refs: Uint32Array.from(refs), timesMs, values })
  }
}

function readAll(head: Head, ref: SeriesRef): [number, bigint][] {
  using reader = createHeadReader(head.descriptor)
  reader.acquire()
  const columns = new TestColumns()
  reader.read(ref, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, columns)
  return columns.list()
}

function expectNoise(list: readonly [number, bigint][], series: number, from: number, to: number): void {
  expect(list).toEqual(
    Array.from({ length: to - from }, (_, i) => [startMs + (from + i) * 15_000, bitsOf(noise(series, from + i))]),
  )
}

test('drops the oldest of all series from one moment on when the budget is used up, and keeps all that is newer', () => {
  using head = headForTest({ slotMs: 600_000 })
  const refs = seriesForTest(head, 100)
  scrape(head, refs, 0, 2000)
  const { beginMs } = head.writer
  const from = Math.ceil((beginMs - startMs) / 15_000)
  expect(from).toBeGreaterThan(200)
  expect(from).toBeLessThan(1500)
  for (const i of [0, 42, 99]) expectNoise(readAll(head, refs[i]), i, from, 2000)
  expect(head.stats().sampleBytes).toBeLessThan(1.3 * 2 ** 20)
})

test('leaves out a sample that is older than its begin, and says so', () => {
  using head = headForTest({ slotMs: 600_000 })
  const refs = seriesForTest(head, 100)
  scrape(head, refs, 0, 2000)
  appendAll(head, [{ ref: refs[0], timeMs: head.writer.beginMs - 1, bits: bitsOf(1) }])
  expect(head.stats().tooOld).toBe(1)
  appendAll(head, [{ ref: refs[0], timeMs: head.writer.beginMs + 1, bits: bitsOf(1) }])
  expect(head.stats()).toMatchObject({ tooOld: 1, late: 1 })
  expect(readAll(head, refs[0])[0]).toEqual([head.writer.beginMs + 1, bitsOf(1)])
})

test('keeps what a reader came for while newer samples push it out, and gives its memory back afterwards', () => {
  using head = headForTest({ slotMs: 600_000 })
  const refs = seriesForTest(head, 50)
  scrape(head, refs, 0, 500)
  using reader = createHeadReader(head.descriptor)
  expect(reader.acquire().beginMs).toBe(Number.NEGATIVE_INFINITY)
  scrape(head, refs, 500, 2500)
  expect(head.writer.beginMs).toBeGreaterThan(startMs)
  const columns = new TestColumns()
  reader.read(refs[7], Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, columns)
  expectNoise(columns.list(), 7, 0, 2500)
  const held = head.stats().sampleBytes
  reader.release()
  scrape(head, refs, 2500, 2501)
  expect(head.stats().sampleBytes).toBeLessThan(held)
  expect(head.stats().sampleBytes).toBeLessThan(1.3 * 2 ** 20)
})

test('takes memory away from a reader that stays too long instead of stopping, and tells it to ask again', () => {
  using head = headForTest({ slotMs: 600_000 })
  const refs = seriesForTest(head, 100)
  scrape(head, refs, 0, 500)
  using reader = createHeadReader(head.descriptor)
  reader.acquire()
  scrape(head, refs, 500, 12_000)
  expect(head.stats().revocations).toBe(1)
  const error = catching(() => reader.read(refs[0], 0, Number.POSITIVE_INFINITY, new TestColumns()))
  expect(error).toMatchObject({ code: 'query.busy', retryable: true })
  reader.release()
  expect(reader.acquire().beginMs).toBe(head.writer.beginMs)
  const columns = new TestColumns()
  reader.read(refs[0], startMs + 11_990 * 15_000, Number.POSITIVE_INFINITY, columns)
  expectNoise(columns.list(), 0, 11_990, 12_000)
})

test('a sender whose clock is an hour ahead does not push out what others send', () => {
  const clock = new FakeClock(startMs)
  using head = headForTest({ slotMs: 600_000, clock })
  const refs = seriesForTest(head, 100)
  appendAll(head, [{ ref: refs[99], timeMs: startMs + 3_600_000, bits: bitsOf(1) }])
  scrape(head, refs.slice(0, 99), 0, 100)
  expect(head.writer.beginMs).toBe(Number.NEGATIVE_INFINITY)
  expect(head.stats().tooOld).toBe(0)
})

test('forgets series whose samples are gone, gives their numbers to others, and shows no wrong labels', async () => {
  const clock = new FakeClock(startMs + 86_400_000)
  using head = headForTest({ slotMs: 600_000, clock })
  const [gone, ...rest] = seriesForTest(head, 100)
  using reader = createHeadReader(head.descriptor)
  scrape(head, [gone], 0, 3)
  reader.acquire()
  expect(reader.labels(gone).get('i')).toBe('0')
  reader.release()
  const generation = head.index.generation(gone)
  scrape(head, rest, 3, 2000)
  expect(head.index.touch(gone, generation)).toBe(true)
  await clock.advance((graceSeconds + 2) * 1000)
  scrape(head, rest, 2000, 2002)
  expect(head.index.size).toBe(99)
  expect(head.index.touch(gone, generation)).toBe(false)
  expect(head.index.select(defaultProject, named(0), Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)).toHaveLength(
    0,
  )
  const reused = head.index.resolve(defaultProject, Labels.from({ __name__: 'm', i: '100' }))
  expect(reused).toBe(gone)
  scrape(head, [reused], 2002, 2003)
  reader.acquire()
  expect(reader.labels(reused).get('i')).toBe('100')
  expect(head.index.labels(reused).get('i')).toBe('100')
  expect(readAll(head, reused)).toHaveLength(1)
})

test('does not reuse the number of a series that a reader may still ask for', async () => {
  const clock = new FakeClock(startMs + 86_400_000)
  using head = headForTest({ slotMs: 600_000, clock })
  const [gone, ...rest] = seriesForTest(head, 30)
  scrape(head, [gone], 0, 3)
  using reader = createHeadReader(head.descriptor)
  reader.acquire()
  await clock.advance((graceSeconds + 2) * 1000)
  scrape(head, rest, 3, 4000)
  expect(head.writer.beginMs).toBeGreaterThan(startMs)
  expect(reader.labels(gone).get('i')).toBe('0')
  const columns = new TestColumns()
  reader.read(gone, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, columns)
  expect(columns.length).toBe(3)
})

test('memory stays flat while series come and go', async () => {
  const clock = new FakeClock(startMs + 86_400_000)
  using head = headForTest({ slotMs: 600_000, clock, maxSeries: 3000 })
  let labelBytes = 0
  for (let wave = 0; wave < 40; wave++) {
    const refs = Array.from({ length: 200 }, (_, i) =>
      head.index.resolveEncoded(defaultProject, ...encoded(`w${wave}-${i}`)),
    )
    scrape(head, refs, wave * 60, wave * 60 + 60)
    await clock.advance(900_000)
    if (wave === 20) labelBytes = head.stats().labelBytes
  }
  expect(head.stats().labelBytes).toBeLessThan(labelBytes * 1.5)
  expect(head.index.size).toBeLessThan(3000)
  expect(head.stats().sampleBytes).toBeLessThan(1.3 * 2 ** 20)
  expect(head.index.select(defaultProject, all, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY).length).toBe(
    head.index.size,
  )
})

test('takes new series also where memory for the samples of those that went would last for ever', async () => {
  const clock = new FakeClock(startMs)
  using head = headForTest({ slotMs: 60_000, clock, maxSeries: 5000, budgetBytes: 2 ** 26 })
  for (let minute = 0; minute < 100; minute++) {
    await clock.advance(60_000)
    const refs = Array.from({ length: 300 }, (_, i) =>
      head.index.resolveEncoded(defaultProject, ...encoded(`m${minute}-${i}`)),
    )
    scrape(head, refs, minute * 4, minute * 4 + 4)
  }
  expect(head.stats()).toMatchObject({ refused: 0, tooOld: 0 })
  // what there is in memory reaches back for as long as there is room for its series
  expect(head.index.size).toBeGreaterThan(3000)
})

function encoded(text: string): [Uint8Array, number, number] {
  const bytes = Buffer.from(
    `\u000a${String.fromCharCode(5 + text.length)}\u000a\u0001a\u0012${String.fromCharCode(text.length)}${text}`,
    'latin1',
  )
  return [bytes, 0, bytes.length]
}

function catching(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return new AppError('internal.bug', 'nothing was thrown')
}

test('gives back the places and the memory of a thread that ended in the middle of its queries', () => {
  using head = headForTest({ slotMs: 600_000 })
  const readers = Array.from({ length: 128 }, () => createHeadReader(head.descriptor))
  for (const reader of readers) reader.acquire()
  const refs = seriesForTest(head, 100)
  scrape(head, refs, 0, 400)
  expect(head.stats().retired).toBeGreaterThan(0)
  expect(() => createHeadReader(head.descriptor)).toThrow('128 readers')
  releaseReadersOf(head.descriptor, threadId)
  scrape(head, refs, 400, 800)
  const held = head.stats().retired
  createHeadReader(head.descriptor)[Symbol.dispose]()
  expect(held).toBeLessThan(100)
})
