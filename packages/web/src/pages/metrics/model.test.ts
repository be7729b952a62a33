import { expect, it } from 'vitest'
import { toChartData } from '../../charts/series.ts'
import {
  explorerState,
  hiddenText,
  markedQuery,
  mergeCharts,
  namedMetrics,
  queryProblem,
  readHistory,
  remember,
  tableRows,
} from './model.ts'

const memory = () => {
  const kept = new Map<string, string>()
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  }
}

it('reads its state from the URL, and makes sense of nonsense', () => {
  expect(explorerState({ q: ['up', 'rate(a[5m])'], view: 'table', hide: 'B', step: '15s', unit: 'bytes' })).toEqual({
    queries: ['up', 'rate(a[5m])'],
    hidden: new Set([1]),
    view: 'table',
    stepMs: 15_000,
    unit: 'bytes',
  })
  expect(explorerState({ view: 'pie', step: 'x', unit: 'furlong' })).toMatchObject({
    queries: [''],
    view: 'lines',
    stepMs: undefined,
    unit: undefined,
  })
  expect(hiddenText(new Set([2, 0, 99]))).toBe('AC')
})

it('shows several queries in one chart, each with its letter, though they came a step apart', () => {
  const older = { startMs: 0, endMs: 20_000, stepMs: 10_000 }
  const newer = { startMs: 10_000, endMs: 30_000, stepMs: 10_000 }
  const part = (letter: string, grid: typeof older, values: [number, string][]) => ({
    letter,
    grid,
    chart: toChartData([{ metric: { __name__: 'm' }, values }], grid),
  })
  const merged = mergeCharts([
    part('A', older, [
      [0, '1'],
      [10, '2'],
      [20, '3'],
    ]),
    part('B', newer, [[30, '9']]),
  ])
  expect(merged?.grid).toEqual(newer)
  expect(merged?.chart.series.map(({ name, values }) => [name, values])).toEqual([
    ['A: m', [2, 3, null]],
    ['B: m', [null, null, 9]],
  ])
  expect(new Set(merged?.chart.series.map((series) => series.place)).size).toBe(2)
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

it('remembers what was asked, the newest first, each once', () => {
  const storage = memory()
  remember(storage, ['a', ' '])
  remember(storage, ['b'])
  remember(storage, ['a'])
  expect(readHistory(storage)).toEqual(['a', 'b'])
  storage.setItem('tidewatch.queries', '{broken')
  expect(readHistory(storage)).toEqual([])
})

it('knows which metrics a query names', () => {
  const known = { api_latency_seconds: {}, up: {} }
  expect(namedMetrics('rate(api_latency_seconds_bucket{x="up"}[5m]) / api_latency_seconds_count', known)).toEqual([
    'api_latency_seconds',
  ])
})
