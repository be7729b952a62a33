import { Labels } from '@tidewatch/core/labels.ts'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import { expect, test } from 'vitest'
import { appendAll, bitsOf, headForTest, seriesForTest, startMs } from './head-for-test.ts'
import { appendHistograms, bytesOf, listHistograms } from './histogram-for-test.ts'
import type { RefillSource } from './port.ts'
import { createHeadReader } from './reader.ts'
import { graceSeconds } from './sweeper.ts'
import { TestColumns } from './test-columns.ts'

const always = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const

test('a series of histograms alone is found by its times, one of both by either', () => {
  using head = headForTest()
  const [only, both, floats] = seriesForTest(head, 3)
  appendHistograms(head, [
    { ref: only, timeMs: startMs, bytes: bytesOf(1) },
    { ref: only, timeMs: startMs + 60_000, bytes: bytesOf(2) },
    { ref: both, timeMs: startMs + 120_000, bytes: bytesOf(1) },
  ])
  appendAll(head, [
    { ref: both, timeMs: startMs, bits: bitsOf(1) },
    { ref: floats, timeMs: startMs + 60_000, bits: bitsOf(1) },
  ])
  const select = (fromMs: number, toMs: number): number[] => [
    ...head.index.select(defaultProject, [], startMs + fromMs, startMs + toMs),
  ]
  expect(select(0, 0)).toEqual([only, both])
  expect(select(30_000, 60_000)).toEqual([only, floats])
  expect(select(120_000, 130_000)).toEqual([both])
  const { survey } = head
  expect([only, both, floats].map((ref) => [survey.firstMs(ref) - startMs, survey.lastMs(ref) - startMs])).toEqual([
    [0, 60_000],
    [0, 120_000],
    [60_000, 60_000],
  ])
  expect(head.index.labelValues(defaultProject, 'i', [], startMs + 100_000, startMs + 200_000)).toEqual(['1'])
})

test('gives floats and histograms of one series apart, and what came late, twice or weaker counts once', () => {
  using head = headForTest()
  const [ref] = seriesForTest(head, 1)
  appendAll(head, [{ ref, timeMs: startMs, bits: bitsOf(7) }])
  for (const [step, count] of [
    [0, 1],
    [2, 3],
    [1, 2],
    [2, 3],
    [2, 2],
    [1, 9],
  ]) {
    appendHistograms(head, [{ ref, timeMs: startMs + step * 1000, bytes: bytesOf(count) }])
  }
  using reader = createHeadReader(head.descriptor)
  reader.acquire()
  expect(listHistograms(reader, ref, ...always).map(([timeMs]) => timeMs - startMs)).toEqual([0, 1000, 2000])
  expect(listHistograms(reader, ref, ...always).map(([, hex]) => hex)).toEqual(
    [1, 9, 3].map((count) => Buffer.from(bytesOf(count)).toString('hex')),
  )
  const columns = new TestColumns()
  reader.read(ref, ...always, columns)
  expect(columns.list()).toEqual([[startMs, bitsOf(7)]])
  expect(head.stats()).toMatchObject({ appended: 3, late: 2, duplicate: 2 })
})

test('takes histograms as large as there may be', () => {
  using head = headForTest()
  const [ref] = seriesForTest(head, 1)
  const large = new Uint8Array(32_560).fill(8)
  for (let i = 0; i < 5; i++) appendHistograms(head, [{ ref, timeMs: startMs + i, bytes: large }])
  using reader = createHeadReader(head.descriptor)
  reader.acquire()
  expect(reader.readHistograms(ref, ...always)?.bytes).toEqual(new Array(5).fill(large))
})

test('a series whose histograms are gone is forgotten, and the next with its number has none of them', async () => {
  const clock = new FakeClock(startMs)
  using head = headForTest({ clock, slotMs: 60_000, maxSeries: 2 })
  const gone = head.index.resolve(defaultProject, Labels.from({ __name__: 'gone' }))
  appendHistograms(head, [{ ref: gone, timeMs: startMs, bytes: bytesOf(1) }])
  const stays = head.index.resolve(defaultProject, Labels.from({ __name__: 'stays' }))
  for (let i = 1; head.index.size > 1; i++) {
    await clock.advance(15_000)
    const timeMs = startMs + i * 15_000
    appendHistograms(head, [{ ref: stays, timeMs, bytes: bytesOf(i, 300) }])
    head.index.touch(stays, head.index.generation(stays))
    expect(i).toBeLessThan(20_000)
    if (i * 15 < graceSeconds) expect(head.index.size).toBe(2)
  }
  appendAll(head, [{ ref: stays, timeMs: clock.nowMs(), bits: bitsOf(1) }])
  const next = head.index.resolve(defaultProject, Labels.from({ __name__: 'next' }))
  expect(next).toBe(gone)
  using reader = createHeadReader(head.descriptor)
  reader.acquire()
  expect(reader.readHistograms(next, ...always)).toBeUndefined()
})

test('a refill brings histograms back, those of series that have nothing else too', async () => {
  using head = headForTest()
  const labels = [Labels.from({ __name__: 'h' }), Labels.from({ __name__: 'both' })]
  const source: RefillSource = {
    extent: async () => ({ newestMs: startMs + 60_000, perHour: [10] }),
    async *series() {
      yield labels.map((own, i) => ({ project: defaultProject, idLow: i + 1, idHigh: 5, labels: own }))
    },
    async *samples() {
      yield {
        length: 1,
        ids: Uint32Array.of(2, 5),
        timesMs: Float64Array.of(startMs + 30_000),
        values: Float64Array.of(1),
      }
    },
    async *histograms() {
      yield {
        length: 4,
        ids: Uint32Array.of(1, 5, 1, 5, 2, 5, 9, 9),
        timesMs: Float64Array.of(startMs, startMs + 60_000, startMs + 60_000, startMs),
        bytes: [bytesOf(1), bytesOf(2), bytesOf(3), bytesOf(4)],
      }
    },
  }
  const { signal } = new AbortController()
  expect(await head.refill(source, { signal })).toMatchObject({ series: 2, samples: 4, skipped: 1 })
  using reader = createHeadReader(head.descriptor)
  reader.acquire()
  const counts = labels.map((own) => listHistograms(reader, head.index.resolve(defaultProject, own), ...always).length)
  expect(counts).toEqual([2, 1])
})
