import { Labels } from '@tidewatch/core/labels.ts'
import { defaultProject, type Matcher } from '@tidewatch/core/matcher.ts'
import { setStale } from '@tidewatch/core/stale.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Head } from './head.ts'
import { appendAll, bitsOf, headForTest, seriesForTest, startMs } from './head-for-test.ts'
import type { SampleColumns, SeriesRef } from './port.ts'
import { createHeadReader } from './reader.ts'

const stepMs = 15_000

class Columns implements SampleColumns {
  length = 0
  timesMs = new Float64Array(0)
  values = new Float64Array(0)
  reserve(capacity: number): void {
    const [timesMs, values] = [new Float64Array(capacity), new Float64Array(capacity)]
    timesMs.set(this.timesMs.subarray(0, Math.min(capacity, this.timesMs.length)))
    values.set(this.values.subarray(0, Math.min(capacity, this.values.length)))
    Object.assign(this, { timesMs, values })
  }
}

/** Steps since the start, and bits. */
function read(head: Head, ref: number): [step: number, bits: bigint][] {
  using reader = createHeadReader(head.descriptor)
  reader.acquire()
  const columns = new Columns()
  reader.read(ref as SeriesRef, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, columns)
  const bits = new BigUint64Array(columns.values.buffer, 0, columns.length)
  return Array.from(bits, (value, i) => [(columns.timesMs[i] - startMs) / stepMs, value])
}

function histogramSteps(head: Head, ref: number): [step: number, byte: number][] {
  using reader = createHeadReader(head.descriptor)
  reader.acquire()
  const found = reader.readHistograms(ref as SeriesRef, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)
  return (found?.timesMs ?? []).map((timeMs, i) => [(timeMs - startMs) / stepMs, found?.bytes[i][0] ?? -1])
}

const at = (step: number): number => startMs + step * stepMs
const window = (from: number, to: number) => ({ startMs: at(from), endMs: at(to) })
const only = (i: number): Matcher[] => [{ name: 'i', op: '=', value: String(i) }]
const all: Matcher[] = [{ name: '__name__', op: '=', value: 'm' }]

function fill(head: Head, refs: readonly number[], steps: number): void {
  for (let step = 0; step < steps; step++)
    appendAll(
      head,
      refs.map((ref) => ({ ref, timeMs: at(step), bits: bitsOf(step * 1.5) })),
    )
}

test('deletes what matches of the window, and leaves the rest as it was', async () => {
  using head = headForTest()
  const refs = seriesForTest(head, 3)
  fill(head, refs, 400)
  const before = read(head, refs[0])
  await head.erase(defaultProject, only(1), window(100, 299))
  expect(read(head, refs[0])).toEqual(before)
  expect(read(head, refs[1])).toEqual(before.filter(([step]) => step < 100 || step > 299))
  expect(read(head, refs[2])).toEqual(before)
})

test('what is written to the deleted time later is there', async () => {
  using head = headForTest()
  const [ref] = seriesForTest(head, 1) as [SeriesRef]
  fill(head, [ref], 100)
  await head.erase(defaultProject, all, window(50, 1000))
  appendAll(head, [{ ref, timeMs: at(60), bits: bitsOf(7) }])
  appendAll(head, [{ ref, timeMs: at(55), bits: bitsOf(8) }])
  expect(read(head, ref).slice(-3)).toEqual([
    [49, bitsOf(73.5)],
    [55, bitsOf(8)],
    [60, bitsOf(7)],
  ])
})

test('a series without samples is in no list, until it has some again', async () => {
  using head = headForTest()
  const refs = seriesForTest(head, 2)
  fill(head, refs, 10)
  const values = (): string[] => head.index.labelValues(defaultProject, 'i', [], startMs, at(100)).sort()
  expect(values()).toEqual(['0', '1'])
  await head.erase(defaultProject, only(0), window(0, 10))
  expect(values()).toEqual(['1'])
  expect([...head.index.select(defaultProject, all, startMs, at(100))]).toEqual([refs[1]])
  expect(head.index.labelNames(defaultProject, only(0), startMs, at(100))).toEqual([])
  appendAll(head, [{ ref: refs[0], timeMs: at(20), bits: bitsOf(1) }])
  expect(values()).toEqual(['0', '1'])
})

