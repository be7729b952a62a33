import { Labels } from '@tidewatch/core/labels.ts'
import type { EvaluateResult } from '@tidewatch/promql/evaluate/result.ts'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { resultToJson } from './json.ts'
import { numberText, timeText } from './number-text.ts'

const notes = { warnings: [], infos: [], samples: 0 }
const text = (result: EvaluateResult, limit = 0): string => new TextDecoder().decode(resultToJson(result, limit))
const read = (result: EvaluateResult, limit = 0): unknown => JSON.parse(text(result, limit))
const series = (name: string, values: number[], present = values.map(() => 1)) => ({
  labels: Labels.from({ __name__: name, quote: 'a "b" \\ ü' }),
  timesMs: Float64Array.from(values, (_, i) => 1000 + i * 500),
  values: Float64Array.from(values),
  present: Uint8Array.from(present),
  histograms: undefined,
})

it('writes a matrix with gaps left out', () => {
  expect(read({ ...notes, type: 'matrix', series: [series('up', [1, 2, Number.NaN], [1, 0, 1])] })).toEqual({
    status: 'success',
    data: {
      resultType: 'matrix',
      result: [
        {
          metric: { __name__: 'up', quote: 'a "b" \\ ü' },
          values: [
            [1, '1'],
            [2, 'NaN'],
          ],
        },
      ],
    },
  })
})

it('writes vectors, scalars and strings, with warnings and infos', () => {
  expect(
    read({ type: 'vector', series: [series('up', [-0])], warnings: ['w'], infos: ['i'], samples: 0 }),
  ).toMatchObject({
    data: { resultType: 'vector', result: [{ value: [1, '-0'] }] },
    warnings: ['w'],
    infos: ['i'],
  })
  expect(text({ ...notes, type: 'scalar', atMs: 1500, value: 1e-7 })).toContain('[1.5,"0.0000001"]')
  expect(text({ ...notes, type: 'string', atMs: 1500, value: 'a\udcff' })).toContain('[1.5,"a\ufffd"]')
  expect(read({ ...notes, type: 'scalar', atMs: 1500, value: Number.POSITIVE_INFINITY })).toMatchObject({
    data: { resultType: 'scalar', result: [1.5, '+Inf'] },
  })
  expect(read({ ...notes, type: 'string', atMs: 0, value: 'a"' })).toMatchObject({
    data: { resultType: 'string', result: [0, 'a"'] },
  })
})

it('cuts at the limit and says so', () => {
  expect(read({ ...notes, type: 'vector', series: [series('a', [1]), series('b', [1])] }, 1)).toMatchObject({
    data: { result: [{ metric: { __name__: 'a' } }] },
    warnings: ['results truncated due to limit'],
  })
})

it('writes times and numbers that read back as they were', () => {
  fc.assert(
    fc.property(fc.integer({ min: -4e12, max: 4e12 }), (atMs) => Math.round(Number(timeText(atMs)) * 1000) === atMs),
  )
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) =>
      Object.is(Number(numberText(value)), value),
    ),
  )
  expect([1e21, 1e-7, 123456789.25].map(numberText)).toEqual(['1e+21', '1e-7', '123456789.25'])
})

it('writes answers larger than its first buffer', () => {
  const many = Array.from({ length: 300 }, (_, i) =>
    series(
      `metric_${i}`,
      Array.from({ length: 50 }, (_, j) => j / 7),
    ),
  )
  const answer = read({ ...notes, type: 'matrix', series: many }) as {
    readonly data: { readonly result: readonly { readonly values: unknown[] }[] }
  }
  expect(answer.data.result).toHaveLength(300)
  expect(answer.data.result.every(({ values }) => values.length === 50)).toBe(true)
})
