import { staleHistogram } from '@tidewatch/core/native-histogram.ts'
import { encodeHistogram, replacesHistogram } from '@tidewatch/core/native-histogram-codec.ts'
import { FakeClock } from '@tidewatch/testkit/fake-clock.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { appendAll, bitsOf, headForTest, seriesForTest, startMs } from './head-for-test.ts'
import { appendHistograms, bytesOf, listHistograms, type TimedBytes } from './histogram-for-test.ts'
import { createHeadReader } from './reader.ts'

const seriesCount = 3
const staleBytes = encodeHistogram(staleHistogram)

/** By series and time the histogram that counts. */
class Model {
  readonly #series = Array.from({ length: seriesCount }, () => new Map<number, Uint8Array>())

  add({ ref, timeMs, bytes }: TimedBytes): void {
    const held = this.#series[ref].get(timeMs)
    if (held === undefined || replacesHistogram(bytes, held)) this.#series[ref].set(timeMs, bytes)
  }

  between(ref: number, fromMs: number, toMs: number): [number, string][] {
    return [...this.#series[ref]]
      .filter(([timeMs]) => timeMs >= fromMs && timeMs <= toMs)
      .sort(([a], [b]) => a - b)
      .map(([timeMs, bytes]) => [timeMs, Buffer.from(bytes).toString('hex')])
  }
}

const bytes = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(fc.nat(5), fc.nat(30)).map(([count, width]) => bytesOf(count, width)) },
  { weight: 1, arbitrary: fc.constant(staleBytes) },
)
/** Mostly a scrape later; late, the same again, or of a clock that is up to an hour ahead. */
const step = fc.oneof(
  { weight: 10, arbitrary: fc.constant(15_000) },
  { weight: 3, arbitrary: fc.integer({ min: -40, max: 0 }).map((n) => n * 15_000) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 3_600_000 }) },
)
const run = fc.record({
  ref: fc.nat(seriesCount - 1),
  passedMs: fc.nat(900_000),
  steps: fc.array(fc.tuple(step, bytes), { minLength: 1, maxLength: 60 }),
})

test('holds what a plain map holds, whatever the order, doubles, and clocks that are ahead', () => {
  fc.assert(
    fc.property(fc.array(run, { maxLength: 10 }), fc.integer({ min: 60_000, max: 600_000 }), (runs, slotMs) => {
      const clock = new FakeClock(startMs)
      using head = headForTest({ slotMs, clock })
      const refs = seriesForTest(head, seriesCount)
      const model = new Model()
      const at = new Array<number>(seriesCount).fill(startMs)
      for (const { ref, steps, passedMs } of runs) {
        clock.jump(passedMs)
        const all = steps.map(([ahead, one]) => {
          const timeMs = at[ref] + ahead
          // after one that was ahead the sender goes on where it was
          if (ahead === 15_000) at[ref] = timeMs
          return { ref, timeMs, bytes: one }
        })
        for (const one of all) model.add(one)
        appendHistograms(
          head,
          all.map((one) => ({ ...one, ref: refs[ref] })),
        )
      }
      using reader = createHeadReader(head.descriptor)
      reader.acquire()
      for (let ref = 0; ref < seriesCount; ref++) {
        for (const [from, to] of [
          [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
          [startMs + 120_000, startMs + 700_000],
          [at[ref], at[ref]],
        ])
          expect(listHistograms(reader, refs[ref], from, to)).toEqual(model.between(ref, from, to))
      }
    }),
    { numRuns: 100 },
  )
})

test('holds what a plain map holds from its begin on, while floats and histograms push the oldest out', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 60_000, max: 3_600_000 }), (seed, slotMs) => {
      const random = fc.sample(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { seed, numRuns: 4000 })
      let next = 0
      const chance = (): number => random[next++ % random.length]
      const clock = new FakeClock(startMs)
      using head = headForTest({ slotMs, clock })
      using reader = createHeadReader(head.descriptor)
      const refs = seriesForTest(head, seriesCount)
      const model = new Model()
      for (let scrape = 1; scrape < 6000; scrape++) {
        clock.jump(15_000)
        const all = refs.flatMap((_, ref): TimedBytes[] => {
          const late = chance() < 0.02 ? Math.floor(chance() * 300) : 0
          const ahead = chance() < 0.02 ? Math.floor(chance() * 240) : 0
          const timeMs = startMs + (scrape - late + ahead) * 15_000
          return [{ ref, timeMs, bytes: bytesOf(Math.floor(chance() * 9), 40) }]
        })
        for (const one of all) if (one.timeMs >= head.writer.beginMs) model.add(one)
        appendHistograms(
          head,
          all.map((one) => ({ ...one, ref: refs[one.ref] })),
        )
        appendAll(
          head,
          refs.map((ref) => ({ ref, timeMs: startMs + scrape * 15_000, bits: bitsOf(chance()) })),
        )
      }
      const { beginMs } = reader.acquire()
      expect(beginMs).toBeGreaterThan(startMs)
      expect(head.stats().sampleBytes).toBeLessThan(1.4 * 2 ** 20)
      for (let ref = 0; ref < seriesCount; ref++) {
        const got = listHistograms(reader, refs[ref], beginMs, Number.POSITIVE_INFINITY)
        const wanted = model.between(ref, beginMs, Number.POSITIVE_INFINITY)
        // compared by the first difference: to print two lists of this length would take minutes
        const at = wanted.findIndex(([timeMs, text], i) => got[i]?.[0] !== timeMs || got[i][1] !== text)
        expect([at, got[at], got.length]).toEqual([-1, undefined, wanted.length])
      }
    }),
    { numRuns: 4 },
  )
})
