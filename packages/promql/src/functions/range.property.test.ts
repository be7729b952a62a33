// The sweeps against the plain definition: the same results to the last bit, on random data with gaps, resets, stale markers, NaN and infinities.
import { Labels } from '@tidewatch/core/labels.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { evaluate } from '../evaluate/evaluate.ts'
import { parse } from '../parse.ts'
import { type MemorySample, MemorySource, memorySeries } from '../testing/memory-source.ts'
import { type PlainWindow, plainFunctions } from '../testing/plain-windows.ts'

const labels = Labels.from({ __name__: 'x_total', job: 'a' })

const value = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 1000 }) },
  { weight: 4, arbitrary: fc.double({ min: -1e6, max: 1e6, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, 0, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY) },
  { weight: 1, arbitrary: fc.constant('stale' as const) },
)
/** Mostly a regular scrape, now and then a gap or a late one. */
const gapMs = fc.oneof(
  { weight: 6, arbitrary: fc.constant(15_000) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 200_000 }) },
)
const samples = fc.array(fc.record({ gapMs, value }), { minLength: 1, maxLength: 60 }).map((entries) => {
  let atMs = 1_000_000
  return entries.map(({ gapMs: gap, value: v }): MemorySample => {
    atMs += gap
    return { atMs, value: v }
  })
})

const scalarArgument: Readonly<Record<string, number>> = { quantile_over_time: 0.7, predict_linear: 600 }

const shape = fc.record({
  samples,
  startMs: fc.integer({ min: 900_000, max: 1_600_000 }),
  steps: fc.integer({ min: 1, max: 25 }),
  stepMs: fc.oneof(fc.constant(60_000), fc.constant(15_000), fc.integer({ min: 1, max: 300_000 })),
  rangeMs: fc.oneof(fc.constant(300_000), fc.integer({ min: 1, max: 900_000 })),
  offsetMs: fc.oneof(fc.constant(0), fc.integer({ min: -100_000, max: 100_000 })),
})
type Shape = typeof shape extends fc.Arbitrary<infer T> ? T : never

function plainResults(
  name: string,
  { samples: all, startMs, steps, stepMs, rangeMs, offsetMs }: Shape,
): Map<number, number> {
  const results = new Map<number, number>()
  for (let i = 0; i < steps; i++) {
    const atMs = startMs + i * stepMs
    const endMs = atMs - offsetMs
    const window: PlainWindow = {
      points: all.flatMap((sample) =>
        typeof sample.value === 'number' && sample.atMs > endMs - rangeMs && sample.atMs <= endMs
          ? [{ t: sample.atMs, v: sample.value }]
          : [],
      ),
      startMs: endMs - rangeMs,
      endMs,
      atMs,
    }
    const scalar = scalarArgument[name]
    const result = scalar === undefined ? plainFunctions[name]?.(window) : plainFunctions[name]?.(window, scalar)
    if (result !== undefined) results.set(atMs, result)
  }
  return results
}

async function sweptResults(name: string, given: Shape): Promise<Map<number, number>> {
  const { startMs, steps, stepMs, rangeMs, offsetMs } = given
  const offset = offsetMs === 0 ? '' : ` offset ${offsetMs < 0 ? '-' : ''}${Math.abs(offsetMs)}ms`
  const range = `x_total[${rangeMs}ms]${offset}`
  const scalar = scalarArgument[name]
  const args = scalar === undefined ? range : name === 'predict_linear' ? `${range}, ${scalar}` : `${scalar}, ${range}`
  const result = await evaluate(parse(`${name}(${args})`), new MemorySource([memorySeries(labels, given.samples)]), {
    startMs,
    endMs: startMs + (steps - 1) * stepMs,
    stepMs,
    lookbackMs: 300_000,
    kind: 'range',
    signal: new AbortController().signal,
  })
  const found = new Map<number, number>()
  if (result.type !== 'matrix') throw new Error('not a matrix')
  for (const { timesMs, values, present } of result.series) {
    present.forEach((kind, i) => {
      if (kind === 1) found.set(timesMs[i] as number, values[i] as number)
    })
  }
  return found
}

describe('a sweep gives what the plain definition gives', () => {
  for (const name of Object.keys(plainFunctions)) {
    test(name, async () => {
      await fc.assert(
        fc.asyncProperty(shape, async (given) => {
          expect(await sweptResults(name, given)).toEqual(plainResults(name, given))
        }),
        { numRuns: 150 },
      )
    })
  }
})
