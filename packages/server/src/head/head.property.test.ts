import fc from 'fast-check'
import { expect, test } from 'vitest'
import { appendAll, bitsOf, headForTest, type Sample, seriesForTest, staleBits, startMs } from './head-for-test.ts'
import type { HeadReader, SeriesRef } from './port.ts'
import { createHeadReader } from './reader.ts'
import { TestColumns } from './test-columns.ts'

const seriesCount = 3

/** What the head should hold: by series and time, the winner of all samples there were. */
class Model {
  readonly #series = Array.from({ length: seriesCount }, () => new Map<number, bigint>())

  add({ ref, timeMs, bits }: Sample): void {
    const held = this.#series[ref].get(timeMs)
    if (held === undefined || rank(bits) > rank(held)) this.#series[ref].set(timeMs, bits)
  }

  between(ref: number, fromMs: number, toMs: number): [number, bigint][] {
    const inside = [...this.#series[ref]].filter(([timeMs]) => timeMs >= fromMs && timeMs <= toMs)
    return inside.sort(([a], [b]) => a - b)
  }
}

/** Total order of values by bits: NaNs first, by their bits, then numbers from -Infinity up, -0 before 0. */
function rank(bits: bigint): bigint {
  const magnitude = bits & 0x7fffffffffffffffn
  if (magnitude > 0x7ff0000000000000n) return bits - (1n << 66n)
  return bits >> 63n === 1n ? -magnitude : magnitude + 1n
}

const valueBits = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 300 }).map(bitsOf) },
  { weight: 3, arbitrary: fc.integer({ min: -5_000_000, max: 5_000_000 }).map((n) => bitsOf(n / 100)) },
  { weight: 2, arbitrary: fc.double({ noNaN: true }).map(bitsOf) },
  { weight: 1, arbitrary: fc.constantFrom(staleBits, bitsOf(Number.NaN), 0xfff8000000000123n, bitsOf(-0), bitsOf(0)) },
  { weight: 1, arbitrary: fc.constantFrom(bitsOf(Number.POSITIVE_INFINITY), bitsOf(Number.NEGATIVE_INFINITY)) },
)

/** How far a sample's time is from the newest of its series: mostly a scrape later, sometimes late, the same, or after a pause. */
const step = fc.oneof(
  { weight: 12, arbitrary: fc.constant(15_000) },
  { weight: 3, arbitrary: fc.integer({ min: 14_990, max: 15_010 }) },
  { weight: 2, arbitrary: fc.integer({ min: -40, max: 0 }).map((n) => n * 15_000) },
  { weight: 1, arbitrary: fc.integer({ min: -700_000, max: 0 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 4_000_000 }) },
)

const run = fc.record({
  ref: fc.nat(seriesCount - 1),
  steps: fc.array(fc.tuple(step, valueBits), { minLength: 1, maxLength: 180 }),
})

test('holds what a plain map holds, whatever the order, doubles and odd values', () => {
  fc.assert(
    fc.property(fc.array(run, { maxLength: 8 }), fc.integer({ min: 60_000, max: 3_600_000 }), (runs, slotMs) => {
      using head = headForTest({ slotMs })
      const refs = seriesForTest(head, seriesCount)
      const model = new Model()
      const newest = new Array<number>(seriesCount).fill(startMs)
      for (const { ref, steps } of runs) {
        const samples = steps.map(([ahead, bits]) => {
          const timeMs = newest[ref] + ahead
          newest[ref] = Math.max(newest[ref], timeMs)
          return { ref, timeMs, bits }
        })
        for (const sample of samples) model.add(sample)
        appendAll(
          head,
          samples.map((sample) => ({ ...sample, ref: refs[sample.ref] })),
        )
      }
      using reader = createHeadReader(head.descriptor)
      expect(reader.acquire().beginMs).toBe(Number.NEGATIVE_INFINITY)
      for (let ref = 0; ref < seriesCount; ref++) {
        for (const [from, to] of [
          [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
          [startMs + 300_000, startMs + 900_000],
          [newest[ref] - 60_000, newest[ref]],
        ]) {
          const columns = new TestColumns()
          reader.read(refs[ref], from, to, columns)
          expect(columns.list()).toEqual(model.between(ref, from, to))
        }
      }
    }),
    { numRuns: 100 },
  )
})

/** A small generator for long runs: a failing run is repeated by its seed alone. */
function randoms(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32
  }
}

test('holds what a plain map holds from its begin on, while the oldest is dropped and readers stay for a while', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 300_000, max: 7_200_000 }), (seed, slotMs) => {
      using head = headForTest({ slotMs })
      using reader = createHeadReader(head.descriptor)
      const refs = seriesForTest(head, seriesCount)
      const model = new Model()
      const random = randoms(seed)
      const newest = new Array<number>(seriesCount).fill(startMs)
      let acquired: { beginMs: number; held: [number, bigint][][] } | undefined
      for (let batch = 0; batch < 60; batch++) {
        const samples: Sample[] = []
        for (let i = 0; i < 2000; i++) {
          const ref = Math.floor(random() * seriesCount)
          const late = random() < 0.005 ? Math.floor(random() * 2000) * 15_000 : 0
          const timeMs = late > 0 ? newest[ref] - late : newest[ref] + 15_000
          newest[ref] = Math.max(newest[ref], timeMs)
          const bits = bitsOf(ref === 0 ? Math.floor(random() * 1000) : random())
          samples.push({ ref: refs[ref], timeMs, bits })
          if (timeMs >= head.writer.beginMs) model.add({ ref, timeMs, bits })
        }
        appendAll(head, samples)
        if (acquired === undefined && batch % 9 === 4) {
          const { beginMs } = reader.acquire()
          acquired = { beginMs, held: refs.map((_, ref) => model.between(ref, beginMs, newest[ref])) }
        } else if (acquired !== undefined && batch % 9 === 8) {
          const { beginMs, held } = acquired
          for (const [ref, wanted] of held.entries()) {
            const times = new Set(timesOf(reader, refs[ref], beginMs))
            expect(wanted.filter(([timeMs]) => !times.has(timeMs))).toEqual([])
          }
          reader.release()
          acquired = undefined
        }
      }
      if (acquired !== undefined) reader.release()
      const { beginMs } = reader.acquire()
      expect(beginMs).toBeGreaterThan(startMs)
      expect(head.stats().revocations).toBe(0)
      for (let ref = 0; ref < seriesCount; ref++) {
        const columns = new TestColumns()
        reader.read(refs[ref], beginMs, Number.POSITIVE_INFINITY, columns)
        // compared by the first difference: to print two lists of this length would take minutes
        const got = columns.list()
        const wanted = model.between(ref, beginMs, Number.POSITIVE_INFINITY)
        const at = wanted.findIndex(([timeMs, bits], i) => got[i]?.[0] !== timeMs || got[i][1] !== bits)
        expect([at, got[at], got.length]).toEqual([-1, undefined, wanted.length])
      }
    }),
    { numRuns: 3 },
  )
})

function timesOf(reader: HeadReader, ref: SeriesRef, fromMs: number): Float64Array {
  const columns = new TestColumns()
  reader.read(ref, fromMs, Number.POSITIVE_INFINITY, columns)
  return columns.timesMs.subarray(0, columns.length)
}
