// One pass over the lines against windows cut by hand; limits and streaming.
import { AppError } from '@tidewatch/core/error.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { evaluateLogs } from './evaluate-logs.ts'
import { evaluateMetrics, type MetricQueryOptions } from './evaluate-metrics.ts'
import { defaultLogQueryLimits } from './limits.ts'
import { parse, parseLogQuery } from './parse.ts'
import { quantileOf } from './range-folds.ts'
import type { LineSource } from './source.ts'
import { memoryLines } from './testing/memory-lines.ts'

const nowMs = (): number => 0
const signal = new AbortController().signal

async function rows(query: string, source: LineSource, options: Partial<MetricQueryOptions>) {
  const expr = parse(query)
  if (expr.kind === 'log') throw new Error('no metric query')
  const result = await evaluateMetrics(expr, source, { startMs: 0, endMs: 0, stepMs: 1000, nowMs, signal, ...options })
  if (result.kind === 'scalar') throw new Error('a scalar')
  return result.rows
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
const variance = (values: readonly number[]): number => mean(values.map((value) => (value - mean(values)) ** 2))

const plain: Readonly<Record<string, (values: readonly number[], seconds: number) => number>> = {
  sum_over_time: (values) => mean(values) * values.length,
  rate: (values, seconds) => (mean(values) * values.length) / seconds,
  avg_over_time: mean,
  min_over_time: (values) => Math.min(...values),
  max_over_time: (values) => Math.max(...values),
  first_over_time: (values) => values[0] ?? Number.NaN,
  last_over_time: (values) => values.at(-1) ?? Number.NaN,
  stdvar_over_time: variance,
  stddev_over_time: (values) => Math.sqrt(variance(values)),
  rate_counter: (values, seconds) =>
    values.slice(1).reduce((sum, value, i) => sum + (value < values[i] ? value : value - values[i]), 0) / seconds,
  'quantile_over_time(0.3, ': (values) => quantileOf(0.3, Float64Array.from(values).sort()),
}

const samples = fc.array(fc.tuple(fc.integer({ min: -5000, max: 60_000 }), fc.integer({ min: -50, max: 50 })), {
  maxLength: 60,
})
const window = fc.record({
  startMs: fc.integer({ min: 0, max: 20_000 }),
  stepMs: fc.integer({ min: 1, max: 9000 }),
  steps: fc.integer({ min: 1, max: 20 }),
  rangeMs: fc.integer({ min: 1, max: 30_000 }),
  offsetMs: fc.integer({ min: -5000, max: 5000 }),
})

test('every aggregation over a range is what the samples of (end - range, end] give', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...Object.keys(plain)), samples, window, async (op, drawn, cut) => {
      const sorted = drawn.toSorted(([a], [b]) => a - b)
      const lines = sorted.map(([at, value]) => ({
        timeNs: BigInt(at + 10_000) * 1_000_000n - 300_000n,
        line: `v=${value}`,
      }))
      const source = memoryLines([{ labels: { app: 'a' }, lines }], 7)
      const call = op.includes('(') ? op : `${op}(`
      const query = `${call}{app="a"} | logfmt | unwrap v [${cut.rangeMs}ms] offset ${cut.offsetMs}ms)`
      const startMs = cut.startMs + 10_000
      const endMs = startMs + (cut.steps - 1) * cut.stepMs
      const [row] = await rows(query, source, { startMs, endMs, stepMs: cut.stepMs })
      for (let i = 0; i < cut.steps; i++) {
        const end = startMs + i * cut.stepMs - cut.offsetMs
        const inside = sorted
          .filter(([at]) => at + 10_000 - 0.3 <= end && at + 10_000 - 0.3 > end - cut.rangeMs)
          .map(([, value]) => value)
        expect(row?.present[i] ?? 0, `${query} step ${i}`).toBe(inside.length > 0 ? 1 : 0)
        const expected = plain[op]?.(inside, cut.rangeMs / 1000) ?? Number.NaN
        if (inside.length > 0) expect(row?.values[i], `${query} step ${i}`).toBeCloseTo(expected, 6)
      }
    }),
    { numRuns: 300 },
  )
})

const manyStreams = memoryLines(
  Array.from({ length: 50 }, (_, i) => ({
    labels: { app: 'a', n: String(i), even: String(i % 2) },
    lines: [{ timeNs: 1_000_000_000n, line: `id=${i} v=${i}` }],
  })),
)

