import { Labels } from '@tidewatch/core/labels.ts'
import { defaultProject } from '@tidewatch/core/matcher.ts'
import { expect, test } from 'vitest'
import { appendAll, bitsOf, headForTest, startMs } from './head-for-test.ts'
import type { RefillHistograms, RefillSamples, RefillSeries, RefillSource, SeriesRef } from './port.ts'
import { createHeadReader } from './reader.ts'
import { TestColumns } from './test-columns.ts'

const hourMs = 3_600_000
const { signal } = new AbortController()

/** A store with series 0..count, a sample every 15 s over some hours before and at `newestMs`. */
class StandInStore implements RefillSource {
  readonly newestMs = startMs + 24 * hourMs
  askedSinceMs = Number.NaN
  readonly #count: number
  readonly #hours: number
  readonly #failAfter: number

  constructor(count: number, hours: number, failAfter = Number.POSITIVE_INFINITY) {
    this.#count = count
    this.#hours = hours
    this.#failAfter = failAfter
  }

  async extent(): Promise<{ newestMs: number; perHour: number[] }> {
    return { newestMs: this.newestMs, perHour: new Array(this.#hours).fill(240 * this.#count) }
  }

  async *series(): AsyncGenerator<RefillSeries[]> {
    for (let i = 0; i < this.#count; i++) {
      const labels = Labels.from({ __name__: 'm', i: String(i) })
      yield [{ project: defaultProject, idLow: i + 1, idHigh: 5, labels }]
    }
  }

  async *histograms(): AsyncGenerator<RefillHistograms> {}

  async *samples(sinceMs: number): AsyncGenerator<RefillSamples> {
    this.askedSinceMs = sinceMs
    const begin = Math.max(sinceMs, this.newestMs - this.#hours * hourMs + 1)
    const perSeries = Math.floor((this.newestMs - begin) / 15_000) + 1
    for (let i = 0; i < this.#count; i++) {
      if (i >= this.#failAfter) throw new Error('the engine is gone')
      const timesMs = Float64Array.from({ length: perSeries }, (_, k) => this.newestMs - (perSeries - 1 - k) * 15_000)
      const ids = new Uint32Array(perSeries * 2)
      for (let k = 0; k < perSeries; k++) ids.set([i + 1, 5], k * 2)
      yield { length: perSeries, ids, timesMs, values: Float64Array.from({ length: perSeries }, (_, k) => k * 3 + i) }
    }
  }
}

function read(head: ReturnType<typeof headForTest>, i: number): { beginMs: number; columns: TestColumns } {
  using reader = createHeadReader(head.descriptor)
  const { beginMs } = reader.acquire()
  const [ref] = head.index.select(
    defaultProject,
    [{ name: 'i', op: '=', value: String(i) }],
    0,
    Number.POSITIVE_INFINITY,
  )
  const columns = new TestColumns()
  if (ref !== undefined) reader.read(ref as SeriesRef, 0, Number.POSITIVE_INFINITY, columns)
  return { beginMs, columns }
}

test('takes all there is where it fits, with the stored ids, and begins where the source begins to count', async () => {
  using head = headForTest()
  const store = new StandInStore(20, 4)
  const result = await head.refill(store, { signal })
  expect(result).toMatchObject({ series: 20, samples: 20 * 960, skipped: 0, beginMs: store.newestMs - 4 * hourMs + 1 })
  const { beginMs, columns } = read(head, 3)
  expect(beginMs).toBe(head.writer.beginMs)
  expect(columns.length).toBe(960)
  expect(columns.list().at(-1)).toEqual([store.newestMs, bitsOf(959 * 3 + 3)])
  const ref = head.index.resolve(defaultProject, Labels.from({ __name__: 'm', i: '3' }))
  expect([head.index.idLow[ref], head.index.idHigh[ref], head.index.isSaved(ref)]).toEqual([4, 5, true])
})

test('takes the newest window that fits, and drops little at first when more comes', async () => {
  using head = headForTest()
  const store = new StandInStore(100, 24)
  const { beginMs } = await head.refill(store, { signal })
  expect(beginMs).toBe(store.askedSinceMs)
  expect(head.stats().sampleBytes).toBeGreaterThan(0.3 * 2 ** 20)
  expect(head.writer.beginMs).toBe(beginMs)
  const refs = Array.from({ length: 100 }, (_, i) =>
    head.index.resolve(defaultProject, Labels.from({ __name__: 'm', i: String(i) })),
  )
  const windowMs = store.newestMs - beginMs
  for (let step = 1; head.writer.beginMs === beginMs; step++) {
    appendAll(
      head,
      refs.map((ref) => ({ ref, timeMs: store.newestMs + step * 15_000, bits: bitsOf(Math.cos(step + ref)) })),
    )
    expect(step).toBeLessThan(2000)
  }
  expect(head.writer.beginMs - beginMs).toBeLessThan(windowMs / 8)
})

test('an empty store leaves an empty head that begins before everything', async () => {
  using head = headForTest()
  const empty: RefillSource = {
    ...new StandInStore(0, 0),
    extent: async () => undefined,
    series: noSeries,
    samples: noSamples,
    histograms: noHistograms,
  }
  expect(await head.refill(empty, { signal })).toMatchObject({
    series: 0,
    samples: 0,
    beginMs: Number.NEGATIVE_INFINITY,
  })
})

test('a refill that fails leaves no part of the window behind', async () => {
  using head = headForTest()
  const store = new StandInStore(20, 4, 10)
  await expect(head.refill(store, { signal })).rejects.toThrow('the engine is gone')
  expect(head.writer.beginMs).toBe(store.newestMs + 1)
  expect(read(head, 3).columns.length).toBe(0)
  const ref = head.index.resolve(defaultProject, Labels.from({ __name__: 'm', i: '3' }))
  appendAll(head, [{ ref, timeMs: store.newestMs + 15_000, bits: bitsOf(1) }])
  expect(read(head, 3).columns.list()).toEqual([[store.newestMs + 15_000, bitsOf(1)]])
})

test('is refused once there are samples, which it would drop', async () => {
  using head = headForTest()
  const ref = head.index.resolve(defaultProject, Labels.from({ x: 'a' }))
  appendAll(head, [{ ref, timeMs: startMs, bits: bitsOf(1) }])
  await expect(head.refill(new StandInStore(20, 4), { signal })).rejects.toThrow('before anything else')
  expect(head.writer.beginMs).toBe(Number.NEGATIVE_INFINITY)
})

test('stops when it is told to', async () => {
  using head = headForTest()
  await expect(head.refill(new StandInStore(20, 4), { signal: AbortSignal.abort() })).rejects.toThrow('aborted')
})

async function* noSeries(): AsyncGenerator<RefillSeries[]> {}
async function* noSamples(): AsyncGenerator<RefillSamples> {}
async function* noHistograms(): AsyncGenerator<RefillHistograms> {}
