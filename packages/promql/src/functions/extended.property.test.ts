// Anchored and smoothed ranges against their plain definition: the values at both borders, and what was lost by resets between them.
import { Labels } from '@tidewatch/core/labels.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { evaluate } from '../evaluate/evaluate.ts'
import { parse } from '../parse.ts'
import { type MemorySample, MemorySource, memorySeries } from '../testing/memory-source.ts'

const lookbackMs = 300_000

interface Point {
  readonly t: number
  readonly v: number
}

interface Case {
  readonly samples: readonly MemorySample[]
  readonly startMs: number
  readonly steps: number
  readonly stepMs: number
  readonly rangeMs: number
  readonly offsetMs: number
}

const samples = fc
  .array(
    fc.record({
      gapMs: fc.oneof(
        { weight: 6, arbitrary: fc.constant(15_000) },
        { weight: 1, arbitrary: fc.integer({ min: 1, max: 500_000 }) },
      ),
      value: fc.oneof(
        { weight: 9, arbitrary: fc.integer({ min: 0, max: 100 }) },
        { weight: 1, arbitrary: fc.constant('stale' as const) },
      ),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((entries) => {
    let atMs = 1_000_000
    return entries.map(({ gapMs, value }): MemorySample => {
      atMs += gapMs
      return { atMs, value }
    })
  })

const shape: fc.Arbitrary<Case> = fc.record({
  samples,
  startMs: fc.integer({ min: 60, max: 120 }).map((n) => n * 15_000),
  steps: fc.integer({ min: 1, max: 20 }),
  stepMs: fc.constantFrom(15_000, 60_000, 61_000),
  rangeMs: fc.constantFrom(15_000, 60_000, 97_000, 600_000),
  offsetMs: fc.constantFrom(0, 15_000, -20_000),
})

/** Linear between two; a counter that fell began at zero after the first. */
function between(a: Point, b: Point, atMs: number, isCounter: boolean): number {
  const from = isCounter && b.v < a.v ? 0 : a.v
  return from + ((b.v - from) * (atMs - a.t)) / (b.t - a.t)
}

interface Window {
  readonly fromMs: number
  readonly toMs: number
  readonly points: readonly Point[]
}

/** The points that a window stands on: with anchored from the newest at or before its start, with smoothed to the first at or after its end. */
function standing({ fromMs, toMs, points }: Window, smoothed: boolean): readonly Point[] {
  const reach = points.filter(({ t }) => t > fromMs - lookbackMs && t <= toMs + (smoothed ? lookbackMs : 0))
  const before = reach.filter(({ t }) => t <= fromMs).at(-1)
  const inside = reach.filter(({ t }) => t > fromMs && t <= toMs)
  const after = inside.at(-1)?.t === toMs || before?.t === toMs ? undefined : reach.find(({ t }) => t > toMs)
  if (inside.length === 0 && (before === undefined || after === undefined || !smoothed)) return []
  return [before, ...inside, smoothed ? after : undefined].filter((point) => point !== undefined)
}

function difference(window: Window, { smoothed, isCounter }: { smoothed: boolean; isCounter: boolean }) {
  const { fromMs, toMs } = window
  const found = standing(window, smoothed)
  const [first, second] = found
  const last = found.at(-1)
  if (first === undefined || last === undefined) return undefined
  const left =
    smoothed && first.t < fromMs && second !== undefined ? between(first, second, fromMs, isCounter) : first.v
  const right = smoothed && last.t > toMs ? between(found.at(-2) ?? last, last, toMs, isCounter) : last.v
  if (!isCounter) return right - left
  const path = [left, ...found.filter(({ t }) => t > fromMs && t < toMs).map(({ v }) => v), right]
  return path.reduce(
    (sum, v, i) => (i > 0 && v < (path[i - 1] as number) ? sum + (path[i - 1] as number) : sum),
    right - left,
  )
}

function plain(func: string, modifier: string, given: Case): Map<number, number> {
  const points = given.samples.flatMap(({ atMs, value }) => (typeof value === 'number' ? [{ t: atMs, v: value }] : []))
  const smoothed = modifier === 'smoothed'
  const results = new Map<number, number>()
  for (let i = 0; i < given.steps; i++) {
    const atMs = given.startMs + i * given.stepMs
    const toMs = atMs - given.offsetMs
    const window = { fromMs: toMs - given.rangeMs, toMs, points }
    if (func === 'changes' || func === 'resets') {
      const values = standing(window, false).map(({ v }) => v)
      const isEvent = (v: number, before: number): boolean => (func === 'changes' ? v !== before : v < before)
      const events = values.filter((v, k) => k > 0 && isEvent(v, values[k - 1] as number))
      if (values.length > 0) results.set(atMs, events.length)
      continue
    }
    const found = difference(window, { smoothed, isCounter: func !== 'delta' })
    if (found !== undefined) results.set(atMs, func === 'rate' ? found / (given.rangeMs / 1000) : found)
  }
  return results
}

async function swept(func: string, modifier: string, given: Case): Promise<Map<number, number>> {
  const { startMs, steps, stepMs, rangeMs, offsetMs } = given
  const offset = offsetMs === 0 ? '' : ` offset ${offsetMs < 0 ? '-' : ''}${Math.abs(offsetMs)}ms`
  const series = memorySeries(Labels.from({ __name__: 'x_total' }), given.samples)
  const result = await evaluate(
    parse(`${func}(x_total[${rangeMs}ms] ${modifier}${offset})`),
    new MemorySource([series]),
    {
      startMs,
      endMs: startMs + (steps - 1) * stepMs,
      stepMs,
      lookbackMs,
      kind: 'range',
      signal: new AbortController().signal,
    },
  )
  if (result.type !== 'matrix') throw new Error('not a matrix')
  const found = new Map<number, number>()
  for (const { timesMs, values, present } of result.series) {
    present.forEach((kind, i) => {
      if (kind === 1) found.set(timesMs[i] as number, values[i] as number)
    })
  }
  return found
}

describe('windows from border to border give what their definition gives', () => {
  const cases = [
    ...['rate', 'increase', 'delta', 'changes', 'resets'].map((func) => [func, 'anchored'] as const),
    ...['rate', 'increase', 'delta'].map((func) => [func, 'smoothed'] as const),
  ]
  test.each(cases)('%s %s', async (func, modifier) => {
    await fc.assert(
      fc.asyncProperty(shape, async (given) => {
        const [ours, wanted] = [await swept(func, modifier, given), plain(func, modifier, given)]
        expect([...ours.keys()]).toEqual([...wanted.keys()])
        for (const [atMs, value] of wanted) expect(ours.get(atMs)).toBeCloseTo(value, 6)
      }),
      { numRuns: 300 },
    )
  })
})