test('a sum is folded by its groups at once, whatever labels the lines have', async () => {
  const limits = { ...defaultLogQueryLimits, maxSeries: 2 }
  const at = { startMs: 1000, endMs: 1000, limits }
  const sums = await rows('sum by (even) (count_over_time({app="a"} | logfmt [1m]))', manyStreams, at)
  expect(sums.map(({ labels, values }) => [labels.toObject(), values[0]])).toEqual([
    [{ even: '0' }, 25],
    [{ even: '1' }, 25],
  ])
  await expect(rows('count_over_time({app="a"}[1m])', manyStreams, at)).rejects.toThrow(
    /maximum of series \(2\) reached/,
  )
})

test('limits of steps and of memory are told', async () => {
  const wide = { startMs: 0, endMs: 20_000_000, stepMs: 1000 }
  await expect(rows('rate({app="a"}[1m])', manyStreams, wide)).rejects.toThrow(/maximum resolution of 11000 points/)
  const small = { startMs: 1000, endMs: 1000, limits: { ...defaultLogQueryLimits, maxCells: 10 } }
  await expect(rows('count_over_time({app="a"}[1m])', manyStreams, small)).rejects.toMatchObject({
    code: 'query.limit',
  })
  const kept = 'quantile_over_time(0.5, {app="a"} | logfmt | unwrap v [1m]) by (app)'
  await expect(rows(kept, manyStreams, { ...small, limits: { ...small.limits, maxCells: 40 } })).rejects.toMatchObject({
    code: 'query.limit',
  })
})

test('an error of a line ends a metric query, unless it is filtered out', async () => {
  const source = memoryLines([{ labels: { app: 'a' }, lines: [{ timeNs: 1_000_000n, line: 'v=oops' }] }])
  const at = { startMs: 1000, endMs: 1000 }
  const query = 'sum_over_time({app="a"} | logfmt | unwrap v [1m])'
  await expect(rows(query, source, at)).rejects.toThrow(/pipeline error: 'SampleExtractionErr'/)
  expect(await rows(query.replace('unwrap v', 'unwrap v | __error__=""'), source, at)).toEqual([])
})

test('operators: matching, groups, sets and what is ambiguous', async () => {
  const at = { startMs: 1000, endMs: 1000 }
  const value = async (query: string): Promise<unknown> =>
    (await rows(query, manyStreams, at)).map(({ labels, values }) => [labels.toObject(), values[0]])
  const halves = 'sum by (even) (count_over_time({app="a"}[1m]))'
  const all = 'sum by (app) (count_over_time({app="a"}[1m]))'
  expect(await value(`${halves} / ignoring(even) group_left ${all.replace('by (app)', 'by ()')}`)).toEqual([
    [{ even: '0' }, 0.5],
    [{ even: '1' }, 0.5],
  ])
  expect(await value(`${all} + on() group_right(app) ${halves}`)).toEqual([
    [{ even: '0', app: 'a' }, 75],
    [{ even: '1', app: 'a' }, 75],
  ])
  expect(await value(`10 > bool ${halves}`)).toEqual([
    [{ even: '0' }, 0],
    [{ even: '1' }, 0],
  ])
  expect(await value(`10 < ${all}`)).toEqual([[{ app: 'a' }, 50]])
  expect(await value(`${all} / 0 == 1`)).toEqual([])
  expect(await value(`${halves} unless on(even) ${halves}`)).toEqual([])
  expect(await value(`sort_desc(sum by (n) (count_over_time({app="a", n=~"1|2"}[1m])) + 1)`)).toHaveLength(2)
  expect(await value(`approx_topk(1, ${halves})`)).toHaveLength(1)
  await expect(value(`${halves} + on() ${all}`)).rejects.toThrow(/many-to-one matching must be explicit/)
  await expect(value(`${all} + on() group_left ${halves}`)).rejects.toThrow(/duplicate series on the one side/)
})

test('a log query asks for no more lines than it needs, in both directions, and can be cancelled', async () => {
  const source = memoryLines([
    { labels: { app: 'a' }, lines: Array.from({ length: 1000 }, (_, i) => ({ timeNs: BigInt(i), line: `n=${i}` })) },
  ])
  const first = async (direction: 'forward' | 'backward', signalOf = signal): Promise<string[]> => {
    const found: string[] = []
    const options = { fromNs: 0n, toNs: 1000n, direction, limit: 4, nowMs, signal: signalOf }
    for await (const batch of evaluateLogs(parseLogQuery('{app="a"} !~ "[13579]$"'), source, options)) {
      found.push(...batch.map(({ line }) => line))
    }
    return found
  }
  expect(await first('backward')).toEqual(['n=998', 'n=996', 'n=994', 'n=992'])
  expect(await first('forward')).toEqual(['n=0', 'n=2', 'n=4', 'n=6'])
  expect(source.given()).toBeLessThan(30)
  await expect(first('forward', AbortSignal.abort())).rejects.toBeInstanceOf(AppError)
})