test('deletes native histograms, of series that have floats as well', async () => {
  using head = headForTest()
  const refs = seriesForTest(head, 2)
  fill(head, [refs[0]], 10)
  for (const ref of refs)
    head.writer.appendHistograms({
      length: 20,
      refs: new Uint32Array(20).fill(ref),
      timesMs: Float64Array.from({ length: 20 }, (_, i) => at(i)),
      bytes: Array.from({ length: 20 }, (_, i) => Uint8Array.of(i, 1, 2, 3)),
    })
  await head.erase(defaultProject, only(0), window(5, 14))
  const kept = [0, 1, 2, 3, 4, 15, 16, 17, 18, 19]
  expect(histogramSteps(head, refs[0])).toEqual(kept.map((i) => [i, i]))
  expect(read(head, refs[0]).map(([step]) => step)).toEqual([0, 1, 2, 3, 4])
  expect(histogramSteps(head, refs[1])).toHaveLength(20)
  await head.erase(defaultProject, only(1), window(-10, 100))
  expect(histogramSteps(head, refs[1])).toEqual([])
  expect([...head.index.select(defaultProject, only(1), startMs, at(100))]).toEqual([])
})

test('a reader under way is told to begin again; one that begins afterwards sees all of it', async () => {
  using head = headForTest()
  const [ref] = seriesForTest(head, 1) as [SeriesRef]
  fill(head, [ref], 50)
  using reader = createHeadReader(head.descriptor)
  reader.acquire()
  await head.erase(defaultProject, all, window(0, 9))
  expect(() => reader.read(ref, 0, at(100), new Columns())).toThrow(expect.objectContaining({ code: 'query.busy' }))
  reader.release()
  expect(read(head, ref)).toHaveLength(40)
})

test('any deletions and any appends leave what a plain map holds', async () => {
  const step = fc.integer({ min: 0, max: 300 })
  const action = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('append' as const), i: fc.nat(2), from: step, count: fc.nat(60) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('erase' as const), i: fc.nat(2), from: step, count: fc.nat(150) }),
    },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 20 }), async (actions) => {
      using head = headForTest({ slotMs: 600_000 })
      const refs = seriesForTest(head, 3)
      const held = refs.map(() => new Map<number, bigint>())
      const stale = new Float64Array(1)
      setStale(new Uint32Array(stale.buffer), 0)
      const staleBits = new BigUint64Array(stale.buffer)[0]
      for (const { kind, i, from, count } of actions) {
        const ref = refs[i]
        const own = held[i]
        if (kind === 'erase') {
          await head.erase(defaultProject, only(i), window(from, from + count))
          for (const key of own.keys()) if (key >= from && key <= from + count) own.delete(key)
          continue
        }
        // one value for each time: which of two counts is another test's matter
        const steps = Array.from({ length: count }, (_, k) => from + k)
        const bits = (key: number): bigint => (key % 11 === 0 ? staleBits : bitsOf(key * 0.37))
        appendAll(
          head,
          steps.map((key) => ({ ref, timeMs: at(key), bits: bits(key) })),
        )
        for (const key of steps) own.set(key, bits(key))
      }
      for (const [i, ref] of refs.entries()) expect(read(head, ref)).toEqual([...held[i]].sort(([a], [b]) => a - b))
    }),
    { numRuns: 60 },
  )
})

test('with many series others have the thread in between, and nothing is left', async () => {
  using head = headForTest({ budgetBytes: 16 << 20 })
  const refs = Array.from({ length: 8000 }, (_, i) =>
    head.index.resolve(defaultProject, Labels.from({ __name__: 'm', i: String(i) })),
  )
  fill(head, refs, 20)
  await head.erase(defaultProject, all, window(0, 1000))
  expect(head.index.select(defaultProject, all, startMs, at(1000))).toHaveLength(0)
})
