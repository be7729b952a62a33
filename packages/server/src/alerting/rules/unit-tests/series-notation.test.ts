import { expect, it } from 'vitest'
import { parseHistogram, printHistogram } from './histogram-notation.ts'
import { parseSeries, parseValues } from './series-notation.ts'

it.each([
  ['1+2x3', [1, 3, 5, 7]],
  ['10-2x2', [10, 8, 6]],
  ['-1+-2x1', undefined],
  ['4x2', [4, 4, 4]],
  ['7x0', [7]],
  ['1 _ _x2 4', [1, undefined, undefined, undefined, 4]],
  ['1 stale 2', [1, 'stale', 2]],
  ['NaN Inf -inf 1e3 .5', [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1000, 0.5]],
  ['0x2', [0, 0, 0]],
  ['', []],
  ['stalex3', undefined],
  ['1+2', undefined],
  ['one', undefined],
  ['1x-2', undefined],
])('values %j', (text, values) => {
  if (values === undefined) expect(() => parseValues(text)).toThrow('unexpected')
  else expect(parseValues(text)).toEqual(values)
})

it('histograms repeat and grow', () => {
  const text =
    '{{schema:1 count:2 sum:3 buckets:[2] offset:-1}}+{{schema:1 count:1 sum:1 buckets:[1] offset:-1}}x2 {{}}x1'
  expect(parseValues(text).map((value) => (typeof value === 'object' ? printHistogram(value) : value))).toEqual([
    '{{schema:1 count:2 sum:3 offset:-1 buckets:[2]}}',
    '{{schema:1 count:3 sum:4 offset:-1 buckets:[3]}}',
    '{{schema:1 count:4 sum:5 offset:-1 buckets:[4]}}',
    '{{}}',
    '{{}}',
  ])
})

it('prints a histogram without empty buckets at its ends', () => {
  const text =
    'buckets:[0 1 0 2 0] n_buckets:[3] z_bucket:1 z_bucket_w:0.5 count:7 counter_reset_hint:gauge n_offset:2 sum:-1'
  expect(printHistogram(parseHistogram(text))).toBe(
    '{{count:7 sum:-1 z_bucket:1 z_bucket_w:0.5 counter_reset_hint:gauge offset:1 buckets:[1 0 2] n_offset:2 n_buckets:[3]}}',
  )
})

it.each(['schema:9', 'count:x', 'colour:1', 'buckets:1', 'sum:1 sum:2', 'counter_reset_hint:soon', 'oops'])(
  'refuses a histogram with %s',
  (text) => {
    expect(() => parseHistogram(text)).toThrow('parse error')
  },
)

it('series', () => {
  expect(parseSeries('up{job="a", instance="b"}').toObject()).toEqual({ __name__: 'up', job: 'a', instance: 'b' })
  expect(parseSeries('{"größe.total", a="1"}').toObject()).toEqual({ __name__: 'größe.total', a: '1' })
  expect(parseSeries('up{}').toObject()).toEqual({ __name__: 'up' })
  expect(parseSeries('{}').size).toBe(0)
  expect(parseSeries('').size).toBe(0)
  for (const wrong of ['up{a=~"b"}', 'up offset 5m', 'sum(up)', 'up[5m]', 'up{a="b"'])
    expect(() => parseSeries(wrong)).toThrow()
})
