import { expect, it } from 'vitest'
import { requireFeatures } from './feature-flags.ts'
import { parse } from './parse.ts'

it.each([
  ['sum(sort_by_label(up, "a"))', 'promql-experimental-functions', 'function "sort_by_label" is not enabled'],
  ['limitk(1, up)', 'promql-experimental-functions', 'limitk() is experimental and must be enabled with --enable'],
  ['rate(up[5m * 2])', 'promql-duration-expr', '1:9: parse error: experimental duration expression is not enabled'],
  ['up offset -(5m + 1m)', 'promql-duration-expr', '1:13: parse error: experimental duration expression'],
  ['up[1m + (2m * 3)]', 'promql-duration-expr', '1:10: parse error: experimental duration expression'],
  ['rate(up[step()])', 'promql-duration-expr', '1:9: parse error: experimental duration expression'],
  ['max_over_time(up[5m:1m + 1m])', 'promql-duration-expr', 'experimental duration expression'],
  ['rate(up[5m] anchored)', 'promql-extended-range-selectors', 'anchored modifier'],
  ['a + fill(0) b', 'promql-binop-fill-modifiers', 'fill modifiers'],
])('%s needs %s', (text, feature, message) => {
  expect(() => requireFeatures(parse(text), text, new Set())).toThrow(message)
  expect(() => requireFeatures(parse(text), text, new Set([feature]))).not.toThrow()
})

it('what is always on needs none', () => {
  const text = '-(sum by (a) (rate(up{b="c"}[5m] offset -1m @ end())) > bool 1) or vector(1)'
  expect(() => requireFeatures(parse(text), text, new Set())).not.toThrow()
})
