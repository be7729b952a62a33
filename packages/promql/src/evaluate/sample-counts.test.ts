import { Labels } from '@tidewatch/core/labels.ts'
import { expect, it } from 'vitest'
import { parse } from '../parse.ts'
import { MemorySource, memorySeries } from '../testing/memory-source.ts'
import { evaluate } from './evaluate.ts'

const signal = new AbortController().signal

/** Two series with a sample every 15 s for 20 min. */
const source = new MemorySource(
  ['a', 'b'].map((job) =>
    memorySeries(
      Labels.from({ __name__: 'x', job }),
      Array.from({ length: 81 }, (_, i) => ({ atMs: i * 15_000, value: i })),
    ),
  ),
)

async function counted(query: string, [startMs, endMs, stepMs]: readonly [number, number, number]) {
  const options = { startMs, endMs, stepMs, lookbackMs: 300_000, signal, countSamples: true } as const
  const { counted: given } = await evaluate(parse(query), source, options)
  if (given === undefined) throw new Error('nothing was counted')
  return { total: given.counts.total, perStep: [...given.counts.perStep], peak: given.peakSamples }
}

const instant = [600_000, 600_000, 0] as const
const threeSteps = [600_000, 720_000, 60_000] as const

it.each([
  ['x', 2, [2]],
  ['x[1m]', 8, [8]],
  ['rate(x[1m])', 8, [8]],
  ['sum(x) / count(x)', 4, [4]],
  ['timestamp(x)', 2, [2]],
  ['vector(1)', 0, [0]],
  // what the function sees, not what the steps inside looked at
  ['max_over_time(rate(x[1m])[5m:1m])', 10, [10]],
  ['x @ 300', 2, [2]],
])('an instant query counts what it looks at: %s', async (query, total, perStep) => {
  expect(await counted(query, instant)).toMatchObject({ total, perStep })
})

it.each([
  ['x', 6, [2, 2, 2]],
  ['rate(x[1m])', 24, [8, 8, 8]],
  ['x + on (job) x offset 1m', 12, [4, 4, 4]],
  // evaluated once, counted at each step, as Prometheus does
  ['x @ 300', 6, [2, 2, 2]],
  ['sum_over_time((x @ 300)[2m:1m])', 12, [4, 4, 4]],
  ['x offset 10m', 6, [2, 2, 2]],
])('a range query counts each step by itself: %s', async (query, total, perStep) => {
  expect(await counted(query, threeSteps)).toMatchObject({ total, perStep })
})

it('says how much is held at once: what is kept, and the longest series that was read', async () => {
  const { peak } = await counted('sum(x)', threeSteps)
  expect(peak).toBeGreaterThan(20)
  expect(peak).toBeLessThan(60)
})
