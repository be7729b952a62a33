import { expect, it } from 'vitest'
import { toChartData } from '../../charts/series.ts'
import { explorerState, markedQuery, mergeCharts, namedMetrics, queryProblem, tableRows } from './model.ts'
import { emptyRow } from './rows.ts'

it('reads its state from the URL, and makes sense of nonsense', () => {
  expect(explorerState({ q: ['up', 'rate(a[5m])'], view: 'table', hide: 'B', step: '15s', unit: 'bytes' })).toEqual({
    rows: [
      { ...emptyRow, query: 'up' },
      { ...emptyRow, query: 'rate(a[5m])', hidden: true },
    ],
    view: 'table',
    stepMs: 15_000,
    unit: 'bytes',
    exemplars: false,
  })
  expect(explorerState({ view: 'pie', step: 'x', unit: 'furlong', exemplars: 'on' })).toMatchObject({
    rows: [emptyRow],
    view: 'lines',
    stepMs: undefined,
    unit: undefined,
    exemplars: true,
  })
})

const older = { startMs: 0, endMs: 20_000, stepMs: 10_000 }
const newer = { startMs: 10_000, endMs: 30_000, stepMs: 10_000 }
const part = (letter: string, grid: typeof older, values: [number, string][], row: object = {}) => ({
  letter,
  grid,
  chart: toChartData([{ metric: { __name__: 'm', job: letter }, values }], grid),
  row: { ...emptyRow, ...row },
})
const ofA: [number, string][] = [
  [0, '1'],
  [10, '2'],
  [20, '3'],
]

it('shows several queries in one chart, each with its letter, though they came a step apart', () => {
  const merged = mergeCharts([part('A', older, ofA), part('B', newer, [[30, '9']])])
  expect(merged?.grid).toEqual(newer)
  expect(merged?.chart.series.map(({ name, values }) => [name, values])).toEqual([
    ['A: m{job="A"}', [2, 3, null]],
    ['B: m{job="B"}', [null, null, 9]],
  ])
  expect(new Set(merged?.chart.series.map((series) => series.place)).size).toBe(2)
})

it('names and colours series as their query says', () => {
  const dressed = part('A', older, ofA, { legend: 'job {{job}}', colour: 4 })
  const shown = (parts: (typeof dressed)[]) => mergeCharts(parts)?.chart.series.map(({ name, place }) => [name, place])
  expect(shown([dressed])).toEqual([['job A', 3]])
  expect(shown([dressed, part('B', newer, [[30, '9']])])?.[0]).toEqual(['job A', 3])
})

it('says where a query is wrong', () => {
  const query = 'sum(rate(up[5m))'
  const problem = queryProblem('1:15: parse error: unexpected ")"', query, undefined)
  expect(problem.message).toBe('Column 15: unexpected ")"')
  expect(markedQuery(query, problem)).toEqual(['sum(rate(up[5m', ')', ')'])
  expect(markedQuery('sum(', queryProblem('1:5: parse error: unclosed left parenthesis', 'sum(', undefined))).toEqual([
    'sum(',
    '\u00a0',
    '',
  ])
  expect(queryProblem('2:1: parse error: x', 'a +\nfoo', undefined)).toMatchObject({
    message: 'Line 2, column 1: x',
    at: 4,
  })
  expect(markedQuery('a', queryProblem('query timed out', 'a', undefined))).toBeUndefined()
})

it('makes rows of any answer', () => {
  expect(tableRows({ resultType: 'vector', result: [{ metric: { a: '1' }, value: [1, '+Inf'] }] })).toMatchObject([
    { key: '{a="1"}', value: Number.POSITIVE_INFINITY },
  ])
  expect(tableRows({ resultType: 'scalar', result: [1, '42'] })).toMatchObject([{ value: 42, text: '42' }])
  expect(tableRows({ resultType: 'string', result: [1, 'hello'] })).toMatchObject([{ text: 'hello' }])
})

it('lists the samples of a range, and native histograms with their buckets', () => {
  const histogram = { count: '3', sum: '4.5', buckets: [[0, '1', '2', '3'] as [number, string, string, string]] }
  expect(
    tableRows({
      resultType: 'matrix',
      result: [
        {
          metric: { a: '1' },
          values: [
            [1, '5'],
            [2, '6'],
          ],
          histograms: [[3, histogram]],
        },
      ],
    }),
  ).toMatchObject([
    { atMs: 1000, value: 5 },
    { atMs: 2000, value: 6 },
    { atMs: 3000, value: 3, text: 'count 3, sum 4.5', histogram },
  ])
  expect(tableRows({ resultType: 'vector', result: [{ metric: {}, histogram: [1, histogram] }] })).toMatchObject([
    { histogram },
  ])
})

it('knows which metrics a query names', () => {
  const known = { api_latency_seconds: {}, up: {} }
  expect(namedMetrics('rate(api_latency_seconds_bucket{x="up"}[5m]) / api_latency_seconds_count', known)).toEqual([
    'api_latency_seconds',
  ])
})
